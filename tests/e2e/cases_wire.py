"""Rows about what servers send: content types, odd heads, cut and missing responses."""

from __future__ import annotations

from typing import Any

from cases import case, page
from entries import Answer
from look import GREEN, at, failed, picture, warned
from origins import Origins
from wire_site import CUT, REFUSED, SHOWN

for name, (_response, words) in SHOWN.items():

    @case(f"wire {name}", url=page(f"wire/{name}"), format="text")
    def _(a: Answer, s: Origins, words: str = words) -> None:
        assert a.status == 200, a.json
        assert words in a.data.decode()


for name, (_response, *expected) in REFUSED.items():

    @case(f"wire {name}", url=page(f"wire/{name}"))
    def _(a: Answer, s: Origins, expected: list[Any] = expected) -> None:
        failed(a, *expected)
        message = str(a.message)
        assert "net::" not in message
        assert "ERR_" not in message


for name in CUT:

    @case(f"wire cut {name}", url=page(f"wire/cut-{name}"), wait_for_timeout=9_000)
    def _(a: Answer, s: Origins) -> None:
        at(picture(a), 300, 200, GREEN)
        warned(a, "target_cut")
        assert "load_timeout" not in a.warnings


@case("a status of fail_on_status without a page", url=page("wire/empty-error"), fail_on_status=["4xx"])
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "host_returned_error", "404")


@case("a response that stops", url=page("hang-body"), wait_for_timeout=600)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 200, (0, 90, 0))
    warned(a, "load_timeout")
