/*
 * Tests and measures of fit. Chi-square against the unrestricted model and against the baseline of unrelated
 * items; CFI (Bentler 1990), TLI (Tucker & Lewis 1973), NFI, RFI, IFI, RNI (Bentler & Bonett 1980, Bollen
 * 1989); RMSEA with its interval and tests of closeness by the noncentral chi-square (Steiger 1990, Browne &
 * Cudeck 1993); SRMR, RMR, CRMR (Bentler 1995); GFI and kin (Jöreskog & Sörbom 1982); critical n (Hoelter
 * 1983); information criteria. Robust CFI, TLI and RMSEA are those of Brosseau-Liard & Savalei (2014).
 * Definitions are lavaan's.
 */
#include "sem.h"

#include <math.h>
#include <string.h>

#define LOG_2PI   1.8378770664093454836
#define CLOSE     0.05
#define NOT_CLOSE 0.08
#define TAIL      0.05 /* of the interval of RMSEA on either side */

int64_t loy__sem_degrees(const loy__sem_model *model)
{
	int64_t p = model->observed, x = model->given, moments = p * (p + 1) / 2 - x * (x + 1) / 2;

	return moments + (model->means ? p - x : 0) - (int64_t)model->free_count;
}

int64_t loy__sem_baseline_degrees(const loy__sem_model *model)
{
	int64_t p = model->observed, x = model->given;

	return p * (p + 1) / 2 - x * (x + 1) / 2 - (p - x);
}

static double tail_of(double chi_square, double degrees)
{
	double p = (double)NAN;

	(void)loy__chi_square(chi_square > 0.0 ? chi_square : 0.0, degrees, NULL, &p);
	return p;
}

static double greater(double a, double b)
{
	return a > b ? a : b;
}

/* ---- chi-squares and likelihoods ---- */

/* The function of items that are unrelated, each by the rows that have it. */
static double unrelated(const loy__sem_sample *s)
{
	double sum = 0.0;
	uint32_t item, k, i;

	for (item = 0; item < s->items; item++) {
		double weight = 0.0, mean = 0.0, square = 0.0;

		for (k = 0; k < s->pattern_count; k++) {
			const loy__sem_pattern *pattern = s->patterns + k;

			for (i = 0; i < pattern->items; i++) {
				if (pattern->item[i] != item)
					continue;
				weight += pattern->weight;
				mean += pattern->weight * pattern->mean[i];
			}
		}
		mean /= weight;
		for (k = 0; k < s->pattern_count; k++) {
			const loy__sem_pattern *pattern = s->patterns + k;

			for (i = 0; i < pattern->items; i++) {
				double away = pattern->mean[i] - mean;

				if (pattern->item[i] == item)
					square += pattern->weight *
					          (pattern->covariance[i * pattern->items + i] + away * away);
			}
		}
		sum += weight * loy__log(square / weight);
	}
	return sum / s->n;
}

/* log det of the given causes' covariances, 0 without any. `scratch` has room for items x items. */
static double given_log_det(const loy__sem_work *w, double *scratch)
{
	size_t p = w->model->observed, k = w->model->given, row = 0, i, j, column;

	for (i = 0; i < p; i++) {
		if ((w->model->role[i] & LOY__SEM_GIVEN) == 0)
			continue;
		for (j = 0, column = 0; j < p; j++) {
			if ((w->model->role[j] & LOY__SEM_GIVEN) != 0)
				scratch[row * k + column++] = w->sample->covariance[i * p + j];
		}
		row++;
	}
	if (loy__cholesky(scratch, k, 0.0, NULL) != LOY_OK)
		return (double)NAN;
	return loy__cholesky_log_det(scratch, k);
}

