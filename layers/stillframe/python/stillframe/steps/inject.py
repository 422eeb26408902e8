"""Inject the caller's scripts and styles before and after the page's own."""

from __future__ import annotations

from typing import Any

from ..errors import ScriptFailed
from ..option_checks import at_most, utf8_bytes
from ..options import Options, option
from ..page import world
from ..page.session import PageSession, first_line, is_timeout
from ..page.styles import insert_style
from ..page.world import ScriptThrew

_INIT_SOURCE = "stillframe-init.js"
# Milliseconds for a script that waits where timers do not run.
_WITHOUT_TIMERS_MS = 3_000


class InjectOptions(Options, group="inject"):
    custom_js: str | None = option(
        None,
        "JavaScript to run after the page has loaded; it may use `await`, and the capture waits for it.",
        aliases=("scripts", "js"),
        pixashot=True,
        secret=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
        hints={"widget": "code"},
    )
    custom_css: str | None = option(
        None,
        "CSS to add after the page has loaded, in every frame and open shadow tree.",
        aliases=("styles", "css"),
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
        brief="CSS to add to the page.",
        hints={"widget": "code"},
    )
    init_js: str | None = option(
        None,
        "JavaScript to run in every frame before the page's own scripts.",
        secret=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
        hints={"widget": "code"},
    )


async def prepare_scripts(session: PageSession, options: InjectOptions) -> None:
    """Register the script that runs before the page's own. Raises ScriptFailed when it cannot be parsed."""
    if not options.init_js:
        return
    script = f"(() => {{ {options.init_js}\n}})"
    try:
        await world.run_in_page(session, f"void {script}")
    except ScriptThrew as error:
        raise script_failed("init_js", error) from error

    def threw(error: Any) -> None:
        if _INIT_SOURCE in str(error.stack) and not session.init_error:
            session.init_error = first_line(error)

    session.page.on("pageerror", threw)
    # In a frame of another site the script may lack what it needs; only the page itself has to run it.
    await session.page.add_init_script(
        f"try {{ {script}() }}"
        " catch (error) { if (window === window.top) throw error; console.error(error) }"
        f"\n//# sourceURL={_INIT_SOURCE}"
    )


async def inject(session: PageSession, options: InjectOptions) -> None:
    """Add the caller's CSS, then run the caller's JavaScript until it has finished. Raises ScriptFailed."""
    if options.init_js and (session.init_error or session.scripts_off):
        reason = (
            f"failed: {session.init_error}" if session.init_error else f"did not run: {session.scripts_off}"
        )
        raise ScriptFailed(f"init_js {reason}", details=[{"field": "init_js"}])
    if options.custom_css:
        await session.deadline.run(insert_style(session, "custom_css", options.custom_css), "custom_css")
    if options.custom_js:
        await run_script(session, options.custom_js, "custom_js")


async def run_script(session: PageSession, script: str, name: str) -> None:
    """Run a caller's script, which may use `await`. Raises ScriptFailed naming the option `name`."""
    # The outer function returns nothing, so that a large value of the caller's script is not transferred.
    call = f"(async () => {{ await (async () => {{ {script}\n;}})(); }})()"
    # Where the page runs no scripts this one does, but no timer or event ever calls it back.
    cap = session.deadline.share(0.5, _WITHOUT_TIMERS_MS) if session.scripts_off else None
    try:
        await session.deadline.run(world.run_in_page(session, call), name, cap)
    except ScriptThrew as error:
        raise script_failed(name, error) from error
    except Exception as error:
        if session.page.is_closed():
            raise
        if is_timeout(error) and session.scripts_off:
            reason = f"{name} did not finish: {session.scripts_off}"
            raise ScriptFailed(reason, details=[{"field": name}]) from error
        if world.has_navigated(error):
            reason = f"{name} did not finish: the page navigated away"
            raise ScriptFailed(reason, details=[{"field": name}]) from error
        raise


def script_failed(name: str, error: ScriptThrew) -> ScriptFailed:
    """The error of a caller's script that threw; it names the option."""
    return ScriptFailed(f"{name} failed: {first_line(error)}", details=[{"field": name}])
