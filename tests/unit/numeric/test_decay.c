/* Decayed sums: preparation of half-lives and times, single addends, limits, reading far away. */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

static const int64_t half_lives[] = {LOY__HALF_LIFE_MIN,     LOY__HALF_LIFE_MIN + 1, INT64_C(1) << 32,
                                     (INT64_C(1) << 32) - 1, 30 * LOY_DAY,           90 * LOY_DAY + 12345,
                                     INT64_C(1) << 40,       365 * LOY_DAY,          INT64_C(1) << 51,
                                     LOY__HALF_LIFE_MAX - 1, LOY__HALF_LIFE_MAX};

static loy__decay_time at(int64_t half_life, int64_t time)
{
	loy__half_life h;
	loy__decay_time when;

	assert_int_equal(loy__half_life_init(&h, half_life), LOY_OK);
	loy__decay_at(&h, time, &when);
	return when;
}

static double read_at(const loy__decay *sum, int64_t half_life, int64_t time)
{
	loy__half_life h;
	loy__decay_now now;

	assert_int_equal(loy__half_life_init(&h, half_life), LOY_OK);
	loy__decay_now_init(&now, &h, time);
	return loy__decay_read(sum, &now);
}

static int same(const loy__decay *a, const loy__decay *b)
{
	return a->top == b->top && memcmp(a->chunk, b->chunk, sizeof(a->chunk)) == 0;
}

static void half_lives_outside_the_limits_are_refused(void **state)
{
	loy__half_life h = {1, 2, 3, 4, 5};

	(void)state;
	assert_int_equal(loy__half_life_init(&h, LOY__HALF_LIFE_MIN - 1), LOY_ERANGE);
	assert_int_equal(loy__half_life_init(&h, LOY__HALF_LIFE_MAX + 1), LOY_ERANGE);
	assert_int_equal(loy__half_life_init(&h, 0), LOY_ERANGE);
	assert_int_equal(loy__half_life_init(&h, -LOY_DAY), LOY_ERANGE);
	assert_int_equal(loy__half_life_init(&h, INT64_MIN), LOY_ERANGE);
	assert_true(h.microseconds == 1 && h.bits == 5);
}

static void whole_half_lives_are_exact(void **state)
{
	static const int64_t offsets[] = {-2, -1, 0, 1, 2};
	loy__random random;
	size_t i, k;
	int n;

	(void)state;
	loy__random_init(&random, 3);
	for (i = 0; i < LOY__COUNT(half_lives); i++)
		for (n = 0; n < 2000; n++) {
			int64_t h = half_lives[i], time;

			time = LOY_TIME_MIN +
			       (int64_t)loy__random_below(&random, LOY_TIME_MAX - LOY_TIME_MIN + 1);
			for (k = 0; k < LOY__COUNT(offsets); k++) {
				/* both anywhere and next to a multiple, where a quotient goes wrong first */
				int64_t t = k == 4 ? time : loy__floor_div(time, h) * h + offsets[k];
				loy__decay_time when;

				if (t < LOY_TIME_MIN || t > LOY_TIME_MAX)
					continue;
				when = at(h, t);
				assert_true(when.whole == loy__floor_div(t, h));
				assert_true(when.mantissa >> 47 == 1);
				if (t == when.whole * h)
					assert_true(when.mantissa == UINT64_C(1) << 47);
			}
		}
	assert_true(at(LOY_HOUR, LOY_TIME_MIN).whole == -25567 * 24);
	assert_true(at(LOY_HOUR, LOY_TIME_MAX).whole == 84006 * 24 - 1);
}

static void mantissas_follow_the_power_of_two(void **state)
{
	/* floor(2^(k/16) * 2^47), from integer square roots */
	static const uint64_t sixteenth[] = {
	        UINT64_C(0x800000000000), UINT64_C(0x85aac367cc48), UINT64_C(0x8b95c1e3ea8b),
	        UINT64_C(0x91c3d373ab11), UINT64_C(0x9837f0518db8), UINT64_C(0x9ef5326091a1),
	        UINT64_C(0xa5fed6a9b151), UINT64_C(0xad583eea42a1), UINT64_C(0xb504f333f9de),
	        UINT64_C(0xbd08a39f580c), UINT64_C(0xc5672a115506), UINT64_C(0xce248c151f84),
	        UINT64_C(0xd744fccad69d), UINT64_C(0xe0ccdeec2a94), UINT64_C(0xeac0c6e7dd24),
	        UINT64_C(0xf5257d152486)};
	loy__random random;
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(sixteenth); i++) {
		loy__decay_time when = at(16 * LOY_HOUR, (int64_t)(1600 + i) * LOY_HOUR);

		/* a half-life of 16 hours makes these fractions exact, so only the last place is cut */
		assert_true(when.whole == 100);
		assert_true(when.mantissa == sixteenth[i]);
	}
	loy__random_init(&random, 4);
	for (i = 0; i < 200000; i++) {
		int64_t h = half_lives[i % LOY__COUNT(half_lives)];
		int64_t rest = (int64_t)loy__random_below(&random, (uint64_t)h);
		double exact = loy__exp2((double)rest / (double)h), error;

		error = (double)at(h, rest).mantissa / (0x1p47 * exact) - 1.0;
		/* cut, so never above but for the 2^-51 of this comparison; the file states 2^-46.4 below */
		assert_true(error < 0x1p-51 && error > -0x1.84p-47);
	}
}

