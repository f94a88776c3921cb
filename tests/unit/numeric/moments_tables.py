#!/usr/bin/env python3
"""Writes moments_table.h: small tables and their moments, computed in exact fractions by the definitions.

Usage: moments_tables.py           writes moments_table.h next to this file
       moments_tables.py --check   compares it with what it would write; exit status 1 when it differs

Nothing is shared with the library's ways: deviations from exact means are multiplied row by row and rounded once,
roots are taken of decimals of 60 digits.
"""
import decimal
import pathlib
import random
import sys
from fractions import Fraction

GRID = Fraction(1, 2 ** 40)
KINDS = 3  # covariance n - 1, covariance n, correlation
decimal.getcontext().prec = 60


def to_grid(value):
    """Nearest multiple of 2^-40, ties to even, as Python rounds fractions."""
    return round(Fraction(value) / GRID) * GRID


def root(fraction):
    return (decimal.Decimal(fraction.numerator) / decimal.Decimal(fraction.denominator)).sqrt()


def divisor(kind, weighting, rows, total):
    if kind == 1:
        return total
    if weighting == 0:
        return total - 1
    return total * Fraction(rows - 1, rows)


def deviations(table, i, mean, chosen, missing_mean):
    return [Fraction(0) if missing_mean and table[r][i] is None else table[r][i] - mean for r in chosen]


def pair(table, weights, missing, i, j):
    """Sums of squares and products of deviations, rows and sum of weights. missing: 0 listwise, 1 pairwise, 2 mean."""
    chosen = [r for r in range(len(table)) if weights[r] > 0]
    if missing == 0:
        chosen = [r for r in chosen if None not in table[r]]
    if missing == 1:
        chosen = [r for r in chosen if table[r][i] is not None and table[r][j] is not None]
    own = [[r for r in chosen if table[r][c] is not None] for c in (i, j)]
    means = [sum(weights[r] * table[r][c] for r in o) / sum(weights[r] for r in o) for c, o in zip((i, j), own)]
    x = deviations(table, i, means[0], chosen, missing == 2)
    y = deviations(table, j, means[1], chosen, missing == 2)
    w = [weights[r] for r in chosen]
    return (sum(a * b * b for a, b in zip(w, x)), sum(a * b * c for a, b, c in zip(w, x, y)),
            sum(a * b * b for a, b in zip(w, y)), len(chosen), sum(w))


def matrices(table, weights, missing):
    """All matrices of one way of reading: by weighting, by kind."""
    columns = len(table[0])
    pairs = {(i, j): pair(table, weights, missing, i, j) for i in range(columns) for j in range(i, columns)}
    out = []
    for weighting in range(2):
        for kind in range(KINDS):
            for i in range(columns):
                for j in range(columns):
                    sxx, sxy, syy, rows, total = pairs[min(i, j), max(i, j)]
                    if kind == 2:
                        exact = decimal.Decimal(sxy.numerator) / decimal.Decimal(sxy.denominator)
                        out.append(float(exact / (root(sxx) * root(syy))))
                    else:
                        out.append(float(sxy / divisor(kind, weighting, rows, total)))
    return out


def number(value):
    if value is None:
        return "NAN"
    return float(value).hex()


def make(name, columns, rows, draw, missing_share, weigh):
    rng = random.Random(name)
    written = [[None if rng.random() < missing_share else draw(rng, c) for c in range(columns)] for _ in range(rows)]
    given = [weigh(rng) for _ in range(rows)]
    table = [[None if v is None else to_grid(v) for v in row] for row in written]
    weights = [to_grid(w) for w in given]
    return {"name": name, "columns": columns, "rows": rows, "written": written, "given": given,
            "weighted": any(w != 1 for w in given), "table": table, "weights": weights, "missing": missing_share > 0}


def scaled(rng, column):
    """Magnitudes from the smallest to the largest, each column of its own."""
    return rng.uniform(-1, 1) * 2.0 ** ((-36, -12, 0, 15, 39, 3)[column % 6])


def mixed(rng, _column):
    return rng.uniform(-1, 1) * 2.0 ** rng.uniform(-41, 40)


CASES = [
    make("answers", 5, 40, lambda r, c: float(r.randint(1, 7)), 0, lambda r: 1.0),
    make("answers with gaps", 5, 60, lambda r, c: float(r.randint(1, 7)), 0.1, lambda r: 1.0),
    make("frequencies", 4, 30, lambda r, c: float(r.randint(0, 10)), 0, lambda r: float(r.randint(0, 3))),
    make("survey weights, gaps", 4, 50, lambda r, c: float(r.randint(0, 10)), 0.15, lambda r: r.uniform(0.2, 3)),
    make("money", 4, 30, lambda r, c: r.randint(0, 10 ** 9) / 100, 0, lambda r: 1.0),
    make("far from zero", 4, 200, lambda r, c: 1e9 + r.uniform(-1, 1), 0.02, lambda r: r.uniform(0.2, 3)),
    make("columns of all magnitudes", 6, 150, scaled, 0.03, lambda r: 1.0),
    make("values of all magnitudes", 5, 140, mixed, 0.05, lambda r: 2.0 ** r.uniform(-30, 39)),
]


def write(case, out):
    def array(what, kind, values):
        out.append(f"static const {kind} {what}[] = {{")
        for at in range(0, len(values), 4):
            out.append("\t" + ", ".join(values[at:at + 4]) + ",")
        out.append("};")

    index = CASES.index(case)
    array(f"values_{index}", "double", [number(v) for row in case["written"] for v in row])
    if case["weighted"]:
        array(f"weights_{index}", "double", [number(w) for w in case["given"]])
    results = []
    for missing in range(3 if case["missing"] else 1):
        results += matrices(case["table"], case["weights"], missing)
    array(f"results_{index}", "double", [number(v) for v in results])


def main():
    out = ["/* Written by moments_tables.py: tables, and their moments computed in exact fractions. */", "",
           "/* clang-format off */"]
    for case in CASES:
        write(case, out)
    out.append("static const struct moments_case moments_cases[] = {")
    for i, case in enumerate(CASES):
        weights = f"weights_{i}" if case["weighted"] else "NULL"
        out.append(f'\t{{"{case["name"]}", {case["columns"]}, {case["rows"]}, {int(case["missing"])}, values_{i}, '
                   f"{weights}, results_{i}}},")
    out.append("};")
    text = "\n".join(out) + "\n"
    target = pathlib.Path(__file__).parent / "moments_table.h"
    if sys.argv[1:] != ["--check"]:
        target.write_text(text)
    elif target.read_text() != text:
        print("moments_table.h is not what moments_tables.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
