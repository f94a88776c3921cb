/*
 * How wide the interval of a construct should be. A construct's own variance is m (1 - m) / (nu + 1) with 1 /
 * nu = 1 / (spread * evidence) + 1 / limit. The squared error of an answer is, on average, that variance,
 * what the parents pass on, and the error of the answer itself; the first is what is left of it. 1 / spread
 * and 1 / limit, neither negative, are found by least squares (Gauss-Newton) over the observations. The
 * excess of a single answer is noisy; its mean over customers of like evidence is what is fitted. A composite
 * has no evidence of its own, so only 1 / (limit + 1) is found, in one step.
 */
#include "calibrate/calibration.h"

#include <math.h>

#define STEPS     100
#define LEAST     1e-4 /* of 1 / spread and 1 / limit: models take 10,000 at most */
#define MOST      1e4
#define LIMIT_MAX 1e6

void loy__evidence_means(const loy__evidence_rows *rows, const loy__lever *levers, uint32_t lever_count,
                         double *mean, double *evidence)
{
	uint32_t first = (uint32_t)(lever_count - rows->columns), i;
	size_t row;

	for (row = 0; row < rows->count; row++) {
		const double *up = rows->up + row * rows->columns, *down = rows->down + row * rows->columns;
		double prior = rows->fixed[row] + (first ? rows->rest * levers[0].before : 0.0), good, bad;

		good = rows->strength * prior;
		bad = rows->strength * (1.0 - prior);
		for (i = first; i < lever_count; i++) {
			good += levers[i].before * up[i - first];
			bad += levers[i].before * down[i - first];
		}
		evidence[row] = good + bad;
		mean[row] = good / evidence[row];
	}
}

/* The normal equations of one step from (narrow, floor), the inverses of spread and limit. */
struct step {
	double aa, ab, bb, a, b;
};

static void add_row(struct step *s, double weight, double claim, double excess, double inverse, double narrow,
                    double floor)
{
	double t = narrow * inverse + floor, off = excess - claim * t / (1.0 + t);
	double way = claim / ((1.0 + t) * (1.0 + t)), by_narrow = way * inverse;

	s->aa += weight * by_narrow * by_narrow;
	s->ab += weight * by_narrow * way;
	s->bb += weight * way * way;
	s->a += weight * by_narrow * off;
	s->b += weight * way * off;
}

/* Move both, or the one that stays positive when the other would not. */
static void take_step(const struct step *s, double *narrow, double *floor)
{
	double det = s->aa * s->bb - s->ab * s->ab, by_narrow = 0.0, by_floor = 0.0;

	if (det > 1e-12 * s->aa * s->bb) {
		by_narrow = (s->bb * s->a - s->ab * s->b) / det;
		by_floor = (s->aa * s->b - s->ab * s->a) / det;
	} else if (s->bb > 0.0) {
		by_floor = s->b / s->bb;
	}
	if (*narrow + by_narrow < LEAST) {
		by_narrow = LEAST - *narrow;
		by_floor = s->bb > 0.0 ? (s->b - s->ab * by_narrow) / s->bb : 0.0;
	} else if (*floor + by_floor < LEAST) {
		by_floor = LEAST - *floor;
		by_narrow = s->aa > 0.0 ? (s->a - s->ab * by_floor) / s->aa : 0.0;
	}
	*narrow += by_narrow;
	*floor += by_floor;
	*narrow = *narrow < LEAST ? LEAST : *narrow > MOST ? MOST : *narrow;
	*floor = *floor < LEAST ? LEAST : *floor > MOST ? MOST : *floor;
}

void loy__fit_width(const loy__evidence_rows *rows, const loy__selection *selection, const double *mean,
                    const double *evidence, double error, double *spread, double *limit)
{
	double narrow = 1.0, floor = 0.05;
	int k;

	for (k = 0; k < STEPS; k++) {
		struct step step = {0.0, 0.0, 0.0, 0.0, 0.0};
		double before = narrow, base = floor;
		size_t row;

		for (row = 0; row < rows->count; row++) {
			const loy__observation *o = selection->list[row];
			double off = o->answer - mean[row];

			add_row(&step, o->weight, mean[row] * (1.0 - mean[row]),
			        off * off - error - rows->inherited[row], 1.0 / evidence[row], narrow, floor);
		}
		take_step(&step, &narrow, &floor);
		if (fabs(narrow - before) <= 1e-12 * narrow && fabs(floor - base) <= 1e-12 * floor)
			break;
	}
	*spread = 1.0 / narrow;
	*limit = 1.0 / floor;
}

double loy__fit_limit(const loy__evidence_rows *rows, const loy__selection *selection, const double *mean,
                      double error)
{
	double left = 0.0, claims = 0.0, share;
	size_t row;

	for (row = 0; row < rows->count; row++) {
		const loy__observation *o = selection->list[row];
		double claim = mean[row] * (1.0 - mean[row]), off = o->answer - mean[row];

		left += o->weight * claim * (off * off - error - rows->inherited[row]);
		claims += o->weight * claim * claim;
	}
	share = left / claims; /* 1 / (limit + 1); no limit below 1 is believed */
	return share > LEAST ? 1.0 / (share < 0.5 ? share : 0.5) - 1.0 : 0.0;
}
