/*
 * Maximum likelihood: one search over the logs of the parameters from values guessed from the data. Where it
 * runs away (no maximum inside: lifetimes and CLVTools then return garbage or fail), the limits of the family
 * are fitted, which have fewer parameters and maxima; the search goes on from where it was too, and the
 * higher value decides.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define N_MAX         LOY_LIFETIME_PARAMETERS_MAX
#define ITERATIONS    200u
#define LIMIT_MARGIN  1e-8  /* a limit's log-likelihood counts as reached this close to it */
#define BESIDE        30.0
#define NEARLY        0.5  /* of a log-likelihood: how far below the best limit a search still goes on */
#define FLAT_MARGIN   1e-3 /* a limit this close below is the answer when no maximum was found */
#define CONDITION_MAX 1e12 /* of the information, scaled: beyond, there is no covariance worth the name */

/* ---- limits ------------------------------------------------------------------------------------------------ */

/* Fit every limit; the best, with preference for the fewest parameters among equals, goes to *best. */
static LOY__NOINLINE loy_status try_limits(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	loy__found *found = &work->other;
	loy__form form = *family;
	loy_status status = LOY_OK;
	uint32_t rate, drop;

	best->end = LOY__SPENT;
	best->value = (double)-INFINITY;
	for (rate = LOY__MIXED; rate <= LOY__SPLIT; rate++) {
		for (drop = LOY__MIXED; drop <= LOY__SPLIT && status == LOY_OK; drop++) {
			form.rate = rate;
			form.drop = drop;
			form.k = family->family == LOY_LIFETIME_BDW && drop == LOY__SPLIT
			                 ? work->problem.first_end
			                 : family->k;
			if ((rate == LOY__MIXED && drop == LOY__MIXED) || !loy__form_exists(&form))
				continue;
			loy__fit_set_form(work, &form);
			loy__fit_guess_start(work);
			status = loy__fit_search(work, 1, found);
			/* A limit may have limits of its own, unless it might yet be the highest. */
			if (status == LOY_OK && found->end == LOY__STRAYED &&
			    found->value > best->value - NEARLY)
				status = loy__fit_search(work, 0, found);
			if (status != LOY_OK || found->end != LOY__FOUND)
				continue;
			if (found->value > best->value + LIMIT_MARGIN ||
			    (found->value > best->value - LIMIT_MARGIN && found->n < best->n))
				*best = *found;
		}
	}
	return status;
}

/* Start a family of which some parameters of slots are known; effects on rates from another form's search. */
static void start_at(loy__fit_work *work, const loy__form *family, const double p[4],
                     const loy__found *effects)
{
	const loy__layout *layout = &work->problem.layout;
	uint32_t i, n = effects->n;

	loy__fit_set_form(work, family);
	for (i = 0; i < layout->n; i++)
		work->values[i] = i < layout->base ? p[layout->slot[i]] : 0.0;
	for (i = layout->base; i < layout->base + layout->rates && effects->form.drop != LOY__MIXED; i++)
		work->values[i] = effects->theta[i - layout->base + n - layout->rates];
	loy__to_free(layout, work->values, work->theta);
}

/* The four slots of what a search found. */
static void slots_of(double p[4], loy__fit_work *work, const loy__found *found)
{
	uint32_t i;

	loy__fit_set_form(work, &found->form);
	loy__from_free(&work->problem.layout, found->theta, work->values);
	for (i = 0; i < work->problem.layout.base; i++)
		p[work->problem.layout.slot[i]] = work->values[i];
}

/* Search from work->theta beside what was found: what lies higher is better, or to be followed if it ran away. */
static loy_status search_beside(loy__fit_work *work, loy__found *best)
{
	loy__found *beside = &work->other;
	loy_status status = loy__fit_search(work, 1, beside);

	if (status != LOY_OK || !(beside->value > best->value + LIMIT_MARGIN))
		return status;
	if (beside->end == LOY__FOUND)
		*best = *beside;
	else if (beside->end == LOY__STRAYED)
		work->away = *beside;
	return LOY_OK;
}

/*
 * Uninformative samples can have two maxima: one where drop-out is the same for all or nearly so, one where it is
 * nearly all or nothing. So what was found is compared with the limit of the first sort (and with a search that
 * starts beside it when it lies higher), and with a search that starts from the second. One that passes what was found
 * and goes on to a limit is left in work->away.
 */
