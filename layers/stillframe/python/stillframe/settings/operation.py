"""Settings of results, jobs and the process."""

from dataclasses import dataclass

from .declaration import Group, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OutputSettings(Group, group="output"):
    """Storage and cache of results."""

    storage_url: str = setting(
        "",
        "Storage for stored, cached and large results: `s3://bucket/prefix`, `file:///directory` or"
        " `memory:`.",
    )
    presign_ttl: int = setting(
        3_600,
        "Lifetime of a link to a stored result without `presign_ttl`, in seconds.",
    )
    max_presign_ttl: int = setting(
        604_800,
        "Largest `presign_ttl` that a request may set, in seconds. A link that a role signed ends with the"
        " role's session, after twelve hours at most.",
    )
    storage_kms_key: str = setting(
        "",
        "KMS key that encrypts stored results; if empty, keys managed by S3 (SSE-S3).",
    )
    cache_ttl: int = setting(
        86_400,
        "Age up to which a cached result is returned without `cache_ttl`, in seconds.",
        pixashot=True,
    )
    cache_scope: str = setting(
        "caller",
        "`caller` keeps the cached results of each caller apart; `shared` serves them to every caller.",
    )
    templates_file: str = setting(
        "",
        "JSON file with additional templates; they override packaged ones of the same name.",
    )
    public_url: str = setting(
        "",
        "Public address of the service, used in status and file links; if empty, taken from the request.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class JobSettings(Group, group="jobs"):
    """Queue, jobs and objects dropped into a bucket."""

    queue_url: str = setting(
        "",
        "URL of the SQS queue of capture jobs; if empty, jobs are queued in the process.",
    )
    jobs_table: str = setting(
        "",
        "DynamoDB table of jobs; if empty, jobs are stored in the process.",
    )
    job_ttl: int = setting(
        86_400,
        "Seconds for which a finished job can be retrieved; one that failed and may be sent again, 15 days.",
    )
    max_receives: int = setting(
        3,
        "Number of attempts for a job; must equal the queue's `maxReceiveCount`.",
    )
    max_per_site: int = setting(
        5,
        "Captures of one site (registrable domain, such as example.co.uk) that run at once from the queue,"
        " drops, bulk runs and `stillframe batch`; 0 means no limit.",
    )
    max_batch: int = setting(
        100,
        "Largest number of requests in one `POST /capture/batch`.",
    )
    input_bucket: str = setting(
        "",
        "Bucket whose new objects are captured.",
    )
    input_prefix: str = setting(
        "input/",
        "Prefix of the objects to capture in INPUT_BUCKET.",
    )
    output_prefix: str = setting(
        "output/",
        "Prefix of the results of captured objects.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OperationSettings(Group, group="operation"):
    """The process."""

    host: str = setting(
        "127.0.0.1",
        "Address on which the local server listens.",
    )
    port: int = setting(
        8080,
        "Port on which the local server listens.",
        pixashot=True,
    )
    log_level: str = setting(
        "INFO",
        "Log level.",
        pixashot=True,
    )
    prometheus: bool = setting(
        False,
        "Serve `GET /metrics` for Prometheus on the local server; needs the extra `telemetry`.",
    )
    otel_exporter_otlp_endpoint: str = setting(
        "",
        "Address of an OpenTelemetry collector, such as `http://localhost:4318`, to which the local server"
        " sends metrics and traces; needs the extra `telemetry`.",
    )
    release: str = setting(
        "",
        "Name of the deployment, which `GET /version` shows.",
    )
    extra_settings: str = setting(
        "",
        'Further settings as a JSON object, such as `{"QUEUE_SIZE": 8}`; for settings without a parameter in'
        " template.yaml.",
    )
