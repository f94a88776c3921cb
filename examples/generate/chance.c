/* Random numbers and functions in integers; see chance.h. */
#include "chance.h"

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static uint64_t split_mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

void chance_seed(struct chance *chance, uint64_t seed, uint64_t number)
{
	uint64_t state = seed;
	int i;

	state = split_mix(&state) ^ number * UINT64_C(0xD1342543DE82EF95);
	for (i = 0; i < 4; i++)
		chance->state[i] = split_mix(&state);
}

uint64_t chance_next(struct chance *chance)
{
	uint64_t *s = chance->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

int64_t chance_below(struct chance *chance, int64_t n)
{
	return (int64_t)((chance_next(chance) >> 32) * (uint64_t)n >> 32);
}

int chance_is(struct chance *chance, fixed probability)
{
	return (int64_t)(chance_next(chance) >> 34) < probability * 1024;
}

fixed chance_normal(struct chance *chance)
{
	fixed sum = -6 * ONE;
	int i;

	for (i = 0; i < 4; i++) { /* three uniforms of 20 bits from each number */
		uint64_t bits = chance_next(chance);

		sum += (fixed)((bits >> 44) + (bits >> 24 & 0xFFFFF) + (bits >> 4 & 0xFFFFF));
	}
	return sum;
}

fixed times(fixed a, fixed b)
{
	return a * b / ONE;
}

fixed clamp(fixed value, fixed least, fixed most)
{
	return value < least ? least : value > most ? most : value;
}

/* round(2^20 / (1 + e^(-k/8))) for k = 0 … 64. */
static fixed logistic_step(int k)
{
	int64_t unit = INT64_C(1) << 30, e = unit;
	int i;

	for (i = 0; i < k; i++)
		e = e * 947573834 / unit; /* e^(-1/8) in units of 2^-30 */
	return (ONE * unit + (unit + e) / 2) / (unit + e);
}

fixed logistic(fixed x)
{
	static fixed table[66];
	fixed distance = x < 0 ? -x : x, step = ONE / 8, y;
	int k;

	if (table[0] == 0) {
		for (k = 0; k < 66; k++)
			table[k] = logistic_step(k);
	}
	distance = clamp(distance, 0, 8 * ONE);
	k = (int)(distance / step);
	y = table[k] + (table[k + 1] - table[k]) * (distance % step) / step;
	return x < 0 ? ONE - y : y;
}

fixed power_of_two(fixed x)
{
	fixed whole = x / ONE, part = x % ONE, y;

	if (part < 0) {
		part += ONE;
		whole--;
	}
	y = ONE + times(part, MILLI(656) + times(MILLI(344), part));
	for (; whole > 0; whole--)
		y *= 2;
	for (; whole < 0; whole++)
		y /= 2;
	return y;
}
