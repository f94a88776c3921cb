/*
 * Chance for the generator, in integers only, so that the same seed gives the same bytes on every machine:
 * xoshiro256** seeded by SplitMix64 (Blackman & Vigna 2021), and the few functions a simulation needs in
 * fixed point. A `fixed` is an integer in units of 2^-20. Products are divided, not shifted, so that negative
 * numbers round towards zero everywhere.
 */
#ifndef GENERATE_CHANCE_H
#define GENERATE_CHANCE_H

#include <stdint.h>

typedef int64_t fixed;
#define ONE INT64_C(1048576)
/* A constant in thousandths. */
#define MILLI(n) ((fixed)(n)*ONE / 1000)

struct chance {
	uint64_t state[4];
};

/* A stream of its own for each pair of seed and number. */
void chance_seed(struct chance *chance, uint64_t seed, uint64_t number);
uint64_t chance_next(struct chance *chance);
/* 0 to n - 1; n is small, and the bias of n / 2^32 is left in. */
int64_t chance_below(struct chance *chance, int64_t n);
/* 1 with this probability. */
int chance_is(struct chance *chance, fixed probability);
/* About normal with mean 0 and deviation 1: the sum of twelve uniforms less six (Irwin & Hall 1927). */
fixed chance_normal(struct chance *chance);

fixed times(fixed a, fixed b);
fixed clamp(fixed value, fixed least, fixed most);
/* 1 / (1 + e^-x) by linear interpolation in steps of 1/8, to within 2e-4. */
fixed logistic(fixed x);
/* 2^x by a quadratic between whole numbers, to within 0.3 %; x from -20 to 20. */
fixed power_of_two(fixed x);

#endif
