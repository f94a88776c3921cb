#include "stores.h"

#include <math.h>

#include "model/model.h"

#define NOW (20200 * LOY_DAY)

static loy_model *model;
static loy_store *store; /* 3000 customers, some with nothing that reaches a score */

static int set_up(void **state)
{
	loy_event *event;
	loy__random random;
	uint64_t i;

	(void)state;
	model = stores_model();
	store = stores_create(model, 0);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	loy__random_init(&random, 1);
	for (i = 1; i <= 9000; i++) {
		stores_event(event, &random, 3000, i);
		assert_int_equal(loy_store_record(store, event, NULL), LOY_OK);
	}
	loy_event_destroy(event);
	assert_int_equal(loy_store_sort(store), LOY_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loy_store_destroy(store);
	free(model);
	return 0;
}

struct columns {
	uint64_t rows;
	double *number; /* value, low, high, evidence of each construct */
	uint8_t *state;
	loy_score_column column[3];
};

static struct columns make_columns(uint64_t rows)
{
	struct columns c = {.rows = rows};
	uint32_t i;

	c.number = malloc((size_t)rows * 12 * sizeof(*c.number));
	c.state = malloc((size_t)rows * 3);
	memset(c.number, 0x5a, (size_t)rows * 12 * sizeof(*c.number));
	memset(c.state, 0x5a, (size_t)rows * 3);
	for (i = 0; i < 3; i++) {
		loy_score_column column = {.struct_size = sizeof(column), .construct = i};
		double *at = c.number + 4 * i;

		column.value = at;
		column.low = at + 1;
		column.high = at + 2;
		column.evidence = at + 3;
		column.value_stride = column.low_stride = column.high_stride = column.evidence_stride =
		        12 * sizeof(double);
		column.state = c.state + i * rows;
		column.state_stride = 1;
		c.column[i] = column;
	}
	return c;
}

static void free_columns(struct columns *c)
{
	free(c->number);
	free(c->state);
}

static void rows_are_scored_as_cards_are(void **state)
{
	uint64_t count = loy_store_count(store), row, unknown = 0;
	struct columns c = make_columns(count);
	loy_scorecard *card, *other;
	loy_profile *profile;
	uint32_t k;

	(void)state;
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&other, model, NULL), LOY_OK);
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_score(store, model, NOW, 0, count, c.column, 3, NULL), LOY_OK);
	for (row = 0; row < count; row++) {
		assert_int_equal(loy_store_evaluate(store, row, card, NOW), LOY_OK);
		assert_int_equal(loy_store_profile(store, row, profile), LOY_OK);
		assert_int_equal(loy_scorecard_evaluate(other, profile, NOW), LOY_OK);
		for (k = 0; k < 3; k++) {
			loy_score score = {.struct_size = sizeof(score)},
			          same = {.struct_size = sizeof(same)};
			const double *number = c.number + row * 12 + 4 * k;

			assert_int_equal(loy_scorecard_score(card, k, &score), LOY_OK);
			assert_int_equal(loy_scorecard_score(other, k, &same), LOY_OK);
			assert_memory_equal(&score, &same, sizeof(score));
			assert_int_equal(c.state[k * count + row], score.state);
			assert_bits_equal(number[3], score.evidence);
			unknown += score.state == LOY_SCORE_UNKNOWN;
			if (score.state == LOY_SCORE_UNKNOWN) {
				assert_true(isnan(number[0]) && isnan(number[1]) && isnan(number[2]));
			} else {
				assert_bits_equal(number[0], score.value);
				assert_bits_equal(number[1], score.low);
				assert_bits_equal(number[2], score.high);
			}
		}
	}
	assert_true(unknown > 100);
	loy_profile_destroy(profile);
	loy_scorecard_destroy(other);
	loy_scorecard_destroy(card);
	free_columns(&c);
}

