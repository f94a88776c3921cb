#!/usr/bin/env python3
"""Writes the table of this room.

Usage: tables.py           writes crc_table.h next to this file
       tables.py --check   compares it with what it would write; exit status 1 when it differs
"""
import pathlib
import sys

POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41 reflected
LANE = 1024  # bytes that one of three interleaved checksums takes at a time


def power(n):
    """x^n modulo the polynomial, reflected."""
    x = 0x80000000
    for _ in range(n):
        x = x >> 1 ^ (POLYNOMIAL if x & 1 else 0)
    return x


def crc_table():
    first = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        first.append(crc)
    tables = [first]
    for _ in range(7):
        tables.append([first[crc & 0xFF] ^ crc >> 8 for crc in tables[-1]])
    lines = ["/* Written by tables.py; not to be edited. crc_table[k][b]: byte b followed by k bytes of zeroes. */",
             "#ifndef LOY_CORE_CRC_TABLE_H", "#define LOY_CORE_CRC_TABLE_H", "", "#include <stdint.h>", "",
             "/* clang-format off */", "static const uint32_t crc_table[8][256] = {"]
    for table in tables:
        lines.append("\t{")
        lines += ["\t\t" + " ".join(f"0x{x:08x}u," for x in table[i:i + 8]) for i in range(0, 256, 8)]
        lines.append("\t},")
    lines += ["};", "/* clang-format on */", "",
              "/* Bytes of a lane; x^(8 n - 33) for n of one and of two lanes: n bytes of zeroes, by one multiplication. */",
              f"#define CRC_LANE        {LANE}u",
              f"#define CRC_SHIFT_LANE  0x{power(8 * LANE - 33):08x}u",
              f"#define CRC_SHIFT_LANES 0x{power(16 * LANE - 33):08x}u", "", "#endif", ""]
    return "\n".join(lines)


def main():
    path = pathlib.Path(__file__).resolve().parent / "crc_table.h"
    if sys.argv[1:] != ["--check"]:
        path.write_text(crc_table())
    elif path.read_text() != crc_table():
        print("crc_table.h is not what tables.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
