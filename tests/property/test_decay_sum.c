/*
 * Decayed sums are an exact commutative monoid: whatever the order and the grouping, the state is the same
 * bit for bit, and it reads as the sum it stands for. 12,000 random histories, fixed seeds.
 */
#include "support.h"
#include "numeric/numeric.h"

#include <math.h>

enum { HISTORIES = 12000, LONGEST = 4000, ORDERS = 3, PARTS = 7 };

struct event {
	int64_t time, amount;
};

struct history {
	loy__half_life half_life;
	size_t count;
	struct event event[LONGEST];
};

static int same(const loy__decay *a, const loy__decay *b)
{
	return a->top == b->top && a->chunk[0] == b->chunk[0] && a->chunk[1] == b->chunk[1] &&
	       a->chunk[2] == b->chunk[2];
}

static int64_t between(loy__random *random, int64_t low, int64_t high)
{
	return low + (int64_t)loy__random_below(random, (uint64_t)(high - low) + 1);
}

static int64_t clamp_time(int64_t time)
{
	return time < LOY_TIME_MIN ? LOY_TIME_MIN : time > LOY_TIME_MAX ? LOY_TIME_MAX : time;
}

/* Half-lives spread evenly over the logarithm, times all over the range or around one another. */
static void make_history(struct history *h, loy__random *random, int number)
{
	double span = 13.683; /* log of the largest to the smallest */
	double length = (double)LOY__HALF_LIFE_MIN * loy__exp(span * loy__random_unit(random));
	int64_t centre = between(random, LOY_TIME_MIN, LOY_TIME_MAX), reach, top;
	int style = number % 4;
	size_t i;

	if (length > (double)LOY__HALF_LIFE_MAX)
		length = (double)LOY__HALF_LIFE_MAX;
	assert_int_equal(loy__half_life_init(&h->half_life, (int64_t)length), LOY_OK);
	h->count = (size_t)between(random, 1, number % 100 == 0 ? LONGEST : 200);
	reach = h->half_life.microseconds < LOY_TIME_MAX / 200 ? 100 * h->half_life.microseconds
	                                                       : LOY_TIME_MAX;
	top = style == 3 ? 16 * LOY__AMOUNT_ONE : LOY__AMOUNT_LIMIT - 1;
	for (i = 0; i < h->count; i++) {
		struct event *e = &h->event[i];

		if (style == 0)
			e->time = between(random, LOY_TIME_MIN, LOY_TIME_MAX);
		else if (style == 1)
			e->time = clamp_time(centre + between(random, -reach / 50, reach / 50));
		else
			e->time = clamp_time(centre + between(random, -reach, reach));
		if (i > 0 && between(random, 0, 9) == 0)
			e->time = h->event[i - 1].time;
		e->amount = between(random, style == 3 ? 0 : -top, top) >> between(random, 0, 47);
		if (i > 0 && between(random, 0, 19) == 0) { /* takes back the one before */
			*e = h->event[i - 1];
			e->amount = -e->amount;
		}
	}
}

static void shuffle(struct history *h, loy__random *random)
{
	size_t i;

	for (i = h->count; i > 1; i--) {
		size_t k = (size_t)loy__random_below(random, i);
		struct event swap = h->event[i - 1];

		h->event[i - 1] = h->event[k];
		h->event[k] = swap;
	}
}

static void add_event(loy__decay *sum, const struct history *h, size_t i)
{
	loy__decay_time when;

	loy__decay_at(&h->half_life, h->event[i].time, &when);
	assert_int_equal(loy__decay_add(sum, &when, h->event[i].amount), LOY_OK);
}

static void sum_of(loy__decay *sum, const struct history *h)
{
	size_t i;

	loy__decay_init(sum);
	for (i = 0; i < h->count; i++)
		add_event(sum, h, i);
}

