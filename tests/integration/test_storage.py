"""Behaviour that all storages share, and what is specific to S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cloud import OUTPUT, REGION, Cloud
from fakes import forget_settings

from stillframe.errors import StorageUnavailable
from stillframe.storage import KeyTaken, Storage, open_storage
from stillframe.storage.memory import MemoryStorage
from stillframe.storage.s3 import S3Storage


@pytest.fixture(params=["memory", "file", "s3"])
def storage(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path) -> Storage:
    uri = {"memory": "memory:", "file": tmp_path.as_uri(), "s3": f"s3://{OUTPUT}/{tmp_path.name}"}
    return open_storage(uri[request.param])


def test_a_stored_object_is_returned_unchanged(storage: Storage) -> None:
    storage.put("2026/11/a.png", b"\x89PNG", "image/png", filename="héllo.png", metadata={"format": "png"})
    found = storage.get("2026/11/a.png")
    assert found is not None
    assert (found.data, found.content_type) == (b"\x89PNG", "image/png")
    assert (found.metadata or {})["format"] == "png"


def test_an_object_says_where_it_lies(storage: Storage, cloud: Cloud) -> None:
    version = storage.put("a/b.png", b"\x89PNG", "image/png")
    place = storage.location("a/b.png", version)
    if isinstance(storage, S3Storage):
        found = cloud.s3.get_object(Bucket=place["bucket"], Key=place["key"])
        assert found["Body"].read() == b"\x89PNG"
        assert place["s3_uri"] == f"s3://{place['bucket']}/{place['key']}"
        assert "version" not in place, "the bucket keeps no versions"
    else:
        assert place == {"key": "a/b.png"}


def test_a_versioned_bucket_names_the_version_that_was_written(cloud: Cloud) -> None:
    cloud.s3.create_bucket(Bucket="versions", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    store = S3Storage("s3://versions")
    versions = [store.put("a", data, "text/plain", overwrite=True) for data in (b"first", b"second")]
    place = store.location("a", versions[0])
    found = cloud.s3.get_object(Bucket=place["bucket"], Key=place["key"], VersionId=place["version"])
    assert found["Body"].read() == b"first"
    read = store.get("a")
    assert read is not None
    assert read.version == versions[1]


def test_an_existing_key_is_not_overwritten(storage: Storage) -> None:
    storage.put("a.png", b"first", "image/png")
    with pytest.raises(KeyTaken):
        storage.put("a.png", b"second", "image/png")
    assert storage.get("a.png").data == b"first"  # type: ignore[union-attr]
    storage.put("a.png", b"third", "image/png", overwrite=True)
    assert storage.get("a.png").data == b"third"  # type: ignore[union-attr]


def test_a_missing_object_is_none_and_can_be_deleted(storage: Storage) -> None:
    assert storage.get("nothing.png") is None
    storage.delete("nothing.png")
    storage.put("gone.png", b"x", "image/png")
    storage.delete("gone.png")
    assert storage.get("gone.png") is None


@pytest.mark.parametrize("key", ["../outside.png", "a/../../outside.png", ".secret", "a.png.facts.json", ""])
def test_no_key_leaves_the_directory_or_names_a_file_of_its_own(tmp_path: Path, key: str) -> None:
    store = open_storage((tmp_path / "inside").as_uri())
    for action in (
        lambda: store.put(key, b"x", "image/png"),
        lambda: store.get(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(StorageUnavailable):
            action()
    assert not (tmp_path / "outside.png").exists()


def test_a_lost_race_to_write_leaves_no_file(tmp_path: Path) -> None:
    store = open_storage(tmp_path.as_uri())
    store.put("a.png", b"first", "image/png")
    with pytest.raises(KeyTaken):
        store.put("a.png", b"second", "image/png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "a.png.facts.json"]


def test_memory_evicts_the_oldest_object_above_its_limit() -> None:
    store = MemoryStorage(max_bytes=10)
    for name in ("a", "b", "c"):
        store.put(name, b"1234", "text/plain")
    assert [store.get(n) is None for n in ("a", "b", "c")] == [True, False, False]


def test_s3_objects_are_encrypted_named_and_marked(cloud: Cloud) -> None:
    store = S3Storage(f"s3://{OUTPUT}/facts")
    store.put(
        "a.html", b"<p>", "text/plain", filename='a "ü".html', metadata={"external-id": "ümlaut\r\nX: y" * 40}
    )
    head = cloud.s3.head_object(Bucket=OUTPUT, Key="facts/a.html")
    assert head["ServerSideEncryption"] == "AES256"
    assert (
        head["ContentDisposition"]
        == "attachment; filename=\"a '?'.html\"; filename*=UTF-8''a%20%22%C3%BC%22.html"
    )
    assert head["Metadata"]["capture-output"] == "1"
    assert len(head["Metadata"]["external-id"]) == 256
    assert "\n" not in head["Metadata"]["external-id"]


def test_a_kms_key_of_the_operator_is_used(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_KMS_KEY", "arn:aws:kms:eu-west-1:123456789012:key/abc")
    forget_settings()
    try:
        S3Storage(f"s3://{OUTPUT}/kms").put("a", b"x", "text/plain")
    finally:
        monkeypatch.undo()
        forget_settings()
    head = cloud.s3.head_object(Bucket=OUTPUT, Key="kms/a")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"][-3:]) == ("aws:kms", "abc")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1"])
def test_links_have_the_fourth_signature_in_every_region(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_REGION", region)
    url, _ = S3Storage(f"s3://{OUTPUT}/x").url("a.png", 60)
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["60"]


def test_a_link_ends_with_the_session_that_signed_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", ends.isoformat())
    url, expires_at = S3Storage(f"s3://{OUTPUT}/x").url("a.png", 7_200)
    assert abs((expires_at - ends).total_seconds()) < 3
    assert 1_190 <= int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]) <= 1_200


def test_a_session_without_an_expiry_signs_short_links(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    _, expires_at = S3Storage(f"s3://{OUTPUT}/x").url("a.png", 604_800)
    assert expires_at <= datetime.now(UTC) + timedelta(hours=12)


def test_an_unreachable_s3_is_reported_as_unavailable(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = S3Storage(f"s3://{OUTPUT}/x", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(StorageUnavailable) as caught:
        store.put("a", b"x", "text/plain")
    assert caught.value.retryable
    assert "127.0.0.1" not in caught.value.message
