/*
 * Contributions are Shapley values. The game: channels outside a coalition keep their amount of evidence for each
 * construct, but its mean is the construct's baseline; the value of a coalition is the score. Here it is played out
 * over all coalitions of up to seven sources, on the plain model, where the game is exactly additive; agreement
 * to 1e-9 points (the sums have a few dozen terms of at most 100).
 */
#include <math.h>

#include "chain.h"
#include "model/score.h"

enum { CASES = 400, PLAYERS = 8, ALL = (1 << CHAIN_KINDS) - 1 };

/* The mean of each construct when only some players (channels by index, the last is silence) show their hand. */
static void play(const loy_model *model, const loy__weighed *used, unsigned coalition, double *mean)
{
	uint32_t c, i;

	for (c = 0; c < model->construct_count; c++) {
		const loy__construct *construct = &model->construct[c];
		double positive = 0.0, total = 0.0, prior = construct->mean, missed;

		mean[c] = 0.0;
		for (i = 0; i < construct->path_count; i++) {
			const loy__path *path = &construct->path[i];

			if (construct->composite)
				mean[c] += path->weight * mean[path->parent];
			else
				prior += path->weight * (mean[path->parent] - construct->mean);
		}
		if (construct->composite)
			continue;
		for (i = 0; i < construct->indicator_count; i++) {
			const loy__indicator *indicator = &construct->indicator[i];
			double good = indicator->positive * used->positive[indicator->channel];
			double all = good + indicator->negative * used->negative[indicator->channel];

			positive += coalition >> indicator->channel & 1 ? good : construct->baseline * all;
			total += all;
		}
		missed = construct->silence_weight * loy__missed(construct, used);
		positive +=
		        coalition >> LOY__SOURCE_SILENCE % PLAYERS & 1 ? 0.0 : construct->baseline * missed;
		mean[c] = (construct->strength * prior + positive) / (construct->strength + total + missed);
	}
}

static double factorial(int n)
{
	return n <= 1 ? 1.0 : n * factorial(n - 1);
}

static int members(unsigned coalition)
{
	int count = 0;

	for (; coalition != 0; coalition &= coalition - 1)
		count++;
	return count;
}

static void contributions_are_shapley_values(void **state)
{
	loy_model *model = chain_model(1, 1);
	loy__explained *explained = calloc(1, sizeof(*explained));
	double(*mean)[LOY_CONSTRUCTS_MAX] = calloc(1u << PLAYERS, sizeof(*mean));
	loy__random random;
	unsigned coalition, player;
	uint32_t c;
	int i;

	(void)state;
	assert_int_equal(model->schema.channel_count, PLAYERS);
	loy__random_init(&random, 31);
	for (i = 0; i < CASES; i++) {
		struct chain_history history;
		loy_profile *profile;

		/* silence takes the place of quality, the first channel, so that eight bits are enough */
		chain_random(&history, &random, 25, ALL & ~1u);
		profile = chain_profile(model, &history);
		assert_int_equal(loy__explain(explained, model, loy__profile_record(profile), DAY_2024(90)),
		                 LOY_OK);
		loy_profile_destroy(profile);
		for (coalition = 0; coalition < 1u << PLAYERS; coalition++)
			play(model, &explained->used, coalition, mean[coalition]);
		for (c = 0; c < model->construct_count; c++) {
			assert_close(100.0 * mean[(1u << PLAYERS) - 1][c], explained->points[c], 0, 1e-9);
			assert_close(100.0 * mean[0][c], explained->baseline[c], 0, 1e-9);
			for (player = 0; player < PLAYERS; player++) {
				double value = 0.0, said = explained->part[c][player];

				for (coalition = 0; coalition < 1u << PLAYERS; coalition++) {
					int others = members(coalition);

					if (coalition >> player & 1)
						continue;
					value += factorial(others) * factorial(PLAYERS - 1 - others) /
					         factorial(PLAYERS) *
					         (mean[coalition | 1u << player][c] - mean[coalition][c]);
				}
				if (player == LOY__SOURCE_SILENCE % PLAYERS)
					said += explained->part[c][LOY__SOURCE_SILENCE];
				assert_close(said, 100.0 * value, 0, 1e-9);
			}
		}
	}
	free(mean);
	free(explained);
	loy_model_destroy(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(contributions_are_shapley_values),
	};

	return cmocka_run_group_tests_name("property/score_shapley", tests, NULL, NULL);
}
