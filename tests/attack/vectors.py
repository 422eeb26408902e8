"""The corpus of requests that a page can make, each to a path of its own on a canary."""

from __future__ import annotations

# Written with C for the canary and W for its WebSocket address; HOME for the attacker's own site.
# Each line runs by itself; what one throws does not stop the others.
SUBRESOURCES: dict[str, str] = {
    "img": "new Image().src = C",
    "img_srcset": "add('<img srcset=\"' + C + ' 1x\">')",
    "picture": "add('<picture><source srcset=\"' + C + '\"><img></picture>')",
    "input_image": "add('<input type=image src=\"' + C + '\">')",
    "css_background": "add('<div style=\"background:url(' + C + ');width:9px;height:9px\"></div>')",
    "css_list": "add('<ul style=\"list-style:url(' + C + ')\"><li>x</ul>')",
    "css_content": "add('<style>#cc::before{content:url(' + C + ')}</style><b id=cc>x</b>')",
    "css_import": "add('<style>@import url(' + C + ')</style>')",
    "css_font": (
        "add('<style>@font-face{font-family:f1;src:url(' + C + ')}</style><b style=\"font-family:f1\">x</b>')"
    ),
    "fontface_api": "new FontFace('f2', 'url(' + C + ')').load()",
    "stylesheet": "add('<link rel=stylesheet href=\"' + C + '\">')",
    "preload": "add('<link rel=preload as=image href=\"' + C + '\">')",
    "modulepreload": "add('<link rel=modulepreload href=\"' + C + '\">')",
    "script": "var s = document.createElement('script'); s.src = C; document.head.append(s)",
    "module": (
        "var s = document.createElement('script'); s.type = 'module'; s.src = C; document.head.append(s)"
    ),
    "dynamic_import": "import(C)",
    "iframe": "add('<iframe src=\"' + C + '\"></iframe>')",
    "iframe_srcdoc": "add('<iframe srcdoc=\"<img src=' + C + '>\"></iframe>')",
    "iframe_refresh": "add('<iframe srcdoc=\"<meta http-equiv=refresh content=0;url=' + C + '>\"></iframe>')",
    "iframe_location": (
        "var f = document.createElement('iframe'); document.body.append(f); f.contentWindow.location = C"
    ),
    "iframe_form": (
        "add('<iframe name=ff></iframe><form id=fo target=ff method=post action=\"' + C + '\"><input"
        " name=a></form>'); fo.submit()"
    ),
    "iframe_data": "add('<iframe src=\"data:text/html,<img src=' + C + '>\"></iframe>')",
    "iframe_blob": (
        "var f = document.createElement('iframe'); f.src = URL.createObjectURL(new Blob(['<img src=' + C +"
        " '>'], {type: 'text/html'})); document.body.append(f)"
    ),
    "object": "add('<object data=\"' + C + '\"></object>')",
    "embed": "add('<embed src=\"' + C + '\">')",
    "video": "add('<video src=\"' + C + '\" preload=auto></video>')",
    "video_poster": "add('<video poster=\"' + C + '\"></video>')",
    "audio": "add('<audio src=\"' + C + '\" preload=auto></audio>')",
    "svg_image": "add('<svg><image href=\"' + C + '\" width=9 height=9 /></svg>')",
    "svg_feimage": (
        "add('<svg width=9 height=9><filter id=fi><feImage href=\"' + C + '\"/></filter><rect width=9"
        ' height=9 filter="url(#fi)"/></svg>\')'
    ),
    "fetch": "fetch(C)",
    "fetch_no_cors": "fetch(C, {mode: 'no-cors'})",
    "fetch_keepalive": "fetch(C, {keepalive: true, mode: 'no-cors'})",
    "fetch_credentials": "fetch(C, {credentials: 'include'})",
    "fetch_preflight": "fetch(C, {method: 'PUT', headers: {'X-A': 'b'}})",
    "xhr": "var x = new XMLHttpRequest(); x.open('GET', C); x.send()",
    "beacon": "navigator.sendBeacon(C, 'x')",
    "eventsource": "new EventSource(C)",
    "websocket": "new WebSocket(W)",
    "worker_fetch": "worker('fetch(\"' + C + '\")')",
    "worker_import": "worker('importScripts(\"' + C + '\")')",
    "worker_websocket": "worker('new WebSocket(\"' + W + '\")')",
    "worker_nested": "worker('new Worker(URL.createObjectURL(new Blob([`fetch(\"' + C + '\")`])))')",
    "shared_worker": "new SharedWorker(URL.createObjectURL(new Blob(['fetch(\"' + C + '\")'])))",
    "audio_worklet": "new AudioContext().audioWorklet.addModule(C)",
    "paint_worklet": "CSS.paintWorklet.addModule(C)",
    "unload_beacon": "unloader('navigator.sendBeacon(\"' + C + '\", 1)')",
    "unload_keepalive": "unloader('fetch(\"' + C + '\", {keepalive: true, mode: \"no-cors\"})')",
    "redirect_img": "new Image().src = R",
    "redirect_iframe": "add('<iframe src=\"' + R + '\"></iframe>')",
    "redirect_fetch": "fetch(R, {mode: 'no-cors'})",
    "redirect_script": "var s = document.createElement('script'); s.src = R; document.head.append(s)",
    "redirect_worker": "worker('importScripts(\"' + R + '\")')",
    "redirect_css": "add('<link rel=stylesheet href=\"' + R + '\">')",
    "redirect_font": "new FontFace('f3', 'url(' + R + ')').load()",
    "redirect_beacon": "navigator.sendBeacon(R, 'x')",
    "redirect_307_post": "fetch(R + '&code=307', {method: 'POST', body: 'x', mode: 'no-cors'})",
    "csp_report": "add('<iframe src=\"' + HOME + '/csp?to=' + encodeURIComponent(C) + '\"></iframe>')",
}
# Made by some builds of Chromium and not by others: they must not arrive, and need not with the guard off.
MAYBE: dict[str, str] = {
    "preconnect": "add('<link rel=preconnect href=\"' + C + '\">')",
    "dns_prefetch": "add('<link rel=dns-prefetch href=\"' + C + '\">')",
    "prefetch": "add('<link rel=prefetch href=\"' + C + '\">')",
    "prerender": "add('<link rel=prerender href=\"' + C + '\">')",
    "manifest": "add('<link rel=manifest href=\"' + C + '\">')",
    "icon": "add('<link rel=icon href=\"' + C + '\">')",
    "speculation": (
        "var s = document.createElement('script'); s.type = 'speculationrules'; s.text ="
        " JSON.stringify({prefetch: [{urls: [C], eagerness: 'immediate'}]}); document.head.append(s)"
    ),
    "prerender_rules": (
        "var s = document.createElement('script'); s.type = 'speculationrules'; s.text ="
        " JSON.stringify({prerender: [{urls: [C], eagerness: 'immediate'}]}); document.head.append(s)"
    ),
    "fetch_later": "fetchLater(C, {activateAfter: 0})",
    "ping": "add('<a id=pi ping=\"' + C + '\" href=\"#x\">x</a>'); pi.click()",
    "track": "add('<video crossorigin><track default src=\"' + C + '\" kind=captions></video>')",
    "webtransport": "new WebTransport(C.replace('http:', 'https:'))",
    "https": "fetch(C.replace('http:', 'https:'))",
    "wss": "new WebSocket(W.replace('ws:', 'wss:'))",
    "service_worker": "navigator.serviceWorker.register(HOME + '/sw.js?to=' + encodeURIComponent(C))",
    "popup": "window.open(C)",
    "popup_noopener": "window.open(C, '', 'noopener')",
    "form_blank": "add('<form id=fb target=_blank action=\"' + C + '\"></form>'); fb.submit()",
    "nel": "fetch(HOME + '/nel?to=' + encodeURIComponent(C))",
    "xslt": "add('<iframe src=\"' + HOME + '/xslt?to=' + encodeURIComponent(C) + '\"></iframe>')",
    "media_source": "add('<audio><source src=\"' + C + '\"></audio>')",
    "web_bundle": (
        "var s = document.createElement('script'); s.type = 'webbundle'; s.text = JSON.stringify({source: C,"
        " resources: [C]}); document.head.append(s)"
    ),
}


