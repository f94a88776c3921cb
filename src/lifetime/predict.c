/*
 * Many questions to many customers, in one pass over blocks of rows, so that what questions share (reading,
 * checking, P(alive)) is done once. Standard errors by the delta method: how answers change when each
 * parameter moves a little (central differences on the free scale, error about 1e-8 of the slope), times the
 * covariance. A total's standard error takes the sum of the slopes, so what customers have in common does not
 * cancel.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#define BLOCK    128u
#define ASKS_MAX 1000u
#define N_MAX    LOY_LIFETIME_PARAMETERS_MAX

/* What a call works with: too large for the stack. */
struct call {
	const loy_lifetime *model, *spend;
	loy__columns columns;
	double covariates[BLOCK * LOY_LIFETIME_COVARIATES_MAX];
	loy__fit_row row[BLOCK];
	loy_status status[BLOCK];
	double alive[BLOCK];
	int have_alive;
	double total_slope[2 * N_MAX];
};

/* ---- reading ------------------------------------------------------------------------------------------------ */

static double read_or(const loy__columns *columns, uint32_t field, uint64_t r, double otherwise)
{
	return columns->column[field] != NULL ? loy__column_read(columns->column[field], r) : otherwise;
}

/* The field that is wrong with a row, or 0. */
static uint32_t row_flaw(const loy_lifetime *model, const loy__fit_row *row)
{
	uint32_t flaw = loy__times_flaw(loy__form_kind(&model->form), row->x, row->t_x, row->T);

	if (flaw != 0)
		return flaw;
	if (!(row->spend >= 0.0 && row->spend <= 1e18))
		return LOY_HISTORY_SPEND;
	if (!(row->weight >= 1.0 && row->weight <= 9007199254740992.0))
		return LOY_HISTORY_WEIGHT;
	return 0;
}

static uint32_t covariates_flaw(const loy_lifetime *model, const double *z)
{
	uint32_t i;

	for (i = model->layout.base; z != NULL && i < model->layout.n; i++) {
		if (!(fabs(z[model->layout.covariate[i]]) <= 1e6))
			return LOY_HISTORY_COVARIATE + model->layout.covariate[i];
	}
	return 0;
}

static void read_block(struct call *call, uint64_t first, uint32_t count, loy_error *error, int *told)
{
	const loy_lifetime *model = call->model;
	uint32_t i, j, effects = model->form.rate_covariates | model->form.life_covariates;

	for (i = 0; i < count; i++) {
		loy__fit_row *row = &call->row[i];
		double *z = &call->covariates[(size_t)i * LOY_LIFETIME_COVARIATES_MAX];
		uint32_t flaw;

		memset(row, 0, sizeof(*row));
		row->x = read_or(&call->columns, LOY_HISTORY_X, first + i, 0.0) + 0.0;
		row->T = read_or(&call->columns, LOY_HISTORY_T, first + i, 0.0) + 0.0;
		row->t_x = read_or(&call->columns, LOY_HISTORY_T_X, first + i, 0.0) + 0.0;
		row->spend = read_or(&call->columns, LOY_HISTORY_SPEND, first + i, 0.0);
		row->weight = read_or(&call->columns, LOY_HISTORY_WEIGHT, first + i, 1.0);
		if (row->x == 0.0)
			row->spend = 0.0;
		for (j = 0; effects != 0 && j < LOY_LIFETIME_COVARIATES_MAX; j++)
			z[j] = call->columns.covariate[j] != NULL
			               ? loy__column_read(call->columns.covariate[j], first + i)
			               : 0.0;
		row->z = effects != 0 ? z : NULL;
		flaw = row_flaw(model, row);
		if (flaw == 0)
			flaw = covariates_flaw(model, row->z);
		call->status[i] = flaw == 0 ? LOY_OK : LOY_ERANGE;
		if (flaw != 0 && !*told) {
			*told = 1;
			(void)loy__fail_row(error, LOY_ERANGE, (int64_t)(first + i), flaw,
			                    "a value of the history cannot be");
		}
	}
	call->have_alive = 0;
}

