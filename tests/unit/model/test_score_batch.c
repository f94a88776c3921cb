/* Batches into the caller's columns: layout, rows that fail, what is not asked for, refusals. */
#include <math.h>

#include "chain.h"
#include "model/score.h"

static void columns_may_lie_in_packed_rows(void **state)
{
	enum { ROWS = 3, ROW = 29 }; /* no alignment, two scores a row */
	unsigned char table[ROWS * ROW], untouched = 0xEE;
	loy_model *model = chain_model(1, 0);
	loy_profile *one = scoring_profile(model);
	const loy_profile *profiles[ROWS] = {one, NULL, one};
	loy_score_column columns[2] = {{0}};
	loy_scorecard *card;
	double value, high;
	int i;

	(void)state;
	scoring_record(one, model, "ev_quality", DAY_2024(0), 1, 2);
	card = scoring_card(model, one, DAY_2024(1));
	memset(table, untouched, sizeof(table));
	columns[0].struct_size = sizeof(columns[0]);
	columns[0].construct = scoring_construct(model, "satisfaction");
	columns[0].value = (double *)(void *)(table + 1);
	columns[0].value_stride = ROW;
	columns[0].state = table + 9;
	columns[0].state_stride = ROW;
	columns[1].struct_size = sizeof(columns[1]);
	columns[1].construct = scoring_construct(model, "trust");
	columns[1].high = (double *)(void *)(table + (ROWS - 1) * ROW + 11); /* from the last row up */
	columns[1].high_stride = -ROW;
	assert_int_equal(loy_score_profiles(model, profiles, ROWS, DAY_2024(1), columns, 2, NULL), LOY_OK);
	for (i = 0; i < ROWS; i++) {
		memcpy(&value, table + i * ROW + 1, sizeof(value));
		memcpy(&high, table + i * ROW + 11, sizeof(high));
		assert_int_equal(table[i * ROW], untouched);
		assert_int_equal(table[i * ROW + 10], untouched);
		assert_int_equal(table[i * ROW + 19], untouched);
		if (i == 1) {
			assert_true(isnan(value) && isnan(high));
			assert_int_equal(table[i * ROW + 9], LOY_SCORE_UNKNOWN);
		} else {
			assert_bits_equal(value, scoring_score(card, "satisfaction").value);
			assert_bits_equal(high, scoring_score(card, "trust").high);
			assert_int_equal(table[i * ROW + 9], LOY_SCORE_OBSERVED);
		}
	}
	loy_scorecard_destroy(card);
	loy_profile_destroy(one);
	loy_model_destroy(model);
}

static void rows_fail_alone(void **state)
{
	loy_model *model = chain_model(1, 0), *other = NULL;
	loy_profile *good = scoring_profile(model), *foreign;
	const loy_profile *profiles[3] = {good, NULL, NULL};
	double value[3] = {1, 2, 3}, low[3] = {1, 2, 3}, high[3] = {1, 2, 3}, evidence[3] = {1, 2, 3};
	uint8_t states[3] = {9, 9, 9};
	loy_status status[3] = {9, 9, 9};
	loy_score_column column = {.struct_size = sizeof(column)};

	(void)state;
	assert_int_equal(loy_model_create_builtin(&other, "retail", NULL), LOY_OK);
	foreign = scoring_profile(other);
	profiles[1] = foreign;
	column.construct = scoring_construct(model, "satisfaction");
	column.value = value;
	column.low = low;
	column.high = high;
	column.evidence = evidence;
	column.state = states;
	column.value_stride = column.low_stride = column.high_stride = column.evidence_stride =
	        sizeof(double);
	column.state_stride = 1;
	scoring_record(good, model, "ev_quality", DAY_2024(0), 1, 2);
	assert_int_equal(loy_score_profiles(model, profiles, 3, DAY_2024(0), &column, 1, status), LOY_OK);
	assert_int_equal(status[0], LOY_OK);
	assert_int_equal(status[1], LOY_ESCHEMA);
	assert_int_equal(status[2], LOY_OK);
	assert_true(value[0] > 0 && low[0] < value[0] && value[0] < high[0] && evidence[0] > 0);
	assert_true(isnan(value[1]) && isnan(low[1]) && isnan(high[1]) && isnan(evidence[1]));
	assert_true(isnan(value[2]) && isnan(low[2]) && isnan(high[2]) && evidence[2] == 0);
	assert_int_equal(states[0], LOY_SCORE_OBSERVED);
	assert_int_equal(states[1], LOY_SCORE_UNKNOWN);
	assert_int_equal(states[2], LOY_SCORE_UNKNOWN);
	/* statuses alone */
	status[1] = 0;
	assert_int_equal(loy_score_profiles(model, profiles, 3, DAY_2024(0), NULL, 0, status), LOY_OK);
	assert_int_equal(status[1], LOY_ESCHEMA);
	/* the same schema by content is as good as by address */
	loy_model_destroy(other);
	loy_profile_destroy(foreign);
	other = chain_model(2, 0);
	foreign = scoring_profile(other);
	profiles[1] = foreign;
	assert_int_equal(loy_score_profiles(model, profiles, 3, DAY_2024(0), &column, 1, status), LOY_OK);
	assert_int_equal(status[1], LOY_OK);
	loy_profile_destroy(good);
	loy_profile_destroy(foreign);
	loy_model_destroy(model);
	loy_model_destroy(other);
}

