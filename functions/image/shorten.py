"""Rewrites the dynamic tables of a large executable, which then take a hundredth of the space.

Relative relocations become RELR: a bit in place of 24 bytes for each. Exported C++ symbols for which no
library of the system can ask are dropped with their names. ICU data of locales that are never used is left
out. The code, all other data and the addresses of both stay as they are.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from functions.image import elf, icu
from functions.image.elf import Executable, Relocation, Unsuitable
from functions.image.tables import RELR_VERSION, Strings, bitmaps, hash_table, needed_versions

PAGE = 0x10000  # the largest page for which an executable of the two architectures is linked
HEADERS = 0x1000  # what is kept free for the program headers
NOW = 1  # in DT_FLAGS_1
BIND_NOW = 8  # the same in DT_FLAGS
RELATIVE = {62: 8, 183: 1027}  # by machine, x86-64 and AArch64, the kind of the relative relocation
Tables = dict[int, bytes]


def shorten(data: bytearray, asked: set[bytes], *, english_only: bool = False) -> bytearray:
    """The file with smaller tables, and with ICU data of English only where that is asked for.

    `asked` are the names that the system's libraries define or need.
    """
    file = Executable(data)
    old = file.symbols()
    plain: list[Relocation] = []
    moved: list[int] = []
    for place, info, addend in file.relocations(elf.RELA, elf.RELASZ):
        if info == RELATIVE[file.machine] and place % 8 == 0:
            struct.pack_into("<q", data, file.offset(place), addend)
            moved.append(place)
        else:
            plain.append((place, info, addend))
    plt = file.relocations(elf.JMPREL, elf.PLTRELSZ)

    strings = Strings()
    used = {old[info >> 32] for _, info, _ in plain + plt}
    undefined = [one for one in old[1:] if not one.section]
    # Names in C stay, whoever asks: a program may look up its own by dlsym().
    defined = [
        one
        for one in old[1:]
        if one.section and (not one.name.startswith(b"_Z") or one.name in asked or one in used)
    ]
    ordered, hashes = hash_table(defined, 1 + len(undefined))
    symbols = [old[0], *undefined, *ordered]
    numbers = {one: number for number, one in enumerate(symbols)}

    def pack(relocations: list[Relocation]) -> bytes:
        return b"".join(
            struct.pack("<QQq", place, numbers[old[info >> 32]] << 32 | info & 0xFFFFFFFF, addend)
            for place, info, addend in relocations
        )

    tables = {
        elf.SYMTAB: b"".join(struct.pack("<IBBHQQ", strings.add(one.name), *one[1:6]) for one in symbols),
        elf.GNU_HASH: hashes,
        elf.VERSYM: struct.pack(f"<{len(symbols)}H", *(one.version for one in symbols)),
        elf.VERNEED: needed_versions(file, strings, relr=bool(moved)),
        elf.RELA: pack(plain),
        elf.JMPREL: pack(plt),
    }
    if moved:
        tables[elf.RELR] = bitmaps(sorted(moved))
    named = {elf.NEEDED, elf.SONAME, elf.RPATH, elf.RUNPATH}
    file.entries = [
        (tag, strings.add(file.string(value)) if tag in named else value) for tag, value in file.entries
    ]
    tables[elf.STRTAB] = bytes(strings.data)
    return lay_out(file, tables, english_only=english_only)


def lay_out(file: Executable, tables: Tables, *, english_only: bool) -> bytearray:
    """Puts the tables at the start of their old space, and leaves the rest of that space out of the file."""
    data, tags = file.data, file.tags
    first = next(one for one in file.segments if one.type == elf.LOAD)
    old = [file.offset(tags[tag]) for tag in tables if tag in tags]
    begin, end = min(old), max(old) + tags[elf.PLTRELSZ]
    if elf.RELR in tags or tags.get(elf.FLAGS, 0) & ~BIND_NOW or elf.NOT_KNOWN_HERE & tags.keys():
        raise Unsuitable("it has tables that would have to be rewritten too")
    if first.offset or end > first.file_size or max(old) != file.offset(tags[elf.JMPREL]):
        raise Unsuitable("the tables are not a block of the first segment with that of the PLT at its end")
    at, position = {}, begin
    for tag, content in tables.items():
        position += -position % 8
        at[tag] = first.address + position
        data[position : position + len(content)] = content
        position += len(content)
    if position + HEADERS > end:
        raise Unsuitable("its tables are small")

    sizes = {elf.STRSZ: len(tables[elf.STRTAB]), elf.RELASZ: len(tables[elf.RELA])}
    entries = [(tag, at.get(tag, sizes.get(tag, value))) for tag, value in file.entries]
    if elf.RELR in tables:
        # RELR takes the places of a debugger's entry, of a count that is zero now, and of a flag said twice.
        twice = elf.FLAGS if tags.get(elf.FLAGS_1, 0) & NOW else elf.DEBUG
        entries = [one for one in entries if one[0] not in {elf.RELACOUNT, elf.DEBUG, twice}]
        entries += [(elf.RELR, at[elf.RELR]), (elf.RELRSZ, len(tables[elf.RELR])), (elf.RELRENT, 8)]
    if len(entries) >= file.room:
        raise Unsuitable("its dynamic section is full")
    entries += [(0, 0)] * (file.room - len(entries))
    for number, (tag, value) in enumerate(entries):
        struct.pack_into("<qQ", data, file.dynamic_at + 16 * number, tag, value)

    holes = [(position + HEADERS, end)]
    if english_only and (hole := icu.pack(data)):
        holes.append(hole)
    return leave_out(file, holes, position)


def leave_out(file: Executable, holes: list[tuple[int, int]], table: int) -> bytearray:
    """Cuts these parts out of the file, each in one segment, and puts the program headers at `table`."""
    data, segments, cuts = file.data, file.segments, []
    for start, end in holes:
        start, end = -(-start // PAGE) * PAGE, end // PAGE * PAGE
        if start >= end:
            continue
        if any(
            one.type != elf.LOAD and one.file_size and one.offset < end and start < one.offset + one.file_size
            for one in segments
        ):
            raise Unsuitable("a segment lies in what would be left out")
        cuts.append((start, end))
        (whole,) = (
            one
            for one in segments
            if one.type == elf.LOAD and one.offset <= start and end <= one.offset + one.file_size
        )
        size, skipped = start - whole.offset, end - whole.offset
        where = segments.index(whole)
        segments[where : where + 1] = [
            whole._replace(file_size=size, memory_size=size),
            whole._replace(
                offset=end,
                address=whole.address + skipped,
                physical=whole.physical + skipped,
                file_size=whole.file_size - skipped,
                memory_size=whole.memory_size - skipped,
            ),
        ]
    table += -table % 8
    size = 56 * len(segments)
    if size > HEADERS - 8 or not cuts:
        raise Unsuitable("nothing is gained")
    base = next(one for one in segments if one.type == elf.LOAD).address
    for number, one in enumerate(segments):
        if one.type == elf.PHDR:
            one = one._replace(
                offset=table, address=base + table, physical=base + table, file_size=size, memory_size=size
            )
        gone = sum(end - start for start, end in cuts if end <= one.offset)
        struct.pack_into("<IIQQQQQQ", data, table + 56 * number, *one._replace(offset=one.offset - gone))
    struct.pack_into("<Q", data, 32, table)
    struct.pack_into("<H", data, 56, len(segments))
    # The table of sections, which only linkers and debuggers read, is dropped.
    struct.pack_into("<Q", data, 40, 0)
    struct.pack_into("<HH", data, 60, 0, 0)
    for start, end in sorted(cuts, reverse=True):
        del data[start:end]
    return data


def names(libraries: Iterable[Path]) -> set[bytes]:
    """The dynamic symbols that these libraries define or need; what is no library is passed over."""
    found: set[bytes] = set()
    for path in libraries:
        try:
            found |= {one.name for one in Executable(bytearray(path.read_bytes())).symbols()}
        except (Unsuitable, LookupError, ValueError, struct.error, OSError):
            continue
    return found


def replace(target: Path, made: bytes) -> None:
    """Writes the new file; the old one is put back when the new one does not start as the old one did."""
    old = target.read_bytes()
    expected = starts(target)
    target.write_bytes(made)
    if not expected or expected != starts(target):
        target.write_bytes(old)
        raise Unsuitable("it does not say its version as before")


def starts(target: Path) -> bytes:
    """What the program says of its version; nothing when it fails."""
    done = subprocess.run([target, "--version"], stdout=subprocess.PIPE, timeout=60, check=False)
    return b"" if done.returncode else done.stdout


def main(*targets: Path) -> None:
    """Rewrites the executables in place. One that is made differently stays as it is, which is said."""
    libraries = {path.resolve() for path in Path("/usr/lib").rglob("*.so*")}
    libc = next(path for path in libraries if path.name == "libc.so.6")
    asked = names(libraries)
    for target in targets:
        before = target.stat()
        try:
            if RELR_VERSION not in libc.read_bytes():
                raise Unsuitable("this C library does not know RELR")
            made = shorten(bytearray(target.read_bytes()), asked, english_only=target.name == "node")
            replace(target, bytes(made))
        except (Unsuitable, LookupError, ValueError, StopIteration, struct.error) as error:
            sys.stdout.write(f"{target} stays as it is: {error}\n")
            continue
        os.utime(target, (before.st_atime, before.st_mtime))  # the date of Debian's build, which is published
        sys.stdout.write(f"{target}: {before.st_size / 1e6:.1f} MB to {target.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