/* Each event to a random one of some parts, the parts merged pairwise in random order. */
static void sum_of_parts(loy__decay *sum, const struct history *h, loy__random *random)
{
	size_t parts = (size_t)between(random, 2, PARTS), i;
	loy__decay part[PARTS];

	for (i = 0; i < parts; i++)
		loy__decay_init(&part[i]);
	for (i = 0; i < h->count; i++)
		add_event(&part[loy__random_below(random, parts)], h, i);
	while (parts > 1) {
		size_t into = (size_t)loy__random_below(random, parts - 1);

		assert_int_equal(loy__decay_merge(&part[into], &part[parts - 1]), LOY_OK);
		parts--;
	}
	*sum = part[0];
}

static void order_and_grouping_change_nothing(void **state)
{
	struct history *h = malloc(sizeof(*h));
	uint64_t events = 0, compared = 0;
	loy__random random;
	int number, order;

	(void)state;
	assert_non_null(h);
	loy__random_init(&random, 2024);
	for (number = 0; number < HISTORIES; number++) {
		loy__decay first, other, empty;

		make_history(h, &random, number);
		sum_of(&first, h);
		assert_true(loy__decay_valid(&first));
		for (order = 0; order < ORDERS; order++) {
			shuffle(h, &random);
			sum_of(&other, h);
			assert_true(same(&first, &other));
			sum_of_parts(&other, h, &random);
			assert_true(same(&first, &other));
			compared += 2;
		}
		loy__decay_init(&empty);
		assert_int_equal(loy__decay_merge(&other, &empty), LOY_OK);
		assert_true(same(&first, &other));
		assert_int_equal(loy__decay_merge(&empty, &first), LOY_OK);
		assert_true(same(&first, &empty));
		events += h->count;
	}
	print_message("%d histories, %llu events, %llu states compared\n", HISTORIES,
	              (unsigned long long)events, (unsigned long long)compared);
	free(h);
}

/* 2^((time - now) / half_life): whole half-lives and remainder apart, as their quotient would lose digits. */
static double decayed(int64_t half_life, int64_t time, int64_t now)
{
	int64_t whole = loy__floor_div(time - now, half_life);
	int64_t rest = time - now - whole * half_life;

	if (whole < -2000)
		return 0.0;
	return ldexp(loy__exp2((double)rest / (double)half_life), (int)whole);
}

static void the_state_reads_as_the_sum(void **state)
{
	struct history *h = malloc(sizeof(*h));
	loy__random random;
	int number;

	(void)state;
	assert_non_null(h);
	loy__random_init(&random, 2025);
	for (number = 0; number < HISTORIES; number++) {
		double sum = 0.0, carry = 0.0, size = 0.0, bound, unit;
		int64_t newest = LOY_TIME_MIN, now, length;
		loy__decay_now prepared;
		loy__decay exact;
		size_t i;

		make_history(h, &random, number);
		sum_of(&exact, h);
		length = h->half_life.microseconds;
		for (i = 0; i < h->count; i++)
			if (h->event[i].time > newest)
				newest = h->event[i].time;
		now = clamp_time(newest + between(&random, -20, 40) * length / 7);
		for (i = 0; i < h->count; i++) { /* Neumaier's compensated sum */
			double term = decayed(length, h->event[i].time, now), next;

			term *= (double)h->event[i].amount / (double)LOY__AMOUNT_ONE;
			next = sum + term;
			carry += fabs(sum) >= fabs(term) ? (sum - next) + term : (term - next) + sum;
			sum = next;
			size += fabs(term);
		}
		loy__decay_now_init(&prepared, &h->half_life, now);
		/*
		 * Each addend is below by at most 2^-46.4 of itself (its mantissa), and by less than one unit
		 * of the lowest chunk, which is at most 2^-56 of a weight of 1 at the newest event. The
		 * comparison itself adds about 2^-51.
		 */
		unit = decayed(length, newest, now) * 0x1p-56;
		bound = size * 0x1.9p-47 + (double)h->count * unit;
		assert_close(loy__decay_read(&exact, &prepared), sum + carry, 0.0, bound);
	}
	free(h);
}

