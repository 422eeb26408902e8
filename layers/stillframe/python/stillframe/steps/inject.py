"""Inject the caller's scripts and styles before and after the page's own."""

from __future__ import annotations

from ..errors import ScriptFailed
from ..option_checks import at_most, utf8_bytes
from ..options import Options, option
from ..page.session import PageSession, first_line, is_timeout


class InjectOptions(Options, group="inject"):
    custom_js: str | None = option(
        None,
        "JavaScript to run after the page has loaded; it may use `await`, and the capture waits for it.",
        aliases=("scripts", "js"),
        pixashot=True,
        secret=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
    )
    custom_css: str | None = option(
        None,
        "CSS to add after the page has loaded.",
        aliases=("styles", "css"),
        secret=True,
        shareable=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
    )
    init_js: str | None = option(
        None,
        "JavaScript to run in every frame before the page's own scripts.",
        secret=True,
        linkable=True,
        check=at_most("max_js_bytes", "bytes", utf8_bytes),
    )


async def prepare_scripts(session: PageSession, options: InjectOptions) -> None:
    """Register the script that runs before the page's own."""
    if options.init_js:
        await session.page.add_init_script(options.init_js)


async def inject(session: PageSession, options: InjectOptions) -> None:
    """Add the caller's CSS, then run the caller's JavaScript until it has finished. Raises ScriptFailed."""
    if options.custom_css:
        await session.page.add_style_tag(content=options.custom_css)
    if options.custom_js:
        await run_script(session, options.custom_js, "custom_js")


async def run_script(session: PageSession, script: str, name: str) -> None:
    """Run a caller's script, which may use `await`. Raises ScriptFailed naming the option `name`."""
    # The outer function returns nothing, so that a large value of the caller's script is not transferred.
    call = f"async () => {{ await (async () => {{ {script}\n;}})(); }}"
    try:
        await session.deadline.run(session.page.evaluate(call), name)
    except Exception as error:
        if is_timeout(error) or session.page.is_closed() or "context was destroyed" in str(error):
            raise
        raise ScriptFailed(f"{name} failed: {first_line(error)}", details=[{"field": name}]) from error
