/* Variances by total effects, and the Beta that carries them: limits, probabilities and their edges. */
#include <math.h>

#include "scoring.h"

#include "model/score.h"

static const char diamond[] = "channel quality: half_life 100d, fast 10d\n"
                              "on complaint: quality 0\n"
                              "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
                              "construct left: mean 0.4, strength 4, spread 2, limit 12\n"
                              "construct right: mean 0.8, strength 4, spread 1, limit 60\n"
                              "value =~ 1*quality\n"
                              "left ~ 0.5*value\n"
                              "left =~ 1*quality\n"
                              "right ~ 0.25*value\n"
                              "both <~ 0.5*left + 0.5*right\n";

static void shared_parents_count_once(void **state)
{
	loy_model *model = scoring_model(diamond);
	loy__weighed evidence = {0};
	loy__spread spread;
	loy__scores raw;
	double value, left, right, effect;

	(void)state;
	evidence.positive[0] = 4.0;
	evidence.channel_count = 1;
	loy__means(model, 15, &evidence, &raw);
	loy__spread_init(model, 15, &raw, &spread);
	/* value: mean 0.75, N = 8, nu = 8 * 60 / 68 */
	value = 0.75 * 0.25 / (480.0 / 68.0 + 1);
	assert_close(spread.own[0], value, 1e-15, 0);
	assert_close(spread.kept[0], 0.5, 0, 0);
	/* left: baseline 0.45, prior mean 0.45 + 0.5 * 0.25 = 0.575, (2.3 + 4) / 8, nu = 16 * 12 / 28 */
	left = 0.7875 * 0.2125 / (192.0 / 28.0 + 1);
	assert_close(spread.own[1], left, 1e-15, 0);
	/* right: baseline 0.725, moved by 0.25 * 0.25; nu = 4 * 60 / 64 */
	right = 0.7875 * 0.2125 / (240.0 / 64.0 + 1);
	assert_close(spread.own[2], right, 1e-14, 0);
	assert_close(loy__construct_variance(model, &raw, &spread, 0), value, 1e-15, 0);
	assert_close(loy__construct_variance(model, &raw, &spread, 1), left + 0.0625 * value, 1e-15, 0);
	assert_close(loy__construct_variance(model, &raw, &spread, 2), right + 0.0625 * value, 1e-14, 0);
	/* the composite: value acts on it by both ways together */
	effect = 0.5 * 0.25 + 0.5 * 0.25;
	assert_close(loy__construct_variance(model, &raw, &spread, 3),
	             0.25 * left + 0.25 * right + effect * effect * value, 1e-14, 0);
	loy_model_destroy(model);
}

static void a_composite_may_be_less_sure_than_its_parts(void **state)
{
	char text[sizeof(diamond) + 64];
	loy_model *sure = scoring_model(diamond), *unsure;
	loy__weighed evidence = {0};
	loy__spread spread;
	loy__scores raw;
	double parts, mean;

	(void)state;
	assert_true(snprintf(text, sizeof(text), "%sconstruct both: limit 19\n", diamond) > 0);
	unsure = scoring_model(text);
	evidence.positive[0] = 4.0;
	evidence.channel_count = 1;
	loy__means(sure, 15, &evidence, &raw);
	loy__spread_init(sure, 15, &raw, &spread);
	parts = loy__construct_variance(sure, &raw, &spread, 3);
	mean = raw.mean[3];
	loy__means(unsure, 15, &evidence, &raw);
	assert_bits_equal(raw.mean[3], mean);
	loy__spread_init(unsure, 15, &raw, &spread);
	assert_close(spread.own[3], mean * (1.0 - mean) / 20.0, 1e-15, 0);
	assert_close(loy__construct_variance(unsure, &raw, &spread, 3), parts + mean * (1.0 - mean) / 20.0,
	             1e-14, 0);
	loy_model_destroy(unsure);
	loy_model_destroy(sure);
}

static void curves_and_moderators_scale_effects(void **state)
{
	loy_model *model = scoring_model("channel quality: half_life 100d, fast 10d\n"
	                                 "on complaint: quality 0\n"
	                                 "construct value: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "construct trust: mean 0.5, strength 4, spread 1, limit 60\n"
	                                 "value =~ 1*quality\n"
	                                 "trust ~ 0.4*steep(value)\n"
	                                 "trust ~ 0.5*value:value\n"
	                                 "response steep: 0 0, 0.5 0.2, 0.75 0.8, 1 1\n");
	loy__weighed evidence = {0};
	loy__spread spread;
	loy__scores raw;
	double factor = (0.8 - 0.2) / 0.25 * 1.25;

	(void)state;
	evidence.positive[0] = 4.0; /* value 0.75 */
	evidence.channel_count = 1;
	loy__means(model, 3, &evidence, &raw);
	loy__spread_init(model, 3, &raw, &spread);
	assert_close(loy__construct_variance(model, &raw, &spread, 1),
	             spread.own[1] + 0.16 * factor * factor * spread.own[0], 1e-14, 0);
	loy_model_destroy(model);
}

