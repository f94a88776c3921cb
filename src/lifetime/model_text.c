/*
 * Models as text: a line for each thing, a word and its values. Numbers are decimals that read back as the
 * same double. Lines that a later version adds after "also" can be skipped by this one.
 *
 *	lifetime 1
 *	model mbg-nbd 1            family and k
 *	form mixed mixed           how rates and drop-out differ: mixed, same; never, split
 *	status converged 10 11     how the fit ended, iterations, evaluations
 *	unit 604800000000          microseconds
 *	fitted 2357 1016 0 38.857142857142854   customers, distinct rows, left out, longest T
 *	loglik -9582.1357155537504 1.36e-16 169.643 0   and gradient, condition, ridge
 *	effects 3 1                bits of covariates on rates and on drop-out; absent: none
 *	r 0.52484315910627801      each parameter
 *	covariance …               of the free parameters, lower triangle by rows; absent: none
 *	end
 */
#include "fit.h"

#include <math.h>
#include <string.h>

static void put(loy__writer *w, const char *text)
{
	loy__write_bytes(w, text, strlen(text));
}

static void put_real(loy__writer *w, double v)
{
	char text[32];

	put(w, " ");
	if (v != v)
		put(w, "nan");
	else if (fabs(v) > DBL_MAX)
		put(w, v > 0.0 ? "inf" : "-inf");
	else
		loy__write_bytes(w, text, loy__real_write(v, text));
}

static void put_whole(loy__writer *w, uint64_t v)
{
	char text[24];

	put(w, " ");
	loy__write_bytes(w, text, loy__integer_write((int64_t)v, text));
}

const char *loy__mode_name(uint32_t mode)
{
	static const char names[4][8] = {"mixed", "same", "never", "split"};

	return mode < LOY__COUNT(names) ? names[mode] : NULL;
}

static void put_head(loy__writer *w, const loy_lifetime *model)
{
	const loy_lifetime_info *info = &model->info;

	put(w, "lifetime 1\nmodel ");
	put(w, loy_lifetime_family_name(model->form.family));
	put_whole(w, model->form.k);
	put(w, "\nform ");
	put(w, loy__mode_name(model->form.rate));
	put(w, " ");
	put(w, loy__mode_name(model->form.drop));
	put(w, "\nstatus ");
	put(w, loy_lifetime_status_name(info->status));
	put_whole(w, info->iterations);
	put_whole(w, info->evaluations);
	put(w, "\nunit");
	put_whole(w, (uint64_t)info->unit);
	put(w, "\nfitted");
	put_whole(w, info->customers);
	put_whole(w, info->distinct);
	put_whole(w, info->left_out);
	put_real(w, info->period);
	put(w, "\nloglik");
	put_real(w, info->log_likelihood);
	put_real(w, info->gradient_norm);
	put_real(w, info->condition);
	put_real(w, info->ridge);
	if ((info->rate_covariates | info->life_covariates) != 0) {
		put(w, "\neffects");
		put_whole(w, info->rate_covariates);
		put_whole(w, info->life_covariates);
	}
}

loy_status loy_lifetime_print(const loy_lifetime *model, char *buffer, size_t capacity, size_t *needed)
{
	loy__writer w;
	uint32_t i, j, n;

	if (model == NULL || (buffer == NULL && capacity > 0))
		return LOY_EINVAL;
	loy__writer_over(&w, buffer, capacity > 0 ? capacity - 1 : 0);
	put_head(&w, model);
	n = model->layout.n;
	for (i = 0; i < n; i++) {
		put(&w, "\n");
		put(&w, model->names[i]);
		put_real(&w, model->values[i]);
	}
	if (model->has_covariance) {
		put(&w, "\ncovariance");
		for (i = 0; i < n; i++)
			for (j = 0; j <= i; j++)
				put_real(&w, model->covariance[i * n + j]);
	}
	put(&w, "\nend\n");
	if (needed != NULL)
		*needed = w.size;
	if (w.size >= capacity)
		return LOY_EBUFFER;
	buffer[w.size] = '\0';
	return LOY_OK;
}
