/* Histories by columns: the caller's arrays read value by value, checked before any of them counts. */
#include "fit.h"

#include <math.h>
#include <string.h>

#define WEIGHT_MAX 9007199254740992.0 /* 2^53 */

loy_status loy__columns_init(loy__columns *out, const loy_history_column *columns, uint32_t count,
                             uint32_t covariates, loy_error *error)
{
	uint32_t i;

	memset(out, 0, sizeof(*out));
	if (columns == NULL && count > 0)
		return loy__fail(error, LOY_EINVAL, "no columns");
	for (i = 0; i < count; i++) {
		const loy_history_column *column = &columns[i], **place = NULL;

		if (column->field >= LOY_HISTORY_X && column->field <= LOY_HISTORY_INTERVALS)
			place = &out->column[column->field];
		else if (column->field >= LOY_HISTORY_COVARIATE &&
		         column->field - LOY_HISTORY_COVARIATE < covariates)
			place = &out->covariate[column->field - LOY_HISTORY_COVARIATE];
		if (place == NULL || *place != NULL)
			return loy__fail_row(error, LOY_EINVAL, -1, column->field,
			                     "a column's field is unknown or given twice");
		if (column->data == NULL ||
		    (column->type != LOY_COLUMN_F64 && column->type != LOY_COLUMN_I64 &&
		     column->type != LOY_COLUMN_I32 && column->type != LOY_COLUMN_U32 &&
		     column->type != LOY_COLUMN_U8))
			return loy__fail_row(error, LOY_EINVAL, -1, column->field,
			                     "a column has no data or a type that histories do not have");
		*place = column;
	}
	return LOY_OK;
}

double loy__column_read(const loy_history_column *column, uint64_t row)
{
	const uint8_t *at = (const uint8_t *)column->data + (int64_t)row * column->stride;
	int64_t i64;
	int32_t i32;
	uint32_t u32;
	double f64;

	switch (column->type) {
	case LOY_COLUMN_F64:
		memcpy(&f64, at, sizeof(f64));
		return f64;
	case LOY_COLUMN_I64:
		memcpy(&i64, at, sizeof(i64));
		return (double)i64;
	case LOY_COLUMN_I32:
		memcpy(&i32, at, sizeof(i32));
		return (double)i32;
	case LOY_COLUMN_U32:
		memcpy(&u32, at, sizeof(u32));
		return (double)u32;
	default:
		return (double)*at;
	}
}

/* One row of a table as an accumulator's; *field is what cannot be. */
static loy_status read_row(const loy_lifetime_data *data, const loy__columns *columns, uint64_t r,
                           double *row, uint64_t *weight, uint32_t *field)
{
	static const uint8_t order[LOY__ROW_FIXED] = {LOY_HISTORY_X, LOY_HISTORY_T, LOY_HISTORY_T_X,
	                                              LOY_HISTORY_INTERVALS, LOY_HISTORY_SPEND};
	double values[LOY__ROW_FIXED], covariates[LOY_LIFETIME_COVARIATES_MAX], w = 1.0;
	uint32_t i;

	for (i = 0; i < LOY__ROW_FIXED; i++) {
		const loy_history_column *column = columns->column[order[i]];

		values[i] = column != NULL ? loy__column_read(column, r) : 0.0;
	}
	for (i = 0; i < data->covariates; i++)
		covariates[i] = loy__column_read(columns->covariate[i], r);
	if (columns->column[LOY_HISTORY_WEIGHT] != NULL)
		w = loy__column_read(columns->column[LOY_HISTORY_WEIGHT], r);
	*field = LOY_HISTORY_WEIGHT;
	if (!(w >= 1.0 && w <= WEIGHT_MAX && w == floor(w)))
		return LOY_ERANGE;
	*weight = (uint64_t)w;
	return loy__data_check(data, values, covariates, row, field);
}

static loy_status need_columns(const loy_lifetime_data *data, const loy__columns *columns, loy_error *error)
{
	uint32_t missing = 0, i;

	for (i = 0; i < data->covariates; i++) {
		if (columns->covariate[i] == NULL)
			return loy__fail_row(error, LOY_EINVAL, -1, LOY_HISTORY_COVARIATE + i,
			                     "a covariate's column is missing");
	}

	if (columns->column[LOY_HISTORY_X] == NULL)
		missing = LOY_HISTORY_X;
	else if (columns->column[LOY_HISTORY_T] == NULL)
		missing = LOY_HISTORY_T;
	else if (columns->column[LOY_HISTORY_T_X] == NULL && data->kind != LOY_LIFETIME_CONTRACTS)
		missing = LOY_HISTORY_T_X;
	else if (columns->column[LOY_HISTORY_INTERVALS] == NULL && (data->flags & LOY_DATA_INTERVALS) != 0)
		missing = LOY_HISTORY_INTERVALS;
	else if (columns->column[LOY_HISTORY_SPEND] == NULL && (data->flags & LOY_DATA_SPEND_REQUIRED) != 0)
		missing = LOY_HISTORY_SPEND;
	return missing == 0
	               ? LOY_OK
	               : loy__fail_row(error, LOY_EINVAL, -1, missing, "a column that is needed is missing");
}

loy_status loy_lifetime_data_add_columns(loy_lifetime_data *data, const loy_history_column *columns,
                                         uint32_t column_count, uint64_t rows, loy_error *error)
{
	double row[LOY__STRIDE_MAX];
	loy__columns table;
	uint64_t r, weight;
	uint32_t field;
	size_t before;
	loy_status status;

	if (data == NULL)
		return loy__fail(error, LOY_EINVAL, "no accumulator");
	status = loy__columns_init(&table, columns, column_count, data->covariates, error);
	if (status == LOY_OK)
		status = need_columns(data, &table, error);
	if (status != LOY_OK)
		return status;
	before = data->count;
	for (r = 0; r < rows; r++) {
		status = read_row(data, &table, r, row, &weight, &field);
		if (status == LOY_OK) {
			field = 0;
			status = loy__data_add_row(data, row, weight);
		}
		if (LOY__UNLIKELY(status != LOY_OK))
			break;
	}
	if (status == LOY_OK)
		return LOY_OK;
	(void)loy__fail_row(error, status, (int64_t)r, field,
	                    field != 0 ? "a value of the history cannot be" : loy_status_text(status));
	while (r-- > 0) {
		(void)read_row(data, &table, r, row, &weight, &field);
		loy__data_take_back(data, row, weight);
	}
	loy__data_cut(data, before);
	return status;
}