static LOY__NOINLINE loy_status try_beside(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	loy__form form = *family;
	loy__found *limit = &work->limit;
	int in_time = family->family == LOY_LIFETIME_PARETO_NBD;
	double p[4] = {0.0, 0.0, 0.0, 0.0}, chance;
	loy_status status;

	work->away.end = 0;
	form.drop = LOY__SAME;
	loy__fit_set_form(work, &form);
	loy__fit_guess_start(work);
	status = loy__fit_search(work, 1, limit);
	if (status != LOY_OK)
		return status;
	if (limit->end == LOY__FOUND && limit->value > best->value + LIMIT_MARGIN) {
		slots_of(p, work, limit);
		*best = *limit;
		chance = p[2];
		p[2] = in_time ? BESIDE : chance * BESIDE;
		p[3] = in_time ? BESIDE / chance : (1.0 - chance) * BESIDE;
		start_at(work, family, p, limit);
		status = search_beside(work, best);
	}
	if (status != LOY_OK || best->form.drop != LOY__MIXED)
		return status;
	slots_of(p, work, best);
	p[2] = in_time ? 0.1 : 0.05;
	p[3] = in_time ? 0.01 * work->problem.mean_T : 0.1;
	start_at(work, family, p, best);
	return search_beside(work, best);
}

/* After a search that ran away: others from where drop-out differs less and more between customers than guessed. */
static LOY__NOINLINE loy_status try_elsewhere(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	static const double spread[2] = {0.1, 8.0};
	loy__found *found = &work->other;
	double p[4] = {1.0, 1.0, 1.0, 1.0};
	loy_status status = LOY_OK;
	uint32_t i;

	for (i = 0; i < LOY__COUNT(spread) && status == LOY_OK; i++) {
		loy__fit_set_form(work, family);
		loy__fit_guess(work, p);
		p[2] *= spread[i];
		p[3] *= spread[i];
		found->n = 0;
		found->form = *family;
		start_at(work, family, p, found);
		status = loy__fit_search(work, 1, found);
		if (status == LOY_OK && found->end == LOY__FOUND && found->value > best->value + LIMIT_MARGIN)
			*best = *found;
	}
	return status;
}

/* Where to start the first search: as told, or guessed. */
static loy_status choose_start(loy__fit_work *work, const loy__form *family)
{
	loy__fit_set_form(work, family);
	loy__fit_guess_start(work);
	if (work->options.start == NULL)
		return LOY_OK;
	if (work->options.start_count != work->problem.layout.n ||
	    loy__values_check(&work->problem.layout, work->options.start) != LOY_OK)
		return loy__fail(work->error, LOY_EINVAL, "start has other values than the model needs");
	loy__to_free(&work->problem.layout, work->options.start, work->theta);
	return LOY_OK;
}

/* A search ran away to *best: all limits, the search from there on, and others. */
static loy_status follow(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	loy__found *limit = &work->limit;
	double margin;
	loy_status status = try_limits(work, family, limit);

	if (status != LOY_OK)
		return status;
	loy__fit_set_form(work, family);
	memcpy(work->theta, best->theta, best->n * sizeof(double));
	status = loy__fit_search(work, 0, best);
	margin = best->end == LOY__FOUND ? LIMIT_MARGIN : FLAT_MARGIN;
	if (status == LOY_OK && limit->end == LOY__FOUND && limit->value > best->value - margin)
		*best = *limit;
	if (status == LOY_OK && (loy__form_buys(family) || family->family == LOY_LIFETIME_BG_BB))
		status = try_elsewhere(work, family, best);
	return status;
}

/* The best of a family, inside or on a boundary. */
static loy_status fit_family(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	loy__found *inside = &work->inside;
	loy_status status = choose_start(work, family);

	if (status == LOY_OK)
		status = loy__fit_search(work, 1, best);
	if (status != LOY_OK)
		return status;
	if (best->end != LOY__FOUND)
		return follow(work, family, best);
	if (!loy__form_buys(family) && family->family != LOY_LIFETIME_BG_BB)
		return LOY_OK;
	status = try_beside(work, family, best);
	if (status != LOY_OK || work->away.end == 0)
		return status;
	*inside = *best;
	*best = work->away;
	status = follow(work, family, best);
	if (status == LOY_OK && !(best->end == LOY__FOUND && best->value > inside->value + LIMIT_MARGIN))
		*best = *inside;
	return status;
}

/* What the log-likelihood of this k holds that no parameter changes. */
static double constant(const loy__problem *problem, uint32_t k)
{
	return problem->form.family == LOY_LIFETIME_MBG_CNBD ? problem->constants[k] : 0.0;
}

/* MBG/CNBD with the likeliest k: on from 1 until two in a row were less likely. */
static loy_status fit_k(loy__fit_work *work, const loy__form *family, loy__found *best)
{
	loy__form form = *family;
	loy__found found;
	double highest = (double)-INFINITY;
	uint32_t worse = 0;
	loy_status status = LOY_OK;

	best->n = 0;
	for (form.k = 1; form.k <= LOY_LIFETIME_K_MAX && worse < 2; form.k++) {
		status = fit_family(work, &form, &found);
		if (status != LOY_OK)
			break;
		worse++;
		if (best->n == 0)
			*best = found; /* whatever it is, until a maximum is found */
		if (found.end == LOY__FOUND && found.value + constant(&work->problem, form.k) > highest) {
			highest = found.value + constant(&work->problem, form.k);
			*best = found;
			worse = 0;
		}
	}
	return status;
}