/* Gamma-gamma needs no times; covariates are needed where the model has effects of them. */
static loy_status check_columns(struct call *call, const loy_history_column *columns, uint32_t column_count,
                                loy_error *error)
{
	uint32_t effects = call->model->form.rate_covariates | call->model->form.life_covariates, i;
	int spends = call->model->form.family == LOY_LIFETIME_GAMMA_GAMMA;
	loy_status status = loy__columns_init(&call->columns, columns, column_count,
	                                      effects != 0 ? LOY_LIFETIME_COVARIATES_MAX : 0, error);

	if (status != LOY_OK)
		return status;
	if (column_count > 0 && (call->columns.column[LOY_HISTORY_X] == NULL ||
	                         (!spends && call->columns.column[LOY_HISTORY_T] == NULL) ||
	                         (!spends && call->columns.column[LOY_HISTORY_T_X] == NULL &&
	                          loy__form_kind(&call->model->form) != LOY_LIFETIME_CONTRACTS)))
		return loy__fail(error, LOY_EINVAL, "a column that is needed is missing");
	for (i = 0; i < LOY_LIFETIME_COVARIATES_MAX; i++) {
		if ((effects >> i & 1u) != 0 && call->columns.covariate[i] == NULL)
			return loy__fail_row(error, LOY_EINVAL, -1, LOY_HISTORY_COVARIATE + i,
			                     "a covariate's column is missing");
	}
	return LOY_OK;
}

/* ---- uncertainty -------------------------------------------------------------------------------------------- */

/* Slopes of an answer by the model's parameters, then by the spend model's. Returns how many. */
static uint32_t slopes(const loy_lifetime *model, const loy_lifetime *spend, const loy__question *question,
                       const loy__fit_row *row, double *out)
{
	uint32_t i, n = model->layout.n, m = 0;

	for (i = 0; i < n; i++)
		out[i] = (loy__answer(model, 2 * i + 1, spend, 0, question, row) -
		          loy__answer(model, 2 * i + 2, spend, 0, question, row)) /
		         (2.0 * LOY__NUDGE);
	if (spend != NULL && (question->quantity == LOY_ASK_SPEND || question->quantity == LOY_ASK_VALUE))
		m = spend->layout.n;
	for (i = 0; i < m; i++)
		out[n + i] = (loy__answer(model, 0, spend, 2 * i + 1, question, row) -
		              loy__answer(model, 0, spend, 2 * i + 2, question, row)) /
		             (2.0 * LOY__NUDGE);
	return n + m;
}

static double form_of(const double *covariance, const double *slope, uint32_t n)
{
	double sum = 0.0;
	uint32_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			sum += slope[i] * slope[j] * covariance[i * n + j];
	return sum;
}

static double deviation(const loy_lifetime *model, const loy_lifetime *spend, const double *slope,
                        uint32_t count)
{
	uint32_t n = model->layout.n;
	double variance = form_of(model->covariance, slope, n);

	if (count > n)
		variance += form_of(spend->covariance, slope + n, count - n);
	return variance > 0.0 ? sqrt(variance) : 0.0;
}

static void interval(const loy__question *question, double value, double sd, double *low, double *high)
{
	double reach;

	*low = *high = value;
	if (question->quantity == LOY_ASK_LOG_LIKELIHOOD) {
		*low = value - question->quantile * sd;
		*high = value + question->quantile * sd;
	} else if (question->quantity == LOY_ASK_ALIVE || question->quantity == LOY_ASK_RETENTION) {
		if (value > 0.0 && value < 1.0) {
			double logit = loy__log(value) - loy__log1p(-value);

			reach = question->quantile * sd / (value * (1.0 - value));
			*low = loy__logistic(logit - reach);
			*high = loy__logistic(logit + reach);
		}
	} else if (value > 0.0) {
		reach = question->quantile * sd / value;
		*low = value * loy__exp(-reach);
		*high = value * loy__exp(reach);
	}
}

