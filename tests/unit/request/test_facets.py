"""The facets of every option, written out by hand, and that an option is one declaration."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from stillframe.errors import RequestNotValid, SignatureInvalid
from stillframe.keys import cache_key
from stillframe.options import Facets, facets_of
from stillframe.request import CaptureRequest, parse
from stillframe.request.facets import (
    check_link_names,
    check_linkable,
    needs_own_context,
    not_identity,
    not_linkable,
    not_shareable,
)

URL = "https://example.com/"

# A value of the caller's for every option whose effect may outlive a page in the shared context.
OWN_CONTEXT = {
    "cookies": ["a=b"],
    "custom_headers": {"X-A": "b"},
    "basic_auth": {"username": "u", "password": "p"},
    "local_storage": {"k": "v"},
    "session_storage": {"k": "v"},
    "storage_state": {"cookies": [{"name": "a", "value": "b", "domain": "e.example"}]},
    "archive": "UEs=",
    "custom_js": "1",
    "init_js": "1",
    "interactions": [{"action": "press", "text": "Tab"}],
    "wait_for_function": "true",
    "proxy": "http://proxy.example:3128",
    "locale": "de-DE",
    "timezone": "Europe/Berlin",
    "geolocation": {"latitude": 1, "longitude": 2},
    "javascript": False,
    "bypass_csp": True,
    "ignore_https_errors": False,
    "user_agent": "Mozilla/5.0",
    "use_random_user_agent": True,
    "user_agent_device": "mobile",
    "user_agent_platform": "ios",
    "user_agent_browser": "safari",
}


def test_these_options_and_no_others_need_a_context_of_their_own() -> None:
    assert not_shareable() == set(OWN_CONTEXT)


@pytest.mark.parametrize("name", OWN_CONTEXT)
def test_a_capture_with_caller_state_does_not_share_its_context(name: str) -> None:
    source = {} if name == "archive" else {"url": URL}
    assert needs_own_context(parse(source | {name: OWN_CONTEXT[name]}))


def test_a_capture_without_caller_state_shares_its_context() -> None:
    assert not needs_own_context(
        parse({"url": URL, "full_page": True, "dark_mode": True, "custom_css": "a{}"})
    )
    assert not needs_own_context(parse({"url": URL, "javascript": True, "custom_headers": {}}))


# A link with one of these could use storage, call a webhook, choose the proxy, or create jobs.
REFUSED_IN_LINKS = {
    "store": True,
    "webhook_url": "https://e.example/",
    "proxy": "http://p.example:1",
    "async": True,
    "debug": True,
}


def test_these_options_and_no_others_are_refused_in_links() -> None:
    assert not_linkable() == set(REFUSED_IN_LINKS)


@pytest.mark.parametrize("name", REFUSED_IN_LINKS)
def test_a_link_may_not_set_a_refused_option(name: str) -> None:
    with pytest.raises(SignatureInvalid, match=name):
        check_linkable(parse({"url": URL, name: REFUSED_IN_LINKS[name]}))
    with pytest.raises(SignatureInvalid, match=name):
        check_link_names(["url", name])


@pytest.mark.parametrize("kind", ["redirect", "url"])
def test_a_link_may_not_ask_for_a_stored_answer(kind: str) -> None:
    with pytest.raises(SignatureInvalid, match=f"response_type: {kind}"):
        check_linkable(parse({"url": URL, "response_type": kind}))


@pytest.mark.parametrize("kind", ["by_format", "json", "empty"])
def test_a_link_may_ask_for_an_answer_that_stores_nothing(kind: str) -> None:
    check_linkable(parse({"url": URL, "response_type": kind, "cookies": ["a=b"], "custom_js": "1"}))


def test_delivery_options_do_not_belong_to_the_identity() -> None:
    assert not_identity() == {
        "response_type",
        "filename",
        "store",
        "presign_ttl",
        "async",
        "webhook_url",
        "external_id",
        "cache",
        "cache_ttl",
        "cache_mode",
        "timeout",
        "debug",
    }


def test_the_cache_key_ignores_delivery_options() -> None:
    plain = parse({"url": URL})
    assert cache_key(parse({"url": URL, "store": True, "timeout": 9000, "filename": "x"})) == cache_key(plain)
    assert cache_key(parse({"url": URL, "dark_mode": True})) != cache_key(plain)
    assert cache_key(parse({"url": URL, "cache_key": "x"})) != cache_key(plain)


def test_these_options_may_differ_between_outputs() -> None:
    found = {name for name, f in facets_of(CaptureRequest).items() if f.per_output}
    assert found == {
        "format",
        "filename",
        "image_quality",
        "png_effort",
        "omit_background",
        "background_color",
        "clip",
        "resize",
        "selector",
        "padding",
        "full_page",
        "full_page_max_height",
        "full_page_width",
        "fixed_elements",
        "oversize",
        "pdf_format",
        "pdf_width",
        "pdf_height",
        "pdf_print_background",
        "pdf_scale",
        "pdf_page_ranges",
        "pdf_margin",
        "pdf_margin_top",
        "pdf_margin_right",
        "pdf_margin_bottom",
        "pdf_margin_left",
        "pdf_landscape",
        "pdf_header",
        "pdf_footer",
        "pdf_single_page",
        "pdf_prefer_css_page_size",
        "pdf_outline",
        "pdf_tagged",
        "pdf_metadata",
        "html_self_contained",
        "content",
        "aria_limit",
        "marks",
        "max_pixels",
        "tiles",
    }


def test_an_option_of_the_load_is_refused_in_outputs_with_the_reason() -> None:
    with pytest.raises(RequestNotValid, match=r"outputs\[0\]\.dark_mode: belongs to the load"):
        parse({"url": URL, "outputs": [{"format": "png", "dark_mode": True}]})
    with pytest.raises(RequestNotValid, match="unknown option 'clipp'; did you mean 'clip'"):
        parse({"url": URL, "outputs": [{"format": "png", "clipp": {}}]})


def test_operators_can_enable_these_options() -> None:
    found = {f.operator_default: name for name, f in facets_of(CaptureRequest).items() if f.operator_default}
    assert found == {"use_popup_blocker": "block_popups", "use_cookie_blocker": "block_cookie_banners"}


def test_the_command_line_leaves_these_options_out() -> None:
    found = {name for name, f in facets_of(CaptureRequest).items() if f.cli is None}
    assert found == {
        "url",
        "async_",
        "webhook_url",
        "store",
        "presign_ttl",
        "response_type",
        "cache",
        "cache_ttl",
        "cache_key",
        "cache_mode",
        "s3_uri",
        "archive",
        "archive_page",
    }


def test_an_option_without_facets_is_private_and_not_linkable() -> None:
    assert Facets() == Facets(shareable=False, linkable=False, identity=True, per_output=False)


THROWAWAY = """
import stillframe.outputs.image as image
from stillframe.options import option

