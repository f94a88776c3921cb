/*
 * The partial likelihood (Cox 1972) and its derivatives, in one walk over the rows from the last time to the first:
 * each row joins the sums of its risk set, and at each event time the sums are what the likelihood needs.
 *
 * Ties: with d events at a time, weight W in all, sums S over the risk set and E over the events, Breslow (1974) takes
 * W log S0 off, Efron (1977) W times the mean over l = 0 … d - 1 of log(S0 - l/d E0). The derivatives are linear in
 * S and E with coefficients that depend on S0 and E0 only, so that the matrices are touched once for each time.
 * Rounding: sums of n positive terms, n 2^-53 relative at worst and its square root as a rule.
 */
#include "cox.h"

#include <math.h>

/* Means over l of 1 / D, f / D, 1 / D², f / D², f² / D² and log D, with f = l / d and D = S0 - f E0. */
struct means {
	double one, share, one_square, share_square, square_square, log;
};

static void block_means(struct means *m, double s0, double e0, uint64_t events, int breslow)
{
	double total = (double)events;
	uint64_t l;

	memset(m, 0, sizeof(*m));
	if (breslow || events == 1) {
		m->one = 1.0 / s0;
		m->one_square = m->one * m->one;
		m->log = loy__log(s0);
		return;
	}
	s0 = s0 > e0 ? s0 : e0; /* not less, by rounding of what was taken out */
	for (l = 0; l < events; l++) {
		double f = (double)l / total, d = s0 - f * e0, r = 1.0 / d;

		m->one += r;
		m->share += f * r;
		m->one_square += r * r;
		m->share_square += f * (r * r);
		m->square_square += f * r * (f * r);
		m->log += loy__log(d);
	}
	m->one /= total;
	m->share /= total;
	m->one_square /= total;
	m->share_square /= total;
	m->square_square /= total;
	m->log /= total;
}

/* Add one row's relative hazard to sums; subtract it with a negative one. */
static LOY__ALWAYS_INLINE void join(double *sums, const double *x, double hazard, size_t columns)
{
	double *product = sums + 1 + columns;
	size_t i, j;

	sums[0] += hazard;
	for (i = 0; i < columns; i++) {
		double part = hazard * x[i];

		sums[1 + i] += part;
		for (j = i; j < columns; j++)
			*product++ += part * x[j];
	}
}

/* What is known of the block being walked. */
struct block {
	double mass, factor;
	uint64_t events;
};

/* All rows of a block with events have been walked: take it into the likelihood. Returns the jump of the hazard. */
static LOY__ALWAYS_INLINE double finish(loy__cox_sums *out, const double *s, double *e, const struct block *b,
                                        int breslow, size_t columns)
{
	const double *ss = s + 1 + columns, *ee = e + 1 + columns;
	double mass = b->mass * b->factor;
	int ties = !breslow && b->events > 1;
	struct means m;
	size_t i, j;

	block_means(&m, s[0], e[0], b->events, breslow);
	out->log_likelihood -= b->mass * m.log;
	for (i = 0; i < columns; i++) {
		double si = s[1 + i], ei = ties ? e[1 + i] : 0.0;

		out->score[i] -= mass * (si * m.one - ei * m.share);
		for (j = i; j < columns; j++) {
			double sj = s[1 + j], second = *ss++ * m.one - si * sj * m.one_square;

			if (ties) {
				double ej = e[1 + j];

				second -= *ee++ * m.share;
				second += (si * ej + ei * sj) * m.share_square - ei * ej * m.square_square;
			}
			out->information[i * columns + j] += mass * second;
		}
	}
	if (ties)
		memset(e, 0, loy__cox_width(columns) * sizeof(*e));
	return b->mass * m.one;
}