static void measure_likelihood(const loy__sem_work *w, double *fit, double *scratch)
{
	const loy__sem_sample *s = w->sample;
	double x = w->model->given, q = w->model->free_count, n = s->n, given = given_log_det(w, scratch),
	       baseline;
	size_t i;

	baseline = unrelated(s);
	if (w->model->given > 0) { /* their covariances belong to the baseline; nothing is missing then */
		baseline = given;
		for (i = 0; i < s->items; i++) {
			if ((w->model->role[i] & LOY__SEM_GIVEN) == 0)
				baseline += loy__log(s->covariance[i * s->items + i]);
		}
	}
	fit[LOY_SEM_FMIN] = 0.5 * (w->value - s->value);
	fit[LOY_SEM_CHISQ] = s->trials * (w->value - s->value);
	fit[LOY_SEM_BASELINE_CHISQ] = s->trials * (baseline - s->value);
	fit[LOY_SEM_LOGL_UNRESTRICTED] = s->log_likelihood + 0.5 * n * (x * (LOG_2PI + 1.0) + given);
	fit[LOY_SEM_LOGL] = fit[LOY_SEM_LOGL_UNRESTRICTED] - 0.5 * n * (w->value - s->value);
	fit[LOY_SEM_AIC] = -2.0 * fit[LOY_SEM_LOGL] + 2.0 * q;
	fit[LOY_SEM_BIC] = -2.0 * fit[LOY_SEM_LOGL] + q * loy__log(n);
	fit[LOY_SEM_BIC_ADJUSTED] = -2.0 * fit[LOY_SEM_LOGL] + q * loy__log((n + 2.0) / 24.0);
}

/* ---- against the baseline ---- */

static void measure_gain(double *fit)
{
	double x = fit[LOY_SEM_CHISQ], df = fit[LOY_SEM_DF], xb = fit[LOY_SEM_BASELINE_CHISQ];
	double db = fit[LOY_SEM_BASELINE_DF], over = greater(x - df, 0.0), base = greater(xb - db, over);

	fit[LOY_SEM_CFI] = base > 0.0 ? 1.0 - over / base : 1.0;
	fit[LOY_SEM_NFI] = (xb - x) / xb;
	fit[LOY_SEM_PNFI] = df / db * fit[LOY_SEM_NFI];
	fit[LOY_SEM_IFI] = (xb - x) / (xb - df);
	fit[LOY_SEM_RNI] = ((xb - db) - (x - df)) / (xb - db);
	fit[LOY_SEM_TLI] = fit[LOY_SEM_RFI] = 1.0;
	if (df > 0.0) {
		fit[LOY_SEM_TLI] = (xb / db - x / df) / (xb / db - 1.0);
		fit[LOY_SEM_RFI] = (xb / db - x / df) / (xb / db);
	}
}

/* ---- errors of approximation ---- */

static double rmsea_of(double shift, double df, double trials)
{
	return df > 0.0 ? sqrt(greater(shift, 0.0) / (df * trials)) : 0.0;
}

/* Limits: the noncentralities that put chi-square at the ends of the middle nine tenths. */
static void measure_limits(double chi_square, double df, double trials, double *low, double *high)
{
	double shift = 0.0;

	*low = *high = df > 0.0 ? (double)NAN : 0.0;
	if (!(df > 0.0))
		return;
	if (loy__noncentral_chi_square_shift(chi_square, df, 1.0 - TAIL, &shift) == LOY_OK)
		*low = rmsea_of(shift, df, trials);
	if (loy__noncentral_chi_square_shift(chi_square, df, TAIL, &shift) == LOY_OK)
		*high = rmsea_of(shift, df, trials);
}

static void measure_approximation(double *fit, double trials)
{
	double x = greater(fit[LOY_SEM_CHISQ], 0.0), df = fit[LOY_SEM_DF];

	fit[LOY_SEM_RMSEA] = rmsea_of(x - df, df, trials);
	measure_limits(x, df, trials, &fit[LOY_SEM_RMSEA_LOW], &fit[LOY_SEM_RMSEA_HIGH]);
	(void)loy__noncentral_chi_square(x, df, trials * df * CLOSE * CLOSE, NULL, &fit[LOY_SEM_RMSEA_CLOSE],
	                                 NULL);
	(void)loy__noncentral_chi_square(x, df, trials * df * NOT_CLOSE * NOT_CLOSE,
	                                 &fit[LOY_SEM_RMSEA_NOT_CLOSE], NULL, NULL);
	fit[LOY_SEM_MFI] = loy__exp(-0.5 * (x - df) / trials);
	fit[LOY_SEM_ECVI] = x / trials + 2.0 * fit[LOY_SEM_NPAR] / trials;
}

static double critical(const double *fit, double trials, double tail)
{
	double limit = (double)NAN;

	if (fit[LOY_SEM_DF] > 0.0)
		(void)loy__chi_square_quantile(fit[LOY_SEM_DF], tail, 1, &limit);
	return limit / (fit[LOY_SEM_CHISQ] / trials) + 1.0;
}

/* ---- residuals ---- */

