"""Executables with shorter tables: every relocation and symbol that is needed is found, and they run."""

from __future__ import annotations

import random
import struct
import subprocess
from pathlib import Path

import playwright
import pytest

from functions.image import elf, icu, shorten, tables

NODE = Path(playwright.__file__).parent / "driver/node"


def relocated(words: bytes) -> list[int]:
    """The places that a table names, read as the specification of RELR says."""
    found: list[int] = []
    base = 0
    for (word,) in struct.iter_unpack("<Q", words):
        if not word & 1:
            found.append(word)
            base = word + 8
        else:
            found += [base + 8 * bit for bit in range(63) if word >> bit + 1 & 1]
            base += 63 * 8
    return found


@pytest.mark.parametrize("spread", [1, 2, 40, 5000])
def test_bitmaps_name_every_place(spread: int) -> None:
    chance = random.Random(spread)
    places = sorted({8 * chance.randrange(spread * 500) for _ in range(500)} | {8 * spread * 500})
    table = tables.bitmaps(places)
    assert relocated(table) == places
    assert len(table) < 24 * len(places)


def symbol(name: bytes) -> elf.Symbol:
    return elf.Symbol(name, 0x12, 0, 1, 0x1000, 8, 1)


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_hash_table_finds_each_symbol(count: int) -> None:
    symbols = [symbol(b"name_%d" % number) for number in range(count)]
    ordered, table = tables.hash_table(symbols, 5)
    buckets, first, words, shift = struct.unpack_from("<IIII", table)
    bloom = struct.unpack_from(f"<{words}Q", table, 16)
    heads = struct.unpack_from(f"<{buckets}I", table, 16 + 8 * words)
    chains = struct.unpack_from(f"<{len(ordered)}I", table, 16 + 8 * words + 4 * buckets)
    assert first == 5

    def lookup(name: bytes) -> elf.Symbol | None:
        code = tables.hashed(name)
        word = bloom[code // 64 % words]
        if not (word >> code % 64 & 1 and word >> (code >> shift) % 64 & 1):
            return None
        number = heads[code % buckets]
        while number:
            if chains[number - first] | 1 == code | 1 and ordered[number - first].name == name:
                return ordered[number - first]
            if chains[number - first] & 1:
                return None
            number += 1
        return None

    assert [lookup(one.name) for one in symbols] == symbols
    assert lookup(b"another") is None


def test_a_program_runs_as_before_and_is_smaller(tmp_path: Path) -> None:
    """Playwright's own Node: relocations, imported versions, copied variables, and ICU."""
    script = """
    const text = Buffer.from("stillframe"), { gzipSync, gunzipSync } = require("zlib");
    console.log(process.version, gunzipSync(gzipSync(text)).toString(), new Date(0).toLocaleString("en-US"));
    console.log(require("crypto").createHash("sha256").update(text).digest("hex"));
    console.log(Intl.NumberFormat.supportedLocalesOf(["en", "en-GB"]));
    console.log(new Intl.NumberFormat("en").format(1234.5), "\\ufb01".normalize("NFKC"));
    console.log(["z", "\\u00e4"].sort(new Intl.Collator().compare), new URL("http://b\\u00fccher.example").host);
    console.log(new TextDecoder("shift_jis").decode(new Uint8Array([147, 250])));
    """
    copy = tmp_path / "node"
    before = NODE.read_bytes()
    after = shorten.shorten(
        bytearray(before), shorten.names(Path("/usr/lib").rglob("libstdc++.so.6*")), english_only=True
    )
    copy.write_bytes(after)
    copy.chmod(0o755)
    said = [subprocess.check_output([str(one), "-e", script], timeout=60) for one in (NODE, copy)]
    assert said[0] == said[1]
    assert len(before) - len(after) > 20e6


def package(names: list[bytes]) -> bytearray:
    """ICU data of these items, each 40 bytes of its own number."""
    head = struct.pack("<H", 32) + icu.MAGIC + bytes(8) + icu.FORMAT + bytes(16)
    table = bytearray(struct.pack("<I", len(names)))
    texts_at = 4 + 8 * len(names)
    contents_at = texts_at + sum(len(name) + 1 for name in names)
    text_at = texts_at
    for number, name in enumerate(names):
        table += struct.pack("<II", text_at, contents_at + 40 * number)
        text_at += len(name) + 1
    table += b"".join(name + b"\0" for name in names)
    return bytearray(b"before, CmnD too;;" + head + table) + b"".join(
        bytes([n]) * 40 for n in range(len(names))
    )


def test_icu_data_keeps_root_english_and_what_is_no_locale() -> None:
    names = [
        b"icudt78l/" + name
        for name in [
            b"brkitr/cjdict.dict",
            b"cnvalias.icu",
            b"curr/de.res",
            b"curr/root.res",
            b"de.res",
            b"en.res",
            b"en_US.res",
            b"pool.res",
            b"res_index.res",
            b"root.res",
            b"zh_Hant_TW.res",
            b"zone/en.res",
            b"zu.res",
        ]
    ]
    data = package(names)
    size = len(data)
    packed = icu.pack(data)
    assert packed is not None
    start, end = packed
    assert len(data) == size
    assert not any(data[start:end])
    table = data.index(icu.MAGIC) - 2 + 32
    (count,) = struct.unpack_from("<I", data, table)
    found = {
        bytes(data[table + name : data.index(0, table + name)]): data[table + at]
        for name, at in struct.iter_unpack("<II", data[table + 4 : table + 4 + 8 * count])
    }
    kept = [1, 3, 5, 6, 7, 8, 9, 11]
    assert found == {names[number]: number for number in kept}


def program(file: Path, says: str, code: int = 0) -> Path:
    file.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    file.chmod(0o755)
    return file


def test_an_executable_that_does_not_start_is_put_back(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "version 1")
    before = old.read_bytes()
    for made in (program(tmp_path / "other", "version 2"), program(tmp_path / "fails", "version 1", 1)):
        with pytest.raises(elf.Unsuitable):
            shorten.replace(old, made.read_bytes())
        assert old.read_bytes() == before
    good = program(tmp_path / "good", "version 1").read_bytes() + b"# shorter\n"
    shorten.replace(old, good)
    assert old.read_bytes() == good


def test_one_that_did_not_start_before_proves_nothing(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "", 1)
    with pytest.raises(elf.Unsuitable):
        shorten.replace(old, old.read_bytes())


def test_a_file_that_is_made_differently_is_refused() -> None:
    with pytest.raises(elf.Unsuitable):
        shorten.shorten(bytearray(b"#!/bin/sh\n" + bytes(100)), set())
