"""Packs the ICU data inside an executable without the locales of which its program never speaks."""

import re
import struct

MAGIC, FORMAT = b"\xda\x27", b"CmnD"
# Names of languages, countries and currencies, plurals, collations: of every locale but
# the root and English. The list of the locales stays.
_LOCALE = re.compile(rb"(?:.*/)?(?!en[_.]|res_index)[a-z]{2,3}(?:_[A-Za-z0-9]+)*\.res")
# Transliteration, and the words of languages that are written without spaces.
_UNUSED = re.compile(rb"translit/.*|.*\.dict")


def _used(name: bytes) -> bool:
    short = name.split(b"/", 1)[-1]
    return not _LOCALE.fullmatch(short) and not _UNUSED.fullmatch(short)


def pack(data: bytearray) -> tuple[int, int] | None:
    """Moves what stays to the front; returns the first byte after it and after the old data, or None."""
    found = data.find(FORMAT)
    while found >= 0 and data[found - 10 : found - 8] != MAGIC:
        found = data.find(FORMAT, found + 1)
    if found < 0:
        return None
    table = found - 12 + struct.unpack_from("<H", data, found - 12)[0]
    (count,) = struct.unpack_from("<I", data, table)
    entries = list(struct.iter_unpack("<II", data[table + 4 : table + 4 + 8 * count]))
    names_of = [bytes(data[table + at : data.index(0, table + at)]) for at, _ in entries]
    if _used(names_of[-1]):
        return None  # nothing states where the last one ends; they are sorted, and it is Zulu's
    items = [
        (name, bytes(data[table + start : table + end]))
        for name, (_, start), (_, end) in zip(names_of, entries, entries[1:], strict=False)
        if _used(name)
    ]

    names, contents = bytearray(), bytearray()
    names_at = 4 + 8 * len(items)
    contents_at = -(-(names_at + sum(len(name) + 1 for name, _ in items)) // 16) * 16
    head = bytearray(struct.pack("<I", len(items)))
    for name, content in items:
        head += struct.pack("<II", names_at + len(names), contents_at + len(contents))
        names += name + b"\0"
        contents += content + bytes(-len(content) % 16)
    packed = head + names
    packed += bytes(contents_at - len(packed)) + contents
    end = table + entries[-1][1]
    data[table : table + len(packed)] = packed
    data[table + len(packed) : end] = bytes(end - table - len(packed))
    return table + len(packed), end