static void one_event_reads_as_its_weight(void **state)
{
	static const double weights[] = {1.0, -1.0, 0.5, 255.99, -200.0, 0x1p-20, 0x1p-40};
	size_t i, k;

	(void)state;
	for (i = 0; i < LOY__COUNT(half_lives); i++)
		for (k = 0; k < LOY__COUNT(weights); k++) {
			int64_t h = half_lives[i], time = INT64_C(1700000000) * LOY_SECOND;
			double weight = (double)loy__amount_from_double(weights[k]) / (double)LOY__AMOUNT_ONE;
			loy__decay_time when = at(h, time);
			loy__decay sum;

			loy__decay_init(&sum);
			assert_int_equal(loy__decay_add(&sum, &when, loy__amount_from_double(weights[k])),
			                 LOY_OK);
			assert_true(loy__decay_valid(&sum));
			/* 2^-46.4 of the mantissa; 2^-55 cut below the chunks */
			assert_close(read_at(&sum, h, time), weight, 0x1.9p-47, 0x1p-55);
			if (time + h <= LOY_TIME_MAX)
				assert_close(read_at(&sum, h, time + h), weight / 2, 0x1.9p-47, 0x1p-56);
			assert_close(read_at(&sum, h, time - h), weight * 2, 0x1.9p-47, 0x1p-54);
		}
	/* at whole half-lives nothing is rounded at all */
	{
		loy__decay_time when = at(LOY_DAY, 20000 * LOY_DAY);
		loy__decay sum;

		loy__decay_init(&sum);
		assert_int_equal(loy__decay_add(&sum, &when, 3 * LOY__AMOUNT_ONE), LOY_OK);
		assert_bits_equal(read_at(&sum, LOY_DAY, 20000 * LOY_DAY), 3.0);
		assert_bits_equal(read_at(&sum, LOY_DAY, 20003 * LOY_DAY), 0.375);
		assert_bits_equal(read_at(&sum, LOY_DAY, 19990 * LOY_DAY), 3072.0);
	}
}

static void amounts_are_limited_and_zero_is_nothing(void **state)
{
	loy__decay_time when = at(LOY_DAY, 0);
	loy__decay sum, empty;

	(void)state;
	loy__decay_init(&sum);
	loy__decay_init(&empty);
	assert_int_equal(loy__decay_add(&sum, &when, LOY__AMOUNT_LIMIT), LOY_ERANGE);
	assert_int_equal(loy__decay_add(&sum, &when, -LOY__AMOUNT_LIMIT), LOY_ERANGE);
	assert_int_equal(loy__decay_add(&sum, &when, INT64_MIN), LOY_ERANGE);
	assert_int_equal(loy__decay_add(&sum, &when, 0), LOY_OK);
	assert_true(same(&sum, &empty));
	assert_bits_equal(read_at(&sum, LOY_DAY, 0), 0.0);
	assert_int_equal(loy__decay_add(&sum, &when, LOY__AMOUNT_LIMIT - 1), LOY_OK);
	assert_int_equal(loy__decay_add(&sum, &when, -(LOY__AMOUNT_LIMIT - 1)), LOY_OK);
	assert_true(sum.chunk[0] == 0 && sum.chunk[1] == 0 && sum.chunk[2] == 0);
	assert_true(loy__amount_from_double(1.0) == LOY__AMOUNT_ONE);
	assert_true(loy__amount_from_double(-1.0) == -LOY__AMOUNT_ONE);
	assert_true(loy__amount_from_double(0x1.8p-40) == 2 && loy__amount_from_double(-0x1.8p-40) == -2);
}

