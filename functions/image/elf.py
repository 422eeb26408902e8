"""Reads the program headers, the dynamic section and the symbols of a 64-bit executable."""

import struct
from typing import NamedTuple

# Kinds of segments, and tags of the dynamic section, by their names in the ELF specification.
LOAD, DYNAMIC, NOTE, PHDR = 1, 2, 4, 6
NEEDED, STRTAB, SYMTAB, RELA, RELASZ, STRSZ, SONAME = 1, 5, 6, 7, 8, 10, 14
RPATH, DEBUG, JMPREL, PLTRELSZ, RUNPATH, FLAGS, RELRSZ, RELR, RELRENT = 15, 21, 23, 2, 29, 30, 35, 36, 37
GNU_HASH, VERSYM, RELACOUNT = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFF9
FLAGS_1, VERNEED, VERNEEDNUM = 0x6FFFFFFB, 0x6FFFFFFE, 0x6FFFFFFF
# Tables that name symbols or texts by number: DT_HASH, DT_VERDEF, DT_AUXILIARY, DT_FILTER.
NOT_KNOWN_HERE = {4, 0x6FFFFFFC, 0x7FFFFFFD, 0x7FFFFFFF}
Relocation = tuple[int, int, int]  # place, kind and symbol, addend


class Unsuitable(Exception):
    """The file is not made as expected; the message says in what."""


class Segment(NamedTuple):
    """An entry of the program header table."""

    type: int
    flags: int
    offset: int
    address: int
    physical: int
    file_size: int
    memory_size: int
    align: int


class Symbol(NamedTuple):
    """An entry of the dynamic symbol table, its name spelled out."""

    name: bytes
    info: int
    other: int
    section: int
    value: int
    size: int
    version: int


class Executable:
    """A file of which the program header table and the dynamic section have been read."""

    def __init__(self, data: bytearray) -> None:
        if data[:6] != b"\x7fELF\x02\x01":
            raise Unsuitable("not a 64-bit little-endian executable")
        self.data = data
        (self.machine,) = struct.unpack_from("<H", data, 18)
        (self.headers,) = struct.unpack_from("<Q", data, 32)
        (count,) = struct.unpack_from("<H", data, 56)
        self.segments = [
            Segment(*struct.unpack_from("<IIQQQQQQ", data, self.headers + 56 * number))
            for number in range(count)
        ]
        (dynamic,) = (one for one in self.segments if one.type == DYNAMIC)
        self.dynamic_at, self.room = dynamic.offset, dynamic.file_size // 16
        pairs = struct.iter_unpack("<qQ", data[dynamic.offset : dynamic.offset + 16 * self.room])
        self.entries = [pair for pair in pairs if pair[0]]
        self.tags = dict(self.entries)
        self.strings = self.offset(self.tags[STRTAB])

    def offset(self, address: int) -> int:
        """Where in the file an address lies."""
        for one in self.segments:
            if one.type == LOAD and one.address <= address < one.address + one.file_size:
                return address - one.address + one.offset
        raise Unsuitable(f"the file holds nothing for the address {address:#x}")

    def string(self, at: int) -> bytes:
        """The text at this place of the string table."""
        return bytes(self.data[self.strings + at : self.data.index(0, self.strings + at)])

    def relocations(self, table: int, size: int) -> list[Relocation]:
        """The table that the one tag names, with the size that the other states."""
        start = self.offset(self.tags[table])
        return list(struct.iter_unpack("<QQq", self.data[start : start + self.tags[size]]))

    def symbols(self) -> list[Symbol]:
        """The dynamic symbol table, of which nothing states the length: the last chain of hashes ends it."""
        at = self.offset(self.tags[GNU_HASH])
        buckets, first, words, _ = struct.unpack_from("<IIII", self.data, at)
        chains = at + 16 + 8 * words + 4 * buckets
        last = max(struct.unpack_from(f"<{buckets}I", self.data, chains - 4 * buckets))
        while last and not struct.unpack_from("<I", self.data, chains + 4 * (last - first))[0] & 1:
            last += 1
        count = max(last + 1, first)
        table, versions = self.offset(self.tags[SYMTAB]), self.offset(self.tags[VERSYM])
        return [
            Symbol(self.string(name), info, other, section, value, size, version)
            for (name, info, other, section, value, size), (version,) in zip(
                struct.iter_unpack("<IBBHQQ", self.data[table : table + 24 * count]),
                struct.iter_unpack("<H", self.data[versions : versions + 2 * count]),
                strict=True,
            )
        ]