class WithGrayscale(image.ImageOptions, group="image"):
    grayscale: bool = option(False, "Without colour.", per_output=True, aliases=("greyscale",))
    sepia: int | None = option(None, "How brown.", shareable=True, linkable=True, identity=False, le=5)

image.ImageOptions = WithGrayscale

import click
from click.testing import CliRunner
from fastapi import FastAPI

from stillframe.api import openapi
from stillframe.api.app import create_app
from stillframe.cli.options import flags
from stillframe.errors import RequestNotValid, SignatureInvalid
from stillframe.keys import cache_key
from stillframe.request import parse, parse_pairs
from stillframe.request.facets import check_linkable, needs_own_context

url = {"url": "https://example.com/"}
plain, gray, brown = parse(url), parse(url | {"greyscale": True}), parse(url | {"sepia": 2})
assert gray.grayscale and needs_own_context(gray) and not needs_own_context(brown)
assert cache_key(gray) != cache_key(plain) == cache_key(brown)
check_linkable(brown)
try:
    check_linkable(gray)
    raise SystemExit("a link set an option that does not say that it may")
except SignatureInvalid:
    pass
assert parse_pairs([("url", url["url"]), ("grayscale", "yes")]).grayscale
variants = parse(url | {"outputs": [{"format": "png", "grayscale": True}, "png"]}).variants()
assert [v.grayscale for v in variants] == [True, False]
for wrong in ({"outputs": [{"format": "png", "sepia": 1}]}, {"sepia": 6}, {"greyscales": True}):
    try:
        parse(url | wrong)
        raise SystemExit(f"accepted: {wrong}")
    except RequestNotValid as error:
        print(error.message)

@click.command()
@flags
def command(**given):
    click.echo(str(given["grayscale"]))

print(CliRunner().invoke(command, ["--greyscale"]).output, CliRunner().invoke(command, ["--help"]).output)
document = create_app(local=True).openapi()
print([p["name"] for p in document["paths"]["/capture"]["get"]["parameters"]])
print(document["components"]["schemas"]["CaptureRequest"]["properties"]["grayscale"])
"""


def test_a_new_option_is_one_declaration() -> None:
    """A throwaway option, declared in one class, is known to every door, the command line and OpenAPI."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(THROWAWAY)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "outputs[0].sepia: belongs to the load" in done.stdout
    assert "did you mean 'greyscale'" in done.stdout
    assert "True" in done.stdout
    assert "Without colour." in done.stdout
    assert "'grayscale'" in done.stdout
    assert "'x-group': 'image'" in done.stdout