/* ---- asking ------------------------------------------------------------------------------------------------- */

static void store(double *column, int64_t stride, uint64_t r, double v)
{
	if (column != NULL)
		memcpy((uint8_t *)column + (int64_t)r * stride, &v, sizeof(v));
}

/* The answer, sharing P(alive) between the questions about one block. */
static double answer(struct call *call, const loy__question *question, uint32_t i)
{
	const loy_lifetime *model = call->model;
	const loy__fit_row *row = &call->row[i];

	if (row->z != NULL || !loy__form_buys(&model->form) ||
	    (question->quantity != LOY_ASK_ALIVE && question->quantity != LOY_ASK_PURCHASES))
		return loy__answer(model, 0, call->spend, 0, question, row);
	if (!call->have_alive)
		call->alive[i] = loy__alive(model, row);
	return question->quantity == LOY_ASK_ALIVE ? call->alive[i]
	                                           : call->alive[i] * loy__bought(model, question, row);
}

static void add_total(loy_lifetime_ask *ask, double v)
{
	double sum = ask->total + v; /* total_low carries what rounding took until the end */

	ask->total_low += fabs(ask->total) >= fabs(v) ? (ask->total - sum) + v : (v - sum) + ask->total;
	ask->total = sum;
}

static void ask_values(struct call *call, const loy__question *question, loy_lifetime_ask *ask,
                       uint64_t first, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		double v = (double)NAN;

		if (call->status[i] == LOY_OK) {
			v = answer(call, question, i);
			add_total(ask, v * call->row[i].weight);
		}
		store(ask->value, ask->value_stride, first + i, v);
	}
	if (question->quantity == LOY_ASK_ALIVE || question->quantity == LOY_ASK_PURCHASES)
		call->have_alive = 1;
}

static int wants_deviation(const loy_lifetime_ask *ask)
{
	return ask->with_deviation != 0 || ask->deviation != NULL || ask->low != NULL || ask->high != NULL;
}

/* Deviations and limits of one block; the slopes' sum goes on. */
static void ask_deviations(struct call *call, const loy__question *question, loy_lifetime_ask *ask,
                           uint64_t first, uint32_t count)
{
	double slope[2 * N_MAX], low, high, v, sd;
	uint32_t i, j, n;

	for (i = 0; i < count; i++) {
		low = high = sd = (double)NAN;
		if (call->status[i] == LOY_OK) {
			n = slopes(call->model, call->spend, question, &call->row[i], slope);
			for (j = 0; j < n; j++)
				call->total_slope[j] += slope[j] * call->row[i].weight;
			v = loy__answer(call->model, 0, call->spend, 0, question, &call->row[i]);
			sd = deviation(call->model, call->spend, slope, n);
			interval(question, v, sd, &low, &high);
		}
		store(ask->deviation, ask->deviation_stride, first + i, sd);
		store(ask->low, ask->low_stride, first + i, low);
		store(ask->high, ask->high_stride, first + i, high);
	}
}

static loy_lifetime_ask *ask_at(loy_lifetime_ask *asks, uint32_t i)
{
	return (loy_lifetime_ask *)(void *)((uint8_t *)asks + (size_t)i * asks->struct_size);
}

static loy_status check_ask(const loy_lifetime *model, const loy_lifetime *spend, const loy_lifetime_ask *ask,
                            int deviates, loy__question *question, loy_error *error)
{
	loy_status status = loy__question_init(question, ask, model, spend);
	int both = spend != NULL && (ask->quantity == LOY_ASK_SPEND || ask->quantity == LOY_ASK_VALUE);

	if (status != LOY_OK)
		return loy__fail(error, status,
		                 status == LOY_ERANGE
		                         ? "times, rate or level of an ask lie outside their range"
		                 : status == LOY_EINVAL ? "the models cannot be asked that"
		                                        : "the mean spend is infinite: q is not above 1");
	if (deviates && (!model->has_covariance || (both && !spend->has_covariance)))
		return loy__fail(error, LOY_EUNKNOWN, "the model has no covariance to take errors from");
	return LOY_OK;
}

