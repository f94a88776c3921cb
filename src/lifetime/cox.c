/*
 * Cox regression: Newton's method on the partial likelihood, which is concave. A step that lowers it is halved. It
 * has converged when a step was below a millionth of a standard error (the error left is its square). When
 * the likelihood has stopped rising while the step stays large there is no maximum: some direction orders the
 * events perfectly (monotone likelihood), and Newton walks along it by about one unit of log odds a step.
 */
#include "cox.h"

#include <math.h>

#define ITERATIONS_DEFAULT 50u
#define HALVINGS_MAX       30u
#define ALIAS_TOLERANCE    1e-11 /* of the information's diagonal: what rounding leaves of a dependent column */
#define CONVERGED          1e-12 /* squared length of a step, in standard errors */
#define FLAT_GAIN          1e-9  /* rise of the log-likelihood */
#define FLAT_STEP          0.02  /* step, in standard deviations of a covariate, that is not small */

/* What Newton works with; all of it lies in one block. */
struct newton {
	loy__cox_data *data;
	size_t columns, active; /* active: columns that are estimated */
	uint32_t *flaw;         /* of each column */
	uint32_t *kept;         /* the active columns */
	loy__cox_sums now, next;
	double *at, *trial;       /* coefficients */
	double *step, *direction; /* of the active columns; of all */
	double *factor;
	double null, score_test, distance; /* distance: squared length of the step, in standard errors */
	uint32_t iterations, halvings;
};

static size_t newton_doubles(size_t columns, size_t blocks)
{
	return 6 * columns + 3 * columns * columns + 2 * blocks;
}

/* The active part of the information, factored. */
static loy_status factor(struct newton *n, double tolerance, size_t *pivot)
{
	size_t i, j;

	for (i = 0; i < n->active; i++) {
		for (j = 0; j < n->active; j++)
			n->factor[i * n->active + j] =
			        n->now.information[n->kept[i] * n->columns + n->kept[j]];
	}
	return loy__cholesky(n->factor, n->active, tolerance, pivot);
}

static void drop(struct newton *n, size_t place, uint32_t flaw)
{
	n->flaw[n->kept[place]] = flaw;
	n->active--;
	memmove(n->kept + place, n->kept + place + 1, (n->active - place) * sizeof(*n->kept));
}

/* At coefficients 0: leave out columns without information, and those that follow from the ones before. */
static void choose_columns(struct newton *n)
{
	double mass = 0.0;
	size_t i, pivot = 0;

	for (i = 0; i < n->data->rows; i++)
		mass += (n->data->mark[i] & LOY__COX_EVENT) != 0 ? n->data->mass[i] : 0.0;
	for (i = n->active; i-- > 0;) {
		double own = n->now.information[n->kept[i] * (n->columns + 1)];

		if (!(own > ALIAS_TOLERANCE * mass))
			drop(n, i, LOY_COX_CONSTANT);
	}
	while (factor(n, ALIAS_TOLERANCE, &pivot) != LOY_OK)
		drop(n, pivot, LOY_COX_COLLINEAR);
}

/* Newton's step from here, by the factor; n->distance becomes its squared length in standard errors. */
static void find_step(struct newton *n)
{
	size_t i;

	for (i = 0; i < n->active; i++)
		n->step[i] = n->now.score[n->kept[i]];
	loy__cholesky_solve(n->factor, n->active, n->step);
	n->distance = 0.0;
	memset(n->direction, 0, n->columns * sizeof(*n->direction));
	for (i = 0; i < n->active; i++) {
		n->distance += n->step[i] * n->now.score[n->kept[i]];
		n->direction[n->kept[i]] = n->step[i];
	}
}

static double largest_step(const struct newton *n)
{
	double largest = 0.0;
	size_t i;

	for (i = 0; i < n->columns; i++)
		largest = fabs(n->direction[i]) > largest ? fabs(n->direction[i]) : largest;
	return largest;
}

