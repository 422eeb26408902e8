"""The `stillframe` command: the table of its commands, each imported when it is used."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from .. import __version__
from .exits import Exit, UnknownName, leave

COMPLETION_VARIABLE = "_STILLFRAME_COMPLETE"


class Command(NamedTuple):
    """One row of the first help page: "module:attribute", section and one sentence."""

    source: str
    section: str
    summary: str


COMMANDS = {
    "capture": Command("capture:capture", "Capture", "Capture a URL, a file, a folder, or HTML from a pipe."),
    "batch": Command("batch:batch", "Capture", "Capture every row of a CSV, JSON, YAML or text file."),
    "compare": Command("compare:compare", "Capture", "Compare two pictures, or a picture and a page."),
    "validate": Command(
        "validate:validate", "Capture", "Check options or a file of requests, and capture nothing."
    ),
    "serve": Command("serve:serve", "Service", "Run the API and the playground on this machine."),
    "mcp": Command("mcp:mcp", "Service", "Serve the tools of agents over standard input and output."),
    "sign": Command("sign:sign", "Service", "Make a link to a capture that works without a token."),
    "doctor": Command(
        "doctor:doctor", "Service", "Find what is wrong on this machine, and say how to mend it."
    ),
    "devices": Command("registry:devices", "Names", "List the phones and tablets of --device."),
    "templates": Command("registry:templates", "Names", "List the sets of options of --template."),
    "completion": Command(
        "completion:completion", "Names", "Print the completion script of bash, zsh or fish."
    ),
}
_EXAMPLES = """\
Examples:
  stillframe capture https://example.com -o page.png
  stillframe capture report.html -o report.pdf
  stillframe batch pages.csv
  stillframe capture https://example.com --endpoint https://api.example --token T
"""


class Table(click.Group):
    """A group whose commands are `COMMANDS`; the help page imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].source.partition(":")
        found: click.Command = getattr(import_module(f".{module}", __package__), attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            if "." in name or "/" in name or ":" in name:
                raise click.UsageError(f"'{name}' is not a command; write: stillframe capture {name}", ctx)
            raise UnknownName("command", name, COMMANDS, "stillframe --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(row.section for row in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl(
                    [(n, row.summary) for n, row in COMMANDS.items() if row.section == section]
                )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\n{_EXAMPLES}")

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        return [
            click.shell_completion.CompletionItem(name, help=row.summary)
            for name, row in COMMANDS.items()
            if name.startswith(incomplete)
        ]


@click.group(
    cls=Table,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, "-V", "--version", message="%(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Capture any URL or HTML as PNG, JPEG, WebP, AVIF, PDF, HTML, Markdown or text.

    `stillframe COMMAND --help` shows the everyday options of a command, `--help-all` every option.
    """
    # Every error of the other commands is one line already.
    default = "WARNING" if ctx.invoked_subcommand == "serve" else "CRITICAL"
    level = os.environ.get("LOG_LEVEL", default).upper()
    logging.basicConfig(
        level=level if level in logging.getLevelNamesMapping() else default,
        format="%(levelname)s %(name)s: %(message)s",
    )
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line, and end the process with the command's exit code."""
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(cli, {}, "stillframe", COMPLETION_VARIABLE, instruction))
    try:
        with cli.make_context("stillframe", list(sys.argv[1:] if args is None else args)) as context:
            code = cli.invoke(context)
            # The interpreter flushes last, and would print its own words about a pipe that was closed.
            sys.stdout.flush()
    except BaseException as error:
        code = leave(error)
    sys.exit(code if isinstance(code, int) else Exit.DONE)


if __name__ == "__main__":
    main()
