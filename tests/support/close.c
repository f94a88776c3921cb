#include <math.h>

#include "support.h"

void support_close(double actual, double expected, double relative, double absolute, const char *what,
                   const char *file, int line)
{
	double allowed = relative * fabs(expected) + absolute;

	if (isnan(expected)   ? isnan(actual)
	    : isinf(expected) ? actual == expected
	                      : fabs(actual - expected) <= allowed)
		return;
	print_error("%s is %.17g, not within %.3g of %.17g (off by %.3g)\n", what, actual, allowed, expected,
	            actual - expected);
	_fail(file, line);
}

void support_bits(double actual, double expected, const char *what, const char *file, int line)
{
	uint64_t a, e;

	memcpy(&a, &actual, sizeof(a));
	memcpy(&e, &expected, sizeof(e));
	if (a == e)
		return;
	print_error("%s is %a (%.17g), not %a (%.17g)\n", what, actual, actual, expected, expected);
	_fail(file, line);
}

/* Doubles as integers in their own order, so that neighbours differ by one and both zeroes are 0. */
static int64_t rank(double x)
{
	int64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits < 0 ? INT64_MIN - bits : bits;
}

uint64_t support_ulps(double a, double b)
{
	int64_t ra, rb;

	if (isnan(a) || isnan(b))
		return UINT64_MAX;
	ra = rank(a);
	rb = rank(b);
	return ra > rb ? (uint64_t)ra - (uint64_t)rb : (uint64_t)rb - (uint64_t)ra;
}