static void measure_residuals(const loy__sem_work *w, double *fit)
{
	const loy__sem_sample *s = w->sample;
	size_t p = s->items, i, j;
	double raw = 0.0, scaled = 0.0, correlated = 0.0, count = 0.5 * (double)(p * (p + 1)), pairs;

	pairs = count - (double)p;
	for (i = 0; i < p; i++) {
		for (j = 0; j <= i; j++) {
			double root = sqrt(s->covariance[i * p + i] * s->covariance[j * p + j]);
			double away = s->covariance[i * p + j] - w->implied[i * p + j];
			double difference =
			        s->covariance[i * p + j] / root -
			        w->implied[i * p + j] / sqrt(w->implied[i * p + i] * w->implied[j * p + j]);

			raw += away * away;
			scaled += away / root * (away / root);
			correlated += i == j ? 0.0 : difference * difference;
		}
		if (w->model->means) {
			double away = s->mean[i] - w->mean[i];

			raw += away * away;
			scaled += away * away / s->covariance[i * p + i];
			correlated += away * away / s->covariance[i * p + i];
		}
	}
	count += w->model->means ? (double)p : 0.0;
	pairs += w->model->means ? (double)p : 0.0;
	fit[LOY_SEM_RMR] = sqrt(raw / count);
	fit[LOY_SEM_SRMR] = sqrt(scaled / count);
	fit[LOY_SEM_CRMR] = pairs > 0.0 ? sqrt(correlated / pairs) : 0.0;
}

/* Share of the moments' weighted squares that is implied. `scratch`: twice items x items. */
static void measure_share(const loy__sem_work *w, double *fit, double *scratch)
{
	const loy__sem_sample *s = w->sample;
	size_t p = s->items, i, j, k;
	double *inverse = scratch, left = 0.0, all = 0.0, moments, df = fit[LOY_SEM_DF];
	double x = w->model->given;

	memcpy(inverse, w->implied, p * p * sizeof(double));
	if (loy__cholesky(inverse, p, 0.0, NULL) != LOY_OK)
		return;
	loy__cholesky_inverse(inverse, p);
	for (i = 0; i < p; i++) {
		double *row = scratch + p * p; /* of V S, then of V (S - implied) = V S - I */

		for (j = 0; j < p; j++) {
			row[j] = 0.0;
			for (k = 0; k < p; k++)
				row[j] += inverse[i * p + k] * s->covariance[k * p + j];
		}
		memcpy(scratch + (p + 1) * p + i * p, row, p * sizeof(double));
	}
	for (i = 0; i < p; i++) {
		for (j = 0; j < p; j++) {
			double a = scratch[(p + 1) * p + i * p + j], b = scratch[(p + 1) * p + j * p + i];
			double one = i == j ? 1.0 : 0.0;

			all += 0.5 * a * b;
			left += 0.5 * (a - one) * (b - one);
			if (w->model->means) {
				all += s->mean[i] * inverse[i * p + j] * s->mean[j];
				left += (s->mean[i] - w->mean[i]) * inverse[i * p + j] *
				        (s->mean[j] - w->mean[j]);
			}
		}
	}
	moments = 0.5 * (double)(p * (p + 1)) - 0.5 * x * (x + 1.0) + (w->model->means ? (double)p - x : 0.0);
	fit[LOY_SEM_GFI] = 1.0 - left / all;
	fit[LOY_SEM_AGFI] = df > 0.0 ? 1.0 - moments / df * (left / all) : 1.0;
	fit[LOY_SEM_PGFI] = df / moments * fit[LOY_SEM_GFI];
}

/* ---- scaled ---- */

/*
 * RMSEA by a scaled chi-square: its mean is c df, so chi-square itself is compared with as many degrees of
 * freedom. The robust one has the noncentrality of the scaled chi-square times c. Robust measures are known
 * of complete rows.
 */
static void measure_scaled_approximation(double *fit, double c, double trials)
{
	double x = greater(fit[LOY_SEM_CHISQ], 0.0), df = fit[LOY_SEM_DF];

	fit[LOY_SEM_SCALED_RMSEA] = rmsea_of(x - c * df, c * df, trials);
	measure_limits(x, c * df, trials, &fit[LOY_SEM_SCALED_RMSEA_LOW], &fit[LOY_SEM_SCALED_RMSEA_HIGH]);
	(void)loy__noncentral_chi_square(x, c * df, trials * c * df * CLOSE * CLOSE, NULL,
	                                 &fit[LOY_SEM_SCALED_RMSEA_CLOSE], NULL);
}

