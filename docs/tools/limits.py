"""Generate docs/limits.md: every limit with its value, the place to change it, and what happens beyond it.

Values come from the settings, the doors and the constants of the code; this file adds what happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from stillframe import aws, doors, signing
from stillframe.api import tokens
from stillframe.delivery import webhook
from stillframe.egress import dial, resolver, response_head
from stillframe.jobs import memory
from stillframe.queues import sqs
from stillframe.settings import rows
from stillframe.steps import archive
from stillframe.storage import memory as stored

INTRODUCTION = """\
# Limits

Each limit with its value, the place to change it, and what happens beyond it. A code such as
`request_not_valid` is an [error](errors.md). A word such as `truncated` is a warning: the result is
delivered, and its [verdict](verdict.md) has a finding.

A [setting](settings.md) is an environment variable of the local server. On AWS it is a parameter of the
stack, named in capitalised words (`MAX_PIXELS` is `MaxPixels`), or an entry of `ExtraSettings`
([deploy](deploy.md#parameters)).
"""
REFUSED = "400 `request_not_valid`"
# What happens beyond the value of each setting. Every setting of the group "limits" is in these tables.
REQUEST = {
    "MAX_BODY_BYTES": "413 `body_too_large`. Lambda takes no more: put a larger page into the input bucket",
    "MAX_URL_LENGTH": REFUSED,
    "MAX_HTML_BYTES": f"{REFUSED}; also for an object of `s3_uri`",
    "MAX_ARCHIVE_BYTES": REFUSED,
    "MAX_JS_BYTES": REFUSED,
    "MAX_HEADERS": REFUSED,
    "MAX_HEADER_BYTES": REFUSED,
    "MAX_INTERACTIONS": REFUSED,
    "MAX_SELECTOR_LENGTH": REFUSED,
    "MAX_BATCH": f"{REFUSED}; use a manifest for more",
}
PICTURE = {
    "MAX_WIDTH": REFUSED,
    "MAX_HEIGHT": REFUSED,
    "MAX_PIXELS": f"{REFUSED} for sizes that the request names; a larger element or full page is taken in"
    " strips, and an `avif` is cut with `truncated`",
    "MAX_PAGE_PIXELS": "the picture is cut with `truncated`",
    "MAX_PDF_PAGES": "the PDF ends there, with `truncated`; `pdf_page_ranges` chooses other pages",
    "MAX_HTML_OUTPUT_BYTES": "413 `result_too_large`, for `html`, `mhtml`, `markdown` and `text`",
}
NETWORK = {
    "MAX_FETCH_BYTES": "every connection of the page is cut and the page is captured as far as it came, with"
    " `budget_exceeded`",
    "MAX_CONNECTIONS": "further connections are refused, with `budget_exceeded`",
    "EGRESS_PORTS": "the destination is refused: 403 `destination_blocked` for the page itself",
}
TIME = {
    "DEFAULT_TIMEOUT_MS": "504 `deadline_exceeded`; a request names its own `timeout`",
    "MAX_TIMEOUT_MS": f"{REFUSED} for a larger `timeout`",
    "MAX_REQUEST_TIME": "504 `deadline_exceeded`",
    "SETTLE_BUDGET_MS": "the page is captured as it is",
}
WORK = {
    "WORKERS": "captures wait in order; Lambda starts another environment instead",
    "QUEUE_SIZE": "429 `concurrency_limit`",
    "MAX_PER_SITE": "captures of the queue, drops, bulk runs and `stillframe batch` wait for their site;"
    " requests that a caller waits for do not",
    "MEMORY_LIMIT_MB": "the browser is ended: 503 `memory_limit`",
    "MAX_REQUESTS": "the browser is replaced between two captures",
    "RATE_LIMIT_CAPTURE": "429 `rate_limited`, with `RATE_LIMIT_ENABLED` only",
    "RATE_LIMIT_SIGNED": "429 `rate_limited`, with `RATE_LIMIT_ENABLED` only",
}
KEEPING = {
    "JOB_TTL": "404 `not_found` for `GET /jobs/{id}`; the stored result stays",
    "MAX_RECEIVES": "the job has failed and goes to the queue of dead letters; the stack sets five",
    "SIGNING_MAX_AGE": "403 `signature_invalid` for a link that expires later; `POST /sign` refuses it",
    "PRESIGN_TTL": "the link to a stored result ends; the object stays for the bucket's lifecycle",
    "MAX_PRESIGN_TTL": f"{REFUSED} for a larger `presign_ttl`",
    "CACHE_TTL": "the page is captured again; a request names its own `cache_ttl`",
}
TABLES = {
    "Requests": REQUEST,
    "Pictures and documents": PICTURE,
    "Network of one capture": NETWORK,
    "Time": TIME,
    "Captures at once": WORK,
    "How long something is kept": KEEPING,
}

DOORS = {
    "HTTP API, REST API": doors.HTTP_API,
    "Function URL": doors.FUNCTION_URL,
    "Application Load Balancer": doors.ALB,
    "Direct invocation": doors.DIRECT,
    "Queue": doors.QUEUE,
    "S3 drop": doors.S3_EVENT,
    "Local server": doors.LOCAL,
    "Command line": doors.CLI,
    "`stillframe mcp`": doors.MCP,
}


def page() -> Iterator[str]:
    known = {row.env: row for row in rows()}
    yield INTRODUCTION
    for title, table in TABLES.items():
        yield f"\n## {title}\n\n| limit | value | setting | beyond it |\n| --- | --- | --- | --- |\n"
        for name, beyond in table.items():
            row = known[name]
            value = (
                f"{row.default:,}" if isinstance(row.default, int) else str(row.default).replace(",", ", ")
            )
            yield f"| {row.sentence.replace('|', chr(92) + '|')} | {value} | `{name}` | {beyond} |\n"
    yield from _doors()
    yield from _fixed()


def _doors() -> Iterator[str]:
    yield (
        "\n## Entry points\n\nThe size of an answer is that of the file, before Lambda encodes it. A larger"
        " one is stored and answered by a link, or is 413 `result_too_large` without a storage. The time is"
        " the most that a capture gets there; `HttpTimeout` and `JobTimeout` of the stack may allow less.\n\n"
        "| entry point | largest answer | seconds |\n| --- | --- | --- |\n"
    )
    for name, door in DOORS.items():
        size = "none: always stored" if door.max_inline_bytes == 0 else _bytes(door.max_inline_bytes)
        seconds = f"{door.max_seconds:g}" if door.max_seconds else "no limit of its own"
        yield f"| {name} | {size} | {seconds} |\n"


def _bytes(size: int | None) -> str:
    return "no limit of its own" if size is None else f"{size:,} bytes"


def _fixed() -> Iterator[str]:
    yield (
        "\n## Fixed in the code\n\n| limit | value | beyond it |\n| --- | --- | --- |\n"
        f"| Files in an archive or upload | {archive.MAX_FILES:,} | {REFUSED} |\n"
        f"| Characters of a token | at least {tokens.MIN_LENGTH} | the service does not start |\n"
        f"| Characters of a signing key | at least {signing.MIN_SECRET} | the service does not start |\n"
        f"| Resolving a name | {resolver.RESOLVE_SECONDS:g} s | 502 `name_not_resolved` |\n"
        f"| Connecting to one address | {dial.CONNECT_SECONDS:g} s, of {dial.MAX_TRIES} addresses at most |"
        " 504 `deadline_exceeded` |\n"
        f"| Header of a response | {response_head.MAX_HEAD:,} bytes | 502 `network_error` |\n"
        f"| A message in the queue | {sqs.MESSAGE_BYTES:,} bytes | the request is stored, and the message"
        " names it |\n"
        "| A manifest of a schedule | 20 MB | the run fails; use a bulk run |\n"
        f"| Jobs of a local server | {memory.MAX_JOBS:,} | the oldest finished one is forgotten |\n"
        f"| Results in `memory:` | {stored.MAX_BYTES:,} bytes | the oldest is removed |\n"
        f"| Attempts to deliver a webhook | {webhook.ATTEMPTS} | it is given up; the job keeps its"
        " result |\n"
        f"| Time that is left for the answer on Lambda | {aws.MARGIN_SECONDS:g} s | the capture ends"
        " before it |\n"
        "| Growing lists of a full page | 40 % of the time, 20 s | `scroll_incomplete` |\n"
        "| Sides of a picture | webp 16,383 px, avif 32,768 px, jpeg 65,500 px | `oversize` chooses:"
        " scaled down, cut or an error |\n"
    )
    yield (
        "\nLimits of AWS that the service cannot change are in"
        " [deploy.md](deploy.md#which-api-for-http): an API Gateway waits 30 s, a request or answer of Lambda"
        " has 6 MB, and a new account runs ten functions at once.\n"
    )