/* Go along the direction, half as far while the likelihood falls. Returns 0 when it falls however short the step. */
static int walk(struct newton *n, double *gain)
{
	double share = 1.0, rounding = 1e-12 * (1.0 + fabs(n->now.log_likelihood));
	uint32_t halvings;
	size_t i;

	for (halvings = 0; halvings <= HALVINGS_MAX; halvings++, share *= 0.5) {
		loy__cox_sums kept = n->now;
		double *from = n->at;

		for (i = 0; i < n->columns; i++)
			n->trial[i] = n->at[i] + share * n->direction[i];
		loy__cox_evaluate(n->data, n->trial, &n->next);
		*gain = n->next.log_likelihood - n->now.log_likelihood;
		n->halvings += halvings > 0;
		if (!(*gain >= -rounding)) /* NaN too */
			continue;
		n->now = n->next;
		n->next = kept;
		n->at = n->trial;
		n->trial = from;
		return 1;
	}
	return 0;
}

static void mark_infinite(struct newton *n)
{
	double largest = largest_step(n);
	size_t i;

	for (i = n->active; i-- > 0;) {
		if (fabs(n->direction[n->kept[i]]) > 0.01 * largest)
			n->flaw[n->kept[i]] = LOY_COX_INFINITE;
	}
}

/* 1 when the likelihood has all but stopped rising, and yet the step stays large. */
static int runs_away(const struct newton *n, double gain)
{
	return n->iterations > 0 && gain < FLAT_GAIN + 1e-14 * fabs(n->now.log_likelihood) &&
	       largest_step(n) > FLAT_STEP;
}

/* LOY_ECANCELLED, or LOY_OK and how it ended in *state. Afterwards the factor and the step are those of the end. */
static loy_status climb(struct newton *n, const loy_cox_options *options, uint32_t *state)
{
	uint32_t most = options->iterations != 0 ? options->iterations : ITERATIONS_DEFAULT;
	double gain = 0.0;
	int done = 0;

	*state = LOY_COX_STOPPED;
	for (;;) {
		int fits = factor(n, 0.0, NULL) == LOY_OK;

		if (fits)
			find_step(n);
		if (runs_away(n, fits ? gain : 0.0)) {
			*state = LOY_COX_SEPARATED;
			mark_infinite(n);
			return LOY_OK;
		}
		if (done || (fits && n->distance <= CONVERGED * CONVERGED))
			*state = fits ? LOY_COX_CONVERGED : LOY_COX_STOPPED;
		if (done || !fits || *state == LOY_COX_CONVERGED || n->iterations == most)
			return LOY_OK;
		n->iterations++;
		done = n->distance <= CONVERGED && largest_step(n) <= FLAT_STEP;
		if (!walk(n, &gain))
			return LOY_OK;
		if (options->progress != NULL &&
		    options->progress(n->iterations, most, options->user_data) != 0)
			return LOY_ECANCELLED;
	}
}

/* ---- results ---- */

static double chi_square_p(double chi_square, size_t degrees)
{
	double p = 1.0;

	if (degrees > 0)
		(void)loy__chi_square(chi_square > 0.0 ? chi_square : 0.0, (double)degrees, NULL, &p);
	return p;
}

/* Coefficients times information times coefficients: the Wald test that all are zero. */
static double wald(const struct newton *n)
{
	double sum = 0.0;
	size_t i, j;

	for (i = 0; i < n->active; i++) {
		for (j = 0; j < n->active; j++)
			sum += n->at[n->kept[i]] * n->at[n->kept[j]] *
			       n->now.information[n->kept[i] * n->columns + n->kept[j]];
	}
	return sum;
}

