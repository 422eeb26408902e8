"""The command line as a process: pages with their files, and wrong input that needs a socket or a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from look import GREEN, at, picture
from origins import Origins, png
from serving import serve

_PAGE = """<!doctype html><link rel=stylesheet href=css/a.css><p id=told></p><img id=i src='img/dot.png'>
<script src='js/a.js'></script><script>
const told = document.getElementById('told')
async function status(address) {
  try { return (await fetch(address)).status } catch { return 'refused' }
}
addEventListener('load', async () => {
  const font = await document.fonts.load('20px own').then(f => f.length, () => 'refused')
  told.textContent = JSON.stringify({
    script: window.fromScript,
    padding: getComputedStyle(document.body).paddingTop,
    image: document.getElementById('i').naturalWidth,
    font: font,
    beside: await status('data/words.json'),
    above: await status('../above.json'),
    encoded: await status('%2e%2e/above.json'),
    backslash: await status('..%5cabove.json'),
    absolute: await status('/etc/passwd'),
    link: await status('data/link.json'),
    hidden: await status('.hidden.json'),
    key: await status('id_rsa'),
    file: await status('FILE'),
  })
})
</script>"""
_EXPECTED = {"script": 1, "padding": "40px", "image": 20, "font": 1, "beside": 200} | dict.fromkeys(
    ("above", "encoded", "backslash", "absolute", "link", "hidden", "key"), 404
)
# Root, whom the permissions of files bind as they bind everybody.
_ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
BROWSERS = {"FALSE": "/bin/false", "NONE": "/nowhere/chromium"}


@dataclass(frozen=True)
class Ran:
    code: int
    out: bytes
    err: str

    @property
    def line(self) -> str:
        """The only line on standard error."""
        (line,) = self.err.splitlines()
        return line


def environment(**more: str) -> dict[str, str]:
    """That of the tests, without settings that would change what is tested."""
    dropped = ("EGRESS_ALLOW", "LOG_LEVEL", "AUTH_TOKEN", "STILLFRAME_ENDPOINT", "STILLFRAME_TOKEN")
    return {k: v for k, v in os.environ.items() if k not in dropped} | more


def stillframe(
    *args: str, folder: Path, stdin: bytes = b"", before: tuple[str, ...] = (), **more: str
) -> Ran:
    """The command in a folder."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "stillframe.cli.main", *args],
        input=stdin,
        capture_output=True,
        cwd=folder,
        timeout=60,
        check=False,
        env=environment(**more),
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def started(*args: str, folder: Path, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "stillframe.cli.main", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(**more),
    )


# -- local pages


@pytest.fixture
def local_page(tmp_path: Path) -> Path:
    """A page with style sheets, an image, a font, a script and data beside it, and files it must not get."""
    root = tmp_path / "site"
    for name in ("css", "img", "js", "fonts", "data"):
        (root / name).mkdir(parents=True)
    font = subprocess.run(["fc-match", "-f", "%{file}", "sans"], capture_output=True, check=True).stdout
    (root / "fonts" / "own.ttf").write_bytes(Path(os.fsdecode(font)).read_bytes())
    (root / "img" / "dot.png").write_bytes(png(20, 20, (200, 0, 0)))
    (root / "css" / "a.css").write_text(
        "@import 'deep.css'; @font-face {font-family: own; src: url(../fonts/own.ttf)}"
    )
    (root / "css" / "deep.css").write_text("body { padding-top: 40px }")
    (root / "js" / "a.js").write_text("window.fromScript = 1")
    for path in (
        root / "data" / "words.json",
        root / ".hidden.json",
        root / "id_rsa",
        tmp_path / "above.json",
    ):
        path.write_text('"words"')
    (root / "data" / "link.json").symlink_to(tmp_path / "above.json")
    (root / "page.html").write_text(_PAGE.replace("FILE", f"{(tmp_path / 'above.json').as_uri()}"))
    return root / "page.html"


@pytest.mark.parametrize("source", ["site/page.html", "./site/page.html", "site"])
def test_a_local_page_brings_its_files_along_and_nothing_else(local_page: Path, source: str) -> None:
    folder = local_page.parents[1]
    if source == "site":
        local_page.rename(local_page.with_name("index.html"))
    ran = stillframe("capture", source, "-f", "text", "-o", "-", folder=folder)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == _EXPECTED | {"file": "refused"}


