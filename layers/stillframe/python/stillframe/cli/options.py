"""The flags of captures, generated from the request model, and the help pages that show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from ..options import facets_of
from ..request import CaptureRequest
from ..request.reading import kind_of
from .hints import choices

# The groups of options in the order of the help pages, with the heading of the everyday ones.
GROUPS = {
    "output": "Result",
    "viewport": "Picture",
    "image": "Picture",
    "full page": "Picture",
    "pdf": "Picture",
    "source": "Page",
    "target access": "Page",
    "waits": "Page",
    "interactions": "Page",
    "inject": "Page",
    "block": "Page",
    "emulation": "Page",
    "template": "Page",
    "assertions": "Checks",
    "job": "Job",
    "cache": "Cache",
}
# Characters of the left column of a help page.
_COLUMN = 27


class CaptureOption(click.Option):
    """A flag of a capture. Its text is validated with the request, so that every door says the same."""

    def __init__(
        self, *names: Any, group: str = "", brief: str = "", words: list[str], **settings: Any
    ) -> None:
        super().__init__(*names, **settings)
        self.group, self.brief, self.words = group, brief, words

    def row(self, *, everyday: bool) -> tuple[str, str]:
        """Left and right column of a help page."""
        left = f"{self.opts[-1]}, {self.opts[0]}" if len(self.opts[-1]) == 2 else self.opts[0]
        if not self.is_flag and self.metavar:
            left += f" {self.metavar}"
        words = ", ".join(self.words)
        if everyday:
            return left, f"{self.brief.rstrip('.')}: {words}" if words else self.brief
        right = (self.help or "").replace("`", "")
        if self.secondary_opts:
            left += f" / {self.secondary_opts[0]}"
        others = [name for name in self.opts[1:] if len(name) > 2]
        right += f" One of {words}." if words else ""
        right += f" Also {', '.join(others)}." if others else ""
        return left, right

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = self.words
        if self.name == "device":
            from ..steps.devices import devices

            names = list(devices())
        elif self.name == "template":
            from ..request.templates import templates

            names = list(templates())
        return [CompletionItem(word) for word in names if word.lower().startswith(incomplete.lower())]


class CaptureCommand(click.Command):
    """A command with the options of a capture: its own come first, and `--help-all` shows everything."""

    # Whether the first help page shows the everyday options of a capture.
    everyday = True

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.params.append(
            click.Option(
                ["--help-all"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_show_all,
                help="Show every option of a capture.",
            )
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            # The parser does not say of which command an option lacks its value.
            error.ctx = error.ctx or ctx
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        everything = ctx.meta.get("stillframe.help_all", False)
        own = [p for p in self.get_params(ctx) if not isinstance(p, CaptureOption)]
        with formatter.section("Options"):
            formatter.write_dl(
                [
                    record
                    for p in own
                    if isinstance(p, click.Option) and (record := p.get_help_record(ctx)) is not None
                ],
                col_max=_COLUMN,
            )
        of_capture = [p for p in self.params if isinstance(p, CaptureOption)]
        shown = of_capture if everything else [p for p in of_capture if p.brief and self.everyday]
        sections: dict[str, list[tuple[str, str]]] = {}
        for group, heading in GROUPS.items():
            title = group.capitalize() if everything else heading
            for p in shown:
                if p.group == group:
                    sections.setdefault(title, []).append(p.row(everyday=not everything))
        for title, lines in sections.items():
            with formatter.section(title):
                formatter.write_dl(lines, col_max=_COLUMN)


class RowsCommand(CaptureCommand):
    """A command whose capture options are shown with `--help-all` only."""

    everyday = False


def _show_all(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.meta["stillframe.help_all"] = True
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one flag per capture option to a command."""
    facets = facets_of(CaptureRequest)
    for name, info in reversed(CaptureRequest.model_fields.items()):
        # SOURCE replaces `url`; jobs, webhooks and storage need a running service.
        if (flag := facets[name].cli) is None:
            continue
        extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        names = [f"--{n.replace('_', '-')}" for n in (name, *extra.get("x-aliases", ()))]
        kind = kind_of(info.annotation)
        settings: dict[str, Any] = {
            "help": info.description,
            "default": None,
            "words": choices(info.annotation),
        }
        if kind == "bool":
            names = [f"{names[0]}/--no-{name.replace('_', '-')}", *names[1:]]
        else:
            settings["metavar"] = _metavar(info.annotation, kind)
        if kind == "list":
            settings["multiple"] = True
        if flag.value:
            settings |= {"is_flag": False, "flag_value": flag.value}
        if flag.short:
            names.append(flag.short)
        settings |= {"group": extra.get("x-group", ""), "brief": facets[name].brief}
        command = click.option(*names, name, cls=CaptureOption, **settings)(command)
    return command


def _metavar(annotation: Any, kind: str) -> str:
    """The type of an option's text, as the help pages show it."""
    if choices(annotation):
        return "WORD"
    types = {annotation, *get_args(annotation)}
    if kind == "object":
        return "JSON"
    return "INTEGER" if int in types else "NUMBER" if float in types else "TEXT"


def pairs(given: dict[str, Any]) -> list[tuple[str, str]]:
    """The given flags as the pairs of a query string."""
    found: list[tuple[str, str]] = []
    for name, value in given.items():
        if value is None or value == ():
            continue
        if isinstance(value, bool):
            found.append((name, "true" if value else "false"))
        elif isinstance(value, tuple):
            found += [(name, v) for v in value]
        else:
            found.append((name, str(value)))
    return found
