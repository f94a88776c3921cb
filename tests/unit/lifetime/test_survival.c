/* Accumulators of survival: what goes in, what is refused and named, sorting, bytes, memory that runs out. */
#include "survivals.h"

#include <math.h>

static void options_are_checked(void **state)
{
	loy_survival_options options = {.struct_size = sizeof(options)};
	loy_survival *survival = NULL;

	(void)state;
	assert_int_equal(loy_survival_create(NULL, NULL, NULL), LOY_EINVAL);
	options.flags = 4;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_EINVAL);
	options.flags = 0;
	options.covariates = LOY_SURVIVAL_COVARIATES_MAX + 1;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_ELIMIT);
	options.covariates = 0;
	options.unit = -1;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_EINVAL);
	options.unit = 0;
	options.struct_size = 3;
	assert_int_equal(loy_survival_create(&survival, &options, NULL), LOY_EINVAL);
	assert_null(survival);
	loy_survival_destroy(NULL);
	assert_int_equal(loy_survival_rows(NULL), 0);
	assert_int_equal(loy_survival_subjects(NULL), 0);
	assert_int_equal(loy_survival_group_count(NULL), 0);
	assert_int_equal(loy_survival_sort(NULL), LOY_EINVAL);
}

/* A row that is good but for one field, which the error must name. */
static void bad_rows_are_named(void **state)
{
	const uint32_t flags = LOY_SURVIVAL_ENTERED | LOY_SURVIVAL_WEIGHTED;
	const double inf = (double)INFINITY, nan = (double)NAN;
	const struct {
		double time, entry, weight, covariate;
		uint32_t event, field;
		uint64_t count;
	} list[] = {
	        {nan, 0, 1, 1, 1, LOY_SURVIVAL_FIELD_TIME, 0},
	        {-1e-300, 0, 1, 1, 1, LOY_SURVIVAL_FIELD_TIME, 0},
	        {inf, 0, 1, 1, 1, LOY_SURVIVAL_FIELD_TIME, 0},
	        {9007199254740994.0, 0, 1, 1, 1, LOY_SURVIVAL_FIELD_TIME, 0},
	        {2, 2, 1, 1, 1, LOY_SURVIVAL_FIELD_ENTRY, 0},
	        {2, -1, 1, 1, 1, LOY_SURVIVAL_FIELD_ENTRY, 0},
	        {2, nan, 1, 1, 1, LOY_SURVIVAL_FIELD_ENTRY, 0},
	        {2, 1, 0, 1, 1, LOY_SURVIVAL_FIELD_WEIGHT, 0},
	        {2, 1, nan, 1, 1, LOY_SURVIVAL_FIELD_WEIGHT, 0},
	        {2, 1, inf, 1, 1, LOY_SURVIVAL_FIELD_WEIGHT, 0},
	        {2, 1, -1, 1, 1, LOY_SURVIVAL_FIELD_WEIGHT, 0},
	        {2, 1, 1, nan, 1, LOY_SURVIVAL_FIELD_COVARIATE + 1, 0},
	        {2, 1, 1, -inf, 1, LOY_SURVIVAL_FIELD_COVARIATE + 1, 0},
	        {2, 1, 1, 1, 2, LOY_SURVIVAL_FIELD_EVENT, 0},
	        {2, 1, 1, 1, 1, LOY_SURVIVAL_FIELD_COUNT, UINT64_C(1) << 32},
	};
	loy_survival *survival = new_survival(flags, 2, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < LOY__COUNT(list); i++) {
		loy_error error = {.struct_size = sizeof(error)};
		loy_survival_row row = {.struct_size = sizeof(row)};
		const double covariates[2] = {0, list[i].covariate};
		double time[3] = {5, list[i].time, 5}, entry[3] = {1, list[i].entry, 1};
		double weight[3] = {1, list[i].weight, 1}, all[6] = {0, 0, 0, list[i].covariate, 0, 0};
		uint8_t event[3] = {1, (uint8_t)list[i].event, 0};
		loy_survival_columns columns = {.struct_size = sizeof(columns),
		                                .time = time,
		                                .time_stride = 8,
		                                .event = event,
		                                .event_stride = 1,
		                                .entry = entry,
		                                .entry_stride = 8,
		                                .weight = weight,
		                                .weight_stride = 8,
		                                .covariates = all,
		                                .covariate_row = 16,
		                                .covariate_column = 8};

		row.time = list[i].time;
		row.entry = list[i].entry;
		row.weight = list[i].weight;
		row.event = list[i].event;
		row.count = list[i].count;
		row.covariates = covariates;
		assert_int_equal(loy_survival_add(survival, &row, &error), LOY_ERANGE);
		assert_int_equal(error.field, list[i].field);
		assert_int_equal(error.row, -1);
		if (list[i].count == 0) {
			assert_int_equal(loy_survival_add_columns(survival, &columns, 3, &error), LOY_ERANGE);
			assert_int_equal(error.field, list[i].field);
			assert_int_equal(error.row, 1);
		}
		assert_int_equal(loy_survival_rows(survival), 0); /* the good row before it was not kept */
	}
	assert_int_equal(loy_survival_subjects(survival), 0);
	loy_survival_destroy(survival);
}

