"""Input objects: read from an event, checked, fetched, and turned into requests."""

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
class InputObject:
    """An object of the input bucket as an event names it. `version` is None in an unversioned bucket."""

    bucket: str
    key: str
    etag: str
    size: int
    version: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"bucket": self.bucket, "key": self.key, "etag": self.etag, "version": self.version}


def check_apart(config: Settings) -> None:
    """Raises ValueError if results would be input objects: the same bucket and overlapping prefixes."""
    source = (config.input_bucket, config.input_prefix)
    uri = config.storage_url.removeprefix("s3://") if config.storage_url.startswith("s3://") else ""
    bucket, _, prefix = uri.partition("/")
    for target in (config.output_prefix, prefix):
        if bucket == source[0] and (target.startswith(source[1]) or source[1].startswith(target)):
            raise ValueError(
                f"Results under '{target}' of {bucket} would be captured again: INPUT_PREFIX is"
                f" '{source[1]}'."
            )


def read_event(event: dict[str, Any]) -> list[InputObject]:
    """The input objects of an S3 notification or of an EventBridge event of S3.

    Objects outside the input bucket and prefix are left out. Raises RequestNotValid for another event.
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
    return [each for each in found if _is_input(each)]


def _from_record(record: dict[str, Any]) -> InputObject:
    thing = record["s3"]["object"]
    # Keys are URL-encoded in notifications, and are not in EventBridge events.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    return InputObject(
        record["s3"]["bucket"]["name"],
        unquote_plus(thing["key"]),
        thing.get("eTag", ""),
        int(thing.get("size", 0)),
        thing.get("versionId"),
    )


def _from_detail(detail: dict[str, Any]) -> InputObject:
    thing = detail["object"]
    return InputObject(
        detail["bucket"]["name"],
        thing["key"],
        thing.get("etag", ""),
        int(thing.get("size", 0)),
        thing.get("version-id"),
    )


def _is_input(found: InputObject) -> bool:
    """Whether the object has the configured bucket and prefix and a known ending."""
    config = settings()
    under = found.key.startswith(config.input_prefix) and ".." not in found.key.split("/")
    return found.bucket == config.input_bucket and under and found.key.lower().endswith(ENDINGS)


def fetch(source: InputObject, account: str | None) -> bytes | None:
    """The object's bytes. None if this service wrote it, or if it has been overwritten since the event.

    `account` must own the bucket. Raises BodyTooLarge, NotRenderable, StorageUnavailable.
    """
    limit = _limit(source.key)
    _check_size(source.size, limit)
    wanted: dict[str, Any] = {"Bucket": source.bucket, "Key": source.key}
    if source.version:
        wanted["VersionId"] = source.version
    elif source.etag:
        wanted["IfMatch"] = source.etag
    if account:
        wanted["ExpectedBucketOwner"] = account
    client = S3Storage(f"s3://{source.bucket}").client
    with map_botocore_errors("The input object could not be read."):
        try:
            found = client.get_object(**wanted)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "PreconditionFailed" and _exists(client, source):
                return None  # the later write has its own event
            if is_missing(error) or error.response["Error"]["Code"] == "PreconditionFailed":
                raise NotRenderable(
                    "The input object does not exist, or reading it is not allowed."
                ) from None
            raise
        if OUTPUT_METADATA_KEY in found["Metadata"]:
            return None
        _check_size(found["ContentLength"], limit)
        return found["Body"].read()


def _exists(client: S3Client, source: InputObject) -> bool:
    try:
        client.head_object(Bucket=source.bucket, Key=source.key)
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
        raise BodyTooLarge(f"The input object of {size} bytes is over the limit of {limit}.")


def requests_of(key: str, data: bytes) -> tuple[list[dict[str, Any]], bool]:
    """The requests in an input object, and whether it is a list of them. Raises RequestNotValid."""
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
        raise RequestNotValid("The input object is not valid JSON.") from None
    if isinstance(value, dict):
        return [value], False
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        raise RequestNotValid("The input object is neither a request nor a list of requests.")
    if len(value) > settings().max_batch:
        raise RequestNotValid(
            f"An input object holds at most {settings().max_batch} requests; use manifests/ for more."
        )
    return value, True
