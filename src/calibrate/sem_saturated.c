/*
 * Means and covariances of the unrestricted model from rows with missing values: the EM algorithm (Dempster,
 * Laird & Rubin 1977; Little & Rubin 2002, 11.2) on the moments of patterns. A step costs what its patterns
 * cost, not their rows. It goes on until no mean or covariance moves by more than 1e-13 of its standard
 * deviation.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define LOG_2PI   1.8378770664093454836
#define STEPS_MAX 20000u
#define STILL     1e-13
#define DEPENDENT 1e-13

struct saturated {
	loy__sem_sample *s;
	double *covariance, *mean;      /* next */
	double *inverse, *slopes;       /* of a pattern; slopes: missing on present items */
	double *away, *filled, *spread; /* d of present items; of all; T + d d' */
	uint32_t *missing;
};

/* Where each item starts: the mean and variance of the rows that have it. */
static void start(loy__sem_sample *s)
{
	size_t p = s->items, k, i;
	uint32_t item, n;

	memset(s->covariance, 0, p * p * sizeof(double));
	for (item = 0; item < s->items; item++) {
		double weight = 0.0, sum = 0.0, square = 0.0;
		int pass;

		for (pass = 0; pass < 2; pass++) {
			for (n = 0; n < s->pattern_count; n++) {
				const loy__sem_pattern *pattern = s->patterns + n;

				k = pattern->items;
				for (i = 0; i < k; i++) {
					double away = pattern->mean[i] - s->mean[item];

					if (pattern->item[i] != item)
						continue;
					weight += pass == 0 ? pattern->weight : 0.0;
					sum += pass == 0 ? pattern->weight * pattern->mean[i] : 0.0;
					square += pass == 1 ? pattern->weight *
					                              (pattern->covariance[i * k + i] +
					                               away * away)
					                    : 0.0;
				}
			}
			s->mean[item] = sum / weight;
		}
		s->covariance[item * (p + 1)] = square / weight;
	}
}

/*
 * The pattern's inverse, deviations and second moments at the present values. Returns its share of the
 * function, as loy__sem_enter_pattern does; infinite when its covariances are not positive definite.
 */
static double enter(struct saturated *e, const loy__sem_pattern *pattern)
{
	const loy__sem_sample *s = e->s;
	size_t k = pattern->items, p = s->items, i, j;
	double value, trace = 0.0;

	for (i = 0; i < k; i++) {
		e->away[i] = pattern->mean[i] - s->mean[pattern->item[i]];
		for (j = 0; j <= i; j++) {
			e->inverse[i * k + j] = s->covariance[pattern->item[i] * p + pattern->item[j]];
			e->spread[i * k + j] = e->spread[j * k + i] =
			        pattern->covariance[i * k + j] + e->away[i] * e->away[j];
		}
	}
	if (loy__cholesky(e->inverse, k, DEPENDENT, NULL) != LOY_OK)
		return (double)INFINITY;
	value = loy__cholesky_log_det(e->inverse, k);
	loy__cholesky_inverse(e->inverse, k);
	for (i = 0; i < k; i++) {
		for (j = 0; j < k; j++)
			trace += e->inverse[i * k + j] *
			         (e->spread[i * k + j] -
			          s->covariance[pattern->item[i] * p + pattern->item[j]]);
	}
	return value + trace;
}

/* Regressions of the missing items on those present; returns how many are missing. */
static size_t regress(struct saturated *e, const loy__sem_pattern *pattern)
{
	const loy__sem_sample *s = e->s;
	size_t k = pattern->items, p = s->items, count = 0, i, j, a;
	uint32_t item;

	for (item = 0, i = 0; item < s->items; item++) {
		if (i < k && pattern->item[i] == item)
			i++;
		else
			e->missing[count++] = item;
	}
	for (a = 0; a < count; a++) {
		double *row = e->slopes + a * k;

		memset(row, 0, k * sizeof(double));
		for (j = 0; j < k; j++) {
			double with = s->covariance[e->missing[a] * p + pattern->item[j]];

			for (i = 0; i < k; i++)
				row[i] += with * e->inverse[j * k + i];
		}
	}
	return count;
}

