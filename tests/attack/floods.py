"""Pages that flood a process with memory, each by another way out of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Twenty megabytes that differ from call to call, so that nothing can be shared.
_PRELUDE = "const text = (i, n = 2e7) => i + 'x'.repeat(n);"
_MANY = "for (let i = 0; i < 60; i++)"


@dataclass(frozen=True, slots=True)
class Flood:
    """A page by its markup or its script, and the options of its capture."""

    script: str = ""
    markup: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def html(self) -> str:
        script = f"<script>{_PRELUDE}{self.script}</script>" if self.script else ""
        return f"<!doctype html><h1>flood</h1>{self.markup}{script}"


def _worker(body: str) -> str:
    source = f"{_PRELUDE}{body}".replace("\\", "\\\\").replace("`", "\\`")
    return f"new Worker(URL.createObjectURL(new Blob([`{source}`])));"


FLOODS: dict[str, Flood] = {
    "console_log": Flood(f"{_MANY} console.log(text(i))"),
    "console_error": Flood(f"{_MANY} console.error(text(i))"),
    "console_table": Flood(f"{_MANY} console.table([[text(i)]])"),
    "console_dir_of_a_function": Flood(f"{_MANY} console.dir(new Function(`/*${{text(i)}}*/`))"),
    "console_log_of_errors": Flood(f"{_MANY} console.log(new Error(text(i)))"),
    "console_log_of_elements": Flood(
        f"{_MANY} {{ const e = document.createElement('p'); e.id = text(i); console.log(e) }}"
    ),
    "console_log_of_properties": Flood(f"{_MANY} console.log({{ [text(i)]: 1 }})"),
    "console_log_of_many_arguments": Flood(
        f"{_MANY} console.log(...Array.from({{ length: 1000 }}, (_, j) => text(j, 2e4)))"
    ),
    "console_of_a_worker": Flood(_worker(f"{_MANY} console.log(text(i))")),
    "console_of_new_frames": Flood(
        f"{_MANY} {{ const f = document.createElement('iframe'); document.body.append(f);"
        " f.contentWindow.console.log(text(i)); f.remove() }"
    ),
    "exceptions": Flood(f"{_MANY} setTimeout(() => {{ throw new Error(text(i, 1e7)) }})"),
    "thrown_strings": Flood(f"{_MANY} setTimeout(() => {{ throw text(i, 1e7) }})"),
    "thrown_causes": Flood(
        f"{_MANY} setTimeout(() => {{ throw new Error('a', {{ cause: new Error(text(i, 1e7)) }}) }})"
    ),
    "thrown_stacks": Flood(
        f"{_MANY} setTimeout(() => {{ const e = new Error('a'); e.stack = text(i, 1e7); throw e }})"
    ),
    "rejections": Flood(f"{_MANY} Promise.reject(new Error(text(i, 1e7)))"),
    "exceptions_of_a_worker": Flood(
        _worker(f"{_MANY} setTimeout(() => {{ throw new Error(text(i, 1e7)) }})")
    ),
    "alerts": Flood(f"{_MANY} alert(text(i))"),
    "prompts": Flood(f"{_MANY} {{ confirm(text(i)); prompt(text(i), text(i)) }}"),
    "titles": Flood(f"{_MANY} document.title = text(i)"),
    "frame_names": Flood(
        f"{_MANY} {{ const f = document.createElement('iframe'); f.name = text(i, 1e7);"
        " document.body.append(f) }"
    ),
    "data_urls_of_images": Flood(f"{_MANY} new Image().src = 'data:image/png;base64,' + text(i)"),
    "data_urls_of_fetches": Flood(f"{_MANY} fetch('data:text/plain,' + text(i))"),
    "data_urls_of_frames": Flood(
        f"{_MANY} {{ const f = document.createElement('iframe'); f.src = 'data:text/html,' + text(i, 1.9e6);"
        " document.body.append(f) }"
    ),
    "long_addresses": Flood(f"{_MANY} fetch('/ok?' + text(i, 1.9e6)).catch(() => 0)"),
    "long_fragments": Flood(
        "for (let i = 0; i < 150; i++) history.replaceState(0, '', '#' + text(i, 1.9e6))"
    ),
    "blobs": Flood(f"{_MANY} fetch(URL.createObjectURL(new Blob([text(i)]))).then(r => r.text())"),
    "posted_bodies": Flood(f"{_MANY} fetch('/ok', {{ method: 'POST', body: text(i) }}).catch(() => 0)"),
    "fetched_bodies": Flood(f"{_MANY} fetch('/huge?' + i).then(r => r.text()).catch(() => 0)"),
    "response_headers": Flood(f"{_MANY} fetch('/headers?' + i).catch(() => 0)"),
    "long_redirects": Flood("for (let i = 0; i < 20; i++) fetch('/redirect?0').catch(() => 0)"),
    "websocket_frames": Flood(
        "const s = new WebSocket(location.origin.replace('http', 'ws') + '/socket');"
        f"s.onopen = () => {{ {_MANY} s.send(text(i)) }}"
    ),
    "messages": Flood(f"onmessage = e => e; {_MANY} postMessage(text(i))"),
    "history_state": Flood(f"{_MANY} try {{ history.replaceState(text(i, 1.5e7), '') }} catch {{}}"),
    "cookies": Flood("for (let i = 0; i < 5000; i++) document.cookie = i + '=' + text(i, 4000)"),
    "local_storage": Flood(f"{_MANY} try {{ localStorage.setItem(i, text(i, 5e6)) }} catch {{}}"),
    "arrays": Flood("const all = []; setInterval(() => all.push(new Uint8Array(5e7).fill(1)), 1)"),
    "attribute_names": Flood(f"{_MANY} document.body.setAttribute('a' + text(i), '')"),
    "styles": Flood(
        f"{_MANY} {{ const s = document.createElement('style'); s.textContent = `.a::after {{"
        " content: '${text(i)}' }`; document.head.append(s) }"
    ),
    "pdf_of_huge_text": Flood("document.body.append('word '.repeat(4e6))", options={"format": "pdf"}),
    "mhtml": Flood(
        f"{_MANY} document.body.append(Object.assign(new Image(), {{ src: 'data:,' + text(i) }}))",
        options={"format": "mhtml"},
    ),
    "html": Flood("document.body.append(text(0, 9e7))", options={"format": "html"}),
    "html_that_lies": Flood(
        "Object.defineProperty(Element.prototype, 'outerHTML', { get: () => ({ length: 1, toString:"
        " () => text(0, 3e8) }) }); document.body.append(text(0, 1e8))",
        options={"format": "html"},
    ),
    "text_that_lies": Flood(
        "Object.defineProperty(HTMLElement.prototype, 'innerText', { get: () => text(0, 3e8) })",
        options={"format": "text"},
    ),
    "metadata": Flood(
        f"{_MANY} {{ const m = document.createElement('meta'); m.setAttribute('property', 'og:' + text(i));"
        " m.content = text(i); document.head.append(m) }",
        options={"format": "metadata"},
    ),
    "markdown_of_many_tags": Flood(
        "document.body.innerHTML = '<b>a</b><i>b</i><p>'.repeat(100000)", options={"format": "markdown"}
    ),
    "main_content_of_many_tags": Flood(
        "document.body.innerHTML = '<b>a</b><i>b</i><p>'.repeat(100000)",
        options={"format": "markdown", "content": "main"},
    ),
    "waiting_for_a_huge_value": Flood(options={"wait_for_function": "'x'.repeat(3e8)"}),
}
