"""Chromium's switches: the guard as the only way out, and protections that Playwright turns off for tests."""

from __future__ import annotations

# Playwright adds these switches. They let a page open windows and flood the browser without a limit.
DROPPED_DEFAULTS = [
    "--disable-popup-blocking",
    "--disable-ipc-flooding-protection",
    "--disable-hang-monitor",
    "--enable-unsafe-swiftshader",
]

# Chromium obeys the last --blink-settings only, so Playwright's own four are repeated here. With
# mainFrameClipsContent=false the whole page can be captured as it is laid out; `captureBeyondViewport`
# resizes the window to 1×1 px and back, and pages react to that (tests/e2e/test_settle.py, page `resize`).
_BLINK_SETTINGS = (
    "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4,"
    "mainFrameClipsContent=false"
)
# Named storage buckets survive Storage.clearDataForOrigin in Chromium 156 (tests/attack/test_isolation.py),
# and hardly a page uses them.
RENDERING = [
    "--disable-blink-features=StorageBuckets",
    "--disable-gpu",
    "--hide-scrollbars",
    f"--blink-settings={_BLINK_SETTINGS}",
]

# No launch may contain one of these; tests/attack/test_process.py reads the command line of a running
# browser.
NEVER = (
    "--allow-file-access",
    "--allow-file-access-from-files",
    "--allow-running-insecure-content",
    "--disable-site-isolation-trials",
    "--disable-web-security",
    "--ignore-certificate-errors",
    "--remote-debugging-address",
    "--remote-debugging-port",
    "--single-process",
)


def egress_flags(port: int) -> list[str]:
    """The switches that leave the guard on `port` of 127.0.0.1 as the only way out."""
    return [
        f"--proxy-server=http://127.0.0.1:{port}",
        # Without this entry Chromium sends loopback and link-local addresses around every proxy: implicit
        # bypass rules, net/docs/proxy.md in Chromium's source.
        "--proxy-bypass-list=<-loopback>",
        # WebRTC's UDP uses no proxy, and its ICE candidates are resolved outside of it.
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--dns-prefetch-disable",
        "--disable-quic",
        "--no-pings",
        "--disable-domain-reliability",
    ]
