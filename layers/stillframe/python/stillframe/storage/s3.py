"""Storage in S3: encrypted, never overwritten by accident, links signed with Signature Version 4."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..errors import StorageUnavailable
from ..settings import settings
from . import KeyTaken, StoredObject

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

log = logging.getLogger("stillframe")

# Every object of ours says so, and what says so is never taken for a drop: the last bar against a loop.
MARK = "capture-output"
# A role's session on Lambda has no stated end; this many seconds from the start of the process are trusted.
_SESSION_SECONDS = 43_200
_STARTED = time.monotonic()


class S3Storage:
    """One bucket and a prefix; `endpoint_url` is for S3 servers of other makers."""

    def __init__(self, uri: str, endpoint_url: str | None = None) -> None:
        parts = urlsplit(uri)
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._endpoint = endpoint_url

    @cached_property
    def session(self) -> Any:
        import boto3

        return boto3.session.Session()

    @cached_property
    def client(self) -> S3Client:
        from botocore.config import Config

        # Without this boto3 signs links the old way in some regions, and those links ignore the bucket's TLS policy.
        config = Config(
            signature_version="s3v4",
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=3,
            read_timeout=20,
        )
        client: S3Client = self.session.client("s3", config=config, endpoint_url=self._endpoint)
        return client

    def put(
        self,
        key: str,
        data: bytes,
        content_type: str,
        *,
        filename: str | None = None,
        metadata: dict[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        extra: dict[str, Any] = {} if overwrite else {"IfNoneMatch": "*"}
        if filename:
            extra["ContentDisposition"] = _disposition(filename)
        if kms_key := settings().storage_kms_key:
            extra |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key, "BucketKeyEnabled": True}
        else:
            extra["ServerSideEncryption"] = "AES256"
        facts = {MARK: "1"} | {k: _header_safe(v) for k, v in (metadata or {}).items()}
        with mapped("The result could not be stored."):
            self.client.put_object(
                Bucket=self.bucket,
                Key=self._key(key),
                Body=data,
                ContentType=content_type,
                Metadata=facts,
                **extra,
            )

    def get(self, key: str) -> StoredObject | None:
        with mapped("The stored result could not be read."):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=self._key(key))
            except self.client.exceptions.ClientError as error:
                if is_missing(error):
                    return None
                raise
            return StoredObject(
                found["Body"].read(), found["ContentType"], None, found["Metadata"], found["LastModified"]
            )

    def delete(self, key: str) -> None:
        with mapped("The stored result could not be deleted."):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        """A presigned GET that says when it really ends: a link dies with the session that signed it."""
        with mapped("The link could not be signed."):
            rest = self._session_rest()
            life = ttl if rest is None else max(1, min(ttl, int(rest)))
            link = self.client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": self._key(key)}, ExpiresIn=life
            )
        return link, datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=life)

    def _session_rest(self) -> float | None:
        """Seconds that the signing credentials still live; None for those that do not end."""
        credentials = self.session.get_credentials()
        if credentials is None or credentials.get_frozen_credentials().token is None:
            return None
        ends: datetime | None = getattr(credentials, "_expiry_time", None)
        if ends is not None:
            return (ends - datetime.now(UTC)).total_seconds()
        return _STARTED + _SESSION_SECONDS - time.monotonic()

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


def is_missing(error: ClientError) -> bool:
    """Whether there is no such object; S3 says AccessDenied for it to a role that may not list the bucket."""
    code = error.response["Error"]["Code"]
    if code == "AccessDenied":
        log.info("S3 denied a read; an object that is not there looks the same without s3:ListBucket")
    return code in ("NoSuchKey", "NoSuchVersion", "404", "403", "AccessDenied")


def _header_safe(text: str) -> str:
    """Printable ASCII of bounded length: S3 keeps metadata as HTTP headers, 2 KB in all."""
    return text.encode("ascii", "backslashreplace").decode().replace("\n", " ").replace("\r", " ")[:256]


def _disposition(filename: str) -> str:
    plain = filename.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    encoded = "" if filename.isascii() else f"; filename*=UTF-8''{quote(filename, safe='')}"
    return f'attachment; filename="{plain}"{encoded}'


class mapped:  # noqa: N801 - reads as a statement
    """The border where botocore's errors become ours."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if (
            error is None
            or kind is None
            or not kind.__module__.startswith(("botocore", "boto3", "s3transfer"))
        ):
            return
        code = getattr(error, "response", {}).get("Error", {}).get("Code")
        if code in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise KeyTaken("The key is taken.") from error
        raise StorageUnavailable(self._message, retry_after=2) from error
