#!/usr/bin/env python3
"""Writes the coefficients of this room's special functions: gamma_, normal_ and gamma_inc_table.h.

Usage: special_tables.py           writes the files next to this one; needs mpmath (Debian: python3-mpmath)
       special_tables.py --check   compares them with what it would write; exit status 1 when one differs, 77 when
                                   there is no mpmath

Each row is the polynomial that interpolates a function at the Chebyshev points of an interval, found with 60
decimals and rounded to doubles once; the largest error seen is printed. The coefficients of the incomplete gamma
function's uniform expansion are exact fractions (DLMF 8.12), rounded once.
"""
import os
import sys
from fractions import Fraction

try:
    from mpmath import cos, digamma, erf, erfc, exp, findroot, log, loggamma, mp, mpf, nstr, pi, polygamma, sqrt
except ImportError:
    print("mpmath is missing: coefficients not checked")
    sys.exit(77)

mp.dps = 60


def interpolate(function, low, high, degree):
    """Coefficients, lowest first, of the polynomial in x on [low, high], and the largest error seen."""
    low, high = mpf(low), mpf(high)
    middle, half, n = (low + high) / 2, (high - low) / 2, degree + 1
    points = [cos(pi * (k + mpf(1) / 2) / n) for k in range(n)]
    values = [function(middle + half * u) for u in points]
    cheb = [2 * sum(values[k] * cos(j * pi * (k + mpf(1) / 2) / n) for k in range(n)) / n for j in range(n)]
    cheb[0] /= 2
    # sum of c_j T_j(u) to powers of u, then of x = middle + half u
    powers, before, now = [mpf(0)] * n, [mpf(1)], [mpf(0), mpf(1)]
    for j in range(n):
        term = before if j == 0 else now
        for i, t in enumerate(term):
            powers[i] += cheb[j] * t
        if j > 0:
            after = [mpf(0)] + [2 * t for t in now]
            for i, t in enumerate(before):
                after[i] -= t
            before, now = now, after
    shifted = [mpf(0)] * n
    for power in range(n - 1, -1, -1):  # Horner with u = (x - middle) / half
        moved = [mpf(0)] * n
        for i in range(n):
            moved[i] -= shifted[i] * middle / half
            if i + 1 < n:
                moved[i + 1] += shifted[i] / half
        moved[0] += powers[power]
        shifted = moved
    rounded = [mpf(float(c)) for c in shifted]
    error = mpf(0)
    for k in range(4 * n):
        x = low + (high - low) * (k + mpf(1) / 3) / (4 * n)
        value = sum(c * x**i for i, c in enumerate(rounded))
        error = max(error, abs(value - function(x)))
    return [float(c) for c in rounded], error


def row(values):
    lines, per = [], 4
    for at in range(0, len(values), per):
        lines.append("\t" + " ".join(float(v).hex().replace("0x0.0p+0", "0.0") + "," for v in values[at:at + per]))
    return lines


def poly(name, about, function, low, high, degree):
    values, error = interpolate(function, low, high, degree)
    print(f"{name}: {nstr(error, 2)}", file=sys.stderr)
    return [f"/* {about} */", f"static const double {name}[{degree + 1}] = {{"] + row(values) + ["};", ""]


def frame(name, lines):
    guard = "LOY_NUMERIC_" + name.upper()
    return "\n".join(["/* Written by special_tables.py: coefficients, the lowest power first. */", f"#ifndef {guard}_H",
                      f"#define {guard}_H", "/* clang-format off */", ""] + lines +
                     ["/* clang-format on */", "#endif", ""])


def split(name, value):
    high = float(value)
    return [f"#define {name}_HIGH {high.hex()}", f"#define {name}_LOW  {float(value - mpf(high)).hex()}"]


def binet(t):
    """x times what Stirling's formula lacks, as a function of t = 1/x^2."""
    if t == 0:
        return mpf(1) / 12
    x = 1 / sqrt(t)
    return x * (loggamma(x) - ((x - mpf(1) / 2) * log(x) - x + log(2 * pi) / 2))


def digamma_rest(t):
    """(log x - 1/(2x) - digamma x) x^2 as a function of t = 1/x^2."""
    if t == 0:
        return mpf(1) / 12
    x = 1 / sqrt(t)
    return (log(x) - 1 / (2 * x) - digamma(x)) / t


def trigamma_rest(t):
    """(trigamma x - 1/x - 1/(2x^2)) x^3 as a function of t = 1/x^2."""
    if t == 0:
        return mpf(1) / 6
    x = 1 / sqrt(t)
    return (polygamma(1, x) - 1 / x - t / 2) * x**3