/* Errors of one ask over all rows. */
static void deviations(struct call *call, const loy__question *question, loy_lifetime_ask *ask, uint64_t rows)
{
	uint32_t n = call->model->layout.n + (call->spend != NULL ? call->spend->layout.n : 0);
	uint64_t first;
	int told = 1;

	memset(call->total_slope, 0, sizeof(call->total_slope));
	for (first = 0; first < rows; first += BLOCK) {
		uint32_t count = rows - first < BLOCK ? (uint32_t)(rows - first) : BLOCK;

		read_block(call, first, count, NULL, &told);
		ask_deviations(call, question, ask, first, count);
	}
	if (question->quantity != LOY_ASK_SPEND && question->quantity != LOY_ASK_VALUE)
		n = call->model->layout.n;
	ask->total_deviation = deviation(call->model, call->spend, call->total_slope, n);
	if (question->quantity == LOY_ASK_ALIVE || question->quantity == LOY_ASK_RETENTION) {
		loy__question sum = *question; /* a sum of probabilities is no probability */

		sum.quantity = LOY_ASK_PURCHASES;
		interval(&sum, ask->total, ask->total_deviation, &ask->total_low, &ask->total_high);
	} else {
		interval(question, ask->total, ask->total_deviation, &ask->total_low, &ask->total_high);
	}
}

/* All values, block by block. */
static void predict_values(struct call *call, const loy__question *questions, uint64_t rows,
                           loy_lifetime_ask *asks, uint32_t ask_count, loy_status *row_status,
                           loy_error *error)
{
	uint64_t first;
	uint32_t a, i;
	int told = 0;

	for (a = 0; a < ask_count; a++) {
		loy_lifetime_ask *ask = ask_at(asks, a);

		ask->total = ask->total_low = 0.0;
		ask->total_high = ask->total_deviation = (double)NAN;
	}
	for (first = 0; first < rows; first += BLOCK) {
		uint32_t count = rows - first < BLOCK ? (uint32_t)(rows - first) : BLOCK;

		read_block(call, first, count, error, &told);
		for (a = 0; a < ask_count; a++)
			ask_values(call, &questions[a], ask_at(asks, a), first, count);
		for (i = 0; row_status != NULL && i < count; i++)
			row_status[first + i] = call->status[i];
	}
	for (a = 0; a < ask_count; a++) {
		loy_lifetime_ask *ask = ask_at(asks, a);

		ask->total += ask->total_low;
		ask->total_low = (double)NAN;
	}
}

static loy_status predict(struct call *call, loy__question *questions, const loy_history_column *columns,
                          uint32_t column_count, uint64_t rows, loy_lifetime_ask *asks, uint32_t ask_count,
                          loy_status *row_status, loy_error *error)
{
	loy_status status = check_columns(call, columns, column_count, error);
	uint32_t a;

	for (a = 0; a < ask_count && status == LOY_OK; a++) {
		const loy_lifetime_ask *ask = ask_at(asks, a);

		if (ask->struct_size != asks->struct_size)
			return loy__fail(error, LOY_EINVAL, "asks have different sizes");
		status = check_ask(call->model, call->spend, ask, wants_deviation(ask), &questions[a], error);
	}
	if (status != LOY_OK)
		return status;
	predict_values(call, questions, rows, asks, ask_count, row_status, error);
	for (a = 0; a < ask_count; a++) {
		if (wants_deviation(ask_at(asks, a)))
			deviations(call, &questions[a], ask_at(asks, a), rows);
	}
	return LOY_OK;
}

