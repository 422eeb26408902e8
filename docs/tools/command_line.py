"""Generate docs/command-line.md; commands, everyday options and exit codes come from the code."""

from __future__ import annotations

from collections.abc import Iterator

import click

from stillframe.batch.manifest import ENDINGS
from stillframe.cli.exits import MEANINGS
from stillframe.cli.main import COMMANDS, cli
from stillframe.cli.options import GROUPS, CaptureOption
from stillframe.outputs import OUTPUTS

_START = """\
# Command line

`stillframe` captures on your own machine, or by a deployed service with the same flags. `stillframe --help`
lists the commands, `stillframe COMMAND --help` the everyday options of one, and `--help-all` every
[option](options.md).

"""
_CAPTURE = """
## Capture

SOURCE is a URL, a local file, a folder with an index.html, a zip archive, or `-` for HTML from standard
input. `https://` is added where the scheme is missing.

```sh
stillframe capture https://example.com -o page.png
stillframe capture examples/page.html -o page.pdf
echo '<h1>Hello</h1>' | stillframe capture - -o hello.png --window-width 600 --window-height 300
stillframe capture https://example.com -o - -f text | head -1
```

```text
page.png (png, 1920×1080, 40.0 kB, 2.4 s)
page.pdf (pdf, 40.0 kB, 2.4 s)
hello.png (png, 600×300, 40.0 kB, 2.4 s)
Example Domain
```

* The ending of `-o` chooses the format. Another ending is an error, and so is one that
  contradicts `--format`: ENDINGS.
* Without `-o` the file is named after SOURCE. A folder that exists gets such a file. `-` is standard output,
  which then holds the bytes and nothing else.
* Several `-o`, or `--outputs png,pdf -o page`, make several files of one page load; `-o page.zip` makes an
  archive of them.
* Each finding of the [verdict](verdict.md) is a line on standard error. `--json` prints the whole report, or
  the error.

A local page may load the style sheets, images, fonts, scripts and data in its own folder and below it.
Nothing above the folder, no hidden file, no link to one of these, and no other kind of file such as a
key or a database is given to it. The page is read in the encoding that it declares, else as UTF-8.

A page reaches public addresses only. The target that you name is allowed as well, so that a server on your
own machine can be captured; `--allow HOST:PORT` opens another internal host, as `EGRESS_ALLOW`
does ([settings](settings.md)).

The everyday options:

"""
_BATCH = """
## Batch

MANIFEST is a CSV file whose header names the options, a file with a JSON object in each line, JSON or YAML
with a list of requests, or a text file with a URL in each line. Its name ends in
MANIFESTS.

```sh
cat > pages.yaml <<'END'
options: {window_width: 800}
requests:
  - https://example.com
  - {url: https://example.com/about, format: pdf}
END
stillframe batch pages.yaml
stillframe batch pages.yaml --json
printf 'example.com\\nexample.com/about\\n' | stillframe batch - --directory from-a-pipe --format webp
```

```text
2 rows: 2 captured (2 in this run), 0 failed; pages-captures/results.jsonl
{"rows": 2, "captured": 0, "skipped": 2, "done": 2, "failed": 0, "codes": {}, "directory": "pages-captures"}
2 rows: 2 captured (2 in this run), 0 failed; from-a-pipe/results.jsonl
```

Flags are the defaults of every row. The same command resumes a run that was interrupted, and
`--retry-failed` repeats the rows that failed. `results.jsonl` has a line for each row.

## Compare

BEFORE is a picture, AFTER another one or a page, which is captured in a window of the size of BEFORE:

```sh
stillframe capture examples/page.html -o before.png
stillframe compare before.png examples/page.html --overlay difference.png
```

```text
before.png (png, 1920×1080, 40.0 kB, 2.4 s)
The pictures show no visible difference.
```

The exit code is 1 when more than `--threshold` percent of the pixels differ. The overlay shows them in red,
`--ignore X,Y,W,H` leaves a rectangle out, and `--json` prints share and boxes.

## Validate

```sh
stillframe validate https://example.com -f webp --png-effort small
stillframe validate pages.yaml
```

```text
valid: webp, settled, within 60 s
warning: png_effort has no effect unless format is png
2 rows, 0 not valid
```

## Use a deployed service

`--endpoint URL` and `--token TOKEN`, or the variables `STILLFRAME_ENDPOINT` and `STILLFRAME_TOKEN`, send
`capture`, `batch`, `compare`, `validate`, `sign`, `devices` and `templates` to a service. This machine then
needs no browser, and the service's own limits, templates and egress policy apply.

```sh
export AUTH_TOKEN=$(openssl rand -hex 32)
stillframe serve --port 8080 &
```

```sh
export STILLFRAME_ENDPOINT=http://127.0.0.1:8080 STILLFRAME_TOKEN=$AUTH_TOKEN
stillframe capture examples/page.html -o served.png
stillframe doctor
```

```text
served.png (png, 1920×1080, 40.0 kB, 2.4 s)
ok    service: http://127.0.0.1:8080 has version 0.1.0 and knows the token
1 checks, 0 faults, 0 warnings
```

A local page is sent as an archive with the files that it names. A file whose name a script makes at run time
is not found; a folder as SOURCE is sent whole.

## When something is wrong

Each error is one line on standard error that says what to do. `stillframe doctor` checks packages,
settings, Chromium, fonts, memory, `/dev/shm`, temporary files, credentials and the port, and makes a trial
capture; with an endpoint it checks that the service answers and knows the token.

<!-- check: fails -->
```sh
unset STILLFRAME_ENDPOINT
stillframe capture examples/page.html -o page.gif
stillframe capture examples/page.html --devise "iPhone 13"
```

```text
stillframe: page.gif: .gif is not a format of Stillframe; use …
stillframe: there is no option --devise; did you mean --device?
```

| exit code | meaning |
| --- | --- |
"""
_COMPLETION = """
## Completion

The shell completes commands, options and their values:

| shell | where | line |
| --- | --- | --- |
| bash | `~/.bashrc` | `eval "$(stillframe completion bash)"` |
| zsh | `~/.zshrc` | `eval "$(stillframe completion zsh)"` |
| fish | `~/.config/fish/config.fish` | `stillframe completion fish \\| source` |
"""


def page() -> Iterator[str]:
    yield _START
    yield "| command | does |\n| --- | --- |\n"
    for name, row in COMMANDS.items():
        yield f"| `{name}` | {row.summary} |\n"
    endings = ", ".join(f"`.{suffix}`" for f in OUTPUTS.values() for suffix in f.suffixes)
    yield _CAPTURE.replace("ENDINGS", endings)
    yield "| option | meaning |\n| --- | --- |\n"
    command = cli.get_command(click.Context(cli), "capture")
    flags = [p for p in command.params if isinstance(p, CaptureOption)] if command else []
    for option in sorted(flags, key=lambda flag: list(GROUPS).index(flag.group)):
        if option.brief:
            name, meaning = option.row(everyday=True)
            yield f"| `{name}` | {meaning} |\n"
    yield _BATCH.replace("MANIFESTS", ", ".join(f"`.{ending}`" for ending in ENDINGS))
    for code, meaning in MEANINGS.items():
        yield f"| {code.value} | {meaning} |\n"
    yield _COMPLETION