def sweep_page(canary: str, home: str, vectors: dict[str, str]) -> str:
    """One page that runs every vector, each against its own path, and ignores what fails."""
    lines = "\n".join(f"run({name!r}, function (C, W, R) {{ {code} }});" for name, code in vectors.items())
    return f"""<!doctype html><body><h1>sweep</h1><script>
const CANARY = {canary!r}, HOME = {home!r};
function add(text) {{ const d = document.createElement('div'); d.innerHTML = text; document.body.append(d); }}
function worker(code) {{ return new Worker(URL.createObjectURL(new Blob([code]))); }}
function unloader(code) {{
  const f = document.createElement('iframe');
  f.srcdoc = '<script>addEventListener("pagehide", () => {{' + code + '}})<\\/script>';
  f.onload = () => f.remove();
  document.body.append(f);
}}
function run(name, code) {{
  const C = CANARY + '/hit/' + name;
  const R = HOME + '/redirect?to=' + encodeURIComponent(C);
  try {{ Promise.resolve(code(C, C.replace('http:', 'ws:'), R)).catch(() => 0); }} catch (error) {{}}
}}
addEventListener('unhandledrejection', (event) => event.preventDefault());
{lines}
</script></body>"""


# Ways to write 127.0.0.2, 127.0.0.1 and ::1, as browsers and resolvers read them. PORT is the canary's.
SPELLINGS = [
    "127.0.0.2",
    "127.0.0.2.",
    "2130706434",
    "0x7f000002",
    "0X7F000002",
    "017700000002",
    "0177.0.0.2",
    "0177.0.0.02",
    "0x7f.0.0.2",
    "0x7f.0x0.0x0.0x2",
    "127.2",
    "127.0.2",
    "0x7f.2",
    "0177.0.2",
    "127.0.0.0x2",
    "00000177.0.0.2",
    "%31%32%37.0.0.2",
    "127%2E0%2E0%2E2",
    "①②⑦.⓪.⓪.②",
    "１２７.０.０.２",
    "127。0。0。2",
    "127．0．0．2",
    "127｡0｡0｡2",
    "⑫７.0.0.2",
    "0x7F．0。0.2",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[0:0:0:0:0:ffff:127.0.0.2]",
    "[0000:0000:0000:0000:0000:FFFF:7F00:0002]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.2]",
    "[64:ff9b::127.0.0.2]",
    "[64:ff9b:1::7f00:2]",
    "[2002:7f00:2::]",
    "[::]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "0",
    "0.0.0.0",
    "0x0",
    "127.0.0.1",
    "127.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "app.localhost",
    "ｌocalhost",
    "user@127.0.0.2",
    "user:pass@127.0.0.2",
    "attacker.example@127.0.0.2",
    "attacker.example%2F@127.0.0.2",
    "127.0.0.2\\@attacker.example",
    "internal.example",
    "INTERNAL.example.",
    "mixed.example",
    "mixed-last.example",
    "six.example",
    "mapped.example",
    "linklocal.example",
    "169.254.169.254",
    "169.254.100.1",
    "0xa9fea9fe",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "10.0.0.5",
    "192.168.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
]
# These would reach a canary here if nothing stopped them.
REACHABLE = [
    s
    for s in SPELLINGS
    if not s.startswith(
        ("169.", "0xa9", "2852", "10.", "192.", "172.", "100.", "198.", "224.", "255.", "[fe")
    )
    and not s.startswith(
        (
            "[fd",
            "[64",
            "[2002",
            "[::127",
            "[::ffff:169",
            "127.0.0.2\\",
            "linklocal",
            "00000177",
            "user",
            "attacker",
        )
    )
]
NAMES: dict[str, tuple[str, ...]] = {
    "internal.example": ("127.0.0.2",),
    "mixed.example": ("127.0.0.2", "127.0.0.1"),
    "mixed-last.example": ("127.0.0.1", "127.0.0.2"),
    "six.example": ("::1",),
    "mapped.example": ("::ffff:127.0.0.2",),
    "linklocal.example": ("169.254.169.254",),
}

# Whole-page ways to an internal address: each is a capture of its own.
NAVIGATIONS: dict[str, str] = {
    "location": "<script>location = C</script>",
    "location_replace": "<script>setTimeout(() => location.replace(C), 50)</script>",
    "refresh": "<meta http-equiv=refresh content='0;url=CANARY'>",
    "form_post": (
        "<form id=f method=post action='CANARY'><input name=a value=b></form><script>f.submit()</script>"
    ),
    "link_click": "<a id=a href='CANARY'>x</a><script>a.click()</script>",
    "window_open_self": "<script>window.open(C, '_self')</script>",
    "history": "<script>history.pushState(0, '', '#x'); location.href = C</script>",
    "frameset": "<frameset><frame src='CANARY'></frameset>",
    "base_href": "<base href='CANARY/'><img src=x><a id=a href=y>x</a><script>a.click()</script>",
    "javascript_url": "<script>location = 'javascript:location=' + JSON.stringify(C)</script>",
}