loy_status loy_lifetime_predict(const loy_lifetime *model, const loy_lifetime *spend,
                                const loy_history_column *columns, uint32_t column_count, uint64_t rows,
                                loy_lifetime_ask *asks, uint32_t ask_count, loy_status *row_status,
                                const loy_allocator *memory, loy_error *error)
{
	struct call *call;
	loy__question *questions;
	loy_allocator adopted;
	loy_status status;

	if (model == NULL || asks == NULL || ask_count == 0 || asks->struct_size < sizeof(*asks) ||
	    asks->struct_size % sizeof(double) != 0 || ask_count > ASKS_MAX)
		return loy__fail(error, LOY_EINVAL, "no model, no asks, or asks of another size");
	if (loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the allocator is not valid");
	call = loy__alloc(&adopted, sizeof(*call));
	questions = loy__alloc(&adopted, ask_count * sizeof(*questions));
	if (call != NULL && questions != NULL) {
		call->model = model;
		call->spend = spend;
		status = predict(call, questions, columns, column_count, rows, asks, ask_count, row_status,
		                 error);
	} else {
		status = loy__fail(error, LOY_ENOMEM, "no memory for a block of rows");
	}
	loy__free(&adopted, call, sizeof(*call));
	loy__free(&adopted, questions, ask_count * sizeof(*questions));
	return status;
}

/* ---- one customer ------------------------------------------------------------------------------------------- */

/* A history as a row; the covariates are the caller's. */
static loy_status one_row(loy__fit_row *row, const loy_lifetime *model, const loy_history *history)
{
	uint32_t effects = model->form.rate_covariates | model->form.life_covariates;
	loy_history given = {0};

	memset(row, 0, sizeof(*row));
	row->weight = 1.0;
	if (history != NULL) {
		if (loy__options_read(&given, sizeof(given), history) != LOY_OK)
			return LOY_EINVAL;
		row->x = given.x + 0.0;
		row->T = given.T + 0.0;
		row->t_x = given.t_x + 0.0;
		row->spend = row->x > 0.0 ? given.spend : 0.0;
		row->z = given.covariate_count > 0 ? given.covariates : NULL;
	}
	if (effects != 0 && row->z == NULL)
		return LOY_EINVAL;
	if (given.covariate_count > LOY_LIFETIME_COVARIATES_MAX || (effects >> given.covariate_count) != 0)
		return LOY_EINVAL; /* fewer covariates than the model acts on */
	return row_flaw(model, row) == 0 && covariates_flaw(model, row->z) == 0 ? LOY_OK : LOY_ERANGE;
}

loy_status loy_lifetime_evaluate(const loy_lifetime *model, const loy_lifetime *spend,
                                 const loy_history *history, const loy_lifetime_ask *ask,
                                 loy_lifetime_estimate *out)
{
	loy_lifetime_estimate estimate = {0};
	double slope[2 * N_MAX];
	loy_lifetime_ask asked;
	loy__question question;
	loy__fit_row row;
	loy_status status;
	uint32_t n;

	if (model == NULL || ask == NULL || out == NULL ||
	    loy__options_read(&asked, sizeof(asked), ask) != LOY_OK)
		return LOY_EINVAL;
	status = check_ask(model, spend, &asked, 0, &question, NULL);
	if (status == LOY_OK)
		status = one_row(&row, model, history);
	if (status != LOY_OK)
		return status;
	estimate.value = loy__answer(model, 0, spend, 0, &question, &row);
	estimate.deviation = estimate.low = estimate.high = (double)NAN;
	if (check_ask(model, spend, &asked, 1, &question, NULL) == LOY_OK) {
		n = slopes(model, spend, &question, &row, slope);
		estimate.deviation = deviation(model, spend, slope, n);
		interval(&question, estimate.value, estimate.deviation, &estimate.low, &estimate.high);
	}
	return loy__result_write(out, &estimate, sizeof(estimate));
}