static void late_events_vanish_wherever_they_come(void **state)
{
	loy__decay_time newest = at(LOY_HOUR, 4000 * LOY_HOUR), late;
	loy__decay one, before, after;
	int hours;

	(void)state;
	for (hours = 0; hours < 200; hours++) {
		late = at(LOY_HOUR, (4000 - hours) * LOY_HOUR + 1800 * LOY_SECOND);
		loy__decay_init(&one);
		assert_int_equal(loy__decay_add(&one, &newest, LOY__AMOUNT_ONE), LOY_OK);
		after = one;
		assert_int_equal(loy__decay_add(&after, &late, LOY__AMOUNT_ONE), LOY_OK);
		loy__decay_init(&before);
		assert_int_equal(loy__decay_add(&before, &late, LOY__AMOUNT_ONE), LOY_OK);
		assert_int_equal(loy__decay_add(&before, &newest, LOY__AMOUNT_ONE), LOY_OK);
		assert_true(same(&before, &after));
		if (hours > 96 + 8) /* three chunks, and the room for larger amounts */
			assert_true(same(&after, &one));
		if (hours < 64 - 8)
			assert_false(same(&after, &one));
	}
}

static void chunks_stop_at_their_limit(void **state)
{
	loy__decay_time when = at(LOY_DAY, 100 * LOY_DAY), old = at(LOY_DAY, 60 * LOY_DAY);
	loy__decay sum, before, full;
	int i;

	(void)state;
	for (i = 0; i < LOY__DECAY_CHUNKS; i++) {
		int sign;

		for (sign = -1; sign <= 1; sign += 2) {
			loy__decay_init(&sum);
			/* an odd amount at an odd time gives all three chunks a part */
			when = at(LOY_DAY, 100 * LOY_DAY + 12345678901);
			assert_int_equal(loy__decay_add(&sum, &when, sign * (LOY__AMOUNT_LIMIT - 3)), LOY_OK);
			assert_true(sum.chunk[i] != 0);
			full = sum;
			sum.chunk[i] = sign * (LOY__DECAY_LIMIT - 1) - full.chunk[i];
			assert_int_equal(loy__decay_add(&sum, &when, sign * (LOY__AMOUNT_LIMIT - 3)), LOY_OK);
			assert_true(sum.chunk[i] == sign * (LOY__DECAY_LIMIT - 1));
			assert_true(loy__decay_valid(&sum));
			before = sum;
			assert_int_equal(loy__decay_add(&sum, &when, sign * (LOY__AMOUNT_LIMIT - 3)),
			                 LOY_EOVERFLOW);
			assert_true(same(&sum, &before));
			assert_int_equal(loy__decay_merge(&sum, &full), LOY_EOVERFLOW);
			assert_int_equal(loy__decay_merge(&sum, &sum), LOY_EOVERFLOW);
			assert_true(same(&sum, &before));
			assert_int_equal(loy__decay_add(&sum, &when, -sign * (LOY__AMOUNT_LIMIT - 3)),
			                 LOY_OK);
		}
	}
	/* a full chunk that falls out is no obstacle */
	loy__decay_init(&sum);
	assert_int_equal(loy__decay_add(&sum, &old, LOY__AMOUNT_ONE), LOY_OK);
	sum.chunk[2] = LOY__DECAY_LIMIT;
	assert_int_equal(loy__decay_add(&sum, &when, LOY__AMOUNT_ONE), LOY_OK);
}

static void foreign_states_are_checked(void **state)
{
	loy__decay_time first = at(LOY_HOUR, LOY_TIME_MIN), last = at(LOY_HOUR, LOY_TIME_MAX);
	loy__decay sum, bad;
	int i;

	(void)state;
	loy__decay_init(&sum);
	assert_true(loy__decay_valid(&sum));
	sum.chunk[1] = 1;
	assert_false(loy__decay_valid(&sum));
	loy__decay_init(&sum);
	assert_int_equal(loy__decay_add(&sum, &first, LOY__AMOUNT_ONE), LOY_OK);
	assert_true(loy__decay_valid(&sum));
	bad = sum;
	bad.top--;
	assert_false(loy__decay_valid(&bad));
	loy__decay_init(&sum);
	assert_int_equal(loy__decay_add(&sum, &last, LOY__AMOUNT_ONE), LOY_OK);
	assert_true(loy__decay_valid(&sum));
	bad = sum;
	bad.top++;
	assert_false(loy__decay_valid(&bad));
	for (i = 0; i < LOY__DECAY_CHUNKS; i++) {
		bad = sum;
		bad.chunk[i] = LOY__DECAY_LIMIT + 1;
		assert_false(loy__decay_valid(&bad));
		bad.chunk[i] = -LOY__DECAY_LIMIT - 1;
		assert_false(loy__decay_valid(&bad));
		bad.chunk[i] = INT64_MIN;
		assert_false(loy__decay_valid(&bad));
	}
}