@pytest.mark.parametrize("charset", ["windows-1251", "utf-8", "koi8-r"])
@pytest.mark.parametrize("by", ["file", "standard input"])
def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path, charset: str, by: str) -> None:
    data = f"<meta charset={charset}><p>Привет</p>".encode(charset)
    (tmp_path / "page.html").write_bytes(data)
    source, stdin = ("page.html", b"") if by == "file" else ("-", data)
    ran = stillframe("capture", source, "-f", "text", "-o", "-", folder=tmp_path, stdin=stdin)
    assert (ran.code, ran.out.decode().strip()) == (0, "Привет"), ran.err


def test_several_outputs_are_several_files_of_one_load(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<body style='margin:0;background:rgb(0,160,0)'>words")
    ran = stillframe(
        "capture",
        "page.html",
        "--window-width",
        "320",
        "--window-height",
        "240",
        "-o",
        "a.png",
        "-o",
        "b.pdf",
        "-o",
        "c.txt",
        folder=tmp_path,
    )
    assert ran.code == 0, ran.err
    at(picture((tmp_path / "a.png").read_bytes()), 160, 200, GREEN)
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "c.txt").read_text().strip() == "words"
    assert [line.split(" (")[0] for line in ran.err.splitlines()[:3]] == ["a.png", "b.pdf", "c.txt"]


def test_a_trial_capture_of_doctor_uses_the_browser(tmp_path: Path) -> None:
    ran = stillframe("doctor", "--json", folder=tmp_path)
    body = json.loads(ran.out)
    states = {found["subject"]: found["state"] for found in body["findings"]}
    assert (ran.code, states["chromium"], states["capture"]) == (0, "ok", "ok"), ran.out


# -- a service in place of this machine

