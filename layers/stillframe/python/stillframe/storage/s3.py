"""Storage in S3: encrypted objects, conditional writes, links presigned with Signature Version 4."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..botocore_errors import map_botocore_errors
from ..content_disposition import disposition
from ..settings import settings
from . import KeyTaken, StoredObject

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

log = logging.getLogger("stillframe")

# Every stored object has this metadata key. Objects that have it are never captured as drops, which stops a
# loop when output and input prefixes overlap.
OUTPUT_METADATA_KEY = "capture-output"
# S3's codes for a conditional write that lost: the key exists, or a concurrent write took it. See
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
_KEY_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
# Lambda's environment does not state when the role's session expires. The execution environment's session
# is assumed to last twelve hours, the longest that IAM allows, from the start of the process.
_SESSION_SECONDS = 43_200
_STARTED = time.monotonic()


class S3Storage:
    """One bucket and a prefix; `endpoint_url` is for S3-compatible servers."""

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

        # boto3 still presigns with Signature Version 2 by default in regions that support it:
        # https://github.com/boto/botocore/pull/3791
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
    ) -> str | None:
        extra: dict[str, Any] = {} if overwrite else {"IfNoneMatch": "*"}
        if filename:
            extra["ContentDisposition"] = disposition(filename)
        if kms_key := settings().storage_kms_key:
            extra |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key, "BucketKeyEnabled": True}
        else:
            extra["ServerSideEncryption"] = "AES256"
        facts = {OUTPUT_METADATA_KEY: "1"} | {k: _header_safe(v) for k, v in (metadata or {}).items()}
        with map_botocore_errors("The result could not be stored."):
            try:
                done = self.client.put_object(
                    Bucket=self.bucket,
                    Key=self._key(key),
                    Body=data,
                    ContentType=content_type,
                    Metadata=facts,
                    **extra,
                )
            except self.client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in _KEY_TAKEN:
                    raise KeyTaken("The key is taken.") from error
                raise
        return done.get("VersionId")

    def get(self, key: str) -> StoredObject | None:
        with map_botocore_errors("The stored result could not be read."):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=self._key(key))
            except self.client.exceptions.ClientError as error:
                if is_missing(error):
                    return None
                raise
            return StoredObject(
                found["Body"].read(), found["ContentType"], None, found["Metadata"], found.get("VersionId")
            )

    def delete(self, key: str) -> None:
        with map_botocore_errors("The stored result could not be deleted."):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def location(self, key: str, version: str | None = None) -> dict[str, str]:
        full = self._key(key)
        found = {"bucket": self.bucket, "key": full, "s3_uri": f"s3://{self.bucket}/{full}"}
        return found if version is None else found | {"version": version}

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        """A presigned GET; its expiry is never later than that of the session that signs it.

        S3 rejects a link once the temporary credentials that signed it have expired:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
        """
        with map_botocore_errors("The link could not be signed."):
            session = self._session_seconds()
            seconds = ttl if session is None else max(1, min(ttl, int(session)))
            link = self.client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": self._key(key)}, ExpiresIn=seconds
            )
        return link, datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)

    def _session_seconds(self) -> float | None:
        """Seconds until the signing credentials expire; None for those that do not."""
        credentials = self.session.get_credentials()
        if credentials is None or credentials.get_frozen_credentials().token is None:
            return None
        expiry: datetime | None = getattr(credentials, "_expiry_time", None)
        if expiry is not None:
            return (expiry - datetime.now(UTC)).total_seconds()
        return _STARTED + _SESSION_SECONDS - time.monotonic()

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


def is_missing(error: ClientError) -> bool:
    """Whether the object does not exist.

    S3 reports AccessDenied for a missing object to a role without s3:ListBucket:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    code = error.response["Error"]["Code"]
    if code == "AccessDenied":
        log.info("S3 denied a read; without s3:ListBucket a missing object is reported the same way")
    return code in ("NoSuchKey", "NoSuchVersion", "404", "403", "AccessDenied")


def _header_safe(text: str) -> str:
    """ASCII of one line and at most 256 characters: S3 metadata is sent as HTTP headers, 2 KB in all."""
    return text.encode("ascii", "backslashreplace").decode().replace("\n", " ").replace("\r", " ")[:256]