static void what_the_accumulator_does_not_hold_is_refused(void **state)
{
	loy_survival *plain = new_survival(0, 0, NULL), *rich = new_survival(LOY_SURVIVAL_WEIGHTED, 1, NULL);
	loy_survival_row row = {.struct_size = sizeof(row), .time = 1.0, .weight = 1.0};
	double time[1] = {1.0};
	int64_t whole[1] = {1};
	loy_survival_columns columns = {.struct_size = sizeof(columns), .time = time, .whole = whole};

	(void)state;
	assert_int_equal(loy_survival_add(plain, &row, NULL), LOY_EINVAL);
	row.weight = 0.0;
	row.entry = 0.5;
	assert_int_equal(loy_survival_add(plain, &row, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add(rich, &row, NULL), LOY_EINVAL); /* no covariates */
	assert_int_equal(loy_survival_add(plain, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add(NULL, &row, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add_columns(plain, &columns, 1, NULL), LOY_EINVAL); /* both times */
	columns.time = NULL;
	columns.weight = time;
	assert_int_equal(loy_survival_add_columns(plain, &columns, 1, NULL), LOY_EINVAL);
	columns.weight = NULL;
	assert_int_equal(loy_survival_add_columns(rich, &columns, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_add_columns(plain, &columns, UINT64_C(1) << 32, NULL), LOY_ELIMIT);
	assert_int_equal(loy_survival_merge(plain, rich), LOY_EINVAL);
	assert_int_equal(loy_survival_merge(plain, NULL), LOY_EINVAL);
	loy_survival_destroy(plain);
	loy_survival_destroy(rich);
}

static void units_must_agree(void **state)
{
	loy_survival_options options = {.struct_size = sizeof(options), .unit = LOY_DAY};
	loy_survival *days = NULL, *weeks = NULL;

	(void)state;
	assert_int_equal(loy_survival_create(&days, &options, NULL), LOY_OK);
	options.unit = 7 * LOY_DAY;
	assert_int_equal(loy_survival_create(&weeks, &options, NULL), LOY_OK);
	assert_int_equal(loy_survival_merge(days, weeks), LOY_EINVAL);
	loy_survival_destroy(days);
	loy_survival_destroy(weeks);
}

static void counts_stand_for_rows(void **state)
{
	loy_survival *once = new_survival(0, 0, NULL), *often = new_survival(0, 0, NULL);
	loy_survival *nothing = new_survival(0, 0, NULL);
	loy_survival_row row = {.struct_size = sizeof(row), .time = 3.0, .event = 1, .group = 9};
	size_t size[2];
	uint8_t *bytes[2];
	uint32_t group = 0;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(loy_survival_add(often, &row, NULL), LOY_OK);
	row.count = 5;
	assert_int_equal(loy_survival_add(once, &row, NULL), LOY_OK);
	row.time = -0.0; /* the same as 0 */
	row.count = 1;
	assert_int_equal(loy_survival_add(once, &row, NULL), LOY_OK);
	row.time = 0.0;
	assert_int_equal(loy_survival_add(often, &row, NULL), LOY_OK);
	assert_int_equal(loy_survival_rows(often), 6);
	assert_int_equal(loy_survival_group(often, 0, &group), LOY_ESTATE);
	assert_int_equal(loy_survival_write(often, NULL, 0, &size[0]), LOY_ESTATE);
	assert_int_equal(loy_survival_sort(often), LOY_OK);
	assert_int_equal(loy_survival_sort(once), LOY_OK);
	assert_int_equal(loy_survival_rows(often), 2);
	assert_int_equal(loy_survival_subjects(often), 6);
	assert_int_equal(loy_survival_group_count(often), 1);
	assert_int_equal(loy_survival_group(often, 0, &group), LOY_OK);
	assert_int_equal(group, 9);
	assert_int_equal(loy_survival_group(often, 1, &group), LOY_ENOTFOUND);
	assert_int_equal(loy_survival_group(NULL, 0, &group), LOY_EINVAL);
	assert_int_equal(loy_survival_merge(once, nothing), LOY_OK); /* of nothing: it stays sorted */
	assert_int_equal(loy_survival_group_count(once), 1);
	loy_survival_destroy(nothing);
	bytes[0] = survival_bytes(once, &size[0]);
	bytes[1] = survival_bytes(often, &size[1]);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(bytes[0], bytes[1], size[0]);
	free(bytes[0]);
	free(bytes[1]);
	loy_survival_destroy(once);
	loy_survival_destroy(often);
}

static void subjects_and_groups_have_a_limit(void **state)
{
	loy_survival *survival = new_survival(0, 0, NULL), *other = new_survival(0, 0, NULL);
	loy_survival_row row = {.struct_size = sizeof(row), .time = 3.0, .count = LOY_SURVIVAL_SUBJECTS_MAX};
	uint32_t i;

	(void)state;
	assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	row.count = 1;
	assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_ELIMIT);
	assert_int_equal(loy_survival_add(other, &row, NULL), LOY_OK);
	assert_int_equal(loy_survival_merge(survival, other), LOY_ELIMIT);
	assert_int_equal(loy_survival_subjects(survival), LOY_SURVIVAL_SUBJECTS_MAX);
	for (i = 0; i <= LOY_SURVIVAL_GROUPS_MAX; i++) {
		row.group = 77777u * i;
		assert_int_equal(loy_survival_add(other, &row, NULL), LOY_OK);
	}
	assert_int_equal(loy_survival_sort(other), LOY_ELIMIT);
	assert_int_equal(loy_survival_rows(other),
	                 LOY_SURVIVAL_GROUPS_MAX + 1); /* the two of group 0 are one */
	assert_int_equal(loy_survival_group_count(other), 0);
	loy_survival_destroy(survival);
	loy_survival_destroy(other);
}

static int32_t cancel_at(uint64_t done, uint64_t total, void *user)
{
	uint64_t *calls = user;

	assert_true(done <= total);
	return ++*calls == 2;
}

static void whole_columns_and_progress(void **state)
{
	enum { ROWS = 200000 };
	int64_t *whole = calloc(ROWS, sizeof(*whole));
	loy_survival *survival = new_survival(0, 0, NULL);
	uint64_t calls = 0;
	loy_error error = {.struct_size = sizeof(error)};
	loy_survival_columns columns = {.struct_size = sizeof(columns),
	                                .whole = whole,
	                                .whole_stride = 8,
	                                .progress = cancel_at,
	                                .user_data = &calls};

	(void)state;
	assert_non_null(whole);
	assert_int_equal(loy_survival_add_columns(survival, &columns, ROWS, &error), LOY_ECANCELLED);
	assert_int_equal(calls, 2);
	assert_int_equal(loy_survival_rows(survival), 0);
	whole[ROWS - 1] = INT64_C(9007199254740993);
	columns.progress = NULL;
	assert_int_equal(loy_survival_add_columns(survival, &columns, ROWS, &error), LOY_ERANGE);
	assert_int_equal(error.row, ROWS - 1);
	assert_int_equal(error.field, LOY_SURVIVAL_FIELD_TIME);
	whole[ROWS - 1] = INT64_C(9007199254740992);
	assert_int_equal(loy_survival_add_columns(survival, &columns, ROWS, &error), LOY_OK);
	assert_int_equal(loy_survival_add_columns(survival, &columns, 0, &error), LOY_OK);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	assert_int_equal(loy_survival_rows(survival), 2);
	assert_int_equal(loy_survival_subjects(survival), ROWS);
	loy_survival_destroy(survival);
	free(whole);
}

/* ---- bytes ---- */

static void one_row_by_hand(void **state)
{
	static const uint8_t expected[] = {
	        'L',  'O', 'Y', 'T', 1, 1, 1,    0,
	        0,    0,   0,   0,   0, 0, 0,    0, /* weights, 1 covariate, no unit */
	        1,    0,   0,   0,   0, 0, 0,    0,
	        0,    0,   0,   0,   0, 0, 0xF8, 0x3F, /* one row: 1.5 */
	        0x0B, 0,   0,   0,   0, 0, 0,    0,
	        4,    0,   0,   0,   0, 0, 0,    0, /* group 5, event; four of them */
	        0,    0,   0,   0,   0, 0, 0,    0x40,
	        0,    0,   0,   0,   0, 0, 0xF0, 0xBF, /* weight 2, covariate -1 */
	};
	const double covariate = -1.0;
	loy_survival_row row = {.struct_size = sizeof(row),
	                        .time = 1.5,
	                        .event = 1,
	                        .group = 5,
	                        .count = 4,
	                        .weight = 2.0,
	                        .covariates = &covariate};
	loy_survival *survival = new_survival(LOY_SURVIVAL_WEIGHTED, 1, NULL), *back = NULL;
	uint8_t *bytes;
	size_t size;
	uint32_t sum;

	(void)state;
	assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	bytes = survival_bytes(survival, &size);
	assert_int_equal(size, sizeof(expected) + 4);
	assert_memory_equal(bytes, expected, sizeof(expected));
	sum = loy__crc32c(0, expected, sizeof(expected));
	assert_int_equal(bytes[size - 4] | (uint32_t)bytes[size - 3] << 8 | (uint32_t)bytes[size - 2] << 16 |
	                         (uint32_t)bytes[size - 1] << 24,
	                 sum);
	assert_int_equal(loy_survival_read(&back, bytes, size, NULL, NULL), LOY_OK);
	assert_int_equal(loy_survival_subjects(back), 4);
	loy_survival_destroy(back);
	loy_survival_destroy(survival);
	free(bytes);
}

static void seal(uint8_t *bytes, size_t size)
{
	uint32_t sum = loy__crc32c(0, bytes, size - 4);
	int i;

	for (i = 0; i < 4; i++)
		bytes[size - 4 + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

static void expect_refusal(const uint8_t *bytes, size_t size, loy_status expected)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_survival *survival = NULL;

	assert_int_equal(loy_survival_read(&survival, bytes, size, NULL, &error), expected);
	assert_null(survival);
	assert_int_equal(error.code, expected);
	assert_true(error.byte >= 0 && (size_t)error.byte <= size);
}

static void damaged_bytes_are_refused(void **state)
{
	struct subject subjects[40];
	loy_survival *survival, *back = NULL;
	uint8_t *bytes, *copy;
	size_t size, i;

	(void)state;
	invent_subjects(subjects, 40, 3, 4.0);
	survival = survival_of(subjects, 40, LOY_SURVIVAL_ENTERED, 2);
	bytes = survival_bytes(survival, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (i = 0; i < size; i++) { /* cut short anywhere, and any one byte changed */
		loy_survival *out = NULL;

		assert_int_not_equal(loy_survival_read(&out, bytes, i, NULL, NULL), LOY_OK);
		memcpy(copy, bytes, size);
		copy[i] ^= 0x10;
		assert_int_not_equal(loy_survival_read(&out, copy, size, NULL, NULL), LOY_OK);
		assert_null(out);
	}
	assert_int_equal(loy_survival_read(NULL, bytes, size, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_read(&back, NULL, 1, NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_write(NULL, copy, size, NULL), LOY_EINVAL);
	assert_int_equal(loy_survival_write(survival, copy, size - 1, NULL), LOY_EBUFFER);
	memcpy(copy, bytes, size);
	copy[4] = 2;
	expect_refusal(copy, size, LOY_EVERSION);
	copy[4] = 0;
	expect_refusal(copy, size, LOY_EFORMAT);
	memcpy(copy, bytes, size);
	copy[size - 1] ^= 1;
	expect_refusal(copy, size, LOY_ECHECKSUM);
	free(copy);
	free(bytes);
	loy_survival_destroy(survival);
}

/* Bytes with a right checksum that no accumulator writes: one word of the first or second row replaced. */
static void impossible_rows_are_refused(void **state)
{
	static const struct {
		size_t word;
		uint64_t value;
	} list[] = {
	        {0, UINT64_C(0x7FF8000000000000)},
	        {0, UINT64_C(1) << 63},
	        {1, UINT64_C(1) << 33},
	        {2, 0},
	        {2, UINT64_C(1) << 32},
	        {3, UINT64_C(1) << 63},
	        {3, UINT64_C(0x7FF0000000000000)},
	        {0, UINT64_C(0x4040000000000000)}, /* the first row is then after the second */
	        {6, UINT64_C(0x3FF0000000000000)}, /* the second has more subjects than there can be */
	};
	loy_survival_row row = {.struct_size = sizeof(row), .count = 7};
	loy_survival *survival = new_survival(0, 1, NULL);
	double covariate = 1.0;
	uint8_t *bytes, *copy;
	size_t size, i;
	int b;

	(void)state;
	row.covariates = &covariate;
	for (i = 0; i < 2; i++) {
		row.time = (double)(i + 1);
		assert_int_equal(loy_survival_add(survival, &row, NULL), LOY_OK);
	}
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	bytes = survival_bytes(survival, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (i = 0; i < LOY__COUNT(list); i++) {
		memcpy(copy, bytes, size);
		for (b = 0; b < 8; b++)
			copy[24 + list[i].word * 8 + (size_t)b] = (uint8_t)(list[i].value >> 8 * b);
		seal(copy, size);
		expect_refusal(copy, size, LOY_EFORMAT);
	}
	memcpy(copy, bytes, size);
	memcpy(copy + 24 + 32, copy + 24, 32); /* the same row twice */
	seal(copy, size);
	expect_refusal(copy, size, LOY_EFORMAT);
	memcpy(copy, bytes, size);
	memset(copy + 24 + 16, 0xFF, 4); /* 2^32 - 1 subjects, and seven more */
	seal(copy, size);
	expect_refusal(copy, size, LOY_EFORMAT);
	free(copy);
	free(bytes);
	loy_survival_destroy(survival);
}

/* ---- memory ---- */

static void memory_may_run_out_anywhere(void **state)
{
	const uint32_t flags = LOY_SURVIVAL_ENTERED | LOY_SURVIVAL_WEIGHTED;
	struct subject subjects[30];
	loy_survival *whole;
	uint8_t *expected, *bytes;
	size_t size, got, i;
	long n, refused = 0;
	int done = 0;

	(void)state;
	invent_subjects(subjects, 30, 4, 4.0);
	whole = survival_of(subjects, 30, flags, 3);
	expected = survival_bytes(whole, &size);
	for (n = 0; !done; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_survival_options options = {
		        .struct_size = sizeof(options), .flags = flags, .covariates = 3};
		loy_survival *survival = NULL, *read = NULL;
		loy_status status = loy_survival_create(&survival, &options, &memory);

		for (i = 0; survival != NULL && i < 30; i++) {
			status = add_subject(survival, &subjects[i], flags, 3);
			if (status != LOY_OK) { /* refused, and nothing lost: again */
				assert_int_equal(status, LOY_ENOMEM);
				assert_int_equal(loy_survival_rows(survival), i);
				assert_int_equal(add_subject(survival, &subjects[i], flags, 3), LOY_OK);
			}
		}
		if (survival != NULL && loy_survival_sort(survival) != LOY_OK)
			assert_int_equal(loy_survival_sort(survival), LOY_OK);
		if (survival != NULL) {
			bytes = survival_bytes(survival, &got);
			assert_int_equal(got, size);
			assert_memory_equal(bytes, expected, size);
			free(bytes);
			status = loy_survival_read(&read, expected, size, &memory, NULL);
			assert_true(status == LOY_OK || (status == LOY_ENOMEM && read == NULL));
			if (read == NULL)
				assert_int_equal(loy_survival_read(&read, expected, size, &memory, NULL),
				                 LOY_OK);
			if (loy_survival_merge(read, survival) != LOY_OK)
				assert_int_equal(loy_survival_merge(read, survival), LOY_OK);
			assert_int_equal(loy_survival_subjects(read), 60);
		} else {
			assert_int_equal(status, LOY_ENOMEM);
		}
		loy_survival_destroy(read);
		loy_survival_destroy(survival);
		assert_int_equal(heap.live, 0);
		refused += heap.refused;
		done = heap.refused == 0;
	}
	assert_true(refused > 10);
	free(expected);
	loy_survival_destroy(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_are_checked),
	        cmocka_unit_test(bad_rows_are_named),
	        cmocka_unit_test(what_the_accumulator_does_not_hold_is_refused),
	        cmocka_unit_test(units_must_agree),
	        cmocka_unit_test(counts_stand_for_rows),
	        cmocka_unit_test(subjects_and_groups_have_a_limit),
	        cmocka_unit_test(whole_columns_and_progress),
	        cmocka_unit_test(one_row_by_hand),
	        cmocka_unit_test(damaged_bytes_are_refused),
	        cmocka_unit_test(impossible_rows_are_refused),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
