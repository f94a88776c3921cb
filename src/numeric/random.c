/*
 * Random numbers from integer arithmetic alone: the same sequence on every target.
 *
 * Method: xoshiro256** (Blackman & Vigna, Scrambled linear pseudorandom number generators, 2018; period
 * 2^256 - 1), its state filled by splitmix64 (Steele, Lea & Flood 2014), so that the all-zero state cannot
 * occur. Bounded integers by multiplication with rejection (Lemire, Fast random integer generation in an
 * interval, 2019): exactly uniform. Not for secrets.
 */
#include "numeric/numeric.h"

static uint64_t random_rotate(uint64_t x, unsigned places)
{
	return x << places | x >> (64 - places);
}

void loy__random_init(loy__random *r, uint64_t seed)
{
	size_t i;

	for (i = 0; i < LOY__COUNT(r->state); i++) {
		seed += UINT64_C(0x9e3779b97f4a7c15);
		r->state[i] = loy__mix64(seed);
	}
}

uint64_t loy__random_next(loy__random *r)
{
	uint64_t *s = r->state;
	uint64_t result = random_rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = random_rotate(s[3], 45);
	return result;
}

double loy__random_unit(loy__random *r)
{
	return (double)(loy__random_next(r) >> 11) * (1.0 / 9007199254740992.0);
}

uint64_t loy__random_below(loy__random *r, uint64_t bound)
{
	uint64_t high, low = loy__multiply_full(loy__random_next(r), bound, &high);

	if (low < bound) {
		uint64_t threshold = (UINT64_C(0) - bound) % bound; /* 2^64 mod bound */

		while (low < threshold)
			low = loy__multiply_full(loy__random_next(r), bound, &high);
	}
	return high;
}