static void a_flat_beta_has_its_limits_at_its_tails(void **state)
{
	double low, high;

	(void)state;
	/* Beta(1, 1) */
	loy__limits(0.5, 1.0 / 12.0, 50.0, &low, &high);
	assert_close(low, 5.0, 0, 1e-8); /* quantiles are exact to 1e-10 on the scale 0-1 */
	assert_close(high, 95.0, 0, 1e-8);
	assert_close(loy__probability_above(0.5, 1.0 / 12.0, 0.6), 0.4, 1e-12, 0);
	/* Beta(1, 3): 1 - (1 - x)^3 */
	loy__limits(0.25, 0.25 * 0.75 / 5.0, 25.0, &low, &high);
	assert_close(low, 100.0 * (1.0 - cbrt(0.95)), 0, 1e-8);
	assert_close(high, 100.0 * (1.0 - cbrt(0.05)), 0, 1e-8);
	assert_close(loy__probability_above(0.25, 0.25 * 0.75 / 5.0, 0.5), 0.125, 1e-12, 0);
}

static void limits_include_the_mean(void **state)
{
	double low, high;

	(void)state;
	/* nearly all at 0: the upper quantile lies below the mean */
	loy__limits(0.02, 0.02 * 0.98 / 1.02, 2.0, &low, &high);
	assert_true(low < 1e-10);
	assert_bits_equal(high, 2.0);
	loy__limits(0.98, 0.02 * 0.98 / 1.02, 98.0, &low, &high);
	assert_bits_equal(low, 98.0);
	assert_true(high > 100.0 - 1e-10 && high <= 100.0);
}

static void certainty_has_no_width(void **state)
{
	double low, high, a, b;

	(void)state;
	loy__limits(1.0, 0.0, 100.0, &low, &high);
	assert_true(low == 100.0 && high == 100.0);
	loy__limits(0.0, 0.1, 0.0, &low, &high);
	assert_true(low == 0.0 && high == 0.0);
	assert_bits_equal(loy__probability_above(0.5, 0.0, 0.4), 1.0);
	assert_bits_equal(loy__probability_above(0.5, 0.0, 0.6), 0.0);
	assert_false(loy__beta_shape(0.5, 0.0, &a, &b));
	/* more variance than any Beta of that mean has */
	assert_true(loy__beta_shape(0.5, 0.3, &a, &b));
	assert_close(a, 0.5e-6, 1e-12, 0);
	assert_close(b, 0.5e-6, 1e-12, 0);
	loy__limits(0.5, 0.3, 50.0, &low, &high);
	assert_true(low >= 0.0 && low < 1e-9 && high > 100.0 - 1e-9 && high <= 100.0);
}

static void hardly_possible_means_stay_in_order(void **state)
{
	static const double means[] = {1e-300, 1e-100,     1e-30,       1e-12,        1e-5,
	                               0.3,    1.0 - 1e-5, 1.0 - 1e-12, 1.0 - 1.2e-16};
	size_t i;
	double share;

	(void)state;
	for (i = 0; i < sizeof(means) / sizeof(means[0]); i++) {
		for (share = 1e-12; share < 2.0; share *= 10.0) {
			double mean = means[i], points = loy__points(mean), low, high, above;

			loy__limits(mean, mean * (1.0 - mean) * share, points, &low, &high);
			assert_true(0.0 <= low && low <= points && points <= high && high <= 100.0);
			above = loy__probability_above(mean, mean * (1.0 - mean) * share, 0.6);
			assert_true(above >= 0.0 && above <= 1.0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shared_parents_count_once),
	        cmocka_unit_test(a_composite_may_be_less_sure_than_its_parts),
	        cmocka_unit_test(curves_and_moderators_scale_effects),
	        cmocka_unit_test(a_flat_beta_has_its_limits_at_its_tails),
	        cmocka_unit_test(limits_include_the_mean),
	        cmocka_unit_test(certainty_has_no_width),
	        cmocka_unit_test(hardly_possible_means_stay_in_order),
	};

	return cmocka_run_group_tests_name("model/score_limits", tests, NULL, NULL);
}
