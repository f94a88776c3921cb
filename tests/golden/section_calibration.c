/* Weights learned from invented answers: the model that comes out, its deviations, and how it is judged. */
#include "golden.h"
#include "history.h"

#include <string.h>

#define CUSTOMERS 40u

static void collect(struct golden *g, loy_calibration *calibration, const loy_model *model,
                    uint32_t construct)
{
	loy_profile *profile = NULL;
	loy_observation o = {0};
	uint64_t n;

	o.struct_size = sizeof(o);
	o.construct = construct;
	o.weight = 1.0;
	golden_check(g, loy_profile_create(&profile, loy_model_schema(model), NULL) == LOY_OK, "a profile");
	for (n = 0; n < CUSTOMERS; n++) {
		loy_profile_clear(profile);
		history_profile(g, profile, n + 1, n % 23);
		o.customer = n / 2;
		o.time = HISTORY_END + (int64_t)(n % 5) * LOY_DAY;
		o.answer = (double)(int)golden_input(n, 0.0, 10.9999) / 10.0;
		golden_check(g, loy_calibration_add(calibration, &o, profile, NULL) == LOY_OK,
		             "an observation");
	}
	loy_profile_destroy(profile);
}

static void hash_fit(struct golden *g, const loy_calibrated *fit)
{
	static char text[32768];
	loy_calibrated_weight weight = {0};
	size_t needed = 0;
	uint32_t i;

	weight.struct_size = sizeof(weight);
	golden_check(g, loy_model_print(loy_calibrated_model(fit), text, sizeof(text), &needed) == LOY_OK,
	             "a model");
	golden_bytes(g, text, needed);
	for (i = 0; loy_calibrated_get_weight(fit, i, &weight) == LOY_OK; i++)
		golden_double(g, weight.deviation);
}

static void hash_judgement(struct golden *g, const loy_judgement *j)
{
	int i;

	golden_double(g, j->bias);
	golden_double(g, j->rmse);
	golden_double(g, j->log_loss);
	golden_double(g, j->quasi_r2);
	golden_double(g, j->coverage);
	for (i = 0; i < 3; i++)
		golden_double(g, j->coverage_third[i]);
	for (i = 0; i < LOY_JUDGEMENT_BINS; i++) {
		golden_double(g, j->bin[i].predicted);
		golden_double(g, j->bin[i].observed);
	}
}

void golden_calibration(struct golden *g)
{
	static const char *const constructs[] = {"satisfaction", "behavioural", "loyalty"};
	loy_model *model = history_model(g, "retail");
	size_t i;

	for (i = 0; model != NULL && i < sizeof(constructs) / sizeof(constructs[0]); i++) {
		loy_calibration_options options = {0};
		loy_calibration *calibration = NULL;
		loy_calibrated *fit = NULL;
		loy_judgement j = {0};

		golden_begin(g, constructs[i]);
		options.struct_size = sizeof(options);
		options.folds = 4;
		options.error_variance = 0.01;
		j.struct_size = sizeof(j);
		golden_check(g,
		             loy_model_construct_find(model, constructs[i], strlen(constructs[i]),
		                                      &options.construct) == LOY_OK,
		             "a construct");
		golden_check(g, loy_calibration_create(&calibration, model, NULL) == LOY_OK, "a calibration");
		collect(g, calibration, model, options.construct);
		golden_check(g, loy_calibration_fit(calibration, model, &options, &fit, NULL, NULL) == LOY_OK,
		             "a fit");
		hash_fit(g, fit);
		golden_check(g,
		             loy_calibration_judge(calibration, loy_calibrated_model(fit), &options, &j,
		                                   NULL) == LOY_OK,
		             "a judgement");
		hash_judgement(g, &j);
		loy_calibrated_destroy(fit);
		loy_calibration_destroy(calibration);
		golden_end(g);
	}
	loy_model_destroy(model);
}
