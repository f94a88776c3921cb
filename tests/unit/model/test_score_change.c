/* Explained changes: which line belongs to what, other schemas, memory, refusals. */
#include "scoring.h"

#define SCHEMA                                                                                               \
	"channel quality: half_life 100d, fast 10d\n"                                                        \
	"channel price: half_life 100d, fast 10d\n"                                                          \
	"kind ev_quality = 1001\n"                                                                           \
	"kind ev_price = 1002\n"                                                                             \
	"on ev_quality: quality value weight weight\n"                                                       \
	"on ev_price: price value weight weight\n"                                                           \
	"on purchase: price 1 weight 0.5\n"
#define SCORING(mean, weight)                                                                                \
	"construct trust: mean " mean ", strength 4, spread 1, limit 60\n"                                   \
	"trust =~ " weight "*quality + 1*price\n"                                                            \
	"silence trust: purchase weight 1, gap 10d, strength 1, limit 6\n"

/* Points of the lines of a reason and source, and how many there are. */
static double points_of(const loy_change *change, uint32_t reason, uint32_t source, uint32_t channel,
                        int *count)
{
	double points = 0.0;
	uint32_t i;

	*count = 0;
	for (i = 0; i < loy_change_line_count(change); i++) {
		loy_change_line line = {.struct_size = sizeof(line)};

		assert_int_equal(loy_change_get_line(change, i, &line), LOY_OK);
		if (line.reason == reason && line.source == source && line.channel == channel) {
			points += line.points;
			++*count;
		}
	}
	return points;
}

static void check_line(const loy_change *change, uint32_t reason, uint32_t source, uint32_t channel,
                       double points)
{
	int count;
	double found = points_of(change, reason, source, channel, &count);

	assert_int_equal(count, points != 0.0);
	assert_close(found, points, 0, 1e-10);
}

static void explain(loy_change *change, const loy_moment *before, const loy_moment *after, double was,
                    double is)
{
	double first, last;

	assert_int_equal(loy_change_explain(change, before, after, "trust", 5), LOY_OK);
	assert_int_equal(loy_change_values(change, &first, &last), LOY_OK);
	assert_close(first, was, 0, 1e-10);
	assert_close(last, is, 0, 1e-10);
}

static void steps_follow_each_other(void **state)
{
	loy_model *old = scoring_model(SCHEMA SCORING("0.5", "1")),
	          *fresh = scoring_model(SCHEMA SCORING("0.75", "2"));
	loy_profile *before = scoring_profile(old), *after = scoring_profile(old);
	loy_moment from = {old, before, DAY_2024(0)}, to = {fresh, after, DAY_2024(100)};
	loy_change *change;

	(void)state;
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	scoring_record(before, old, "ev_quality", DAY_2024(0), 1, 4);
	assert_int_equal(loy_profile_copy(after, before), LOY_OK);
	scoring_record(after, old, "ev_price", DAY_2024(100), 0, 2);
	/*
	 * old, then: (2 + 4) / 8 = 75, quality +25. A half-life later: (2 + 2) / 6 = 66.67, +16.67. With price:
	 * (2 + 2) / 8 = 50, +12.5 and -12.5. The new model: (3 + 4) / 10 = 70, baseline 75, quality +10, price -15.
	 */
	explain(change, &from, &to, 75, 70);
	check_line(change, LOY_CHANGE_TIME, LOY_SOURCE_CHANNEL, 0, 100.0 / 6 - 25);
	check_line(change, LOY_CHANGE_EVIDENCE, LOY_SOURCE_CHANNEL, 0, 12.5 - 100.0 / 6);
	check_line(change, LOY_CHANGE_EVIDENCE, LOY_SOURCE_CHANNEL, 1, -12.5);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_CHANNEL, 0, -2.5);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_CHANNEL, 1, -2.5);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_BASELINE, 0, 25);
	assert_int_equal(loy_change_line_count(change), 6);
	/* the same moment twice: nothing to explain */
	explain(change, &from, &from, 75, 75);
	assert_int_equal(loy_change_line_count(change), 0);
	/* from nothing, and back to nothing */
	from.profile = NULL;
	to.model = old;
	explain(change, &from, &to, 50, 50);
	assert_int_equal(loy_change_line_count(change), 2);
	explain(change, &to, &from, 50, 50);
	/* back in time the price is still ahead, at twice its weight: (2 + 4) / 12, 16.67 each */
	check_line(change, LOY_CHANGE_TIME, LOY_SOURCE_CHANNEL, 0, 100.0 / 6 - 12.5);
	check_line(change, LOY_CHANGE_TIME, LOY_SOURCE_CHANNEL, 1, 12.5 - 100.0 / 6);
	check_line(change, LOY_CHANGE_EVIDENCE, LOY_SOURCE_CHANNEL, 0, -100.0 / 6);
	check_line(change, LOY_CHANGE_EVIDENCE, LOY_SOURCE_CHANNEL, 1, 100.0 / 6);
	loy_change_destroy(change);
	loy_profile_destroy(before);
	loy_profile_destroy(after);
	loy_model_destroy(old);
	loy_model_destroy(fresh);
}

