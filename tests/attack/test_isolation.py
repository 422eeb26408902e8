"""State that one capture could leave for the next in a warm browser, probed from another capture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from farm import Farm, Reply, Seen, html, redirect
from shoot import Shooter

from stillframe.errors import CaptureError

pytestmark = pytest.mark.browser

MARK = "first-capture-was-here"
# What the shared context keeps of a site, and only for captures that bring no state of their own.
KEPT = {"onlyIfCached", "acceptCH"}
PRIVATE = {"custom_headers": {"X-Private": MARK}}

LEAVE = f"""<!doctype html><h1>leave</h1><script>
const mark = {MARK!r};
async function leave() {{
  const tries = [
    () => {{ document.cookie = 'left=' + mark + ';path=/;max-age=9999'; }},
    () => localStorage.setItem('left', mark),
    () => sessionStorage.setItem('left', mark),
    () => {{ window.name = mark; }},
    () => new Promise((done) => {{
      const open = indexedDB.open('left', 1);
      open.onupgradeneeded = () => open.result.createObjectStore('s');
      open.onsuccess = () => {{
        const all = open.result.transaction('s', 'readwrite');
        all.objectStore('s').put(mark, 'k'); all.oncomplete = done;
      }};
      open.onerror = done;
    }}),
    async () => (await caches.open('left')).put('/left', new Response(mark)),
    async () => {{
      const file = await (await navigator.storage.getDirectory()).getFileHandle('left', {{create: true}});
      const out = await file.createWritable(); await out.write(mark); await out.close();
    }},
    () => navigator.serviceWorker.register('/sw.js'),
    () => new SharedWorker('/shared.js').port.postMessage(mark),
    () => fetch('/cached'),
    () => fetch('/preflight', {{method: 'PUT', headers: {{'X-Pre': 'flight'}}}}),
    () => fetch(document.baseURI.replace('127.0.0.1', 'b.attacker.example').replace('/leave', '/cross'),
                {{method: 'PUT', headers: {{'X-Pre': 'flight'}}}}),
    () => fetch('/basic', {{headers: {{Authorization: 'Basic ' + btoa('u:' + mark)}}}}),
    () => open('/popup', '', 'noopener'),
    () => {{ const a = document.createElement('a'); a.href = '/download'; a.download = mark; a.click(); }},
    () => navigator.locks.request('left', () => new Promise(() => 0)),
  ];
  for (const go of tries) {{
    try {{ await Promise.race([go(), new Promise((late) => setTimeout(late, 400))]); }} catch (error) {{}}
  }}
  document.body.append('left everything');
}}
leave();
</script>"""

LOOK = """<!doctype html><h1>look</h1><pre id=out></pre><script>
const found = {};
async function look() {
  const tries = {
    cookie: () => document.cookie,
    localStorage: () => localStorage.getItem('left'),
    sessionStorage: () => sessionStorage.getItem('left'),
    windowName: () => window.name,
    indexedDB: async () => (await indexedDB.databases()).map((d) => d.name).join(),
    caches: async () => (await caches.keys()).join(),
    opfs: async () => {
      const names = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      return names.join();
    },
    serviceWorker: async () => (await navigator.serviceWorker.getRegistrations()).length || '',
    controller: () => navigator.serviceWorker.controller ? 'controlled' : '',
    sharedWorker: () => new Promise((done) => {
      const worker = new SharedWorker('/shared.js');
      worker.port.onmessage = (event) => done(event.data);
      setTimeout(() => done(''), 300);
    }),
    onlyIfCached: async () => (await fetch('/cached', {cache: 'only-if-cached', mode: 'same-origin'})).text(),
    broadcast: () => new Promise((done) => {
      new BroadcastChannel('left').onmessage = (event) => done(event.data);
      setTimeout(() => done(''), 500);
    }),
    opener: () => window.opener ? 'opener' : '',
    geolocation: async () => {
      const found = await navigator.permissions.query({name: 'geolocation'});
      return found.state.replace(/prompt|denied/, '');
    },
    position: () => new Promise((done) => {
      navigator.geolocation.getCurrentPosition((p) => done('position'), () => done(''), {timeout: 300});
      setTimeout(() => done(''), 500);
    }),
    initScript: () => window.left || '',
    locks: async () => (await navigator.locks.query()).held.map((l) => l.name).join(),
    history: () => history.length > 2 ? 'history' : '',
  };
  await fetch('/echo?basic').catch(() => 0);
  for (const [name, go] of Object.entries(tries)) {
    let value = '';
    const timer = new Promise((late) => setTimeout(late, 800, 'late'));
    try { value = await Promise.race([go(), timer]); } catch (e) {}
    if (value) found[name] = String(value);
  }
  await fetch('/basic').then((r) => { if (r.ok) found.basicAuth = 'answered'; }).catch(() => 0);
  document.getElementById('out').textContent = JSON.stringify(found);
}
look();
</script>"""


def _basic(seen: Seen) -> Reply:
    if "authorization" in seen.headers:
        return 200, {}, b"in"
    return 401, {"WWW-Authenticate": 'Basic realm="left"'}, b"out"


@pytest.fixture
def site(farm: Farm) -> Farm:
    cors = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "*",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "600",
    }
    farm.serve(
        "/leave",
        html(LEAVE, **{"Accept-CH": "Sec-CH-UA-Arch, Sec-CH-UA-Model", "Set-Cookie": f"http={MARK}; Path=/"}),
    )
    farm.serve("/look", html(LOOK, **{"Cache-Control": "no-store"}))
    farm.serve("/cached", lambda _: (200, {"Cache-Control": "max-age=600"}, b"kept"))
    farm.serve("/basic", _basic)
    farm.serve("/preflight", lambda _: (200, cors, b""))
    farm.serve("/cross", lambda _: (200, cors, b""))
    farm.serve("/echo", lambda _: (200, {"Cache-Control": "no-store"}, b""))
    farm.serve("/sw.js", lambda _: (200, {"Content-Type": "text/javascript"}, b"self.x = 1"))
    farm.serve("/download", lambda _: (200, {"Content-Disposition": "attachment"}, b"downloaded"))
    farm.serve(
        "/popup",
        html(
            "<script>setInterval(() => { new BroadcastChannel('left').postMessage('alive'); document.cookie ="
            " 'late=1;path=/' }, 50)</script>"
        ),
    )
    farm.serve(
        "/shared.js",
        lambda _: (
            200,
            {"Content-Type": "text/javascript"},
            (
                b"let kept = ''; onconnect = e => { const p = e.ports[0]; if (kept) p.postMessage(kept);"
                b" p.onmessage = m => { kept = m.data } }"
            ),
        ),
    )
    return farm


def look(site: Farm, shooter: Shooter, **options: Any) -> dict[str, str]:
    """What the second capture finds of the first."""
    site.site.seen.clear()
    result = shooter.shoot(
        url=site.secure + "/look",
        format="html",
        wait_until="load",
        wait_for_selector="#out:not(:empty)",
        **options,
    )
    text = re.search(rb"<pre id=\"?out\"?>(.*?)</pre>", result.artifact.data, re.DOTALL)
    assert text, result.artifact.data[:400]
    found: dict[str, str] = json.loads(text[1].decode().replace("&quot;", '"') or "{}")
    first = site.site.seen[0].headers
    if "cookie" in first:
        found["cookieSent"] = first["cookie"]
    if "sec-ch-ua-arch" in first or "sec-ch-ua-model" in first:
        found["acceptCH"] = "sent"
    if "authorization" in first:
        found["authorizationSent"] = first["authorization"]
    if any(MARK in value for seen in site.site.seen for value in seen.headers.values()):
        found["header"] = MARK
    return found


def leave(site: Farm, shooter: Shooter, **options: Any) -> None:
    result = shooter.shoot(
        url=site.secure + "/leave",
        format="html",
        wait_until="load",
        wait_for_function="document.body.innerText.includes('left everything')",
        **options,
    )
    assert b"left everything" in result.artifact.data


@pytest.fixture
def untouched(_farm: Farm) -> Iterator[Shooter]:
    """A browser whose shared context has served nobody yet."""
    shooter = Shooter(_farm)
    yield shooter
    shooter.close()


@pytest.fixture(scope="module")
def fresh(_farm: Farm) -> Iterator[Shooter]:
    shooter = Shooter(_farm, browser_isolation="fresh")
    yield shooter
    shooter.close()


def test_a_private_capture_leaves_nothing_to_a_shared_one(site: Farm, untouched: Shooter) -> None:
    leave(site, untouched, **PRIVATE)
    assert look(site, untouched) == {}


def test_a_private_capture_leaves_nothing_to_a_private_one(site: Farm, untouched: Shooter) -> None:
    leave(site, untouched, **PRIVATE)
    assert look(site, untouched, cookies=["mine=1"]) == {"cookie": "mine=1", "cookieSent": "mine=1"}


def test_fresh_isolation_leaves_nothing_at_all(site: Farm, fresh: Shooter) -> None:
    leave(site, fresh)
    assert look(site, fresh) == {}


def test_a_shared_capture_leaves_only_the_documented_state(site: Farm, guarded: Shooter) -> None:
    """The contract's bargain: captures without caller state share the cache of what anybody may fetch.

    Chromium has no command that forgets a site's Accept-CH; what stays is which hints that site asked for.
    """
    result = guarded.shoot(url=site.secure + "/leave", format="html", wait_until="load", delay_capture=3000)
    assert b"left everything" in result.artifact.data
    assert result.report.facts["isolation"] == "shared"
    found = look(site, guarded)
    assert set(found) <= KEPT


def test_the_probe_finds_existing_state(site: Farm, guarded: Shooter) -> None:
    """The meta-test: within one capture the looking page does find what the leaving page left."""
    steps = [{"action": "goto", "text": site.secure + "/look"}]
    result = guarded.shoot(
        url=site.secure + "/leave",
        interactions=[
            {"action": "wait_for", "wait_for": {"type": "time", "value": 3000}},
            *steps,
            {"action": "wait_for", "wait_for": {"type": "selector", "value": "#out:not(:empty)"}},
        ],
        format="html",
        wait_until="load",
    )
    text = result.artifact.data.decode()
    for name in ("cookie", "localStorage", "sessionStorage", "indexedDB", "onlyIfCached", "caches", "opfs"):
        assert f'"{name}"' in text.replace("&quot;", '"'), name


def test_basic_credentials_are_not_sent_in_the_next_capture(site: Farm, guarded: Shooter) -> None:
    site.serve("/door", _basic)
    credentials = {"username": "u", "password": MARK}
    first = guarded.shoot(url=site.secure + "/door", basic_auth=credentials, format="html")
    assert b"in" in first.artifact.data
    second = guarded.shoot(url=site.secure + "/door", format="html")
    assert second.report.target.status == 401
    userinfo = site.secure.replace("http://", f"http://u:{MARK}@") + "/door"
    guarded.shoot(url=userinfo, format="html")
    assert guarded.shoot(url=site.secure + "/door", format="html").report.target.status == 401


_XHR = "const x = new XMLHttpRequest(); x.open('GET', '%door%', false, 'u', 'p'); x.send();"
# Ways in which a page makes Chromium remember credentials of a site for the rest of the context.
REMEMBER = {
    "a redirect": "",
    "a place": "<script>location = '%with%'</script>",
    "a request": f"<script>{_XHR}</script>",
    "a worker's request": "<script>new Worker(URL.createObjectURL(new Blob([`%xhr%`])))</script>",
    "a shared worker's request": (
        "<script>new SharedWorker(URL.createObjectURL(new Blob([`%xhr%`])))</script>"
    ),
    "a socket": "<script>new WebSocket('%with%'.replace('http', 'ws'))</script>",
    "a pop-up": "<script>open('%with%')</script>",
    "a prefetch": (
        """<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["%with%"]}]}</script>"""
    ),
}


@pytest.mark.parametrize("way", list(REMEMBER))
def test_credentials_from_a_page_are_not_sent_in_the_next_capture(
    site: Farm, guarded: Shooter, way: str
) -> None:
    door = site.secure + "/door"
    named = door.replace("http://", "http://u:p@")
    page = REMEMBER[way].replace("%xhr%", _XHR).replace("%door%", door).replace("%with%", named)
    site.serve("/door", _basic)
    site.serve("/remember", redirect(named) if way == "a redirect" else html(page))
    first = guarded.shoot(url=site.secure + "/remember", format="html", delay_capture=200)
    assert first.report.facts["isolation"] == "shared"
    assert any("authorization" in seen.headers for seen in site.site.seen), "nothing was remembered"
    assert "u:p" not in str(first.report.to_json())
    assert guarded.shoot(url=door, format="html").report.target.status == 401


def test_scripts_and_geolocation_do_not_reach_the_next_capture(site: Farm, guarded: Shooter) -> None:
    guarded.shoot(
        url=site.secure + "/look",
        init_js=f"window.left = {MARK!r}",
        geolocation={"latitude": 1.0, "longitude": 2.0},
        local_storage={"left": MARK},
        cookies=[f"left={MARK}"],
        user_agent="Left/1.0",
        locale="de-DE",
        timezone="Asia/Tokyo",
        format="html",
        wait_until="load",
    )
    assert set(look(site, guarded)) <= KEPT
    headers = site.site.seen[0].headers
    assert "Left/1.0" not in headers["user-agent"]
    assert "de-DE" not in headers.get("accept-language", "")


def test_no_script_of_a_page_runs_after_its_capture(site: Farm, guarded: Shooter) -> None:
    site.serve("/alive", html("<h1>alive</h1><script>setInterval(() => fetch('/pulse'), 20)</script>"))
    for options in ({}, PRIVATE):
        guarded.shoot(
            url=site.secure + "/alive", format="html", wait_until="load", delay_capture=200, **options
        )
        pulses = sum(seen.path == "/pulse" for seen in site.site.seen)
        assert pulses > 0
        guarded.shoot(html_content="<h1>next</h1>", format="html")
        site.site.seen.clear()
        guarded.shoot(html_content="<h1>next</h1>", format="html", wait_until="load", delay_capture=200)
        assert site.site.seen == []


def test_captures_do_not_share_a_connection(site: Farm, guarded: Shooter) -> None:
    site.serve("/socket", html("<h1>socket</h1>", **{"Cache-Control": "no-store"}))
    before = site.site.connections
    guarded.shoot(url=site.secure + "/socket", format="html")
    middle = site.site.connections
    guarded.shoot(url=site.secure + "/socket", format="html")
    assert site.site.connections - middle >= 1
    assert middle - before >= 1


def test_a_capture_that_timed_out_leaves_nothing(site: Farm, untouched: Shooter) -> None:
    """The next capture gets a clean context wherever the deadline expires, also while one is created."""
    site.serve(
        "/set",
        html(f"<script>document.cookie = 'left={MARK};path=/'; localStorage.left = {MARK!r}</script>set"),
    )
    site.serve("/get", html("<script>document.write(document.cookie + localStorage.left)</script>"))
    runtime, codes = untouched.runtime, set()
    for milliseconds in (8, 14, 20, 30, 45):
        # A browser that has no shared context yet, so that the time runs out while one is made.
        untouched.shoot(url=site.secure + "/get", format="text", **PRIVATE)
        try:
            untouched.shoot(url=site.secure + "/set", timeout=milliseconds)
        except CaptureError as error:
            codes.add(error.code)
        untouched.shoot(url=site.secure + "/set")
        assert MARK.encode() not in untouched.shoot(url=site.secure + "/get", format="text").artifact.data
        instance = runtime.instance
        assert instance is not None
        # The shared context and none that nobody will ever close.
        assert len(instance.browser.contexts) == 1
        runtime.run(runtime.supervisor.discard(instance))
    assert codes == {"deadline_exceeded"}