def gamma_table():
    root = findroot(digamma, mpf("1.4616321449683623412626595423257"))
    lines = split("GAMMA_HALF_LOG_2_PI", log(2 * pi) / 2) + split("GAMMA_PI", pi) + split("DIGAMMA_ROOT", root) + [""]
    lines += poly("gamma_binet", "x (log gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) in 1/x^2 <= 0.16: 4e-18.",
                  binet, 0, mpf("0.16"), 13)
    lines += poly("gamma_two", "log gamma(2 + z) / z for |z| <= 1/2: error 6e-17.",
                  lambda z: loggamma(2 + z) / z if abs(z) > mpf(10)**-30 else digamma(mpf(2)), mpf(-1) / 2,
                  mpf(1) / 2, 18)
    lines += poly("digamma_asymptotic", "(log x - 1/(2x) - digamma(x)) x^2 in 1/x^2 <= 0.16.",
                  digamma_rest, 0, mpf("0.16"), 14)
    lines += poly("digamma_near_root", "digamma(root + z) / z for -0.27 <= z <= 0.3.",
                  lambda z: digamma(root + z) / z if abs(z) > mpf(10)**-30 else polygamma(1, root),
                  mpf("-0.27"), mpf("0.3"), 16)
    lines += poly("trigamma_asymptotic", "(trigamma(x) - 1/x - 1/(2x^2)) x^3 in 1/x^2 <= 0.16.",
                  trigamma_rest, 0, mpf("0.16"), 15)
    return frame("gamma_table", lines)


def mills(z):
    """sf(z) / pdf(z) of the normal distribution."""
    if z < 60:
        return sqrt(pi / 2) * exp(z * z / 2) * erfc(z / sqrt(mpf(2)))
    total, term, k = mpf(0), 1 / z, 0
    while abs(term) > mpf(10)**-55 / z:
        total += term
        term *= -(2 * k + 1) / z**2
        k += 1
    return total


def normal_table():
    lines = split("NORMAL_ROOT_2_PI", sqrt(2 * pi)) + split("NORMAL_LOG_ROOT_2_PI", log(2 * pi) / 2)
    lines += ["", "/* (z + 3) sf(z) / pdf(z) in u = 48 / (z + 3) - (row + 1/2), |u| <= 1/2: relative error 2e-17. */",
              "static const double normal_mills[16][10] = {"]
    worst = 0
    for piece in range(16):
        def scaled(u, piece=piece):
            t = (u + piece + mpf(1) / 2) / 16
            return mpf(1) if t == 0 else mills(3 / t - 3) * 3 / t
        values, error = interpolate(scaled, mpf(-1) / 2, mpf(1) / 2, 9)
        worst = max(worst, error / values[0])
        inner = row(values)
        lines += ["\t{"] + ["\t" + line for line in inner] + ["\t},"]
    print(f"normal_mills: {nstr(worst, 2)}", file=sys.stderr)
    lines += ["};", ""]
    lines += poly("normal_erf", "erf(x) / x in x^2 <= 1/4.",
                  lambda t: erf(sqrt(t)) / sqrt(t) if t > mpf(10)**-40 else 2 / sqrt(pi), 0, mpf(1) / 4, 10)
    return frame("normal_table", lines)


ORDERS, TERMS = 8, 15  # enough for a >= 50 and |x / a - 1| <= 0.35


def bernoulli_numbers(count):
    """B_0 … B_(count - 1)."""
    numbers = []
    for n in range(count):
        total, choose = Fraction(int(n == 0)), 1
        for k in range(n):
            total -= numbers[k] * choose / (n - k + 1)
            choose = choose * (n - k) // (k + 1)
        numbers.append(total)
    return numbers


def temme():
    """d[k][n] of DLMF 8.12.10: the remainder is e^(-a eta^2 / 2) / sqrt(2 pi a) sum d[k][n] eta^n a^-k."""
    size = TERMS + 2 * ORDERS + 2
    alpha = [Fraction(0), Fraction(1)]  # mu = sum alpha_n eta^n where eta^2 / 2 = mu - log(1 + mu)
    for n in range(2, size + 1):
        known = sum(alpha[i] * (n + 1 - i) * alpha[n + 1 - i] for i in range(2, n))
        alpha.append((alpha[n - 1] - known) / (n + 1))
    numbers, log_gamma = bernoulli_numbers(2 * ORDERS + 2), [Fraction(0)] * (2 * ORDERS)
    for k in range(1, ORDERS):
        log_gamma[2 * k - 1] = numbers[2 * k] / (2 * k * (2 * k - 1))
    g = [Fraction(1)]  # gamma(a) over Stirling's formula = sum g_k a^-k
    for n in range(1, ORDERS):
        g.append(sum(k * log_gamma[k] * g[n - k] for k in range(1, n + 1)) / n)
    first = [Fraction(-1, 3)] + [(n + 2) * alpha[n + 2] for n in range(1, size - 1)]
    d = [first]
    for k in range(1, ORDERS):
        last = d[k - 1]
        d.append([(-1) ** k * g[k] * first[n] + (n + 2) * last[n + 2] for n in range(len(last) - 2)])
    return d


def gamma_inc_table():
    lines = ["/* [k][n] of eta^n a^-k. */", f"static const double gamma_inc_temme[{ORDERS}][{TERMS}] = {{"]
    for values in temme():
        inner = row([v.numerator / v.denominator for v in values[:TERMS]])
        lines += ["\t{"] + ["\t" + line for line in inner] + ["\t},"]
    return frame("gamma_inc_table", lines + ["};", ""])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    wrong = 0
    for table in (gamma_table, normal_table, gamma_inc_table):
        path = os.path.join(here, table.__name__ + ".h")
        text = table()
        if sys.argv[1:] == ["--check"]:
            with open(path, encoding="ascii") as file:
                if file.read() != text:
                    print(f"{table.__name__}.h is not what special_tables.py writes")
                    wrong = 1
        else:
            with open(path, "w", encoding="ascii", newline="\n") as file:
                file.write(text)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