/* Condition of the factored columns' information once its diagonal is scaled to ones. Uses the spare sums. */
static double condition(struct newton *n)
{
	double *a = n->next.information, *values = n->trial;
	size_t i, j;

	for (i = 0; i < n->active; i++) {
		const double *row = n->now.information + n->kept[i] * n->columns;

		for (j = 0; j < n->active; j++) {
			const double *other = n->now.information + n->kept[j] * n->columns;

			a[i * n->active + j] =
			        row[n->kept[j]] / (sqrt(row[n->kept[i]]) * sqrt(other[n->kept[j]]));
		}
	}
	if (loy__symmetric_eigen(a, n->active, values, NULL) != LOY_OK)
		return (double)INFINITY;
	return loy__condition_number(values, n->active);
}

/* The inverse of the information of the finite columns goes to the fit, in the caller's units. */
static void fill_covariance(struct newton *n, loy_cox *cox)
{
	size_t p = n->columns, i, j;

	for (i = n->active; i-- > 0;) {
		if (n->flaw[n->kept[i]] !=
		    LOY_COX_FINITE) /* in the limit nothing is known of it: the others stand alone */
			drop(n, i, n->flaw[n->kept[i]]);
	}
	for (i = 0; i < p * p; i++)
		cox->covariance[i] = (double)NAN;
	cox->summary.condition = condition(n);
	if (factor(n, 0.0, NULL) != LOY_OK)
		return;
	loy__cholesky_inverse(n->factor, n->active);
	for (i = 0; i < n->active; i++) {
		for (j = 0; j < n->active; j++)
			cox->covariance[n->kept[i] * p + n->kept[j]] = n->factor[i * n->active + j] /
			                                               n->data->scale[n->kept[i]] /
			                                               n->data->scale[n->kept[j]];
	}
}

static void fill_tests(const struct newton *n, loy_cox_summary *s, uint32_t state)
{
	double sum = 0.0;
	size_t i;

	s->degrees = (uint32_t)n->active;
	s->iterations = n->iterations;
	s->halvings = n->halvings;
	s->subjects = loy_survival_subjects(n->data->survival);
	s->events = n->data->events;
	s->log_likelihood_null = n->null;
	s->log_likelihood = n->now.log_likelihood;
	s->ratio = 2.0 * (s->log_likelihood - s->log_likelihood_null);
	s->score = n->score_test;
	s->wald = state == LOY_COX_SEPARATED ? (double)NAN : wald(n);
	s->ratio_p = chi_square_p(s->ratio, n->active);
	s->score_p = chi_square_p(s->score, n->active);
	s->wald_p = state == LOY_COX_SEPARATED ? (double)NAN : chi_square_p(s->wald, n->active);
	for (i = 0; i < n->active; i++)
		sum += n->now.score[n->kept[i]] * n->now.score[n->kept[i]];
	s->gradient = sqrt(sum);
	s->distance = sqrt(n->distance > 0.0 ? n->distance : 0.0);
}

/* The state, and the first covariate that is not as it should be. */
static void fill_state(const struct newton *n, loy_cox_summary *s, uint32_t state)
{
	size_t i, first = n->columns;

	for (i = n->columns; i-- > 0;) {
		if (state == LOY_COX_SEPARATED ? n->flaw[i] == LOY_COX_INFINITE
		                               : n->flaw[i] != LOY_COX_FINITE)
			first = i;
	}
	if (state == LOY_COX_CONVERGED && first < n->columns)
		state = LOY_COX_ALIASED;
	s->state = state;
	s->column = state != LOY_COX_STOPPED && first < n->columns ? (uint32_t)first : 0;
}

static void fill_fit(struct newton *n, loy_cox *cox, uint32_t state)
{
	size_t i;

	fill_tests(n, &cox->summary, state);
	fill_state(n, &cox->summary, state);
	for (i = 0; i < n->columns; i++) {
		cox->value[i] = n->at[i] / n->data->scale[i];
		cox->centre[i] = n->data->centre[i];
		cox->flaw[i] = n->flaw[i];
	}
	loy__cox_fill_hazard(cox, n->data, n->now.jumps);
	fill_covariance(n, cox);
}

/* ---- the whole ---- */