/* Rows whose entry is not before this row's time leave their risk sets; `left` of them, by entry, are still in. */
static void leave(loy__cox_data *d, size_t row, size_t *left)
{
	double time = loy__from_word(loy__survival_row(d->survival, row)[LOY__SUBJECT_TIME]);
	size_t width = loy__cox_width(d->columns);

	for (; *left > 0; --*left) {
		size_t i = d->entry[*left - 1], stratum = d->stratum != NULL ? d->stratum[i] : 0;

		if (!(loy__row_entry(d->survival, loy__survival_row(d->survival, i)) >= time))
			return;
		join(d->sums + stratum * width, d->x + i * d->columns, -d->hazard[i], d->columns);
		d->present[stratum] -= 1.0;
		if (d->present[stratum] == 0.0) /* nobody: no rounding is left behind either */
			memset(d->sums + stratum * width, 0, width * sizeof(*d->sums));
	}
}

/* The walk, written once and compiled for small numbers of columns. */
static LOY__ALWAYS_INLINE void walk(loy__cox_data *d, const double *coefficients, loy__cox_sums *out,
                                    const size_t columns)
{
	size_t width = loy__cox_width(columns), i = d->rows, left = d->rows, at = d->blocks, j;
	struct block block = {0.0, 1.0, 0};

	while (i-- > 0) {
		const double *x = d->x + i * columns;
		size_t stratum = d->stratum != NULL ? d->stratum[i] : 0;
		double log_hazard = 0.0, hazard;

		for (j = 0; j < columns; j++)
			log_hazard += x[j] * coefficients[j];
		hazard = d->mass[i] * loy__exp(log_hazard);
		join(d->sums + stratum * width, x, hazard, columns);
		if (d->entry != NULL) {
			d->hazard[i] = hazard;
			d->present[stratum] += 1.0;
			if ((d->mark[i] & LOY__COX_LAST) != 0)
				leave(d, i, &left);
		}
		if ((d->mark[i] & LOY__COX_EVENT) != 0) {
			block.factor = out->factors != NULL ? out->factors[at - 1] : 1.0;
			block.mass += d->mass[i];
			block.events += d->count[i];
			out->log_likelihood += d->mass[i] * log_hazard;
			for (j = 0; j < columns; j++)
				out->score[j] += d->mass[i] * block.factor * x[j];
			if ((d->mark[i] & LOY__COX_TIED) != 0 && !d->breslow)
				join(d->tied, x, hazard, columns);
		}
		if ((d->mark[i] & LOY__COX_FIRST) != 0 && block.events != 0) {
			double jump =
			        finish(out, d->sums + stratum * width, d->tied, &block, d->breslow, columns);

			at--;
			if (out->jumps != NULL)
				out->jumps[at] = jump;
			block.mass = 0.0;
			block.events = 0;
		}
	}
}

static void walk_one(loy__cox_data *d, const double *coefficients, loy__cox_sums *out)
{
	walk(d, coefficients, out, 1);
}

static void walk_two(loy__cox_data *d, const double *coefficients, loy__cox_sums *out)
{
	walk(d, coefficients, out, 2);
}

static void walk_four(loy__cox_data *d, const double *coefficients, loy__cox_sums *out)
{
	walk(d, coefficients, out, 4);
}

static void walk_any(loy__cox_data *d, const double *coefficients, loy__cox_sums *out)
{
	walk(d, coefficients, out, d->columns);
}

void loy__cox_evaluate(loy__cox_data *d, const double *coefficients, loy__cox_sums *out)
{
	size_t width = loy__cox_width(d->columns), columns = d->columns, i, j;

	out->log_likelihood = 0.0;
	memset(out->score, 0, columns * sizeof(*out->score));
	memset(out->information, 0, columns * columns * sizeof(*out->information));
	memset(d->sums, 0, d->strata * width * sizeof(*d->sums));
	memset(d->tied, 0, width * sizeof(*d->tied));
	if (d->present != NULL)
		memset(d->present, 0, d->strata * sizeof(*d->present));
	if (columns == 1)
		walk_one(d, coefficients, out);
	else if (columns == 2)
		walk_two(d, coefficients, out);
	else if (columns == 4)
		walk_four(d, coefficients, out);
	else
		walk_any(d, coefficients, out);
	for (i = 0; i < columns; i++) {
		for (j = 0; j < i; j++)
			out->information[i * columns + j] = out->information[j * columns + i];
	}
}
