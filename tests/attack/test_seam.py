"""A hostile pair of captures for every kind of state that Chromium 156 keeps: one leaves it, the next
looks for it.

The kinds were read from the protocol of the browser itself (`/json/protocol` of Chromium 156.0): all of
`Storage.StorageType` (cookies, file_systems, indexeddb, local_storage, shader_cache, websql,
service_workers, cache_storage, storage_buckets), `Browser.PermissionType`,
`BackgroundService.ServiceName`, the domains Network, Storage, ServiceWorker, CacheStorage, DOMStorage,
IndexedDB, FileSystem, Target, Browser, FedCm and PWA, and from the members of its network context.
`KINDS` is the table: how the first capture leaves a kind, how the second looks for it, and what a
capture of the same caller may find. A capture of another caller may find nothing.

`STILLFRAME_SEAM_PAIRS` is the number of pairs for each row, 2 by default.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from farm import Farm, html
from seam import SITE, VICTIM, CallerShooter, Kind, Seam

from stillframe.browser import contexts
from stillframe.browser.contexts import GuardedContext, PreparedPage
from stillframe.errors import CaptureError, RequestNotValid
from stillframe.request import parse

pytestmark = [pytest.mark.browser, pytest.mark.timeout(7200)]

PAIRS = int(os.environ.get("STILLFRAME_SEAM_PAIRS", "2"))

_IDB = """const open = indexedDB.open('left', 1); await new Promise((done) => { open.onsuccess = done;
  open.onupgradeneeded = () => open.result.createObjectStore('s') })"""
_SHARED = (
    "new SharedWorker('/shared.js').port.postMessage('left'); await new Promise((r) => setTimeout(r, 100))"
)
_SW = "await navigator.serviceWorker.register('/sw.js')"
_ANY_COOKIE = "return [document.cookie, FIRST.cookie].filter(Boolean).join()"
_LATE = "for (const ms of [0, 5, 15, 30, 45, 60, 90, 120])"
_LEFT = """return [document.cookie, FIRST.cookie, localStorage.left,
  (await indexedDB.databases()).map((d) => d.name).join()].filter(Boolean).join()"""
_BUCKETS = "await (await navigator.storageBuckets.open('left', {persisted: true})).indexedDB.open('b', 1)"

_CACHE = "the HTTP cache of anybody's resources is why a context is reused"
_CLOSING = "the process of a closed page releases it a moment later"
_NETWORK = "Chromium has no command that forgets it without the whole HTTP cache"

KINDS = [
    # Cookies and what the site sets by its answers.
    Kind("cookie", "document.cookie = 'left=1;path=/;max-age=9999'", "return document.cookie"),
    Kind("http-only-cookie", "await fetch('/headers')", "return FIRST.cookie"),
    Kind(
        "partitioned-cookie",
        "const f = document.createElement('iframe'); f.src = V + '/partitioned';"
        " await new Promise((r) => { f.onload = r; document.body.append(f) })",
        "const f = document.createElement('iframe'); f.src = V + '/echo-cookies';"
        " return await new Promise((r) => { onmessage = (e) => r(e.data); document.body.append(f) })",
    ),
    Kind(
        "cookie-of-another-site",
        "await fetch(V + '/late-cookie?name=session', {credentials: 'include', mode: 'no-cors'})",
        _ANY_COOKIE,
        look_at=VICTIM,
    ),
    Kind("client-hints", "", "return FIRST['sec-ch-ua-arch']", documented=_NETWORK),
    # Storage of origins.
    Kind("local-storage", "localStorage.left = 1", "return localStorage.left"),
    Kind("session-storage", "sessionStorage.left = 1", "return sessionStorage.left", control="page"),
    Kind("indexeddb", _IDB, "return (await indexedDB.databases()).map((d) => d.name).join()"),
    Kind(
        "cache-storage",
        "await (await caches.open('left')).put('/x', new Response('x'))",
        "return (await caches.keys()).join()",
    ),
    Kind(
        "file-system",
        "await (await navigator.storage.getDirectory()).getFileHandle('left', {create: true})",
        "for await (const name of (await navigator.storage.getDirectory()).keys()) return name",
    ),
    Kind(
        "websql",
        "openDatabase('left', '', '', 1)",
        "return typeof openDatabase === 'function' ? 'api' : ''",
        control="never",
    ),
    Kind(
        "storage-buckets", _BUCKETS, "return (await navigator.storageBuckets.keys()).join()", control="never"
    ),
    Kind(
        "quota-in-use",
        "await (await caches.open('q')).put('/q', new Response(new Uint8Array(3e6)))",
        "const used = (await navigator.storage.estimate()).usage; return used > 1e5 ? used : ''",
    ),
    Kind(
        "persistence",
        "await navigator.storage.persist()",
        "return await navigator.storage.persisted() || ''",
        control="never",
    ),
    Kind(
        "shared-storage",
        "await sharedStorage.set('left', '1')",
        "return typeof sharedStorage === 'undefined' ? '' : await sharedStorage.length()",
        control="never",
    ),
    Kind(
        "interest-groups",
        "await navigator.joinAdInterestGroup({owner: S, name: 'left', lifetimeMs: 1e6}, 1e6)",
        "return navigator.joinAdInterestGroup && navigator.interestGroups ? 'api' : ''",
        control="never",
    ),
    Kind(
        "private-state-tokens",
        "await document.requestStorageAccess()",
        "return document.hasPrivateToken && await document.hasPrivateToken(S) || ''",
        control="never",
    ),
    # Workers and what registers with them: service workers are blocked, so no push, sync, fetch or payment
    # handler of BackgroundService.ServiceName can be registered.
    Kind(
        "service-worker",
        _SW,
        "return (await navigator.serviceWorker.getRegistrations()).length || ''",
        control="never",
    ),
    Kind(
        "background-services",
        f"{_SW}; const r = await navigator.serviceWorker.ready; await r.sync.register('left');"
        " await r.backgroundFetch.fetch('left', '/cached')",
        "const r = await navigator.serviceWorker.getRegistration(); return r ? 'registered' : ''",
        control="never",
    ),
    Kind(
        "shared-worker",
        _SHARED,
        "return await new Promise((r) => { new SharedWorker('/shared.js').port.onmessage ="
        " (e) => r(e.data) })",
        control="document",
        milliseconds=400,
    ),
    Kind(
        "broadcast-channel",
        "setInterval(() => new BroadcastChannel('left').postMessage('alive'), 10)",
        "return await new Promise((r) => { new BroadcastChannel('left').onmessage = (e) => r(e.data) })",
        control="document",
        milliseconds=400,
    ),
    Kind(
        "lock",
        "navigator.locks.request('left', () => new Promise(() => 0))",
        "return (await navigator.locks.query()).held.map((l) => l.name).join()",
        documented=_CLOSING,
        control="document",
    ),
    # Windows.
    Kind("window-name", "window.name = 'left'", "return window.name", control="page"),
    Kind("opener", "window.name = 'left'", "return window.opener ? 'opener' : ''", control="never"),
    Kind("history", "history.pushState(0, '', '?left')", "return history.length > 2 || ''", control="page"),
    Kind(
        "named-window",
        "window.name = 'left'; window.marker = 1; await new Promise((r) => setTimeout(r, 20))",
        "const w = open('', 'left'); const found = w && w.marker; if (w && w !== window) w.close();"
        " return found",
        control="document",
    ),
    Kind(
        "object-url",
        "await fetch('/note?key=blob', {method: 'POST', body: URL.createObjectURL(new Blob(['left']))})",
        "const known = await (await fetch('/note?key=blob')).text();"
        " return await (await fetch(known)).text()",
        control="document",
    ),
    # Permissions, devices, and what belongs to the whole browser.
    Kind(
        "permission",
        "await new Promise((r) => navigator.geolocation.getCurrentPosition(r, r))",
        "return (await navigator.permissions.query({name: 'geolocation'})).state"
        ".replace(/prompt|denied/, '')",
        options={"geolocation": {"latitude": 1.0, "longitude": 2.0}},
        control="page",
    ),
    # Network state.
    Kind(
        "http-cache",
        "await fetch('/cached')",
        "return (await fetch('/cached', {cache: 'only-if-cached', mode: 'same-origin'})).text()",
        documented=_CACHE,
    ),
    Kind(
        "compression-dictionary",
        "await fetch('/dictionary'); await new Promise((r) => setTimeout(r, 100))",
        "return (await (await fetch('/with-dictionary')).json())['available-dictionary']",
        documented=_CACHE,
        control="never",
    ),
    Kind(
        "preflight-cache",
        "await fetch(V + '/preflighted', {method: 'PUT', headers: {'X-Pre': '1'}})",
        "const count = async () => (await fetch('/preflights')).text(); const before = await count();"
        " await fetch(V + '/preflighted', {method: 'PUT', headers: {'X-Pre': '1'}});"
        " return before === await count() ? 'kept' : ''",
        documented=_NETWORK,
    ),
    Kind(
        "hsts-pin",
        "await new Promise((r) => { const i = new Image(); i.onload = i.onerror = r;"
        " i.src = P.replace('http:', 'https:') + '/pin' })",
        "return await new Promise((r) => { const i = new Image(); i.onload = () => r('pinned');"
        " i.onerror = () => r(''); i.src = P + '/pin?' + Math.random() })",
        documented=_NETWORK,
        secure=False,
    ),
    Kind("tls-session", "await fetch('/headers')", "return FIRST[':resumed']", documented=_NETWORK),
    Kind(
        "idle-socket",
        "await fetch('/note?key=sock', {method: 'POST', body: FIRST[':connection']})",
        "return (await (await fetch('/note?key=sock')).text()) === FIRST[':connection'] ? 'reused' : ''",
        control="document",
    ),
    Kind(
        "credentials",
        "const x = new XMLHttpRequest(); x.open('GET', '/basic', false, 'u', 'p'); x.send()",
        "return (await fetch('/basic')).ok ? 'answered' : ''",
        control="document",
    ),
]

# The kinds that one page can leave and look for beside each other, in one pair of captures. A shared worker,
# a pop-up or credentials make the service discard the context, which would hide everything else.
_DISCARDED = ("shared-worker", "named-window", "credentials")
TOGETHER = [
    kind
    for kind in KINDS
    if kind.secure and kind.look_at == SITE and not kind.options and kind.name not in _DISCARDED
]
EVERYTHING = Kind(
    "everything",
    "await Promise.all(["
    + ",".join(
        f"(async () => {{ try {{ {kind.leave} }} catch (e) {{}} }})()" for kind in TOGETHER if kind.leave
    )
    + "])",
    "const names = await Promise.all(["
    + ",".join(
        "Promise.race([new Promise((late) => setTimeout(late, 1000, '')),"
        f" (async () => {{ try {{ return await (async () => {{ {kind.look} }})() ? '{kind.name}' : '' }}"
        " catch (e) { return '' } })()])"
        for kind in TOGETHER
    )
    + "]); return names.filter(Boolean).join()",
    milliseconds=1500,
)

# What comes late: answers, handlers and pages that outlive the moment of the capture.
LATE = [
    Kind(
        "keepalive",
        f"""for (const event of ['pagehide', 'unload', 'visibilitychange'])
          addEventListener(event, () => {{ {_LATE} fetch('/late-cookie?ms=' + ms,
            {{keepalive: true, credentials: 'include'}}) }});
        {_LATE} fetch('/late-cookie?ms=' + (ms + 40), {{keepalive: true}})""",
        _ANY_COOKIE,
    ),
    Kind(
        "session-fixation",
        f"""const plant = () => {{ {_LATE} navigator.sendBeacon(V + '/late-cookie?name=session&ms=' + ms, '');
          fetch(V + '/late-cookie?name=session&ms=50',
            {{keepalive: true, mode: 'no-cors', credentials: 'include'}}) }};
        for (const event of ['pagehide', 'unload', 'visibilitychange', 'beforeunload'])
          addEventListener(event, plant);
        plant()""",
        _ANY_COOKIE,
        look_at=VICTIM,
    ),
    Kind(
        "pop-up",
        "open('/popup', '', 'noopener'); open('/popup', 'left'); await new Promise((r) => setTimeout(r, 60))",
        _LEFT,
    ),
    Kind(
        "deadline",
        """new WebSocket(S.replace('https', 'wss') + '/endless'); fetch('/endless');
        const a = document.createElement('a'); a.href = '/download'; a.download = 'left'; a.click();
        const f = document.createElement('iframe'); f.src = '/handlers'; document.body.append(f);
        setInterval(() => { document.cookie = 'late=1;path=/'; localStorage.left = 1;
          fetch('/late-cookie?ms=' + Math.floor(Math.random() * 120)) }, 5);
        await new Promise(() => 0)""",
        _LEFT,
        options={"timeout": 700},
    ),
    Kind(
        "keepalive-storm",
        """const hosts = [1, 2, 3, 4, 5].map((n) => S.replace('seam', 'seam' + n));
        const again = () => { for (const host of hosts)
          fetch(host + '/late-cookie?domain=attacker.example&ms=' + Math.floor(Math.random() * 30),
            {keepalive: true, mode: 'no-cors', credentials: 'include'}).catch(() => 0) };
        setInterval(again, 10); await new Promise((r) => setTimeout(r, 200))""",
        _ANY_COOKIE,
    ),
    Kind(
        "foreign-frame",
        "const f = document.createElement('iframe'); f.src = V + '/handlers';"
        " await new Promise((r) => { f.onload = r; document.body.append(f) })",
        _LEFT,
        look_at=VICTIM,
    ),
    Kind(
        "crash",
        f"document.cookie = 'late=1;path=/'; localStorage.left = 1; {_LATE}"
        " fetch('/late-cookie?ms=' + ms, {keepalive: true}); await fetch('/crash-now')",
        _LEFT,
    ),
]


_WRITE = """const again = () => { localStorage.left = 'late' };
  for (const e of ['pagehide', 'unload', 'beforeunload']) addEventListener(e, again, {capture: true})"""
HANDLERS = [
    Kind("main-handlers", _WRITE, "return localStorage.left"),
    Kind(
        "frame-handlers",
        "const f = document.createElement('iframe'); f.src = '/handlers';"
        " await new Promise((r) => { f.onload = r; document.body.append(f) })",
        "return localStorage.left",
    ),
]


def named(kinds: list[Kind]) -> Any:
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def seam(_farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seam]:
    _farm.site.routes.clear()
    _farm.names.clear()
    made = Seam(_farm, tmp_path_factory.mktemp("seam"), [*KINDS, *LATE, *HANDLERS, EVERYTHING])
    yield made
    made.close()


# What is late may also meet a capture of the other slot.
SLOTS_AND_KINDS = pytest.mark.parametrize(
    ("service", "kind"),
    [pytest.param(1, kind, id=f"one-slot-{kind.name}") for kind in KINDS + LATE]
    + [pytest.param(2, kind, id=f"two-slots-{kind.name}") for kind in LATE],
    indirect=["service"],
)


@pytest.fixture(scope="module")
def services(seam: Seam) -> Iterator[Callable[[int], CallerShooter]]:
    """One service for each number of slots, started when it is asked for.

    pytest 9.2 ends a parametrised fixture of the module after each case of a table of several parameters.
    """
    with ExitStack() as stack:

        @cache
        def start(slots: int) -> CallerShooter:
            return stack.enter_context(seam.service(workers=slots, queue_size=50))

        yield start


@pytest.fixture
def service(seam: Seam, services: Callable[[int], CallerShooter], request: pytest.FixtureRequest) -> Seam:
    seam.shooter = services(request.param)
    return seam


def found(seam: Seam, kind: Kind, second: str) -> list[str]:
    """What the second captures of all pairs found; as many pairs at once as there are slots."""

    def one(number: int) -> str:
        luck = random.Random(f"{kind.name} {number}")
        try:
            return seam.pair(kind, "a", second, luck)
        except CaptureError as error:
            return f"no picture: {error.code} {error.message}"

    with ThreadPoolExecutor(seam.shooter.runtime.slot_count()) as pool:
        return [text for text in pool.map(one, range(PAIRS)) if text]


@SLOTS_AND_KINDS
def test_another_caller_finds_nothing(service: Seam, kind: Kind) -> None:
    assert found(service, kind, "b") == []


@SLOTS_AND_KINDS
def test_the_same_caller_finds_only_what_is_documented(service: Seam, kind: Kind) -> None:
    left = found(service, kind, "a")
    assert kind.documented or left == []


@pytest.mark.parametrize("service", [1, 2], indirect=True, ids=["one-slot", "two-slots"])
def test_another_caller_finds_nothing_of_all_that_was_left_together(service: Seam) -> None:
    """`TOGETHER` in each pair, so that many pairs of every kind take minutes and not hours."""
    assert found(service, EVERYTHING, "b") == []


def test_no_handler_of_a_closed_page_runs(seam: Seam, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clearing left out, so that whatever a handler stores after the capture is found."""
    monkeypatch.setattr(contexts, "_STORAGE_TYPES", "cache_storage")
    with seam.service(workers=1):
        for name in ("main-handlers", "frame-handlers"):
            kind = seam.kinds[name]
            seam.leave(kind, "a")
            assert seam.look(kind, "a") == "", name
        kept = Kind("local-storage", "", "")
        seam.leave(kept, "a")
        assert seam.look(kept, "a"), "the clearing was not left out"