/* What the pattern's rows are expected to add to second moments about the present means. */
static void add_pattern(struct saturated *e, const loy__sem_pattern *pattern, double share)
{
	loy__sem_sample *s = e->s;
	size_t k = pattern->items, p = s->items, count = regress(e, pattern), i, j, a, b;

	for (i = 0; i < k; i++) {
		e->mean[pattern->item[i]] += share * e->away[i];
		for (j = 0; j < k; j++)
			e->covariance[pattern->item[i] * p + pattern->item[j]] +=
			        share * e->spread[i * k + j];
	}
	for (a = 0; a < count; a++) {
		const double *row = e->slopes + a * k;
		double away = 0.0;

		memset(e->filled, 0, k * sizeof(double)); /* slopes times T + d d' */
		for (j = 0; j < k; j++) {
			away += row[j] * e->away[j];
			for (i = 0; i < k; i++)
				e->filled[i] += row[j] * e->spread[j * k + i];
		}
		e->mean[e->missing[a]] += share * away;
		for (i = 0; i < k; i++) {
			e->covariance[e->missing[a] * p + pattern->item[i]] += share * e->filled[i];
			e->covariance[pattern->item[i] * p + e->missing[a]] += share * e->filled[i];
		}
		for (b = 0; b < count; b++) {
			const double *other = e->slopes + b * k;
			double sum = s->covariance[e->missing[a] * p + e->missing[b]];

			for (i = 0; i < k; i++)
				sum += other[i] *
				       (e->filled[i] - s->covariance[e->missing[a] * p + pattern->item[i]]);
			e->covariance[e->missing[a] * p + e->missing[b]] += share * sum;
		}
	}
}

/*
 * One step. *move is the largest movement in standard deviations, *value the function before it; 0: not
 * possible.
 */
static int step(struct saturated *e, double *move, double *value)
{
	loy__sem_sample *s = e->s;
	size_t p = s->items, i, j;
	uint32_t n;

	memset(e->covariance, 0, p * p * sizeof(double));
	memset(e->mean, 0, p * sizeof(double));
	*value = 0.0;
	for (n = 0; n < s->pattern_count; n++) {
		double share = s->patterns[n].weight / s->n;

		*value += share * enter(e, s->patterns + n);
		if (!(fabs(*value) <= DBL_MAX))
			return 0;
		add_pattern(e, s->patterns + n, share);
	}
	*move = 0.0;
	for (i = 0; i < p; i++) {
		double own = sqrt(s->covariance[i * (p + 1)]), largest = fabs(e->mean[i]) / own;

		for (j = 0; j <= i; j++) {
			double next = 0.5 * (e->covariance[i * p + j] + e->covariance[j * p + i]) -
			              e->mean[i] * e->mean[j];
			double moved = fabs(next - s->covariance[i * p + j]) /
			               (own * sqrt(s->covariance[j * (p + 1)]));

			largest = moved > largest ? moved : largest;
			e->covariance[i * p + j] = next;
		}
		*move = largest > *move ? largest : *move;
	}
	for (i = 0; i < p; i++) {
		s->mean[i] += e->mean[i];
		for (j = 0; j <= i; j++)
			s->covariance[i * p + j] = s->covariance[j * p + i] = e->covariance[i * p + j];
	}
	return 1;
}

static loy_status climb(struct saturated *e)
{
	loy__sem_sample *s = e->s;
	double move = 1.0, items = 0.0;
	uint32_t steps, n;

	start(s);
	for (steps = 0; steps < STEPS_MAX && move > STILL; steps++) {
		if (!step(e, &move, &s->value))
			return LOY_ERANGE;
	}
	s->saturated_stopped = move > STILL;
	s->value = 0.0;
	for (n = 0; n < s->pattern_count; n++) {
		double share = s->patterns[n].weight / s->n;

		s->value += share * enter(e, s->patterns + n);
		items += share * s->patterns[n].items;
	}
	s->log_likelihood = -0.5 * s->n * (items * (LOG_2PI + 1.0) + s->value);
	return fabs(s->value) <= DBL_MAX ? LOY_OK : LOY_ERANGE;
}

loy_status loy__sem_saturate(loy__sem_sample *s)
{
	size_t p = s->items, size = (4 * p * p + 3 * p) * sizeof(double);
	double *block = loy__alloc_zero(&s->memory, size);
	uint32_t *missing = loy__alloc_zero(&s->memory, p * sizeof(*missing));
	struct saturated e = {0};
	loy_status status = LOY_ENOMEM;

	if (block != NULL && missing != NULL) {
		e.s = s;
		e.missing = missing;
		e.covariance = block;
		e.inverse = block + p * p;
		e.slopes = e.inverse + p * p;
		e.spread = e.slopes + p * p;
		e.mean = e.spread + p * p;
		e.away = e.mean + p;
		e.filled = e.away + p;
		status = climb(&e);
	}
	loy__free(&s->memory, block, size);
	loy__free(&s->memory, missing, p * sizeof(*missing));
	return status;
}