static void threads_and_ranges_make_no_difference(void **state)
{
	uint64_t count = loy_store_count(store);
	struct columns all = make_columns(count), c = make_columns(count), part = make_columns(100);
	uint32_t threads;

	(void)state;
	assert_int_equal(loy_store_score(store, model, NOW, 0, count, all.column, 3, NULL), LOY_OK);
	for (threads = 1; threads <= 8; threads++) {
		loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};

		memset(c.number, 0, count * 12 * sizeof(double));
		assert_int_equal(loy_store_score(store, model, NOW, 0, count, c.column, 3, &options), LOY_OK);
		assert_memory_equal(c.number, all.number, count * 12 * sizeof(double));
		assert_memory_equal(c.state, all.state, count * 3);
		assert_int_equal(
		        loy_store_score(store, model, NOW, 1000 + threads, 100, part.column, 3, &options),
		        LOY_OK);
		assert_memory_equal(part.number, all.number + (1000 + threads) * 12,
		                    100 * 12 * sizeof(double));
	}
	assert_int_equal(loy_store_score(store, model, NOW, count, 0, part.column, 3, NULL), LOY_OK);
	free_columns(&part);
	free_columns(&c);
	free_columns(&all);
}

struct watcher {
	uint64_t calls, last, stop_at;
};

static int32_t watch(uint64_t done, uint64_t total, void *user_data)
{
	struct watcher *w = user_data;

	assert_true(done > w->last && done <= total);
	w->last = done;
	w->calls++;
	return done >= w->stop_at;
}

/* Enough rows for several slabs: one customer's profile over and over. */
static void progress_is_told_and_may_cancel(void **state)
{
	enum { MANY = 200000 };
	loy_store *large = stores_create(model, LOY_STORE_TRUSTED);
	loy_score_column column = {.struct_size = sizeof(column)};
	struct watcher watcher = {.stop_at = UINT64_MAX};
	loy_batch_options options = {
	        .struct_size = sizeof(options), .progress = watch, .user_data = &watcher};
	loy_profile *profile;
	double *value = malloc(MANY * sizeof(*value));
	uint64_t rows[5], found, i;

	(void)state;
	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_store_profile(store, 0, profile), LOY_OK);
	for (i = 1; i <= MANY; i++)
		assert_int_equal(loy_store_merge_profile(large, i, NULL, 0, profile), LOY_OK);
	assert_int_equal(loy_store_sort(large), LOY_OK);
	column.value = value;
	column.value_stride = sizeof(*value);
	assert_int_equal(loy_store_score(large, model, NOW, 0, MANY, &column, 1, &options), LOY_OK);
	assert_true(watcher.calls > 2 && watcher.last == MANY);
	watcher.last = 0;
	options.threads = 2;
	assert_int_equal(loy_store_rank(large, model, 0, NOW, 1, NULL, 0, rows, NULL, 5, &found, &options),
	                 LOY_OK);
	assert_true(watcher.last == MANY && found == MANY);
	for (i = 0; i < 5; i++)
		assert_int_equal(rows[i], i); /* all the same: ties by row */
	watcher.last = 0;
	watcher.stop_at = 70000;
	assert_int_equal(loy_store_score(large, model, NOW, 0, MANY, &column, 1, &options), LOY_ECANCELLED);
	assert_true(watcher.last < MANY);
	watcher.last = 0;
	found = 7;
	assert_int_equal(loy_store_rank(large, model, 0, NOW, 1, NULL, 0, rows, NULL, 5, &found, &options),
	                 LOY_ECANCELLED);
	assert_int_equal(found, 7);
	watcher.last = 0;
	watcher.stop_at = MANY;
	assert_int_equal(loy_store_score(large, model, NOW, 0, MANY, &column, 1, &options), LOY_OK);
	free(value);
	loy_profile_destroy(profile);
	loy_store_destroy(large);
}