@pytest.mark.parametrize(
    "keys",
    [
        "Control+V",
        "Control+v",
        "ControlOrMeta+KeyV",
        "ControlLeft+Shift+V",
        "Shift+Insert",
        "Control+A+V",
        "Meta+V",
    ],
)
def test_pasting_keys_are_refused(keys: str) -> None:
    """Headless Chromium has one clipboard for all contexts, and these keys read it without a permission."""
    with pytest.raises(RequestNotValid):
        parse({"url": "http://x.example/", "interactions": [{"action": "press", "text": keys}]})


@pytest.mark.parametrize("keys", ["v", "V", "Control+C", "Insert", "Shift+A", "Control++"])
def test_other_keys_are_pressed(keys: str) -> None:
    assert parse({"url": "http://x.example/", "interactions": [{"action": "press", "text": keys}]})


_COPY = """<textarea id=copy>left</textarea><script>
addEventListener('keydown', () => { copy.select(); document.execCommand('copy') })</script>"""
_READ = """<input id=field><p id=out></p><script>addEventListener('click', async () => {
  field.focus(); const pasted = document.execCommand('paste');
  const read = await navigator.clipboard.readText().catch((error) => error.name);
  out.textContent = `found:${pasted} ${field.value} ${read};end` })</script>"""


def test_no_script_reads_what_another_caller_copied(seam: Seam) -> None:
    seam.farm.serve("/copy", html(_COPY))
    seam.farm.serve("/read", html(_READ))
    with seam.service(workers=1) as shooter:
        press = {"action": "press", "selector": "#copy", "text": "a"}
        shooter.shoot(caller="a", url=seam.address("/copy"), interactions=[press], format="html")
        click = [
            {"action": "click", "selector": "#field"},
            {"action": "wait_for", "selector": "#out:not(:empty)"},
        ]
        result = shooter.shoot(caller="b", url=seam.address("/read"), interactions=click, format="html")
    assert seam.found(result) == "false  NotAllowedError"