TOKEN, KEY = "t" * 32, "k" * 32


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a command that uses a running service."""
    stored = tmp_path_factory.mktemp("stored").as_uri()
    with serve({"AUTH_TOKEN": TOKEN, "URL_SIGNING_SECRET": KEY, "STORAGE_URL": stored}) as client:
        yield {
            "STILLFRAME_ENDPOINT": str(client.base_url),
            "STILLFRAME_TOKEN": TOKEN,
            "CHROMIUM_PATH": "/nowhere",
        }


@pytest.mark.parametrize("source", ["site/page.html", "site"])
def test_a_service_gets_a_local_page_with_its_files(
    service: dict[str, str], local_page: Path, source: str
) -> None:
    if source == "site":
        local_page.rename(local_page.with_name("index.html"))
    ran = stillframe("capture", source, "-f", "text", "-o", "-", folder=local_page.parents[1], **service)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert {name: told[name] for name in _EXPECTED} == _EXPECTED


def test_a_service_takes_the_same_flags(service: dict[str, str], site: Origins, tmp_path: Path) -> None:
    page = f"{site.urls['main']}/green.html"
    small = ("--window-width", "320", "--window-height", "240")
    ran = stillframe(
        "capture", page, *small, "-o", "a.png", "-o", "b.pdf", "--json", folder=tmp_path, **service
    )
    assert ran.code == 0, ran.err
    at(picture((tmp_path / "a.png").read_bytes()), 160, 120, GREEN)
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads(ran.out)["report"]["target"]["status"] == 200
    piped = stillframe("capture", "-", *small, "-o", "-", stdin=b"<p>x", folder=tmp_path, **service)
    assert (piped.code, piped.out[:4]) == (0, b"\x89PNG"), piped.err
    (tmp_path / "pages.txt").write_text(f"{page}\n{page}?2\nhttp://10.0.0.1/\n")
    bulk = stillframe("batch", "pages.txt", *small, "--json", folder=tmp_path, **service)
    summary = json.loads(bulk.out)
    assert (bulk.code, summary["done"], summary["codes"]) == (1, 2, {"destination_blocked": 1}), bulk.err
    again = stillframe("batch", "pages.txt", *small, "--json", folder=tmp_path, **service)
    assert json.loads(again.out)["skipped"] == 3


def test_a_service_validates_lists_signs_and_is_checked(service: dict[str, str], tmp_path: Path) -> None:
    plan = stillframe("validate", "https://a.test", "-f", "webp", "--json", folder=tmp_path, **service)
    assert json.loads(plan.out)["plan"]["formats"] == ["webp"]
    bad = stillframe("validate", "https://a.test", "--pixel-density", "9", folder=tmp_path, **service)
    assert (bad.code, "--pixel-density" in bad.line) == (2, True)
    (tmp_path / "a.csv").write_text("url,width\nhttp://a.test,5\nhttp://b.test,500\n")
    rows = stillframe("validate", "a.csv", folder=tmp_path, **service)
    assert (rows.code, rows.out) == (2, b"2 rows, 1 not valid\n")
    assert b"iPhone 13" in stillframe("devices", "iphone", "13", folder=tmp_path, **service).out
    assert b"article_pdf" in stillframe("templates", folder=tmp_path, **service).out
    link = stillframe("sign", "https://a.test", "--full-page", folder=tmp_path, **service).out.decode()
    assert link.startswith(f"{service['STILLFRAME_ENDPOINT']}/capture?expires=")
    assert "full_page=true" in link
    good = stillframe("doctor", folder=tmp_path, **service)
    assert (good.code, b"knows the token" in good.out) == (0, True)
    wrong = stillframe("doctor", "--token", "x", folder=tmp_path, **service)
    assert (wrong.code, b"Check --token" in wrong.out) == (1, True)


@pytest.mark.parametrize(
    ("token", "words"),
    [("", ("auth_required", "--token or STILLFRAME_TOKEN")), ("wrong", ("token_invalid", "Check --token"))],
    ids=["missing", "wrong"],
)
@pytest.mark.parametrize("command", ["capture a.test", "validate a.test", "devices", "sign a.test"])
def test_a_token_that_is_missing_or_wrong_is_one_line(
    service: dict[str, str], command: str, token: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    ran = stillframe(*command.split(), folder=tmp_path, **service | {"STILLFRAME_TOKEN": token})
    assert (ran.code, ran.out) == (2, b"")
    assert [word for word in words if word not in ran.line] == [], ran.line


def test_a_service_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    ran = stillframe("capture", "a.test", "--endpoint", endpoint, folder=tmp_path)
    assert (ran.code, ran.out) == (6, b"")
    assert "service_unreachable" in ran.line
    assert "Check --endpoint" in ran.line


def test_a_server_that_is_another_one_is_one_line(site: Origins, tmp_path: Path) -> None:
    ran = stillframe("capture", "a.test", "--endpoint", site.urls["main"], folder=tmp_path)
    assert (ran.code, ran.out) == (6, b"")
    assert "unexpected_answer" in ran.line
    assert "Check that --endpoint is the address of a Stillframe service" in ran.line


# -- compare


def test_a_page_is_compared_with_its_picture(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<body style='margin:0;background:rgb(0,160,0)'>")
    size = ("--window-width", "320", "--window-height", "200")
    assert stillframe("capture", "page.html", *size, "-o", "a.png", folder=tmp_path).code == 0
    same = stillframe("compare", "a.png", "page.html", folder=tmp_path)
    assert (same.code, same.out) == (0, b"The pictures show no visible difference.\n"), same.err
    page.write_text(page.read_text() + "<div style='width:32px;height:20px;background:rgb(200,0,0)'>")
    args = ("compare", "a.png", "page.html", "--json", "--overlay", "o.png", "--save", "b.png")
    changed = stillframe(*args, folder=tmp_path)
    found = json.loads(changed.out)
    assert (changed.code, found["share"], found["boxes"]) == (1, 0.01, [[0, 0, 32, 20]])
    assert picture((tmp_path / "o.png").read_bytes()).size == (320, 200)
    allowed = stillframe("compare", "a.png", "b.png", "--threshold", "1", folder=tmp_path)
    assert (allowed.code, allowed.err) == (0, "")
    over = stillframe("compare", "a.png", "b.png", "--threshold", "0.9", folder=tmp_path)
    assert (over.code, "1% of the pixels differ, more than --threshold 0.9" in over.line) == (1, True)
    ignored = stillframe("compare", "a.png", "b.png", "--ignore", "0,0,32,20", folder=tmp_path)
    assert (ignored.code, ignored.err) == (0, "")


# -- wrong input


def test_a_port_in_use_is_named_before_the_server_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = stillframe("serve", "--port", str(port), folder=tmp_path)
    assert (ran.code, ran.out) == (1, b"")
    assert f"port {port} of 127.0.0.1 is in use; choose another one with --port" in ran.line


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_cannot_be_listened_on(tmp_path: Path, host: str) -> None:
    ran = stillframe("serve", "--host", host, folder=tmp_path, AUTH_TOKEN="t" * 32)
    assert ran.code == 2
    assert f"--host: {host} is not an address of this machine; use 127.0.0.1" in ran.line


def test_a_server_says_the_port_that_it_got(tmp_path: Path) -> None:
    process = started("serve", "--port", "0", folder=tmp_path, STORAGE_URL="memory:")
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert line.startswith("Stillframe on http://127.0.0.1:")
    assert ":0 " not in line
    assert (process.returncode, rest) == (0, b"")


def test_an_internal_row_of_a_batch_is_refused_until_it_is_allowed(site: Origins, tmp_path: Path) -> None:
    address = f"{site.urls['main']}/green.html"
    (tmp_path / "pages.txt").write_text(f"{address}\n{address}?2\n")
    ran = stillframe("batch", "pages.txt", folder=tmp_path)
    assert ran.code == 1
    assert "destination_blocked: Allow an internal host with --allow HOST:PORT" in ran.err
    assert "2 failed (destination_blocked × 2)" in ran.err.splitlines()[-1]
    allowed = address.split("/")[2]
    again = stillframe("batch", "pages.txt", "--retry-failed", "--allow", allowed, "--json", folder=tmp_path)
    assert (again.code, json.loads(again.out)["done"]) == (0, 2)


def test_an_internal_host_behind_a_redirect_is_refused_with_the_flag(site: Origins, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"<script>location = '{site.urls['main']}/green.html'</script>")
    ran = stillframe("capture", "page.html", folder=tmp_path)
    assert (ran.code, list(tmp_path.glob("*.png"))) == (2, []), ran.err
    assert "destination_blocked" in ran.line
    assert "--allow" in ran.line


def test_a_name_without_an_address_is_one_line(tmp_path: Path) -> None:
    ran = stillframe("capture", "no-such-host.invalid", folder=tmp_path)
    assert ran.code == 4
    assert "name_not_resolved: The host name no-such-host.invalid has no address. Check the" in ran.line


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    ran = stillframe("capture", f"localhost:{port}", folder=tmp_path)
    assert (ran.code, ran.out) == (4, b"")
    assert "connection_refused" in ran.line
    assert "Start the server, or check the port." in ran.line


@pytest.mark.parametrize("path", BROWSERS.values(), ids=list(BROWSERS))
def test_a_browser_that_does_not_start_is_one_line(tmp_path: Path, path: str) -> None:
    ran = stillframe("capture", "-", stdin=b"<p>x", folder=tmp_path, CHROMIUM_PATH=path)
    assert (ran.code, ran.out) == (6, b"")
    assert "browser_unavailable" in ran.line
    assert "`stillframe doctor` looks for the reason." in ran.line


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None,
    reason="root may do everything, and setpriv (util-linux) is not there to take that away",
)
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("capture page.html", ("page.html cannot be read", "chmod +r page.html")),
        ("batch pages.csv", ("pages.csv cannot be read", "chmod +r pages.csv")),
        ("capture shut", ("shut cannot be read", "chmod +rx shut")),
        ("capture open.html -o taken.png", ("taken.png cannot be written", "permission denied")),
        ("capture open.html -o shut/a.png", ("folder shut", "permission denied", "-o")),
        ("batch open.csv -d shut", ("folder shut", "permission denied", "-d")),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_permissions_forbid_is_one_line(args: str, words: tuple[str, ...], tmp_path: Path) -> None:
    for name, mode in (
        *(("page.html", 0), ("pages.csv", 0), ("taken.png", 0)),
        *(("open.html", 0o600), ("open.csv", 0o600)),
    ):
        (tmp_path / name).write_text("url\nx.test\n")
        (tmp_path / name).chmod(mode)
    (tmp_path / "shut").mkdir(mode=0 if args == "capture shut" else 0o500)
    ran = stillframe(*args.split(), folder=tmp_path, before=_ORDINARY)
    (tmp_path / "shut").chmod(0o700)
    assert (ran.code, ran.out) == (2, b""), ran.err
    assert [word for word in words if word not in ran.line] == [], ran.line


# -- signals and pipes


def test_ctrl_c_during_a_capture_ends_it_in_one_line(site: Origins, tmp_path: Path) -> None:
    process = started("capture", f"{site.urls['main']}/hang", folder=tmp_path)
    until(lambda: site.requests("/hang"))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"stillframe: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_a_batch_says_how_to_go_on(site: Origins, tmp_path: Path) -> None:
    address = site.urls["main"]
    (tmp_path / "pages.txt").write_text(f"{address}/hang\n{address}/hang?2\n")
    allowed = address.split("/")[2]
    process = started("batch", "pages.txt", "--allow", allowed, folder=tmp_path)
    until(lambda: site.requests("/hang"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"stillframe: interrupted; run the same command to resume\n")


@pytest.mark.parametrize(
    "args", [("devices",), ("capture", "-", "-o", "-"), ("capture", "--help-all")], ids=repr
)
def test_a_reader_that_leaves_is_no_fault(args: tuple[str, ...], tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "stillframe.cli.main", *args],
        input=b"<p>x",
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        timeout=60,
        check=False,
        env=environment(),
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_standard_output_without_unicode_is_no_fault(tmp_path: Path) -> None:
    ran = stillframe("devices", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (0, "")


def until(condition: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            pytest.fail("it did not happen in time")
        time.sleep(0.05)
