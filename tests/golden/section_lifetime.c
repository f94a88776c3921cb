/* Buying-while-alive models: formulas, fits and predictions have the same bits everywhere. */
#include <loyalty.h>

#include "golden.h"
#include "numeric/buying.h"

enum { INPUTS = 400, CUSTOMERS = 600 };

static void formulas(struct golden *g)
{
	uint64_t i;
	uint32_t leave, k;

	golden_begin(g, "formulas");
	for (i = 0; i < INPUTS; i++) {
		for (leave = 0; leave < 3; leave++) {
			loy__buying model = {leave, 1, LOY__MIXED, LOY__MIXED, {0}};
			double x = (double)(i % 40), T = golden_scaled(i, 0, 8);
			double t_x = x > 0.0 ? T * golden_input(i + 7, 0.0, 1.0) : 0.0;
			loy__buying_part part;
			loy__jet jet;

			for (k = 0; k < 4; k++)
				model.p[k] = golden_scaled(i * 5 + k, -3, 6);
			loy__buying_part_init(&part, &model, x, 1);
			loy__buying_row(&jet, &model, &part, t_x, T, 1);
			golden_double(g, jet.v);
			for (k = 0; k < 4; k++)
				golden_double(g, jet.g[k]);
			for (k = 0; k < 10; k++)
				golden_double(g, jet.h[k]);
			golden_double(g, loy__buying_alive(&model, x, t_x, T));
			golden_double(g,
			              loy__buying_expected(&model, x, t_x, T, golden_scaled(i + 3, -2, 9)));
			golden_double(g, loy__buying_discounted_alive(&model, x, t_x, T, 0.003, 0.0, 52.0));
		}
	}
	golden_end(g);
}

static void gamma_differences(struct golden *g)
{
	double out[3];
	uint64_t i;
	int k;

	golden_begin(g, "gamma_differences");
	for (i = 0; i < INPUTS; i++) {
		loy__gamma_diff(golden_scaled(i, -10, 40),
		                i % 3 == 0 ? (double)(i % 90) : golden_scaled(i + 1, -8, 30), out);
		for (k = 0; k < 3; k++)
			golden_double(g, out[k]);
	}
	golden_end(g);
}

/* A cohort drawn, accumulated, fitted, printed: everything on the way counts. */
static void fits(struct golden *g, const char *name, uint32_t family, uint32_t k, uint32_t kind,
                 uint32_t count, const double *p)
{
	static const double spend_of[3] = {6.0, 3.7, 15.0};
	loy_lifetime_data_options options = {.struct_size = sizeof(options), .kind = kind};
	loy_lifetime_options chosen = {.struct_size = sizeof(chosen), .family = family, .k = k};
	loy_lifetime_data *data = NULL;
	loy_lifetime *model = NULL, *spend = NULL, *fitted = NULL;
	char text[LOY_LIFETIME_TEXT_MAX + 1];
	size_t size = 0;
	uint64_t i;

	golden_begin(g, name);
	golden_check(g,
	             loy_lifetime_create(&spend, LOY_LIFETIME_GAMMA_GAMMA, 0, 0, spend_of, 3, NULL) == LOY_OK,
	             "spend");
	golden_check(g,
	             loy_lifetime_create(&model,
	                                 family == LOY_LIFETIME_GAMMA_GAMMA ? LOY_LIFETIME_MBG_NBD : family,
	                                 k, 0, p, count, NULL) == LOY_OK,
	             "model");
	golden_check(g, loy_lifetime_data_create(&data, &options, NULL) == LOY_OK, "data");
	for (i = 0; i < CUSTOMERS; i++) {
		loy_history history = {.struct_size = sizeof(history)};
		double time = kind == 0 ? 30.0 + (double)(i % 11) : 7.0;

		golden_check(g,
		             loy_lifetime_simulate(model, spend, 1, i, 1, time, NULL, &history.x,
		                                   &history.t_x, NULL, &history.spend) == LOY_OK,
		             "draw");
		history.T = kind == 2 ? history.t_x : time;
		golden_double(g, history.t_x);
		golden_double(g, history.spend);
		golden_check(g, loy_lifetime_data_add(data, &history, NULL) == LOY_OK, "history");
	}
	golden_check(g, loy_lifetime_fit(&fitted, data, &chosen, NULL, NULL) == LOY_OK, "fit");
	golden_check(g, loy_lifetime_print(fitted, text, sizeof(text), &size) == LOY_OK, "text");
	golden_bytes(g, text, size);
	loy_lifetime_destroy(fitted);
	loy_lifetime_data_destroy(data);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(spend);
	golden_end(g);
}

void golden_lifetime(struct golden *g)
{
	static const double bought[4] = {0.5, 6.0, 0.9, 1.6}, timed[4] = {0.55, 10.6, 0.6, 11.7},
	                    regular[4] = {0.8, 3.0, 0.6, 2.0}, chances[4] = {1.2, 0.75, 0.66, 2.8},
	                    contract[3] = {0.7, 1.2, 1.3};

	formulas(g);
	gamma_differences(g);
	fits(g, "mbg_nbd", LOY_LIFETIME_MBG_NBD, 0, 0, 4, bought);
	fits(g, "bg_nbd", LOY_LIFETIME_BG_NBD, 0, 0, 4, bought);
	fits(g, "pareto_nbd", LOY_LIFETIME_PARETO_NBD, 0, 0, 4, timed);
	fits(g, "mbg_cnbd", LOY_LIFETIME_MBG_CNBD, 3, 0, 4, regular);
	fits(g, "gamma_gamma", LOY_LIFETIME_GAMMA_GAMMA, 0, 0, 4, bought);
	fits(g, "bg_bb", LOY_LIFETIME_BG_BB, 0, 1, 4, chances);
	fits(g, "sbg", LOY_LIFETIME_SBG, 0, 2, 2, contract);
	fits(g, "bdw", LOY_LIFETIME_BDW, 0, 2, 3, contract);
}
