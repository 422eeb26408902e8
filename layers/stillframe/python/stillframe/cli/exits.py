"""Exit codes, and every error of a command as one line on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from enum import IntEnum

import click

from ..similar import nearest


class Exit(IntEnum):
    """The exit codes; `MEANINGS` explains them."""

    DONE = 0
    FAILED = 1
    NOT_VALID = 2
    PAGE = 3
    UNREACHABLE = 4
    DEADLINE = 5
    SERVICE = 6
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS = {
    Exit.DONE: "Done.",
    Exit.FAILED: "Rows of a batch failed, pictures differ, `doctor` found a fault, a port is in use, or a"
    " file could not be written.",
    Exit.NOT_VALID: "The command, an option, an input file, a setting or the token is not valid, or a"
    " destination is not allowed. Nothing was captured.",
    Exit.PAGE: "The page cannot satisfy the request, for example because an element is missing.",
    Exit.UNREACHABLE: "The target sent no page: its name is unknown, or the connection failed.",
    Exit.DEADLINE: "The time was over.",
    Exit.SERVICE: "The browser, the storage or the service of `--endpoint` failed or is busy.",
    Exit.INTERRUPTED: "Interrupted with Ctrl+C.",
    Exit.PIPE_CLOSED: "The reader of standard output closed it, as `head` does.",
}


class UnknownName(click.UsageError):
    """A name that does not exist, with the most similar one that does, else where the names are listed."""

    def __init__(self, kind: str, name: str, known: Iterable[str], listed_by: str) -> None:
        near = nearest(name, known)
        fix = f"did you mean '{near}'?" if near else f"see {listed_by}"
        super().__init__(f"there is no {kind} '{name}'; {fix}")


class Failure(click.ClickException):
    """An error with its exit code; the message says what is wrong and how to mend it."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code


def say(message: str) -> None:
    """One line on standard error; a name with a line feed or an escape character is shown escaped."""
    line = " ".join(message.split())
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    click.echo(f"stillframe: {printable}", err=True)


def leave(error: BaseException) -> int:
    """Say what went wrong, and return the exit code; an error of this program itself is raised again."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, BaseExceptionGroup):
        # The captures of a batch run side by side; the first fault ended the others.
        return leave(error.exceptions[0])
    if isinstance(error, BrokenPipeError):
        # What is left in the buffer goes nowhere, so that the flush at exit does not fail too:
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.PIPE_CLOSED
    if isinstance(error, KeyboardInterrupt | EOFError | click.Abort):
        say("interrupted")
        return Exit.INTERRUPTED
    if isinstance(error, click.ClickException):
        say(_sentence(error))
        return error.code if isinstance(error, Failure) else Exit.NOT_VALID
    if isinstance(error, OSError):
        say(f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}")
        return Exit.FAILED
    return _leave_by_our_own(error)


def _leave_by_our_own(error: BaseException) -> int:
    # Imported here, because the first help page needs neither.
    from ..errors import CaptureError
    from ..settings import SettingNotValid

    if isinstance(error, CaptureError):
        from .hints import told

        say(told(error))
        return exit_code(error)
    if isinstance(error, SettingNotValid):
        say(f"{error} `stillframe doctor` checks every setting.")
        return Exit.NOT_VALID
    raise error


def exit_code(error: Exception) -> Exit:
    """The exit code for an error of the service."""
    from ..errors import (
        DeadlineExceeded,
        LimitError,
        PageError,
        RequestError,
        ServiceError,
        TargetUnreachable,
    )

    kinds: tuple[tuple[type[Exception], Exit], ...] = (
        (RequestError, Exit.NOT_VALID),
        (PageError, Exit.PAGE),
        (TargetUnreachable, Exit.UNREACHABLE),
        (DeadlineExceeded, Exit.DEADLINE),
        (LimitError, Exit.SERVICE),
        (ServiceError, Exit.SERVICE),
    )
    # What is left is an answer that is none of the service's.
    return next((code for kind, code in kinds if isinstance(error, kind)), Exit.SERVICE)


def _sentence(error: click.ClickException) -> str:
    """The message of an error of click in our words, with where the help is."""
    if isinstance(error, click.NoSuchOption):
        known = [name for p in error.ctx.command.params for name in p.opts] if error.ctx else []
        near = nearest(error.option_name.lstrip("-"), (name.lstrip("-") for name in known), likeness=0.7)
        fix = f"did you mean --{near}?" if near else f"see {_help_of(error)}"
        return f"there is no option {error.option_name}; {fix}"
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} needs a value; see {_help_of(error)}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        is_option = isinstance(error.param, click.Option)
        name = error.param.opts[0] if is_option else error.param.human_readable_name
        if isinstance(error, click.MissingParameter):
            return f"{name} is missing; see {_help_of(error)}"
        return f"{name}: {error.message.rstrip('.')}; see {_help_of(error)}"
    if type(error) is click.UsageError and error.message.startswith("Got unexpected extra argument"):
        found = error.message.partition("(")[2].rstrip(")")
        return f"there is an argument too many, {found}; quote a value that has spaces, see {_help_of(error)}"
    return error.format_message()


def _help_of(error: click.UsageError) -> str:
    return f"{error.ctx.command_path if error.ctx else 'stillframe'} --help"
