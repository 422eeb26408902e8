"""Storage in S3: encrypted, never overwritten, links signed with Signature Version 4."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import StorageUnavailable
from . import StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Storage:
    """One bucket and a prefix; `endpoint_url` is for S3 servers of other makers."""

    def __init__(self, uri: str, endpoint_url: str | None = None) -> None:
        parts = urlsplit(uri)
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._endpoint = endpoint_url

    @cached_property
    def client(self) -> S3Client:
        import boto3
        from botocore.config import Config

        # Without this boto3 signs links the old way in some regions, and those links ignore the bucket's TLS policy.
        config = Config(signature_version="s3v4", retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=20)  # fmt: skip
        return boto3.client("s3", config=config, endpoint_url=self._endpoint)

    def put(
        self, key: str, data: bytes, content_type: str, *, filename: str | None = None,
        metadata: dict[str, str] | None = None, overwrite: bool = False,
    ) -> None:  # fmt: skip
        extra: dict[str, Any] = {} if overwrite else {"IfNoneMatch": "*"}
        if filename:
            extra["ContentDisposition"] = (
                f'attachment; filename="{filename.encode("ascii", "replace").decode()}"'
            )
        if metadata:
            extra["Metadata"] = {
                k: v.encode("ascii", "backslashreplace").decode()[:1000] for k, v in metadata.items()
            }
        with mapped("The result could not be stored."):
            self.client.put_object(Bucket=self.bucket, Key=self._key(key), Body=data, ContentType=content_type, ServerSideEncryption="AES256", **extra)  # fmt: skip

    def get(self, key: str) -> StoredObject | None:
        with mapped("The stored result could not be read."):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=self._key(key))
            except self.client.exceptions.NoSuchKey:
                return None
            return StoredObject(found["Body"].read(), found["ContentType"], None, found["Metadata"], found["LastModified"])  # fmt: skip

    def delete(self, key: str) -> None:
        with mapped("The stored result could not be deleted."):
            self.client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        with mapped("The link could not be signed."):
            link = self.client.generate_presigned_url("get_object", Params={"Bucket": self.bucket, "Key": self._key(key)}, ExpiresIn=ttl)  # fmt: skip
        return link, datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=ttl)

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


class mapped:  # noqa: N801 - reads as a statement
    """The border where botocore's errors become ours."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if (
            error is not None
            and kind is not None
            and kind.__module__.startswith(("botocore", "boto3", "s3transfer"))
        ):
            raise StorageUnavailable(self._message, retry_after=2) from error