static void reading_far_away_saturates_or_vanishes(void **state)
{
	loy__decay_time first = at(LOY_HOUR, LOY_TIME_MIN), last = at(LOY_HOUR, LOY_TIME_MAX);
	loy__decay old, new;
	double previous = DBL_MAX;
	int hours;

	(void)state;
	loy__decay_init(&old);
	loy__decay_init(&new);
	assert_int_equal(loy__decay_add(&old, &first, -LOY__AMOUNT_ONE), LOY_OK);
	assert_int_equal(loy__decay_add(&new, &last, -LOY__AMOUNT_ONE), LOY_OK);
	assert_bits_equal(read_at(&old, LOY_HOUR, LOY_TIME_MAX), 0.0);
	assert_bits_equal(read_at(&new, LOY_HOUR, LOY_TIME_MIN), -DBL_MAX);
	assert_int_equal(loy__decay_add(&new, &last, 2 * LOY__AMOUNT_ONE), LOY_OK);
	assert_bits_equal(read_at(&new, LOY_HOUR, LOY_TIME_MIN), DBL_MAX);
	/* an hour is a half: all the way down through the subnormal numbers */
	loy__decay_init(&old);
	first = at(LOY_HOUR, 0);
	assert_int_equal(loy__decay_add(&old, &first, LOY__AMOUNT_ONE), LOY_OK);
	for (hours = -1023; hours <= 1074; hours++)
		assert_bits_equal(read_at(&old, LOY_HOUR, hours * LOY_HOUR), ldexp(1.0, -hours));
	for (hours = -1100; hours <= 1100; hours++) {
		double value = read_at(&old, LOY_HOUR, hours * LOY_HOUR + 1000 * LOY_SECOND);

		assert_true(value <= previous && value >= 0.0 && value <= DBL_MAX);
		previous = value;
	}
	assert_bits_equal(previous, 0.0);
}

static void reading_survives_cancellation_between_chunks(void **state)
{
	loy__decay sum;

	(void)state;
	loy__decay_init(&sum);
	sum.top = 2; /* so that chunk[2] counts ones */
	sum.chunk[0] = 1;
	sum.chunk[1] = -(INT64_C(1) << 32);
	sum.chunk[2] = 7;
	assert_bits_equal(read_at(&sum, LOY_DAY, 0), 7.0);
	sum.chunk[0] = -(INT64_C(1) << 29);
	sum.chunk[1] = (INT64_C(1) << 61) - 1;
	sum.chunk[2] = (INT64_C(1) << 32) - 5;
	assert_bits_equal(read_at(&sum, LOY_DAY, 0), -5.0);
	sum.chunk[0] = 0;
	sum.chunk[1] = -(INT64_C(1) << 29) - 1;
	sum.chunk[2] = (INT64_C(1) << 61) + 12345;
	assert_bits_equal(read_at(&sum, LOY_DAY, 0), 12345.0 - 4294967296.0);
	sum.chunk[0] = LOY__DECAY_LIMIT;
	sum.chunk[1] = LOY__DECAY_LIMIT;
	sum.chunk[2] = LOY__DECAY_LIMIT;
	assert_close(read_at(&sum, LOY_DAY, 0), 0x1p126 + 0x1p94 + 0x1p62, 0x1p-51, 0.0);
	sum.chunk[0] = -LOY__DECAY_LIMIT;
	sum.chunk[1] = -LOY__DECAY_LIMIT;
	sum.chunk[2] = -LOY__DECAY_LIMIT;
	assert_close(read_at(&sum, LOY_DAY, 0), -0x1p126 - 0x1p94 - 0x1p62, 0x1p-51, 0.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(half_lives_outside_the_limits_are_refused),
	        cmocka_unit_test(whole_half_lives_are_exact),
	        cmocka_unit_test(mantissas_follow_the_power_of_two),
	        cmocka_unit_test(one_event_reads_as_its_weight),
	        cmocka_unit_test(amounts_are_limited_and_zero_is_nothing),
	        cmocka_unit_test(late_events_vanish_wherever_they_come),
	        cmocka_unit_test(chunks_stop_at_their_limit),
	        cmocka_unit_test(foreign_states_are_checked),
	        cmocka_unit_test(reading_far_away_saturates_or_vanishes),
	        cmocka_unit_test(reading_survives_cancellation_between_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