static void arguments_are_checked(void **state)
{
	uint64_t count = loy_store_count(store), found = 3, rows[2];
	struct columns c = make_columns(count);
	loy_batch_options options = {.struct_size = sizeof(options), .threads = 1000};
	loy_filter filter = {.struct_size = sizeof(filter), .comparison = LOY_LESS};
	loy_filter two[2] = {filter, filter};
	loy_store *unsorted = stores_create(model, 0);
	loy_model *other = stores_model();
	loy_scorecard *card, *foreign;
	loy_event *event;

	(void)state;
	other->schema.fingerprint_high++;
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&foreign, other, NULL), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	assert_int_equal(loy_event_begin(event, LOY_KIND_VISIT, 0), LOY_OK);
	assert_int_equal(loy_event_set_customer(event, 1), LOY_OK);
	assert_int_equal(loy_store_record(unsorted, event, NULL), LOY_OK);
	assert_int_equal(loy_store_score(NULL, model, NOW, 0, 0, c.column, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, NULL, NOW, 0, 0, c.column, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, LOY_TIME_MAX + 1, 0, 0, c.column, 3, NULL), LOY_ETIME);
	assert_int_equal(loy_store_score(store, model, LOY_TIME_MIN - 1, 0, 0, c.column, 3, NULL), LOY_ETIME);
	assert_int_equal(loy_store_score(store, other, NOW, 0, 0, c.column, 3, NULL), LOY_ESCHEMA);
	assert_int_equal(loy_store_score(unsorted, model, NOW, 0, 1, c.column, 3, NULL), LOY_ESTATE);
	assert_int_equal(loy_store_score(store, model, NOW, 0, count + 1, c.column, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, NOW, count + 1, 0, c.column, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, NOW, 1, UINT64_MAX, c.column, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, NOW, 0, 1, NULL, 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, NOW, 0, 1, c.column, 3, &options), LOY_EINVAL);
	assert_int_equal(loy_store_score(store, model, NOW, 0, count, NULL, 0, NULL), LOY_OK);
	assert_int_equal(loy_store_evaluate(NULL, 0, card, NOW), LOY_EINVAL);
	assert_int_equal(loy_store_evaluate(store, 0, NULL, NOW), LOY_EINVAL);
	assert_int_equal(loy_store_evaluate(store, count, card, NOW), LOY_EINVAL);
	assert_int_equal(loy_store_evaluate(store, 0, card, LOY_TIME_MAX + 1), LOY_ETIME);
	assert_int_equal(loy_store_evaluate(store, 0, foreign, NOW), LOY_ESCHEMA);
	assert_int_equal(loy_store_evaluate(unsorted, 0, card, NOW), LOY_ESTATE);
	assert_int_equal(loy_store_rank(NULL, model, 0, NOW, 1, NULL, 0, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(unsorted, model, 0, NOW, 1, NULL, 0, rows, NULL, 2, &found, NULL),
	                 LOY_ESTATE);
	assert_int_equal(loy_store_rank(store, model, 3, NOW, 1, NULL, 0, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, NULL, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, NULL, 0, NULL, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, LOY_FILTERS_MAX + 1, rows, NULL, 2,
	                                &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, NULL, 0, rows, NULL, 2, &found, &options),
	                 LOY_EINVAL);
	filter.comparison = 0;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	filter.comparison = 7;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	filter.comparison = LOY_EQUAL;
	filter.value = NAN;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	filter.value = 0.0;
	filter.construct = 3;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	filter.field = 6; /* there is none */
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, &filter, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	two[1].struct_size = sizeof(filter) + 8;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, two, 2, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	two[0].struct_size = 3;
	assert_int_equal(loy_store_rank(store, model, 0, NOW, 1, two, 1, rows, NULL, 2, &found, NULL),
	                 LOY_EINVAL);
	assert_int_equal(found, 3);
	loy_event_destroy(event);
	loy_scorecard_destroy(foreign);
	loy_scorecard_destroy(card);
	loy_store_destroy(unsorted);
	free(other);
	free_columns(&c);
}

