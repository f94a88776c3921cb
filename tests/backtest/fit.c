#include "fit.h"
#include <math.h>

struct simplex {
	fit_function f;
	void *user;
	size_t count, evaluations;
	double point[FIT_PARAMETERS_MAX + 1][FIT_PARAMETERS_MAX];
	double value[FIT_PARAMETERS_MAX + 1];
};

static double evaluate(struct simplex *s, const double *theta)
{
	double value = s->f(theta, s->user);

	s->evaluations++;
	return isnan(value) ? HUGE_VAL : value;
}

/* The vertices by value: best, worst, second worst. */
static void rank(const struct simplex *s, size_t *best, size_t *worst, size_t *second)
{
	size_t i;

	*best = *worst = 0;
	for (i = 1; i <= s->count; i++) {
		if (s->value[i] < s->value[*best])
			*best = i;
		if (s->value[i] > s->value[*worst])
			*worst = i;
	}
	*second = *best;
	for (i = 0; i <= s->count; i++)
		if (i != *worst && s->value[i] >= s->value[*second])
			*second = i;
}

/* The worst vertex moved through the middle of the others by `factor`; taken when it is better. */
static double move(struct simplex *s, size_t worst, double factor)
{
	double trial[FIT_PARAMETERS_MAX], value;
	size_t i, j;

	for (j = 0; j < s->count; j++) {
		double middle = 0.0;

		for (i = 0; i <= s->count; i++)
			if (i != worst)
				middle += s->point[i][j];
		middle /= (double)s->count;
		trial[j] = middle + factor * (s->point[worst][j] - middle);
	}
	value = evaluate(s, trial);
	if (value < s->value[worst]) {
		memcpy(s->point[worst], trial, s->count * sizeof(trial[0]));
		s->value[worst] = value;
	}
	return value;
}

static void shrink(struct simplex *s, size_t best)
{
	size_t i, j;

	for (i = 0; i <= s->count; i++) {
		if (i == best)
			continue;
		for (j = 0; j < s->count; j++)
			s->point[i][j] = 0.5 * (s->point[i][j] + s->point[best][j]);
		s->value[i] = evaluate(s, s->point[i]);
	}
}

double fit_minimise(fit_function f, void *user, double *theta, size_t count, double step, size_t evaluations,
                    double tolerance)
{
	struct simplex s = {.f = f, .user = user, .count = count};
	size_t best, worst, second, i;

	assert_true(count >= 1 && count <= FIT_PARAMETERS_MAX);
	for (i = 0; i <= count; i++) {
		memcpy(s.point[i], theta, count * sizeof(theta[0]));
		if (i > 0)
			s.point[i][i - 1] += step;
		s.value[i] = evaluate(&s, s.point[i]);
	}
	for (rank(&s, &best, &worst, &second); s.evaluations < evaluations;
	     rank(&s, &best, &worst, &second)) {
		double moved, old = s.value[worst];

		if (s.value[worst] - s.value[best] <= tolerance)
			break;
		moved = move(&s, worst, -1.0);
		if (moved < s.value[best])
			move(&s, worst, 2.0);
		else if (moved >= s.value[second] && move(&s, worst, 0.5) >= (moved < old ? moved : old))
			shrink(&s, best);
	}
	memcpy(theta, s.point[best], count * sizeof(theta[0]));
	return s.value[best];
}

double fit_logistic(double x)
{
	return 1.0 / (1.0 + exp(-x));
}

double fit_logit(double p)
{
	return log(p / (1.0 - p));
}

struct scored {
	double score;
	uint8_t outcome;
};

static int by_score(const void *a, const void *b)
{
	double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;

	return (x > y) - (x < y);
}

double measure_auc(const double *score, const uint8_t *outcome, size_t count)
{
	struct scored *rows = malloc(count * sizeof(*rows));
	double rank_sum = 0.0, positives = 0.0;
	size_t i, j, k;

	assert_non_null(rows);
	for (i = 0; i < count; i++) {
		rows[i].score = score[i];
		rows[i].outcome = outcome[i];
		positives += outcome[i];
	}
	qsort(rows, count, sizeof(*rows), by_score);
	for (i = 0; i < count; i = j) {
		for (j = i; j < count && rows[j].score == rows[i].score; j++)
			;
		for (k = i; k < j; k++) /* ties share the mean of their ranks, from 1 */
			rank_sum += rows[k].outcome * (0.5 * (double)(i + j + 1));
	}
	free(rows);
	return (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * ((double)count - positives));
}

double measure_log_loss(const double *forecast, const double *outcome, size_t count)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < count; i++) {
		double p = fmin(fmax(forecast[i], 1e-12), 1.0 - 1e-12);

		sum -= outcome[i] * log(p) + (1.0 - outcome[i]) * log(1.0 - p);
	}
	return sum / (double)count;
}

double measure_r2(const double *forecast, const double *outcome, size_t count)
{
	double mean = 0.0, residual = 0.0, total = 0.0;
	size_t i;

	for (i = 0; i < count; i++)
		mean += outcome[i] / (double)count;
	for (i = 0; i < count; i++) {
		residual += (outcome[i] - forecast[i]) * (outcome[i] - forecast[i]);
		total += (outcome[i] - mean) * (outcome[i] - mean);
	}
	return 1.0 - residual / total;
}

double measure_rmse(const double *forecast, const double *truth, size_t count)
{
	double sum = 0.0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += (forecast[i] - truth[i]) * (forecast[i] - truth[i]);
	return sqrt(sum / (double)count);
}

loy_model *fit_model(const char *text)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;

	if (loy_model_create(&model, text, strlen(text), NULL, &error) != LOY_OK)
		fail_msg("line %u, column %u: %s\n%s", (unsigned)error.line, (unsigned)error.column,
		         error.message, text);
	return model;
}

void fit_score(const loy_store *store, const char *model_text, int64_t time, double *values)
{
	loy_score_column column = {
	        .struct_size = sizeof(column), .value = values, .value_stride = sizeof(*values)};
	loy_model *model = fit_model(model_text);
	uint64_t i, count = loy_store_count(store);

	assert_int_equal(loy_model_headline(model, 0, &column.construct), LOY_OK);
	assert_int_equal(loy_store_score(store, model, time, 0, count, &column, 1, NULL), LOY_OK);
	for (i = 0; i < count; i++)
		values[i] /= 100.0;
	loy_model_destroy(model);
}
