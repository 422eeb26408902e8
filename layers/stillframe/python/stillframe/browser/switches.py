"""Chromium's switches: the guard as the only way out, and protections that Playwright turns off for tests."""

from __future__ import annotations

# Playwright's own switches for a browser that is automated. They are repeated here because Chromium is
# started before the driver could name them; tests/attack/test_process.py holds them to what the driver adds.
AUTOMATION = [
    "--disable-field-trial-config",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-back-forward-cache",
    "--disable-breakpad",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--no-default-browser-check",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-edgeupdater",
    "--disable-extensions",
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,"
    "AimEnabled,PreconnectToSearch,msForceBrowserSignIn,msEdgeUpdateLaunchServicesPreferredVersion",
    "--enable-features=CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies",
    "--allow-pre-commit-input",
    "--disable-prompt-on-repost",
    "--disable-renderer-backgrounding",
    "--disable-updater-scheduler",
    "--force-color-profile=srgb",
    "--metrics-recording-only",
    "--no-first-run",
    "--password-store=basic",
    "--use-mock-keychain",
    "--no-service-autorun",
    "--disable-search-engine-choice-screen",
    "--unsafely-disable-devtools-self-xss-warnings",
    "--edge-skip-compat-layer-relaunch",
    "--disable-stack-profiler",
    "--disable-infobars",
    "--disable-sync",
    "--do-not-de-elevate",
    "--headless",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-pipe",
    "--no-startup-window",
]
# Playwright adds these switches too. They let a page open windows and flood the browser without a limit.
DROPPED = [
    "--disable-popup-blocking",
    "--disable-ipc-flooding-protection",
    "--disable-hang-monitor",
    "--enable-unsafe-swiftshader",
]

# The first four are Playwright's. With
# mainFrameClipsContent=false the whole page can be captured as it is laid out; `captureBeyondViewport`
# resizes the window to 1×1 px and back, and pages react to that (tests/e2e/test_settle.py, page `resize`).
_BLINK_SETTINGS = (
    "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4,"
    "mainFrameClipsContent=false"
)
# A frame is drawn when all its parts are ready, not parts of it in this frame and the rest in the next: the
# picture of a page that has settled comes one frame of 17 ms earlier.
# Named storage buckets survive Storage.clearDataForOrigin in Chromium 156 (tests/attack/test_isolation.py),
# and hardly a page uses them.
RENDERING = [
    "--disable-blink-features=StorageBuckets",
    "--disable-gpu",
    "--run-all-compositor-stages-before-draw",
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