async def _clear_nothing(context: GuardedContext, used: PreparedPage, keeper: PreparedPage) -> bool:
    for page in context.context.pages:
        if page is not keeper.page:
            await page.close(run_before_unload=False)
    return True


@pytest.fixture(scope="module")
def careless(seam: Seam) -> Iterator[Seam]:
    """A service that reuses contexts without clearing them, to see that leaving and looking work.

    The caller has the name of the kind: a context of its own, in which no other kind was left.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GuardedContext, "clear", _clear_nothing)
        with seam.service(workers=1):
            yield seam


@named([kind for kind in KINDS if kind.control == "context"])
def test_without_clearing_a_later_page_finds_it(careless: Seam, kind: Kind) -> None:
    # The first capture of a new caller leaves its state in a context that the second does not get.
    for _ in range(2):
        careless.leave(kind, kind.name)
    assert careless.look(kind, kind.name)


def test_without_clearing_a_later_page_finds_all_that_was_left_together(careless: Seam) -> None:
    for _ in range(2):
        careless.leave(EVERYTHING, EVERYTHING.name)
    kept = {kind.name for kind in TOGETHER if kind.control == "context"}
    assert kept <= set(careless.look(EVERYTHING, EVERYTHING.name).split(","))


@named([kind for kind in KINDS if kind.control == "page"])
def test_another_document_of_the_page_finds_it(careless: Seam, kind: Kind) -> None:
    assert careless.look_in_the_same_page(kind)


@named([kind for kind in KINDS if kind.control == "document"])
def test_the_leaving_document_itself_finds_it(careless: Seam, kind: Kind) -> None:
    assert careless.look_in_the_same_document(kind)


@named([kind for kind in KINDS if kind.control == "never"])
def test_chromium_has_no_such_state_here(careless: Seam, kind: Kind) -> None:
    """A kind that appears in a later Chromium, or by another switch, is to be looked for across callers."""
    assert not careless.look_in_the_same_page(kind)