/* ---- ranking against the plainest way ---- */

struct ranked {
	double value;
	uint64_t row;
};

static int rising(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (isnan(x->value) != isnan(y->value))
		return isnan(x->value) ? 1 : -1;
	if (!isnan(x->value) && x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->row < y->row ? -1 : 1;
}

static int falling(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (!isnan(x->value) && !isnan(y->value) && x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return rising(a, b);
}

static int holds(double a, uint32_t comparison, double b)
{
	return comparison == LOY_LESS            ? a < b
	       : comparison == LOY_LESS_EQUAL    ? a <= b
	       : comparison == LOY_EQUAL         ? a == b
	       : comparison == LOY_NOT_EQUAL     ? a != b
	       : comparison == LOY_GREATER_EQUAL ? a >= b
	                                         : a > b;
}

/* 1 when the customer of a row is known to meet the filter. */
static int meets(uint64_t row, const loy_filter *filter, loy_profile *profile, loy_scorecard *card)
{
	loy_score score = {.struct_size = sizeof(score)};
	loy_value value;

	if (filter->field == 0) {
		assert_int_equal(loy_store_evaluate(store, row, card, NOW), LOY_OK);
		assert_int_equal(loy_scorecard_score(card, filter->construct, &score), LOY_OK);
		return score.state != LOY_SCORE_UNKNOWN &&
		       holds(score.value, filter->comparison, filter->value);
	}
	assert_int_equal(loy_store_profile(store, row, profile), LOY_OK);
	if (loy_profile_get(profile, filter->field, filter->key, NOW, &value) != LOY_OK)
		return 0;
	if (value.type == LOY_TYPE_REAL)
		return holds(value.real, filter->comparison, filter->value);
	if (value.type == LOY_TYPE_WIDE)
		return holds(ldexp((double)value.high, 64) + (double)value.low, filter->comparison,
		             filter->value);
	return holds((double)value.integer, filter->comparison, filter->value);
}

static void rank_against_sorting(const loy_filter *filters, uint32_t count, uint32_t construct,
                                 int32_t descending, uint64_t capacity, uint32_t threads)
{
	uint64_t rows = loy_store_count(store), found, kept = 0, i;
	struct ranked *expected = malloc((size_t)rows * sizeof(*expected));
	uint64_t *got = malloc((size_t)rows * sizeof(*got));
	double *values = malloc((size_t)rows * sizeof(*values));
	loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};
	loy_profile *profile;
	loy_scorecard *card;
	uint32_t f;

	assert_int_equal(loy_profile_create(&profile, &model->schema, NULL), LOY_OK);
	assert_int_equal(loy_scorecard_create(&card, model, NULL), LOY_OK);
	for (i = 0; i < rows; i++) {
		loy_score score = {.struct_size = sizeof(score)};
		int keep = 1;

		for (f = 0; f < count; f++)
			keep = keep && meets(i, &filters[f], profile, card);
		if (!keep)
			continue;
		assert_int_equal(loy_store_evaluate(store, i, card, NOW), LOY_OK);
		assert_int_equal(loy_scorecard_score(card, construct, &score), LOY_OK);
		expected[kept].value = score.value;
		expected[kept++].row = i;
	}
	qsort(expected, (size_t)kept, sizeof(*expected), descending ? falling : rising);
	assert_int_equal(loy_store_rank(store, model, construct, NOW, descending, filters, count, got,
	                                threads % 2 ? values : NULL, capacity, &found, &options),
	                 LOY_OK);
	assert_int_equal(found, kept);
	for (i = 0; i < kept && i < capacity; i++) {
		assert_int_equal(got[i], expected[i].row);
		if (threads % 2 && !isnan(expected[i].value))
			assert_bits_equal(values[i], expected[i].value);
		if (threads % 2)
			assert_int_equal(isnan(values[i]), isnan(expected[i].value));
	}
	loy_scorecard_destroy(card);
	loy_profile_destroy(profile);
	free(values);
	free(got);
	free(expected);
}

static void ranks_are_those_of_sorting(void **state)
{
	static const uint64_t capacities[] = {0, 1, 2, 10, 1000, 5000};
	const loy_filter filters[] = {
	        {sizeof(loy_filter), 0, 0, 0, LOY_GREATER, 55.0},
	        {sizeof(loy_filter), LOY_PROFILE_EVENTS, 0, 0, LOY_GREATER_EQUAL, 3.0},
	        {sizeof(loy_filter), LOY_PROFILE_POSITIVE_SLOW, 0, 0, LOY_LESS, 1.5},
	        {sizeof(loy_filter), LOY_PROFILE_PURCHASE_SQUARES, 0, 0, LOY_GREATER, 1e9},
	        {sizeof(loy_filter), LOY_PROFILE_COUNT, LOY_KIND_VISIT, 0, LOY_EQUAL, 1.0},
	        {sizeof(loy_filter), LOY_PROFILE_EVENTS, 0, 0, LOY_NOT_EQUAL, 4.0},
	        {sizeof(loy_filter), 0, 0, 1, LOY_LESS_EQUAL, 60.0},
	};
	uint32_t i, k;

	(void)state;
	for (i = 0; i < 6; i++) {
		rank_against_sorting(NULL, 0, i % 3, (int32_t)i & 1, capacities[i], 1 + i);
		rank_against_sorting(NULL, 0, i % 3, ~(int32_t)i & 1, capacities[i], 8 - i);
	}
	for (i = 0; i < 7; i++)
		for (k = 1; k + i <= 7 && k <= 3; k++)
			rank_against_sorting(filters + i, k, 1, (int32_t)k & 1, 50, 1 + (i + k) % 4);
}

static void reading_without_memory_fails_cleanly(void **state)
{
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);
	loy_store *small;
	struct columns c = make_columns(10);
	loy_event *event;
	loy__random random;
	uint64_t i, rows[3], found, hash[2];
	loy_status status;
	long n, refusals = 0;

	(void)state;
	loy__random_init(&random, 3);
	assert_int_equal(loy_store_create(&small, model, NULL, &memory), LOY_OK);
	assert_int_equal(loy_event_create(&event, NULL), LOY_OK);
	for (i = 0; i < 10; i++) {
		sample_event(event, &random, SAMPLE_TAME);
		assert_int_equal(loy_event_set_customer(event, 1 + i), LOY_OK);
		assert_int_equal(loy_store_record(small, event, NULL), LOY_OK);
	}
	assert_int_equal(loy_store_sort(small), LOY_OK);
	for (i = 0; i < 3; i++) {
		status = LOY_ENOMEM;
		for (n = 0; status != LOY_OK; n++) {
			long live = heap.live;

			heap.requests = 0;
			heap.until = n;
			status = i == 0   ? loy_store_score(small, model, NOW, 0, 10, c.column, 3, NULL)
			         : i == 1 ? loy_store_rank(small, model, 0, NOW, 1, NULL, 0, rows, NULL, 3,
			                                   &found, NULL)
			                  : loy_store_hash(small, &hash[0], &hash[1]);
			assert_int_equal(heap.live, live);
			assert_true(status == LOY_OK || status == LOY_ENOMEM);
			refusals += status == LOY_ENOMEM;
		}
	}
	assert_true(refusals >= 1 + 4 + 1);
	heap.until = -1;
	loy_event_destroy(event);
	loy_store_destroy(small);
	assert_int_equal(heap.live, 0);
	free_columns(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_are_scored_as_cards_are),
	        cmocka_unit_test(threads_and_ranges_make_no_difference),
	        cmocka_unit_test(progress_is_told_and_may_cancel),
	        cmocka_unit_test(arguments_are_checked),
	        cmocka_unit_test(ranks_are_those_of_sorting),
	        cmocka_unit_test(reading_without_memory_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
