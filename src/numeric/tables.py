#!/usr/bin/env python3
"""Writes the tables of this room from integer arithmetic alone.

Usage: tables.py           writes decay_table.h, exp_table.h and log_table.h next to this file
       tables.py --check   compares them with what it would write; exit status 1 when one differs

Numbers are integers with 300 binary places. A root 2^(1/2^n) is an integer square root taken n times, logarithms
are series of the inverse hyperbolic tangent, and Python's division of integers rounds to the nearest double.
"""
import os
import sys
from math import isqrt

PLACES = 300
ONE = 1 << PLACES


def root(n):
    """2^(1/2^n)."""
    x = 2 << PLACES
    for _ in range(n):
        x = isqrt(x << PLACES)
    return x


def power(numerator, bits):
    """2^(numerator / 2^bits)."""
    x = ONE
    for n in range(1, bits + 1):
        if numerator >> (bits - n) & 1:
            x = x * root(n) >> PLACES
    return x


def log(p, q):
    """log(p / q) = 2 atanh((p - q) / (p + q)), for ratios not far from 1."""
    t = (p - q) * ONE // (p + q)
    square = t * t >> PLACES
    total, n = 0, 1
    while t:
        total += t // n
        t = t * square >> PLACES
        n += 2
        if abs(t) <= 1:
            break
    return 2 * total


def hexadecimal(numerator, denominator=ONE):
    """The nearest double, and what is left over as an integer."""
    value = numerator / denominator
    p, q = value.as_integer_ratio()
    return value.hex().replace("0x0.0p+0", "0.0"), numerator - p * denominator // q


def frame(name, about, lines):
    guard = "LOY_NUMERIC_" + name.upper()
    return "\n".join([f"/* Written by tables.py. {about} */", f"#ifndef {guard}_H", f"#define {guard}_H",
                      "/* clang-format off */", ""] + lines + ["", "/* clang-format on */", "#endif", ""])


def words(name, values):
    lines = [f"static const uint64_t {name}[{len(values)}] = {{"]
    for at in range(0, len(values), 3):
        lines.append("\t" + " ".join(f"UINT64_C(0x{v:016x})," for v in values[at:at + 3]))
    return lines + ["};"]


def decay_table():
    coarse = words("decay_coarse", [power(i, 8) >> (PLACES - 63) for i in range(256)])
    fine = words("decay_fine", [(power(j, 16) - ONE) >> (PLACES - 64) for j in range(256)])
    return frame("decay_table", "2^(i/256) with 63 binary places, and 2^(j/65536) - 1 with 64, both cut.",
                 coarse + [""] + fine)


def exp_table():
    lines = ["static const double exp_table[128][2] = {"]
    for i in range(128):
        high, rest = hexadecimal(power(i, 7))
        lines.append("\t{%s, %s}," % (high, hexadecimal(rest)[0]))
    return frame("exp_table", "2^(i/128): the nearest double, and the double nearest to what is left.",
                 lines + ["};"])


# The word of a double, less this, has a double's exponent in its top 12 bits (the number lies between 0.706 and
# 1.412 times that power of two) and the row of the table in the next 7. A third of row 75 lies above 1.
LOG_OFFSET = 0x3fe68aab00000000
LOG_PLACES = 42  # of the high parts: exact when multiples of log 2 are added


def log_row(i):
    def double(word):
        """As a fraction of integers."""
        exponent, mantissa = word >> 52, word & (1 << 52) - 1 | 1 << 52
        return mantissa << (exponent - 1000), 1 << (1023 + 52 - 1000)

    p, q = double(LOG_OFFSET + (2 * i + 1 << 44))
    inverse = (q * 8192 // p + 1) // 2  # 1 / the middle, with 12 places
    if i == 75:
        inverse = 4096
    value = -log(inverse, 4096)
    high = (value >> (PLACES - LOG_PLACES - 1)) + 1 >> 1
    rest = value - (high << (PLACES - LOG_PLACES))
    return "\t{%s, %s, %s}," % (hexadecimal(inverse, 4096)[0], hexadecimal(high, 1 << LOG_PLACES)[0],
                                hexadecimal(rest)[0])


def log_table():
    two = log(4, 3) + log(3, 2)
    high = (two >> (PLACES - LOG_PLACES - 1)) + 1 >> 1
    lines = ["#define LOG_OFFSET UINT64_C(0x%x)" % LOG_OFFSET,
             "#define LOG_2_HIGH %s" % hexadecimal(high, 1 << LOG_PLACES)[0],
             "#define LOG_2_LOW  %s" % hexadecimal(two - (high << (PLACES - LOG_PLACES)))[0], "",
             "static const double log_table[128][3] = {"]
    return frame("log_table", "1/c with 12 binary places, and log c in two parts, the first with 42.",
                 lines + [log_row(i) for i in range(128)] + ["};"])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    wrong = 0
    for table in (decay_table, exp_table, log_table):
        path = os.path.join(here, table.__name__ + ".h")
        if sys.argv[1:] == ["--check"]:
            with open(path, encoding="ascii") as file:
                if file.read() != table():
                    print(f"{table.__name__}.h is not what tables.py writes")
                    wrong = 1
        else:
            with open(path, "w", encoding="ascii", newline="\n") as file:
                file.write(table())
    return wrong


if __name__ == "__main__":
    sys.exit(main())
