"""Read a page from the input bucket."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..botocore_errors import map_botocore_errors
from ..errors import NotRenderable, RequestNotValid
from ..settings import Settings
from .s3 import S3Storage, is_missing


def read_source(uri: str, settings: Settings) -> tuple[str, str]:
    """Key and text of `s3://bucket/key`, which must be in the configured input bucket.

    Raises RequestNotValid, NotRenderable or StorageUnavailable.
    """
    parts = urlsplit(uri)
    key = parts.path.lstrip("/")
    if not settings.input_bucket or parts.netloc != settings.input_bucket:
        raise RequestNotValid(
            "s3_uri: only objects of the service's input bucket can be captured.",
            details=[{"field": "s3_uri"}],
        )
    client = S3Storage(f"s3://{parts.netloc}").client
    with map_botocore_errors("The source object could not be read."):
        try:
            found = client.get_object(Bucket=parts.netloc, Key=key)
        except client.exceptions.ClientError as error:
            if not is_missing(error):
                raise
            raise NotRenderable("s3_uri: there is no such object.", details=[{"field": "s3_uri"}]) from None
        if found["ContentLength"] > settings.max_html_bytes:
            raise RequestNotValid(
                f"s3_uri: the object is over the limit of {settings.max_html_bytes} bytes.",
                details=[{"field": "s3_uri"}],
            )
        return key, found["Body"].read().decode("utf-8", "replace")
