"""The page on other services, from the tables that translate their requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stillframe import compat
from stillframe.compat.service import Service, translate
from stillframe.compat.table import Row
from stillframe.request import parse

# What no table knows: Pixashot's differences, and how a request reaches the service.
_HEAD = Path(__file__).with_name("compatibility_head.txt")
_BY = {"mapped": "●", "in part": "◐", "no effect": "·", "refused": "✗"}


def page() -> Iterator[str]:
    services = [compat.service(name) for name in compat.SERVICES]
    yield _HEAD.read_text("utf-8")
    yield "\n## The options, counted\n\n"
    yield "Every documented option is one row in the tables below, and every row has a test.\n\n"
    yield "| service | documented | ● mapped | ◐ in part | · without effect | ✗ refused | source |\n"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
    for service in services:
        count = Counter(row.how for row in rows(service))
        cells = " | ".join(str(count[how]) for how in _BY)
        yield f"| [{service.title}](#{anchor(service)}) | {count.total()} | {cells} | {service.source} |\n"
    for service in services:
        yield from section(service)


def rows(service: Service) -> list[Row]:
    """Each option once; two routes may have the same one."""
    return list({row.name: row for row in reversed(list(service.rows()))}.values())


def anchor(service: Service) -> str:
    return service.title.lower().replace(" ", "-")


def section(service: Service) -> Iterator[str]:
    yield f"\n## {service.title}\n\n{service.notes}\n"
    yield "\n| path | |\n| --- | --- |\n"
    for route in {route.path: route for route in service.routes}.values():
        methods = ", ".join(route.methods)
        yield f"| `/compat/{service.name}/{route.path.replace('{}', '…')}` | {methods} |\n"
    for path, instead in service.elsewhere.items():
        yield f"| `{path}` | none: {instead} |\n"
    yield from example(service)
    for table in service.tables:
        yield f"\n### {service.title}: {table.title}\n\n| option | | ours | |\n| --- | --- | --- | --- |\n"
        for row in table.rows:
            ours = ", ".join(f"`{option}`" for option in row.options)
            yield f"| `{row.name}` | {_BY[row.how]} | {ours} | {row.note.replace('|', chr(92) + '|')} |\n"


def example(service: Service) -> Iterator[str]:
    """A request of theirs and what it becomes, both as JSON."""
    path, body = service.example
    route = service.route(path) or service.routes[0]
    ours = parse(translate(service, route, body)[0]).canonical()
    where = f"/compat/{service.name}/{path}"
    yield f"\nThis request to `{where}`:\n\n<!-- check: post {where} -->\n```json\n{shown(body)}\n```\n"
    yield f"\nis this one to `/capture`:\n\n<!-- check: request -->\n```json\n{shown(ours)}\n```\n"


def shown(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
