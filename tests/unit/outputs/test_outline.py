"""Lines of an accessibility tree: what is read from them, and which are kept."""

from __future__ import annotations

import time

import pytest

from stillframe.outputs.geometry import Box
from stillframe.outputs.outline import Mark
from stillframe.outputs.outline_nodes import described, number, parsed, within

TREE = """\
- document [ref=e1] [box=0,0,300,900]:
  - generic [active] [ref=e2] [box=0,0,300,900]:
    - navigation "Main" [ref=e3] [box=0,0,300,40]:
      - link [ref=e4] [cursor=pointer] [box=0,0,50,20]:
        - /url: /
        - heading "Deep [box=7,7,7,7]" [level=3] [ref=e5] [box=0,0,50,20]
        - generic [ref=e6] [cursor=pointer] [box=0,0,50,20]: more
    - paragraph [ref=e7] [box=0,100,300,20]: costs [box=9,9,9,9]
    - 'button "it''s: \\"x\\"" [ref=e8] [box=0,700,50,20]':
      - img [ref=e9] [box=0,700,10,10]
    - checkbox "tiny" [ref=e10] [box=0,720,1,1]
"""


def test_every_line_is_written_as_it_was_read_without_the_root() -> None:
    nodes = parsed(TREE)
    wanted = [line.removeprefix("  ") for line in TREE.splitlines()[1:]]
    assert [node.line() for node in nodes] == wanted


def test_words_of_the_page_that_look_like_a_box_are_none() -> None:
    nodes = {node.ref: node for node in parsed(TREE)}
    assert nodes["e5"].box == Box(0, 0, 50, 20)
    assert nodes["e7"].box == Box(0, 100, 300, 20)
    assert nodes["e8"].name == 'it\'s: "x"'


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("- textbox [ref=e1]: plain", "plain"),
        ('- textbox [ref=e1]: "a: \\"b\\""', 'a: "b"'),
        ('- textbox [ref=e1]: "\\x1b"', "\\x1b"),
        ("- 'textbox \"a: b\" [ref=e1]': x", "x"),
        ("- textbox [ref=e1]", ""),
    ],
)
def test_what_stands_in_a_field_is_read(line: str, value: str) -> None:
    assert parsed(line)[0].value() == value


def test_half_a_character_in_a_name_is_replaced() -> None:
    assert parsed('- button "a\\ud800" [ref=e1]')[0].name == "a?"


def test_what_can_be_operated_is_numbered_once() -> None:
    nodes = parsed(TREE)
    number(nodes)
    assert {node.ref: node.mark for node in nodes if node.mark} == {"e4": 1, "e8": 2}
    named = described([node for node in nodes if node.mark], nodes)
    assert [(entry["mark"], entry["name"]) for entry in named] == [
        (1, "Deep [box=7,7,7,7] more"),
        (2, 'it\'s: "x"'),
    ]
    line = next(node.line() for node in nodes if node.ref == "e8")
    assert line == "  - 'button \"it''s: \\\"x\\\"\" [ref=e8] [mark=2] [box=0,700,50,20]':"


@pytest.mark.parametrize(
    ("area", "refs"),
    [
        (Box(0, 0, 300, 50), ["e2", "e3", "e4", "", "e5", "e6"]),
        (Box(0, 690, 300, 25), ["e2", "e8", "e9"]),
        (Box(60, 10, 5, 5), ["e2", "e3"]),
        (Box(0, 5000, 10, 10), []),
    ],
)
def test_a_rectangle_keeps_what_lies_in_it_and_what_contains_that(area: Box, refs: list[str]) -> None:
    assert [node.ref for node in within(parsed(TREE), area)] == refs


def test_a_mark_is_moved_into_the_picture() -> None:
    assert Mark(1, Box(110, 60, 20, 10)).at(Box(100, 50, 200, 100), 2) == Mark(1, Box(20, 20, 40, 20))


def test_a_button_of_many_empty_parts_is_described_in_one_pass() -> None:
    parts = "".join(f"  - generic [ref=e{n}] [box=0,0,1,1]\n" for n in range(30_000))
    nodes = parsed(f"- button [ref=e0] [box=0,0,9,9]:\n{parts}  - text: last\n")
    number(nodes)
    start = time.process_time()
    (entry,) = described(nodes[:1], nodes)
    # Adding up all parts again at each of them took more than ten seconds.
    assert time.process_time() - start < 2
    assert entry["name"] == "last"
