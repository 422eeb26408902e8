"""A dropped object: read from either kind of event, checked, fetched, understood."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from ..botocore_errors import map_botocore_errors
from ..errors import BodyTooLarge, NotRenderable, RequestNotValid
from ..settings import Settings, settings
from ..storage.s3 import OUTPUT_METADATA_KEY, S3Storage, is_missing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_URL = re.compile(rb"^(?:\xef\xbb\xbf)?(?:URL=)?(https?://\S+)\s*$", re.MULTILINE | re.IGNORECASE)
ENDINGS = (".json", ".html", ".md", ".url")


@dataclass(frozen=True, slots=True)
class Drop:
    """One written object; `version` where the bucket keeps versions."""

    bucket: str
    key: str
    etag: str
    size: int
    version: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"bucket": self.bucket, "key": self.key, "etag": self.etag, "version": self.version}


def check_apart(config: Settings) -> None:
    """Raises ValueError where a result could be a drop again: one bucket, and prefixes that overlap."""
    source = (config.input_bucket, config.input_prefix)
    uri = config.storage_url.removeprefix("s3://") if config.storage_url.startswith("s3://") else ""
    bucket, _, prefix = uri.partition("/")
    for target in (config.output_prefix, prefix):
        if bucket == source[0] and (target.startswith(source[1]) or source[1].startswith(target)):
            raise ValueError(
                f"Results under '{target}' of {bucket} would be captured again: INPUT_PREFIX is"
                f" '{source[1]}'."
            )


def read_event(event: dict[str, Any]) -> list[Drop]:
    """The drops of an S3 notification or of an EventBridge event; what is none of ours is left out.

    A notification's keys are percent-encoded once; EventBridge's are not. Raises RequestNotValid for another event.
    """
    if event.get("source") == "aws.s3" and isinstance(event.get("detail"), dict):
        found = [_from_detail(event["detail"])] if event.get("detail-type") == "Object Created" else []
    elif isinstance(event.get("Records"), list):
        found = [
            _from_record(r)
            for r in event["Records"]
            if str(r.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated:")
        ]
    elif event.get("Event") == "s3:TestEvent":
        found = []
    else:
        raise RequestNotValid("This is neither an S3 notification nor an EventBridge event of S3.")
    return [drop for drop in found if _is_ours(drop)]


def _from_record(record: dict[str, Any]) -> Drop:
    thing = record["s3"]["object"]
    return Drop(
        record["s3"]["bucket"]["name"],
        unquote_plus(thing["key"]),
        thing.get("eTag", ""),
        int(thing.get("size", 0)),
        thing.get("versionId"),
    )


def _from_detail(detail: dict[str, Any]) -> Drop:
    thing = detail["object"]
    return Drop(
        detail["bucket"]["name"],
        thing["key"],
        thing.get("etag", ""),
        int(thing.get("size", 0)),
        thing.get("version-id"),
    )


def _is_ours(drop: Drop) -> bool:
    """The configured bucket and prefix and a known ending, whatever the event says."""
    config = settings()
    under = drop.key.startswith(config.input_prefix) and ".." not in drop.key.split("/")
    return drop.bucket == config.input_bucket and under and drop.key.lower().endswith(ENDINGS)


def fetch(drop: Drop, account: str | None) -> bytes | None:
    """The object as it was written; None when it is a result of ours, or was written over meanwhile.

    Raises BodyTooLarge, NotRenderable, StorageUnavailable.
    """
    limit = _limit(drop.key)
    _check_size(drop.size, limit)
    wanted: dict[str, Any] = {"Bucket": drop.bucket, "Key": drop.key}
    wanted |= {"VersionId": drop.version} if drop.version else {"IfMatch": drop.etag} if drop.etag else {}
    wanted |= {"ExpectedBucketOwner": account} if account else {}
    client = S3Storage(f"s3://{drop.bucket}").client
    with map_botocore_errors("The dropped object could not be read."):
        try:
            found = client.get_object(**wanted)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "PreconditionFailed" and _is_there(client, drop):
                return None  # the later write has an event of its own
            if is_missing(error) or error.response["Error"]["Code"] == "PreconditionFailed":
                raise NotRenderable("The dropped object is gone, or may not be read.") from None
            raise
        if OUTPUT_METADATA_KEY in found["Metadata"]:
            return None
        _check_size(found["ContentLength"], limit)
        return found["Body"].read()


def _is_there(client: S3Client, drop: Drop) -> bool:
    try:
        client.head_object(Bucket=drop.bucket, Key=drop.key)
    except client.exceptions.ClientError:
        return False
    return True


def _limit(key: str) -> int:
    config = settings()
    if key.lower().endswith(".json"):
        return config.max_body_bytes
    return config.max_url_length * 4 if key.lower().endswith(".url") else config.max_html_bytes


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise BodyTooLarge(f"The dropped object of {size} bytes is over the limit of {limit}.")


def requests_of(key: str, data: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The requests that a drop makes, and whether it is a list of them. Raises RequestNotValid."""
    ending = key.lower().rsplit(".", 1)[-1]
    if ending == "url":
        match = _URL.search(data)
        if match is None:
            raise RequestNotValid("The .url file has no line with an http or https address.")
        return [{"url": match[1].decode("utf-8", "replace")}], False
    if ending in ("html", "md"):
        text = data.decode("utf-8-sig", "replace")
        return [{"html_content" if ending == "html" else "markdown": text}], False
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise RequestNotValid("The dropped object is not valid JSON.") from None
    if isinstance(value, dict):
        return [value], False
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        raise RequestNotValid("The dropped object is neither a request nor a list of requests.")
    if len(value) > settings().max_batch:
        raise RequestNotValid(
            f"A drop holds at most {settings().max_batch} requests; larger manifests go to manifests/."
        )
    return value, True
