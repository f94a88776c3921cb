/* Tables in the caller's memory: what can be checked before a value is read, and columns by name. */
#include "numeric/moments.h"

#include <math.h>
#include <string.h>

/* Length of a column's name, 0 when it is none: missing, empty, too long, or no UTF-8. */
static size_t name_length(const char *name)
{
	size_t length = 0;

	if (name == NULL)
		return 0;
	while (length <= LOY__COLUMN_NAME_MAX && name[length] != '\0')
		length++;
	return length <= LOY__COLUMN_NAME_MAX && loy__utf8_valid(name, length) ? length : 0;
}

/* Whether steps of this many bytes stay within what offsets can say. */
static int stride_fits(int64_t stride, uint64_t steps)
{
	uint64_t size = stride < 0 ? UINT64_C(0) - (uint64_t)stride : (uint64_t)stride;

	return steps == 0 || size <= (uint64_t)(PTRDIFF_MAX / 4) / steps;
}

static loy_status check_places(const loy_table *table, loy_error *error)
{
	if (table->columns == 0 || table->columns > LOY_TABLE_COLUMNS_MAX)
		return loy__fail(error, LOY_EINVAL, "a table has 1 to 512 columns");
	if (table->values == NULL && table->rows != 0)
		return loy__fail(error, LOY_EINVAL, "a table with rows needs values");
	if (!stride_fits(table->row_stride, table->rows) ||
	    !stride_fits(table->column_stride, table->columns) ||
	    (table->weights != NULL && !stride_fits(table->weight_stride, table->rows)))
		return loy__fail(error, LOY_EINVAL, "the strides of the table leave any memory");
	return LOY_OK;
}

static loy_status check_names(const loy_table *table, loy_error *error)
{
	uint32_t i;

	for (i = 0; table->names != NULL && i < table->columns; i++) {
		if (name_length(table->names[i]) == 0)
			return loy__fail_row(error, LOY_EINVAL, -1, i,
			                     "a column's name has 1 to 63 bytes of UTF-8");
	}
	return LOY_OK;
}

static loy_status check_codes(const loy_table *table, loy_error *error)
{
	uint32_t i;

	if (table->code_count > LOY__CODES_MAX || (table->code_count != 0 && table->codes == NULL))
		return loy__fail(error, LOY_EINVAL, "a table has at most 16 codes of missing values");
	for (i = 0; i < table->code_count; i++) {
		if (!(table->codes[i] - table->codes[i] == 0.0)) /* NaN is missing anyway */
			return loy__fail(error, LOY_EINVAL, "a code of missing values is a finite number");
	}
	return LOY_OK;
}

loy_status loy__table_check(const loy_table *table, loy_error *error)
{
	loy_table known;
	loy_status status;

	if (table == NULL || table->struct_size < sizeof(*table) ||
	    loy__options_read(&known, sizeof(known), table) != LOY_OK || table->reserved != 0)
		return loy__fail(error, LOY_EINVAL,
		                 "this is no table: its struct_size or reserved is not right");
	status = check_places(table, error);
	if (status == LOY_OK)
		status = check_names(table, error);
	if (status == LOY_OK)
		status = check_codes(table, error);
	return status;
}

/* Whether the column has this name; without names columns are called "1", "2", … */
static int has_name(const loy_table *table, uint32_t column, const char *name, size_t length)
{
	char digits[24];
	size_t count;

	if (table->names != NULL)
		return strcmp(table->names[column], name) == 0;
	count = loy__integer_write((int64_t)column + 1, digits);
	return count == length && memcmp(digits, name, length) == 0;
}

loy_status loy__table_find(const loy_table *table, const char *name, uint32_t *column, loy_error *error)
{
	size_t length = strlen(name);
	uint32_t found = table->columns, i;

	for (i = 0; i < table->columns; i++) {
		if (!has_name(table, i, name, length))
			continue;
		if (found != table->columns)
			return loy__fail_name(error, LOY_ENAME, "two columns have the same name", name,
			                      length);
		found = i;
	}
	if (found == table->columns)
		return loy__fail_name(error, LOY_ENAME, "the table has no such column", name, length);
	*column = found;
	return LOY_OK;
}

/* ---- values ---- */

double loy__table_value(const loy_table *table, uint32_t column, uint64_t row)
{
	double value = loy__real_at(table->values, (int64_t)column * table->column_stride +
	                                                   (int64_t)row * table->row_stride);

	return loy__table_is_missing(table, value) ? (double)NAN : value;
}

double loy__table_weight(const loy_table *table, uint64_t row)
{
	return table->weights == NULL ? 1.0
	                              : loy__real_at(table->weights, (int64_t)row * table->weight_stride);
}
