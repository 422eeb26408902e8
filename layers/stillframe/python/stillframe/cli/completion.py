"""`stillframe completion`: the script that makes a shell complete commands, options and values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .exits import UnknownName

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", metavar="SHELL")
def completion(shell: str) -> None:
    """Print the completion script of SHELL: bash, zsh or fish.

    \b
    bash: eval "$(stillframe completion bash)", in ~/.bashrc
    zsh:  eval "$(stillframe completion zsh)", in ~/.zshrc
    fish: stillframe completion fish | source, in ~/.config/fish/config.fish
    """
    from .main import COMPLETION_VARIABLE, cli

    if shell not in SHELLS:
        raise UnknownName("completion for", shell, SHELLS, "stillframe completion --help")
    if (kind := get_completion_class(shell)) is not None:
        click.echo(kind(cli, {}, "stillframe", COMPLETION_VARIABLE).source())