/* ---- the result -------------------------------------------------------------------------------------------- */

/* Covariance and condition from the information at the end. 0 when it is not positive definite. */
static int invert(loy_lifetime *model, double *information, double *scratch)
{
	size_t n = model->layout.n, i, j;
	double values[N_MAX];

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			scratch[i * n + j] = information[i * n + j] / sqrt(fabs(information[i * n + i]) *
			                                                   fabs(information[j * n + j]));
	}
	if (loy__symmetric_eigen(scratch, n, values, NULL) == LOY_OK)
		model->info.condition = loy__condition_number(values, n);
	if (!(model->info.condition <= CONDITION_MAX) || loy__cholesky(information, n, 0.0, NULL) != LOY_OK)
		return 0;
	loy__cholesky_inverse(information, n);
	memcpy(model->covariance, information, n * n * sizeof(double));
	return 1;
}

/*
 * The likelihood once more where a search ended: gradient and second derivatives to work->space. *largest gets the
 * gradient's largest element per customer.
 */
static loy_status look_again(loy__fit_work *work, const loy__found *best, double *largest)
{
	size_t n = best->n, i;
	double *gradient = work->space, value;
	loy_status status;

	loy__fit_set_form(work, &best->form);
	status = loy__likelihood(&work->problem, best->theta, &value, gradient, gradient + n);
	*largest = 0.0;
	for (i = 0; i < n; i++)
		*largest = fabs(gradient[i]) > *largest ? fabs(gradient[i]) : *largest;
	*largest /= work->problem.customers;
	return status;
}

static loy_status finish(loy__fit_work *work, const loy__found *best, loy_lifetime *model)
{
	size_t n = best->n, i;
	double *hessian = work->space + n, *scratch = hessian + n * n;
	loy_status status = look_again(work, best, &model->info.gradient_norm);

	if (status != LOY_OK)
		return status;
	for (i = 0; i < n * n; i++)
		hessian[i] = -hessian[i];
	loy__model_set(model, best->theta);
	model->info.log_likelihood = work->problem.value + constant(&work->problem, best->form.k);
	model->has_covariance = invert(model, hessian, scratch);
	if ((model->info.boundary & ~(uint32_t)LOY_BOUNDARY_NO_MEAN) != 0)
		model->info.status = LOY_FIT_BOUNDARY;
	else
		model->info.status = model->has_covariance ? LOY_FIT_CONVERGED : LOY_FIT_FLAT;
	model->info.iterations = best->iterations;
	model->info.evaluations = work->evaluations;
	model->info.ridge = work->options.ridge;
	return LOY_OK;
}

static loy_status not_converged(loy__fit_work *work, const loy__found *best)
{
	static const char text[] =
	        "not converged within the iterations allowed, and no limit of the model fits "
	        "better; largest slope a customer: ";
	char message[LOY_ERROR_MESSAGE_SIZE];
	double largest = 0.0;

	if (!(best->value > -DBL_MAX) || look_again(work, best, &largest) != LOY_OK)
		return loy__fail(work->error, LOY_ELIMIT, "the model excludes where the search was to start");
	memcpy(message, text, sizeof(text) - 1);
	message[sizeof(text) - 1 + loy__real_write(largest, message + sizeof(text) - 1)] = '\0';
	return loy__fail(work->error, LOY_ELIMIT, message);
}

loy_status loy__fit(loy_lifetime **out, const loy__problem *problem, const loy_lifetime_options *options,
                    const loy_allocator *memory, loy_error *error)
{
	loy__fit_work *work = loy__alloc_zero(memory, sizeof(*work));
	loy__found best;
	loy_status status = LOY_ENOMEM;

	if (work == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for a search");
	work->problem = *problem;
	work->problem.scratch = work->values;
	work->options = *options;
	work->error = error;
	work->space_size = loy__ascent_work(N_MAX) * sizeof(double);
	work->space = loy__alloc(memory, work->space_size);
	work->search.objective = loy__likelihood;
	work->search.context = &work->problem;
	work->search.iterations_max = options->iterations != 0 ? options->iterations : ITERATIONS;
	work->search.progress = options->progress;
	work->search.user_data = options->user_data;
	work->search.work = work->space;
	memset(&best, 0, sizeof(best));
	if (work->space != NULL)
		status = problem->form.k == 0 ? fit_k(work, &problem->form, &best)
		                              : fit_family(work, &problem->form, &best);
	else
		(void)loy__fail(error, LOY_ENOMEM, "no memory for a search");
	if (status == LOY_OK && best.end != LOY__FOUND && best.end != LOY__FLAT)
		status = not_converged(work, &best);
	if (status == LOY_OK)
		status = loy__model_create(out, &best.form, memory);
	if (status == LOY_OK)
		status = finish(work, &best, *out);
	loy__free(memory, work->space, work->space_size);
	loy__free(memory, work, sizeof(*work));
	return status;
}
