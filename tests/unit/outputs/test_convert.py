"""Conversion and resizing."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from stillframe.errors import NotRenderable
from stillframe.outputs import convert as convert_module
from stillframe.outputs.area import Resize, resized
from stillframe.outputs.conversions import picture
from stillframe.outputs.convert import convert

from .images import html_request, image_bytes, shot


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_an_image_is_resized_in_every_format(format: str) -> None:
    done = convert(
        shot(image_bytes("png", (100, 50))), html_request(format=format, resize={"width": 20}), format
    )
    picture = Image.open(io.BytesIO(done.data))
    assert (picture.format or "").lower() == format
    assert picture.size == (20, 10) == (done.width, done.height)


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"width": 50}, (50, 25)),
        ({"height": 10}, (20, 10)),
        ({"width": 30, "height": 30}, (30, 30)),
        ({"width": 30, "height": 30, "fit": "inside"}, (30, 15)),
        ({"width": 30, "height": 30, "fit": "contain"}, (30, 30)),
        ({"width": 30, "height": 30, "fit": "fill"}, (30, 30)),
        ({}, (100, 50)),
    ],
)
def test_every_fit_has_its_size(wanted: dict[str, object], size: tuple[int, int]) -> None:
    request = html_request(format="png", resize=wanted)
    done = convert(shot(image_bytes("png", (100, 50)), 5_000), request, "png")
    assert Image.open(io.BytesIO(done.data)).size == size
    assert resized(100, 50, Resize.model_validate(wanted), 5_000) == size


def test_a_large_image_is_encoded_in_a_process_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    request = html_request(format="webp", resize={"width": 20})
    here = convert(shot(image_bytes("png", (100, 50))), request, "webp")
    monkeypatch.setattr(convert_module, "_IN_THREAD_OTHERWISE", 0.0)
    monkeypatch.setattr(picture, "encode_image", lambda *_, **__: pytest.fail("encoded in this process"))
    assert convert(shot(image_bytes("png", (100, 50))), request, "webp") == here


def test_an_image_that_cannot_be_encoded_is_an_error_of_the_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert_module, "_IN_THREAD_OTHERWISE", 0.0)
    broken = image_bytes("png", (100, 50))[:60] + b"IEND"
    with pytest.raises(NotRenderable, match="could not be encoded"):
        convert(shot(broken), html_request(format="webp", resize={"width": 20}), "webp")
