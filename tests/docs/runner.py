"""Runs the blocks of one page, one after the other, in one folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import yaml
from servers import free_port

from stillframe.batch import manifest
from stillframe.errors import CaptureError
from stillframe.request import parse

from . import aws_commands
from .blocks import ROOT, Block
from .world import HERE, LIMIT, World

MAGIC = {
    ".png": b"\x89PNG",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".webp": b"RIFF",
    ".pdf": b"%PDF-",
    ".zip": b"PK",
    ".md": b"",
}
# What differs from run to run: times, sizes and seconds since 1970.
VOLATILE = re.compile(r"\b\d{10}\b|(?:\b[\d.,]+|…) (?:bytes|B|kB|MB|ms|s)\b")
_KEEP = r"""
keep() { declare -p | grep -Ev "^declare (-[a-zA-Z]*r|-x DOCS_)"; declare -f; echo "cd $(printf %q "$PWD")"; }
trap 'keep >"$DOCS_STATE"' EXIT
[ ! -f "$DOCS_STATE" ] || . "$DOCS_STATE"
"""


class Wrong(AssertionError):
    """A block that does not do what the page says."""


class Page:
    """One page that is followed; `counts` says how its blocks were checked, `left_out` why some were not."""

    def __init__(self, page: list[Block], folder: Path, world: World) -> None:
        self.blocks, self.folder = page, folder
        text = "\n".join(b.text for b in page if b.kind in ("shell", "fails"))
        own = re.search(r"\b(?:stillframe serve|make serve|http\.server)\b", text) is not None
        self.port = free_port() if own else world.port
        self.environment = world.for_page(folder, self.port if own else None)
        self.environment["DOCS_STATE"] = str(folder / ".state")
        self.environment["DOCS_AWS"] = str(folder / ".aws-commands")
        self.counts: Counter[str] = Counter()
        self.left_out: list[str] = []
        self._said = ""
        self._groups: list[int] = []
        shutil.copytree(ROOT / "examples", folder / "examples")
        for name in ("infra", "layers", "scripts"):
            (folder / name).symlink_to(ROOT / name)

    def follow(self) -> str:
        """Check the blocks up to the first that fails, and say how it failed."""
        checks: dict[str, Callable[[Block], None]] = {
            "shell": self._shell,
            "fails": self._shell,
            "python": self._python,
            "node": self._node,
            "output": self._output,
            "request": self._request,
            "post": self._post,
            "manifest": self._manifest,
            "file": self._file,
            "yaml": self._yaml,
            "syntax": self._syntax,
            "none": self._none,
        }
        try:
            for block in self.blocks:
                if block.kind not in checks:
                    return f"{block.place}: a {block.language or 'plain'} block needs a mark"
                try:
                    checks[block.kind](block)
                except (Wrong, CaptureError, SyntaxError, ValueError) as wrong:
                    return f"{block.place}: {wrong}\n{block.text}"
                self.counts[block.kind] += 1
        finally:
            self._end()
        return ""

    def _shell(self, block: Block) -> None:
        script = self.folder / f".block-{block.line}.sh"
        strict = "" if block.kind == "fails" else "set -e\n"
        script.write_text(_KEEP + strict + self._ported(block.text), "utf-8")
        fails = {"DOCS_FAILS": "1"} if block.kind == "fails" else {}
        code = self._run(["bash", str(script)], fails)
        self._check_aws()
        follows = self.blocks[self.blocks.index(block) + 1 :][:1]
        if block.kind == "fails":
            if code == 0 and not (follows and follows[0].kind == "output"):
                raise Wrong(f"was to fail, or to show an error:\n{self._said}")
        elif code:
            raise Wrong(f"ended with {code}:\n{self._said}")
        if re.search(r"\b(?:stillframe|make) serve\b.*&", block.text):
            self._run(["curl", f"http://127.0.0.1:{self.port}/health/live"], {}, keep=False)

    def _check_aws(self) -> None:
        """Check the commands that the stand-in for `aws` has written down since the last block."""
        written = self.folder / ".aws-commands"
        if written.exists():
            for command in written.read_text("utf-8").split("--end-of-command\0")[:-1]:
                aws_commands.check(command.split("\0")[:-1], self.folder)
            written.unlink()

    def _python(self, block: Block) -> None:
        """Run it after the file of the mark, which gives the names that the page takes for granted."""
        given = (HERE / "given" / block.argument).read_text("utf-8") if block.argument else ""
        self._interpret(block, [sys.executable], ".py", f"{given}\n{block.text}")

    def _node(self, block: Block) -> None:
        node = shutil.which("node")
        if node is None:
            from playwright._impl._driver import compute_driver_executable

            node = compute_driver_executable()[0]
        self._interpret(block, [node], ".mjs", block.text)

    def _interpret(self, block: Block, command: list[str], suffix: str, text: str) -> None:
        script = self.folder / f".block-{block.line}{suffix}"
        script.write_text(self._ported(text), "utf-8")
        # The variables and the folder of the blocks before it.
        lines = f"{_KEEP}exec {' '.join(command)} {script}\n"
        (self.folder / ".interpret.sh").write_text(lines, "utf-8")
        if code := self._run(["bash", str(self.folder / ".interpret.sh")], {}):
            raise Wrong(f"ended with {code}:\n{self._said}")

    def _run(self, command: list[str], more: dict[str, str], *, keep: bool = True) -> int:
        """The exit code; what it says goes to a file, because servers in the background keep it open."""
        before = self._files()
        said = self.folder / ".said"
        with said.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._groups.append(process.pid)
            try:
                code = process.wait(timeout=LIMIT)
            except BaseException as error:  # pytest's own time limit too: the process must not stay
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if isinstance(error, subprocess.TimeoutExpired):
                    raise Wrong(f"took more than {LIMIT} seconds:\n{said.read_text('utf-8')}") from None
                raise
        if keep:
            self._said = said.read_text("utf-8", errors="replace")
        for path in self._files() - before:
            start = MAGIC.get(path.suffix)
            if start is not None and not path.read_bytes().startswith(start or b""):
                raise Wrong(f"{path.name} is no {path.suffix[1:]}: {path.read_bytes()[:200]!r}")
        return code

    def _files(self) -> set[Path]:
        return {p for p in self.folder.rglob("[!.]*") if p.is_file() and not p.is_symlink()}

    def _output(self, block: Block) -> None:
        claimed, said = (self._comparable(t) for t in (self._ported(block.text), self._said))
        pattern = "".join(".*?" if part == "…" else re.escape(part) for part in re.split("(…)", claimed))
        if not re.search(pattern, said, re.DOTALL):
            raise Wrong(f"is not what the block before it said:\n{self._said}")

    @staticmethod
    def _comparable(text: str) -> str:
        return re.sub(r"\s+", "", VOLATILE.sub("#", text))

    def _request(self, block: Block) -> None:
        """Options of one capture, or `requests` that share `options`; written to a file if one is named."""
        value = json.loads(block.text)
        rows = value if isinstance(value, list) else value.get("requests", [value])
        for row in rows:
            shared = value.get("options", {}) if isinstance(value, dict) else {}
            parse(shared | ({"url": row} if isinstance(row, str) else row))
        self._file(block)

    def _post(self, block: Block) -> None:
        """A body that the service accepts at this path; as a form where the path is one of forms."""
        value = json.loads(block.text)
        own = self.environment
        headers = {"Authorization": f"Bearer {own['AUTH_TOKEN']}"}
        parts = [
            (name, (None, text if isinstance(text, str) else json.dumps(text)))
            for name, text in value.items()
        ]
        body: dict[str, Any] = {"files": parts} if "/forms/" in block.argument else {"json": value}
        url = own["STILLFRAME"] + block.argument
        answer = httpx.post(url, headers=headers, timeout=LIMIT, **body)
        if not answer.is_success:
            raise Wrong(f"answered {answer.status_code}: {answer.text}")

    def _manifest(self, block: Block) -> None:
        name = block.argument or "manifest.csv"
        for row in manifest.read(iter(block.text.splitlines(keepends=True)), name, {}):
            if row.request is None:
                raise Wrong(str(row))
        self._file(block)

    def _file(self, block: Block) -> None:
        """A file that the reader writes; one of the examples must be the same as in the repository."""
        if not block.argument:
            return
        path = self.folder / block.argument
        if path.is_relative_to(self.folder / "examples"):
            if not path.is_file() or block.text not in path.read_text("utf-8"):
                raise Wrong(f"{block.argument} does not have these lines")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")

    def _yaml(self, block: Block) -> None:
        yaml.safe_load(block.text)
        self._file(block)

    def _syntax(self, block: Block) -> None:
        """Read by the interpreter and not run, for the reason of the mark."""
        if not block.argument:
            raise Wrong("say why it is not run")
        if block.language == "python":
            compile(block.text, block.place, "exec")
        else:
            done = subprocess.run(
                ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Wrong(done.stderr)
        self.left_out.append(f"{block.place}: only its syntax, {block.argument}")

    def _none(self, block: Block) -> None:
        if not block.argument:
            raise Wrong("say why it is not run")
        self.left_out.append(f"{block.place}: {block.argument}")

    def _ported(self, text: str) -> str:
        return text.replace("8080", str(self.port))

    def _end(self) -> None:
        """End what the blocks left running in the background."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for group in self._groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, number)
            end = time.monotonic() + 15
            while number == signal.SIGTERM and time.monotonic() < end and any(map(_alive, self._groups)):
                time.sleep(0.1)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