static void silence_is_a_line_of_time(void **state)
{
	loy_model *model = scoring_model(SCHEMA SCORING("0.5", "1"));
	loy_profile *profile = scoring_profile(model);
	loy_moment from = {model, profile, DAY_2024(0)}, to = {model, profile, DAY_2024(30)};
	loy_change *change;
	int count;

	(void)state;
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	scoring_record(profile, model, "purchase", DAY_2024(0), 1, 1);
	assert_int_equal(loy_change_explain(change, &from, &to, "trust", 5), LOY_OK);
	/* two of three expected purchases missed: negative evidence of 2 */
	assert_true(points_of(change, LOY_CHANGE_TIME, LOY_SOURCE_SILENCE, 0, &count) < -10);
	assert_int_equal(count, 1);
	loy_change_destroy(change);
	loy_profile_destroy(profile);
	loy_model_destroy(model);
}

static void another_schema_is_another_model(void **state)
{
	loy_model *old = scoring_model(SCHEMA SCORING("0.5", "1"));
	loy_model *fresh = scoring_model("channel mood: half_life 50d, fast 10d\n"
	                                 "channel quality: half_life 50d, fast 10d\n"
	                                 "kind ev_quality = 1001\n"
	                                 "kind ev_mood = 1003\n"
	                                 "on ev_quality: quality value weight weight\n"
	                                 "on ev_mood: mood value weight weight\n"
	                                 "construct trust: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "trust =~ 1*quality + 1*mood\n");
	loy_profile *before = scoring_profile(old), *after = scoring_profile(fresh);
	loy_moment from = {old, before, DAY_2024(0)}, to = {fresh, after, DAY_2024(0)};
	loy_change *change;

	(void)state;
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	scoring_record(before, old, "ev_quality", DAY_2024(0), 1, 2);
	scoring_record(before, old, "ev_price", DAY_2024(0), 0, 2);
	scoring_record(after, fresh, "ev_quality", DAY_2024(0), 1, 4);
	scoring_record(after, fresh, "ev_mood", DAY_2024(0), 1, 4);
	/* (2 + 2) / 8, quality +12.5, price -12.5; (2 + 8) / 12, +16.67 each. Quality was channel 0 and is channel 1 */
	explain(change, &from, &to, 50, 1000.0 / 12);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_CHANNEL, 0, 100.0 / 6);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_CHANNEL, 1, 100.0 / 6 - 12.5);
	check_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_GONE, 0, 12.5);
	assert_int_equal(loy_change_line_count(change), 3);
	loy_change_destroy(change);
	loy_profile_destroy(before);
	loy_profile_destroy(after);
	loy_model_destroy(old);
	loy_model_destroy(fresh);
}

static void memory_may_run_out_anywhere(void **state)
{
	loy_model *model = scoring_model(SCHEMA SCORING("0.5", "1"));
	loy_moment moment = {model, NULL, 0};
	loy_status status = LOY_ENOMEM;
	long n;

	(void)state;
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = n};
		loy_allocator memory = faulty_allocator(&heap);
		loy_change *change = NULL;

		status = loy_change_create(&change, &memory);
		assert_int_equal(status == LOY_OK, change != NULL);
		if (status == LOY_OK) { /* explaining takes no memory */
			heap.until = heap.requests;
			assert_int_equal(loy_change_explain(change, &moment, &moment, "trust", 5), LOY_OK);
		}
		loy_change_destroy(change);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(status, LOY_OK);
	assert_true(n > 1);
	loy_model_destroy(model);
}

