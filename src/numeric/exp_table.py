#!/usr/bin/env python3
"""Writes exp_table.h: 2^(i/128) as sums of two doubles, from integer arithmetic alone.

Usage: exp_table.py > exp_table.h
A root 2^(1/2^n) is taken as an integer square root, n times, with 300 binary places; Python's division of
integers rounds correctly.
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


def power(i):
    """2^(i/128) with PLACES binary places."""
    x = ONE
    for n in range(1, 8):
        if i >> (7 - n) & 1:
            x = x * root(n) >> PLACES
    return x


print("/* Written by exp_table.py. 2^(i/128): the nearest double, and the double nearest to what is left. */")
print("#ifndef LOY_NUMERIC_EXP_TABLE_H")
print("#define LOY_NUMERIC_EXP_TABLE_H")
print()
print("static const double exp_table[128][2] = {")
for i in range(128):
    whole = power(i)
    high = whole / ONE
    p, q = high.as_integer_ratio()
    low = (whole - p * ONE // q) / ONE
    print("\t{%s, %s}," % (high.hex(), low.hex()))
print("};")
print()
print("#endif")