static loy_status run(struct newton *n, const loy_cox_options *options, loy_cox *cox, loy_error *error)
{
	uint32_t state;
	loy_status status;

	loy__cox_evaluate(n->data, n->at, &n->now);
	n->null = n->now.log_likelihood;
	choose_columns(n);
	find_step(n);
	n->score_test = n->distance;
	status = climb(n, options, &state);
	if (status != LOY_OK)
		return loy__fail(error, status, "cancelled");
	fill_fit(n, cox, state);
	return LOY_OK;
}

static void lay_out(struct newton *n, loy__cox_data *d, double *block, uint32_t *kept, uint32_t *flaw)
{
	size_t p = d->columns, i;

	memset(n, 0, sizeof(*n));
	n->data = d;
	n->columns = n->active = p;
	n->kept = kept;
	n->flaw = flaw;
	n->now.score = loy__cut(&block, p);
	n->next.score = loy__cut(&block, p);
	n->at = loy__cut(&block, p);
	n->trial = loy__cut(&block, p);
	n->step = loy__cut(&block, p);
	n->direction = loy__cut(&block, p);
	n->now.information = loy__cut(&block, p * p);
	n->next.information = loy__cut(&block, p * p);
	n->factor = loy__cut(&block, p * p);
	n->now.jumps = loy__cut(&block, d->blocks);
	n->next.jumps = loy__cut(&block, d->blocks);
	for (i = 0; i < p; i++) {
		n->at[i] = 0.0;
		kept[i] = (uint32_t)i;
		flaw[i] = LOY_COX_FINITE;
	}
}

static LOY__NOINLINE loy_status fit(loy__cox_data *d, const loy_cox_options *options, loy_cox *cox,
                                    loy_error *error)
{
	uint32_t kept[LOY_SURVIVAL_COVARIATES_MAX], flaw[LOY_SURVIVAL_COVARIATES_MAX];
	size_t doubles = newton_doubles(d->columns, d->blocks), bytes;
	struct newton n;
	double *block = NULL;
	loy_status status;

	if (loy__mul_size(doubles, sizeof(*block), &bytes))
		block = loy__alloc(&d->memory, bytes);
	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the fit");
	lay_out(&n, d, block, kept, flaw);
	status = run(&n, options, cox, error);
	loy__free(&d->memory, block, bytes);
	return status;
}

static loy_status check_options(loy_cox_options *out, const loy_cox_options *options)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK ||
	    (out->flags & ~(uint32_t)LOY_COX_STRATA) != 0 || out->ties > LOY_COX_BRESLOW)
		return LOY_EINVAL;
	return LOY_OK;
}

loy_status loy_cox_create(loy_cox **out, const loy_survival *survival, const loy_cox_options *options,
                          const loy_allocator *memory, loy_error *error)
{
	loy_cox_options chosen;
	loy_allocator adopted;
	loy__cox_data data;
	loy_cox *cox = NULL;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "nowhere to put the fit");
	*out = NULL;
	if (survival == NULL || check_options(&chosen, options) != LOY_OK ||
	    loy__memory_adopt(&adopted, memory) != LOY_OK || survival->covariates == 0)
		return loy__fail(error, LOY_EINVAL,
		                 "an accumulator with covariates and known options are needed");
	if (!survival->sorted)
		return loy__fail(error, LOY_ESTATE, "the accumulator has changed since it was sorted");
	status = loy__cox_data_fill(&data, survival, &chosen, &adopted);
	if (status == LOY_OK)
		status = loy__cox_allocate(&cox, &data, &adopted);
	if (status != LOY_OK)
		(void)loy__fail(error, status,
		                status == LOY_EUNKNOWN ? "nobody had the event" : "no memory for the fit");
	else
		status = fit(&data, &chosen, cox, error);
	if (cox != NULL) {
		cox->flags = chosen.flags;
		cox->ties = chosen.ties;
	}
	loy__cox_data_free(&data);
	if (status != LOY_OK)
		loy_cox_destroy(cox);
	else
		*out = cox;
	return status;
}
