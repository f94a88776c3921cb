#!/usr/bin/env python3
"""Writes decay_table.h: the powers of two that decay.c multiplies, from integer arithmetic alone.

Usage: decay_table.py > decay_table.h
A root 2^(1/2^n) is taken as an integer square root, n times, with 300 binary places; the entries are products
of such roots, cut (not rounded) to their last place.
"""
from math import isqrt

PLACES = 300
ONE = 1 << PLACES


def root(n):
    """2^(1/2^n) with PLACES binary places."""
    x = 2 << PLACES
    for _ in range(n):
        x = isqrt(x << PLACES)
    return x


def power(numerator, bits):
    """2^(numerator / 2^bits) with PLACES binary places."""
    x = ONE
    for n in range(1, bits + 1):
        if numerator >> (bits - n) & 1:
            x = x * root(n) >> PLACES
    return x


def table(name, values):
    print(f"static const uint64_t {name}[{len(values)}] = {{")
    for at in range(0, len(values), 3):
        print("\t" + " ".join(f"UINT64_C(0x{v:016x})," for v in values[at:at + 3]))
    print("};")


print("/* Written by decay_table.py. 2^(i/256) with 63 binary places, and 2^(j/65536) - 1 with 64, both cut. */")
print("#ifndef LOY_NUMERIC_DECAY_TABLE_H")
print("#define LOY_NUMERIC_DECAY_TABLE_H")
print()
table("decay_coarse", [power(i, 8) >> (PLACES - 63) for i in range(256)])
print()
table("decay_fine", [(power(j, 16) - ONE) >> (PLACES - 64) for j in range(256)])
print()
print("#endif")
