"""Builds the dynamic tables of an executable: strings, hashes of symbols, RELR and versions."""

import struct

from functions.image import elf
from functions.image.elf import Executable, Symbol

RELR_VERSION = (
    b"GLIBC_ABI_DT_RELR"  # glibc 2.36 has it, and refuses a file with RELR that does not ask for it
)


class Strings:
    """A string table that grows."""

    def __init__(self) -> None:
        self.data = bytearray(1)
        self._known: dict[bytes, int] = {b"": 0}

    def add(self, text: bytes) -> int:
        """The place of a text."""
        if text not in self._known:
            self._known[text] = len(self.data)
            self.data += text + b"\0"
        return self._known[text]


def hashed(name: bytes) -> int:
    """The hash of DT_GNU_HASH."""
    value = 5381
    for byte in name:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


def hashed_version(name: bytes) -> int:
    """The hash of DT_VERNEED, which is that of System V."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        value = (value ^ (value & 0xF0000000) >> 24) & 0x0FFFFFFF
    return value


def hash_table(defined: list[Symbol], first: int) -> tuple[list[Symbol], bytes]:
    """Sorts the defined symbols by bucket and builds DT_GNU_HASH; `first` is the number of the first."""
    buckets, words, shift = len(defined) // 4 + 1, 1 << (len(defined) // 8).bit_length(), 14
    bloom, heads, chains = [0] * words, [0] * buckets, []
    ordered = sorted((hashed(one.name) % buckets, hashed(one.name), one) for one in defined)
    for number, (bucket, code, _) in enumerate(ordered):
        bloom[code // 64 % words] |= 1 << code % 64 | 1 << (code >> shift) % 64
        heads[bucket] = heads[bucket] or first + number
        ends = number + 1 == len(ordered) or ordered[number + 1][0] != bucket
        chains.append(code & ~1 | ends)
    head = struct.pack("<IIII", buckets, first, words, shift)
    body = struct.pack(f"<{words}Q{buckets}I{len(chains)}I", *bloom, *heads, *chains)
    return [one for _, _, one in ordered], head + body


def bitmaps(places: list[int]) -> bytes:
    """DT_RELR: an even word is a place, an odd one says which of the next 63 words are relocated too."""
    words: list[int] = []
    position = 0
    while position < len(places):
        words.append(places[position])
        base = places[position] + 8
        position += 1
        while True:
            bits = 0
            while position < len(places) and places[position] - base < 63 * 8:
                bits |= 1 << (places[position] - base) // 8
                position += 1
            if not bits:
                break
            words.append(bits << 1 | 1)
            base += 63 * 8
    return struct.pack(f"<{len(words)}Q", *words)


def needed_versions(file: Executable, strings: Strings, *, relr: bool) -> bytes:
    """DT_VERNEED, its names in the new table; for RELR with one more version of the C library."""
    libraries: list[tuple[bytes, list[tuple[int, int, int, bytes]]]] = []
    at = file.offset(file.tags[elf.VERNEED])
    for _ in range(file.tags[elf.VERNEEDNUM]):
        _, count, library, step, following = struct.unpack_from("<HHIII", file.data, at)
        versions, place = [], at
        for _ in range(count):
            place += step
            code, flags, number, name, step = struct.unpack_from("<IHHII", file.data, place)
            versions.append((code, flags, number, file.string(name)))
        libraries.append((file.string(library), versions))
        at += following
    if relr:
        highest = max(number & 0x7FFF for _, versions in libraries for _, _, number, _ in versions)
        wanted = (hashed_version(RELR_VERSION), 0, highest + 1, RELR_VERSION)
        next(versions for name, versions in libraries if name.startswith(b"libc.so")).append(wanted)
    out = bytearray()
    for library_number, (library, versions) in enumerate(libraries):
        following = 16 + 16 * len(versions) if library_number + 1 < len(libraries) else 0
        out += struct.pack("<HHIII", 1, len(versions), strings.add(library), 16, following)
        for position, (code, flags, number, name) in enumerate(versions):
            step = 16 if position + 1 < len(versions) else 0
            out += struct.pack("<IHHII", code, flags, number, strings.add(name), step)
    return bytes(out)
