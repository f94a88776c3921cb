#!/usr/bin/env python3
"""A reader of journals written from src/store/README.md alone; prints what it finds in an image of a directory.

Usage: read_journal.py tests/golden/files/journal-1.image [--expect TEXT]

The image is described in tests/support/files_image.h. The last line says how many records there are, the CRC-32C over
positions, types and bodies, and the value of the chain; with --expect anything else fails.
"""
import hashlib
import struct
import sys

OWN, CLOSE, SECRET, SKIP = 32, 32, 33, 128
PAD, MORE, END, SALT, LEAF = 7, 8, 16, 32, 64
TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc(seed, data):
    value = ~seed & 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return ~value & 0xFFFFFFFF


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


def blake(*parts):
    return hashlib.blake2s(b"".join(struct.pack("<Q", p) if isinstance(p, int) else p for p in parts)).digest()


def files_of(image):
    files, at = {}, 0
    while at < len(image):
        end = at + 1 + image[at]
        size, stored = struct.unpack_from("<II", image, end)
        files[image[at + 1:end].decode()] = image[end + 8:end + 8 + stored] + bytes(size - stored)
        at = end + 8 + stored
    return files


def meta_of(files):
    good = [m for m in (files.get("meta-0", b""), files.get("meta-1", b""))
            if len(m) == 4096 and m[:8] == b"LOYALMET" and u32(m, 4092) == crc(0, m[:4092])]
    best = max(good, key=lambda m: u64(m, 24))
    assert struct.unpack_from("<H", best, 8)[0] == 1 and u32(best, 12) == 0, "a newer version"
    return best


class Segment:
    def __init__(self, data, meta, number):
        self.data, self.store, self.generations = data, meta[32:48], u32(meta, 48)
        self.seed = crc(0, self.store)
        head = data[:128]
        self.begun = head[:8] == b"LOYALJNL" and u32(head, 124) == crc(0, head[:124])
        if self.begun:
            assert head[16:32] == self.store and u64(head, 32) == number
            self.first, self.generation = u64(head, 40), u32(head, 48)
            self.secret = head[64:96] if u32(head, 12) & 1 else None

    def frames(self):
        """(type, flags, sequence, payload) of each frame up to the first that is none."""
        at, seed, generation = 128, self.seed, self.generation
        while True:
            gap = -at % 4096
            if not any(self.data[at:at + gap]):
                at += gap
            if at + 24 > len(self.data):
                return
            size, kind, flags = struct.unpack_from("<HBB", self.data, at + 4)
            frame = self.data[at:at + 8 * size]
            if size < 3 or len(frame) < 8 * size or u32(frame, 0) != crc(seed, frame[4:]):
                return
            if not generation <= u32(frame, 16) <= self.generations:
                return
            generation = u32(frame, 16)
            seed = u32(frame, 0) if flags & MORE else self.seed
            yield kind, flags, u64(frame, 8), frame[24:8 * size - (flags & PAD)]
            at += 8 * size

    def salt(self, position, blocks):
        block = position // 64
        if block not in blocks:
            blocks[block] = blake(self.secret, block)
        return blake(blocks[block], position)[:16]

    def records(self):
        """(position, type, body, leaf) of complete units."""
        position, unit, payload, blocks = self.first - 1, [], b"", {}
        for kind, flags, sequence, part in self.frames():
            if kind & OWN:
                if sequence != position:
                    return
                assert kind in (CLOSE, SECRET) or kind & SKIP, "a newer version"
                if kind == SECRET:
                    blocks[u64(part, 0)] = part[8:]
                continue
            if sequence != position + 1:
                return
            payload += part
            if flags & MORE:
                continue
            position += 1
            skip = 32 if flags & LEAF else 16 if flags & SALT else 0
            link, body, payload = payload[:skip], payload[skip:], b""
            leaf = link if flags & LEAF else blake(link or self.salt(position, blocks), position, kind, body)
            unit.append((position, kind, body, leaf))
            if flags & END:
                yield from unit
                unit = []


def main():
    with open(sys.argv[1], "rb") as file:
        files = files_of(file.read())
    meta = meta_of(files)
    segments = [Segment(files[f"jnl-{n:016x}"], meta, n) for n in range(u64(meta, 88), u64(meta, 96) + 1)]
    segments = [s for s in segments if s.begun]
    value, total, count = blake(meta[32:48]), 0, 0
    for i, segment in enumerate(segments):
        limit = segments[i + 1].first if i + 1 < len(segments) else None
        for position, kind, body, leaf in segment.records():
            if limit is not None and position >= limit:
                break
            count += 1
            assert position == count
            value = blake(value, leaf)
            total = crc(total, struct.pack("<QQ", position, kind) + body)
    found = f"{count} records, {total:08x}, {value.hex()}"
    print(found)
    if sys.argv[2:3] == ["--expect"] and found != sys.argv[3]:
        print(f"expected {sys.argv[3]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
