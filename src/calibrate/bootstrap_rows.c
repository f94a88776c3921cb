/*
 * Rows made ready to be estimated from again and again: standardised once by the whole sample, so that sums
 * of products lose no digits; each weighting of them then has means and deviations of its own.
 */
#include "calibrate/bootstrap.h"

#include <math.h>
#include <string.h>

/* ---- reading ---- */

static int is_complete(const loy_table *table, const uint32_t *map, uint32_t items, uint64_t row)
{
	uint32_t i;

	for (i = 0; i < items; i++)
		if (isnan(loy__table_value(table, map[i], row)))
			return 0;
	return 1;
}

static loy_status find_items(const loy_pls *pls, const loy_table *table, uint32_t *map, loy_error *error)
{
	uint32_t i;
	loy_status status = LOY_OK;

	for (i = 0; i < pls->shared->plan.items && status == LOY_OK; i++)
		status = loy__table_find(table, pls->shared->plan.column[i].name, &map[i], error);
	return status;
}

static loy_status check_weights(const loy__pls_rows *rows, const loy_table *table, loy_error *error)
{
	uint64_t row;

	for (row = 0; row < table->rows && table->weights != NULL; row++) {
		double weight = loy__table_weight(table, row);

		if (!(weight >= 0.0 && weight < 0x1p40))
			return loy__fail_row(error, LOY_ERANGE, (int64_t)row, 0,
			                     "a weight lies in [0, 2^40)");
		if (rows->pls->shared->weighting == LOY_WEIGHT_FREQUENCY && weight != floor(weight))
			return loy__fail_row(error, LOY_EINVAL, (int64_t)row, 0,
			                     "frequencies must be whole numbers to draw from");
	}
	return LOY_OK;
}

/* Copy what counts: rows with a weight, complete ones unless means stand in. */
static void fill(loy__pls_rows *rows, const loy_table *table, const uint32_t *map)
{
	const loy__pls_shared *s = rows->pls->shared;
	size_t at = 0;
	uint64_t row;
	uint32_t i;

	for (row = 0; row < table->rows; row++) {
		double weight = loy__table_weight(table, row);

		if (!(weight > 0.0) ||
		    (s->missing == LOY_MISSING_LISTWISE && !is_complete(table, map, rows->items, row)))
			continue;
		for (i = 0; i < rows->items; i++) {
			double value = loy__table_value(table, map[i], row);
			int missing = isnan(value);

			rows->z[at * rows->items + i] =
			        missing ? 0.0 : (value - s->mean[i]) / s->deviation[i];
			if (rows->there != NULL)
				rows->there[at * rows->items + i] = !missing;
		}
		rows->origin[at] = row;
		rows->weight[at++] = weight;
		rows->total += weight;
	}
}

static size_t count_rows(const loy__pls_rows *rows, const loy_table *table, const uint32_t *map, int *holes)
{
	size_t count = 0;
	uint64_t row;

	*holes = 0;
	for (row = 0; row < table->rows; row++) {
		int complete = is_complete(table, map, rows->items, row);

		if (!(loy__table_weight(table, row) > 0.0))
			continue;
		count += (size_t)(complete || rows->pls->shared->missing != LOY_MISSING_LISTWISE);
		*holes |= !complete;
	}
	*holes = *holes && rows->pls->shared->missing != LOY_MISSING_LISTWISE;
	return count;
}

static loy_status allocate(loy__pls_rows *rows, int holes)
{
	size_t each = rows->items * (holes ? 2u : 1u) + 1u;
	double *doubles;

	if (!loy__mul_size(rows->count, each * sizeof(double) + sizeof(uint64_t), &rows->size))
		return LOY_ENOMEM;
	rows->block = loy__alloc(&rows->memory, rows->size);
	if (rows->block == NULL)
		return LOY_ENOMEM;
	doubles = rows->block;
	rows->z = doubles;
	rows->there = holes ? doubles + rows->count * rows->items : NULL;
	rows->weight = doubles + rows->count * (each - 1);
	rows->origin = (uint64_t *)(void *)(rows->weight + rows->count);
	return LOY_OK;
}