static void retraction_leaves_nothing(void **state)
{
	struct history *h = malloc(sizeof(*h));
	loy__random random;
	int number;

	(void)state;
	assert_non_null(h);
	loy__random_init(&random, 2026);
	for (number = 1; number < 1000; number++) {
		loy__decay sum;
		size_t i;

		make_history(h, &random, number);
		sum_of(&sum, h);
		for (i = 0; i < h->count; i++)
			h->event[i].amount = -h->event[i].amount;
		shuffle(h, &random);
		for (i = 0; i < h->count; i++)
			add_event(&sum, h, i);
		assert_true(sum.chunk[0] == 0 && sum.chunk[1] == 0 && sum.chunk[2] == 0);
	}
	free(h);
}

/* Two sums at once, and many times at once, which have ways of their own, give what single additions give. */
static void all_ways_to_add_are_one(void **state)
{
	enum { TIMES = 40 };
	loy__half_life half[2];
	loy__random r;
	int round, i, k;

	(void)state;
	loy__random_init(&r, 31);
	for (round = 0; round < 300; round++) {
		const uint64_t lives = LOY__HALF_LIFE_MAX - LOY__HALF_LIFE_MIN;
		/* all over the times there are, and close together, where few periods begin */
		const uint64_t span = round % 2 == 0 ? LOY_TIME_MAX / 4 - LOY_TIME_MIN / 4 : LOY_DAY * 100;
		int64_t times[TIMES], amount = LOY__AMOUNT_ONE;
		loy__decay many[2], single[2];
		loy__decay_period period[2], near[2];

		if (round % 3 == 0)
			amount = 1 + (int64_t)loy__random_below(&r, LOY__AMOUNT_LIMIT - 1);
		for (i = 0; i < 2; i++) {
			int64_t life = LOY__HALF_LIFE_MIN + (int64_t)loy__random_below(&r, lives);

			assert_int_equal(loy__half_life_init(&half[i], life), LOY_OK);
			loy__decay_init(&many[i]);
			loy__decay_init(&single[i]);
			loy__decay_period_init(&period[i], &half[i]);
			near[i] = period[i];
		}
		for (k = 0; k < TIMES; k++) {
			loy__decay_time when[2];
			loy__decay addend[2], within[2], expected;

			times[k] = LOY_TIME_MIN + (int64_t)loy__random_below(&r, span) * 4;
			loy__decay_at_two(&half[0], &half[1], times[k], when);
			loy__decay_addend_two(addend, when, amount);
			loy__decay_within_two(within, &near[0], &near[1], times[k], amount);
			for (i = 0; i < 2; i++) {
				loy__decay_addend(&expected, &when[i], amount);
				assert_memory_equal(addend[i].chunk, expected.chunk, sizeof(expected.chunk));
				assert_int_equal(addend[i].top, expected.top);
				assert_memory_equal(within[i].chunk, expected.chunk, sizeof(expected.chunk));
				assert_int_equal(within[i].top, expected.top);
				assert_int_equal(loy__decay_add(&single[i], &when[i], amount), LOY_OK);
			}
		}
		for (i = 0; i < 2; i++) { /* in two calls, so that one begins where the other ended */
			loy__decay_collect(&many[i], &period[i], times, TIMES / 4, amount);
			loy__decay_collect(&many[i], &period[i], times + TIMES / 4, TIMES - TIMES / 4, amount);
			assert_memory_equal(many[i].chunk, single[i].chunk, sizeof(many[i].chunk));
			assert_int_equal(many[i].top, single[i].top);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(order_and_grouping_change_nothing),
	        cmocka_unit_test(the_state_reads_as_the_sum),
	        cmocka_unit_test(retraction_leaves_nothing),
	        cmocka_unit_test(all_ways_to_add_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