static void measure_robust_approximation(double *fit, double c, double trials)
{
	double x = greater(fit[LOY_SEM_CHISQ], 0.0), df = fit[LOY_SEM_DF];

	fit[LOY_SEM_ROBUST_RMSEA] = rmsea_of(x - c * df, df, trials);
	measure_limits(x / c, df, trials / c, &fit[LOY_SEM_ROBUST_RMSEA_LOW],
	               &fit[LOY_SEM_ROBUST_RMSEA_HIGH]);
	(void)loy__noncentral_chi_square(x / c, df, trials / c * df * CLOSE * CLOSE, NULL,
	                                 &fit[LOY_SEM_ROBUST_RMSEA_CLOSE], NULL);
}

static void measure_robust_gain(double *fit, const loy__sem_scaling *c)
{
	double x = fit[LOY_SEM_CHISQ], df = fit[LOY_SEM_DF], xb = fit[LOY_SEM_BASELINE_CHISQ];
	double db = fit[LOY_SEM_BASELINE_DF], over = greater(x - c->model * df, 0.0);
	double base = greater(xb - c->baseline * db, over);

	fit[LOY_SEM_ROBUST_CFI] = base > 0.0 ? 1.0 - over / base : 1.0;
	fit[LOY_SEM_ROBUST_TLI] = 1.0 - (x - c->model * df) * db / ((xb - c->baseline * db) * df);
}

static void measure_scaled(double *fit, const loy__sem_scaling *c, double trials, int complete)
{
	double x = fit[LOY_SEM_CHISQ], df = fit[LOY_SEM_DF], xb = fit[LOY_SEM_BASELINE_CHISQ];
	double db = fit[LOY_SEM_BASELINE_DF], xs = x / c->model, xbs = xb / c->baseline, over, base;

	if (!(c->model > 0.0) || !(df > 0.0))
		return;
	fit[LOY_SEM_SCALING] = c->model;
	fit[LOY_SEM_SCALED_CHISQ] = xs;
	fit[LOY_SEM_SCALED_P] = tail_of(xs, df);
	measure_scaled_approximation(fit, c->model, trials);
	if (complete)
		measure_robust_approximation(fit, c->model, trials);
	if (!(c->baseline > 0.0))
		return;
	fit[LOY_SEM_BASELINE_SCALING] = c->baseline;
	fit[LOY_SEM_SCALED_BASELINE_CHISQ] = xbs;
	fit[LOY_SEM_SCALED_BASELINE_P] = tail_of(xbs, db);
	over = greater(xs - df, 0.0);
	base = greater(xbs - db, over);
	fit[LOY_SEM_SCALED_CFI] = base > 0.0 ? 1.0 - over / base : 1.0;
	fit[LOY_SEM_SCALED_TLI] = (xbs / db - xs / df) / (xbs / db - 1.0);
	if (complete)
		measure_robust_gain(fit, c);
}

loy_status loy__sem_measure(loy__sem_work *w, const loy__sem_scaling *scaling, double *fit)
{
	size_t p = w->model->observed, size = (2 * p * p + p) * sizeof(double);
	double trials = w->sample->trials, *scratch = loy__alloc(&w->memory, size);
	int i;

	if (scratch == NULL)
		return LOY_ENOMEM;
	for (i = 0; i < LOY_SEM_FIT_COUNT; i++)
		fit[i] = (double)NAN;
	fit[LOY_SEM_NPAR] = w->model->free_count;
	fit[LOY_SEM_ROWS] = w->sample->n;
	fit[LOY_SEM_DF] = (double)loy__sem_degrees(w->model);
	fit[LOY_SEM_BASELINE_DF] = (double)loy__sem_baseline_degrees(w->model);
	measure_likelihood(w, fit, scratch);
	measure_residuals(w, fit);
	if (fit[LOY_SEM_DF] >= 0.0) {
		fit[LOY_SEM_P] = tail_of(fit[LOY_SEM_CHISQ], fit[LOY_SEM_DF]);
		fit[LOY_SEM_BASELINE_P] = tail_of(fit[LOY_SEM_BASELINE_CHISQ], fit[LOY_SEM_BASELINE_DF]);
		measure_gain(fit);
		measure_approximation(fit, trials);
		if (loy__sem_is_complete(w->sample))
			measure_share(w, fit, scratch);
		fit[LOY_SEM_CN_05] = critical(fit, trials, 0.05);
		fit[LOY_SEM_CN_01] = critical(fit, trials, 0.01);
		measure_scaled(fit, scaling, trials, loy__sem_is_complete(w->sample));
	}
	loy__free(&w->memory, scratch, size);
	return LOY_OK;
}