loy_status loy__pls_rows_open(loy__pls_rows *rows, const loy_pls *pls, const loy_table *table,
                              const loy_allocator *memory, loy_error *error)
{
	size_t size = pls->shared->plan.items * sizeof(uint32_t);
	loy_status status;
	uint32_t *map;
	int holes;

	memset(rows, 0, sizeof(*rows));
	rows->pls = pls;
	rows->memory = *memory;
	rows->items = pls->shared->plan.items;
	map = loy__alloc(memory, size);
	if (map == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	status = find_items(pls, table, map, error);
	if (status == LOY_OK)
		status = check_weights(rows, table, error);
	if (status == LOY_OK) {
		rows->count = count_rows(rows, table, map, &holes);
		status = rows->count < 3
		                 ? loy__fail(error, LOY_EINVAL, "fewer than 3 respondents in the table")
		                 : allocate(rows, holes);
	}
	if (status == LOY_OK)
		fill(rows, table, map);
	loy__free(memory, map, size);
	return status;
}

void loy__pls_rows_close(loy__pls_rows *rows)
{
	loy__free(&rows->memory, rows->block, rows->size);
	rows->block = NULL;
}

/* ---- one weighting ---- */

static size_t product_columns(const loy__pls_plan *plan)
{
	return plan->products == 0 ? 0 : (size_t)plan->items + plan->products;
}

size_t loy__pls_trial_room(const loy__pls_rows *rows)
{
	const loy__pls_plan *plan = &rows->pls->shared->plan;
	size_t p = rows->items, k = product_columns(plan);

	return loy__pls_room(plan) + rows->count + 3 * p + p * p + (rows->there != NULL ? 2 * p * p : 0) +
	       plan->extent + (k == 0 ? 0 : 2 * k + 2 * k * k + loy__pls_fill_work(plan));
}

void loy__pls_trial_lay(loy__pls_trial *trial, const loy__pls_rows *rows, double *room)
{
	const loy__pls_plan *plan = &rows->pls->shared->plan;
	size_t p = rows->items;

	memset(trial, 0, sizeof(*trial));
	trial->rows = rows;
	loy__pls_lay(&trial->run, plan, room);
	room += loy__pls_room(plan);
	trial->times = room;
	room += rows->count;
	trial->mean = room;
	trial->scale = room + p;
	trial->sums = room + 2 * p;
	trial->squares = room + 3 * p;
	room += 3 * p + p * p;
	if (rows->there != NULL) {
		trial->holes = room;
		room += 2 * p * p;
	}
	trial->value = room;
	trial->moment = room + plan->extent;
}

/* Sums of z and of products, lower triangle. */
static void add_up(loy__pls_trial *t)
{
	const loy__pls_rows *rows = t->rows;
	size_t p = rows->items, row, i, j;

	memset(t->sums, 0, (p + p * p) * sizeof(double)); /* squares lie behind */
	for (row = 0; row < rows->count; row++) {
		const double *z = rows->z + row * p;
		double times = t->times[row];

		if (!(times > 0.0))
			continue;
		for (i = 0; i < p; i++) {
			double u = times * z[i], *line = t->squares + i * p;

			t->sums[i] += u;
			for (j = 0; j <= i; j++)
				line[j] += u * z[j];
		}
	}
}

/*
 * How much of what is there pairs with what: holes[i][j] sum of z_i where j is there; behind it, of 1 where
 * both are.
 */
static void add_holes(loy__pls_trial *t)
{
	const loy__pls_rows *rows = t->rows;
	size_t p = rows->items, row, i, j;

	memset(t->holes, 0, 2 * p * p * sizeof(double));
	for (row = 0; row < rows->count; row++) {
		const double *z = rows->z + row * p, *there = rows->there + row * p;
		double times = t->times[row];

		for (i = 0; i < p && times > 0.0; i++)
			for (j = 0; j < p; j++) {
				t->holes[i * p + j] += times * z[i] * there[j];
				t->holes[p * p + i * p + j] += times * there[i] * there[j];
			}
	}
}

/* Means of what is there; then sums of products about them: what is missing is at its mean and adds nothing. */
static void centre(loy__pls_trial *t, double total)
{
	size_t p = t->rows->items, i, j;
	const double *cross = t->holes, *both = t->holes == NULL ? NULL : t->holes + p * p;

	for (i = 0; i < p; i++)
		t->mean[i] = t->sums[i] / (both == NULL ? total : both[i * p + i]);
	for (i = 0; i < p; i++)
		for (j = 0; j <= i; j++) {
			double *s = &t->squares[i * p + j];

			if (both == NULL)
				*s -= t->mean[i] * t->sums[j];
			else
				*s += t->mean[i] * t->mean[j] * both[i * p + j] -
				      t->mean[i] * cross[j * p + i] - t->mean[j] * cross[i * p + j];
		}
}

/* Correlations into the run; 0 when an item does not vary. */
static int correlate(loy__pls_trial *t, double total)
{
	size_t p = t->rows->items, n = t->rows->pls->shared->plan.extent, i, j;
	double count = t->rows->pls->shared->weighting == LOY_WEIGHT_SURVEY ? (double)t->rows->count : total;

	for (i = 0; i < p; i++) {
		/* the sample's own variance is 1: what is left of it by rounding is no variance */
		if (!(t->squares[i * p + i] > 1e-12 * total))
			return 0;
		t->scale[i] = sqrt(t->squares[i * p + i] / total * (count / (count - 1.0)));
		for (j = 0; j < i; j++)
			t->run.x[i * n + j] = t->run.x[j * n + i] =
			        t->squares[i * p + j] / sqrt(t->squares[i * p + i] * t->squares[j * p + j]);
		t->run.x[i * n + i] = 1.0;
	}
	return 1;
}

/* Products of each row once more, for their moments under this weighting. */
static loy_status products(const loy__pls_plan *plan, loy__pls_run *run, void *user)
{
	loy__pls_trial *t = user;
	const loy__pls_rows *rows = t->rows;
	size_t p = rows->items, k = product_columns(plan), row, i, j, at;
	double *sums = t->moment, *out = sums + k, *squares = out + k, *work = squares + k * k, total = 0.0,
	       count;
	uint32_t blamed;

	memset(sums, 0, (2 * k + k * k) * sizeof(double));
	for (row = 0; row < rows->count; row++) {
		double times = t->times[row];

		if (!(times > 0.0))
			continue;
		for (i = 0; i < p; i++)
			t->value[i] = rows->there == NULL || rows->there[row * p + i] > 0.0
			                      ? (rows->z[row * p + i] - t->mean[i]) / t->scale[i]
			                      : 0.0;
		memcpy(out, t->value, p * sizeof(double));
		loy__pls_row(plan, run, 0, t->value);
		for (i = p, at = p; i < plan->extent; i++)
			if (plan->column[i].kind == LOY__PLS_PRODUCT)
				out[at++] = t->value[i];
		for (i = 0; i < k; i++) {
			sums[i] += times * out[i];
			for (j = 0; j <= i; j++)
				squares[i * k + j] += times * out[i] * out[j];
		}
		total += times;
	}
	count = rows->pls->shared->weighting == LOY_WEIGHT_SURVEY ? (double)rows->count : total;
	for (i = 0; i < k; i++)
		sums[i] /= total;
	for (i = 0; i < k; i++)
		for (j = 0; j <= i; j++)
			squares[i * k + j] = squares[j * k + i] =
			        (squares[i * k + j] / total - sums[i] * sums[j]) * (count / (count - 1.0));
	return loy__pls_fill_products(plan, run, sums, squares, work, &blamed);
}

/* Paths of scores as they are: corrected ones would be too steep for them. */
static loy_status take_back(const loy__pls_model *m, loy__pls_estimate *e)
{
	uint32_t c;

	for (c = 0; c < m->constructs; c++)
		if (m->construct[c].path_count > 0 &&
		    !loy__pls_regress(m, e->score, c, 0, e->work, e->path + m->construct[c].path, NULL))
			return LOY_ERANGE;
	return LOY_OK;
}

loy_status loy__pls_trial_run(loy__pls_trial *trial)
{
	const loy__pls_plan *plan = &trial->rows->pls->shared->plan;
	const loy__pls_model *last = &plan->model[plan->stages - 1];
	loy__pls_estimate *e = &trial->run.stage[plan->stages - 1];
	loy_status status;
	double total = 0.0;
	size_t row;

	for (row = 0; row < trial->rows->count; row++)
		total += trial->times[row];
	add_up(trial);
	if (trial->holes != NULL)
		add_holes(trial);
	centre(trial, total);
	if (!correlate(trial, total))
		return LOY_ERANGE;
	status = loy__pls_run_plan(plan, &trial->run, products, trial, NULL);
	if (status == LOY_OK && last->consistent)
		status = trial->plain ? take_back(last, e) : loy__pls_is_whole(last, e) ? LOY_OK : LOY_ERANGE;
	return status;
}