static void only_what_is_asked_for_is_computed(void **state)
{
	loy_model *model = chain_model(1, 0);
	loy_score_column columns[3] = {{0}};
	uint32_t constructs = 99, intervals = 99, i;
	double value;

	(void)state;
	for (i = 0; i < 3; i++) {
		columns[i].struct_size = sizeof(columns[i]);
		columns[i].construct = i + 1;
	}
	assert_int_equal(loy__score_columns_check(model, columns, 3, &constructs, &intervals), LOY_OK);
	assert_true(constructs == 0 && intervals == 0);
	columns[1].evidence = &value;
	columns[2].low = &value;
	assert_int_equal(loy__score_columns_check(model, columns, 3, &constructs, &intervals), LOY_OK);
	assert_true(constructs == 12 && intervals == 8);
	loy_model_destroy(model);
}

static void later_columns_may_be_longer(void **state)
{
	struct longer {
		loy_score_column known;
		uint64_t later;
	} columns[2];
	loy_model *model = chain_model(1, 0);
	const loy_profile *nobody = NULL;
	uint8_t states[2] = {9, 9};
	int i;

	(void)state;
	memset(columns, 0, sizeof(columns));
	for (i = 0; i < 2; i++) {
		columns[i].known.struct_size = sizeof(columns[i]);
		columns[i].known.construct = (uint32_t)i;
		columns[i].known.state = &states[i];
	}
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, &columns[0].known, 2, NULL), LOY_OK);
	assert_true(states[0] == LOY_SCORE_UNKNOWN && states[1] == LOY_SCORE_UNKNOWN);
	columns[1].later = 1; /* something we would not do */
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, &columns[0].known, 2, NULL), LOY_EINVAL);
	loy_model_destroy(model);
}

static void hostile_arguments_are_refused(void **state)
{
	loy_model *model = chain_model(1, 0);
	const loy_profile *nobody = NULL;
	loy_score_column columns[2] = {{0}};
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		columns[i].struct_size = sizeof(columns[i]);
	assert_int_equal(loy_score_profiles(NULL, &nobody, 1, 0, columns, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_score_profiles(model, NULL, 1, 0, columns, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, NULL, 2, NULL), LOY_EINVAL);
	assert_int_equal(loy_score_profiles(model, &nobody, 1, LOY_TIME_MAX + 1, columns, 2, NULL),
	                 LOY_ETIME);
	assert_int_equal(loy_score_profiles(model, &nobody, 1, LOY_TIME_MIN - 1, columns, 2, NULL),
	                 LOY_ETIME);
	columns[1].construct = 99;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 2, NULL), LOY_ENOTFOUND);
	columns[1].construct = 0;
	columns[1].struct_size += 8;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 2, NULL), LOY_EINVAL);
	columns[0].struct_size = 4;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 1, NULL), LOY_EINVAL);
	columns[0].struct_size = 0;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 1, NULL), LOY_EINVAL);
	columns[0].struct_size = sizeof(columns[0]) + 1;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 1, NULL), LOY_EINVAL);
	columns[0].struct_size = UINT32_MAX - 7;
	assert_int_equal(loy_score_profiles(model, &nobody, 1, 0, columns, 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_score_profiles(model, NULL, 0, 0, NULL, 0, NULL), LOY_OK);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(columns_may_lie_in_packed_rows),
	        cmocka_unit_test(rows_fail_alone),
	        cmocka_unit_test(only_what_is_asked_for_is_computed),
	        cmocka_unit_test(later_columns_may_be_longer),
	        cmocka_unit_test(hostile_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("model/score_batch", tests, NULL, NULL);
}