static void hostile_arguments_are_refused(void **state)
{
	loy_model *model = scoring_model(SCHEMA SCORING("0.5", "1")),
	          *other = scoring_model("construct trust: mean 0.5, "
	                                 "strength 1, spread 1, limit 9\n");
	loy_profile *profile = scoring_profile(model), *foreign = scoring_profile(other);
	loy_moment good = {model, profile, 0}, bad = good, late = good, early = good, odd = good,
	           none = {NULL, NULL, 0};
	loy_change_line line = {.struct_size = sizeof(line)};
	loy_allocator half = {faulty_alloc, NULL, NULL, NULL};
	loy_change *change = NULL;
	double before, after;

	(void)state;
	assert_int_equal(loy_change_create(NULL, NULL), LOY_EINVAL);
	assert_int_equal(loy_change_create(&change, &half), LOY_EINVAL);
	assert_null(change);
	assert_int_equal(loy_change_create(&change, NULL), LOY_OK);
	assert_int_equal(loy_change_values(change, &before, &after), LOY_ESTATE);
	assert_int_equal(loy_change_get_line(change, 0, &line), LOY_ESTATE);
	assert_int_equal(loy_change_line_count(change), 0);
	late.time = LOY_TIME_MAX + 1;
	early.time = LOY_TIME_MIN - 1;
	bad.profile = foreign;
	odd.model = other; /* and a profile of the first */
	assert_int_equal(loy_change_explain(NULL, &good, &good, "trust", 5), LOY_EINVAL);
	assert_int_equal(loy_change_explain(change, NULL, &good, "trust", 5), LOY_EINVAL);
	assert_int_equal(loy_change_explain(change, &good, NULL, "trust", 5), LOY_EINVAL);
	assert_int_equal(loy_change_explain(change, &none, &good, "trust", 5), LOY_EINVAL);
	assert_int_equal(loy_change_explain(change, &good, &good, NULL, 5), LOY_EINVAL);
	assert_int_equal(loy_change_explain(change, &good, &good, "truth", 5), LOY_ENOTFOUND);
	assert_int_equal(loy_change_explain(change, &late, &good, "trust", 5), LOY_ETIME);
	assert_int_equal(loy_change_explain(change, &good, &early, "trust", 5), LOY_ETIME);
	assert_int_equal(loy_change_explain(change, &good, &bad, "trust", 5), LOY_ESCHEMA);
	assert_int_equal(loy_change_explain(change, &odd, &good, "trust", 5), LOY_ESCHEMA);
	assert_int_equal(loy_change_values(change, &before, &after), LOY_ESTATE);
	assert_int_equal(loy_change_explain(change, &good, &good, "trust", 5), LOY_OK);
	assert_int_equal(loy_change_explain(change, &good, &bad, "trust", 5), LOY_ESCHEMA);
	assert_int_equal(loy_change_values(change, NULL, NULL), LOY_OK);
	assert_int_equal(loy_change_get_line(change, 0, &line), LOY_ENOTFOUND);
	scoring_record(profile, model, "ev_price", 0, 1, 1);
	good.time = LOY_DAY;
	late = good;
	late.profile = NULL;
	assert_int_equal(loy_change_explain(change, &late, &good, "trust", 5), LOY_OK);
	assert_int_equal(loy_change_get_line(change, 0, NULL), LOY_EINVAL);
	line.struct_size = 2;
	assert_int_equal(loy_change_get_line(change, 0, &line), LOY_EINVAL);
	assert_int_equal(loy_change_values(NULL, &before, &after), LOY_EINVAL);
	assert_int_equal(loy_change_get_line(NULL, 0, &line), LOY_EINVAL);
	assert_int_equal(loy_change_line_count(NULL), 0);
	loy_change_destroy(NULL);
	loy_change_destroy(change);
	loy_profile_destroy(profile);
	loy_profile_destroy(foreign);
	loy_model_destroy(model);
	loy_model_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(steps_follow_each_other),
	        cmocka_unit_test(silence_is_a_line_of_time),
	        cmocka_unit_test(another_schema_is_another_model),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	        cmocka_unit_test(hostile_arguments_are_refused),
	};

	return cmocka_run_group_tests_name("model/score_change", tests, NULL, NULL);
}
