/*
 * Events from columns: what a table gives for a row, and nothing else is touched. The definition of the columns
 * is checked apart from the rows, so that a batch pays for it once.
 */
#include "profile/profile.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* ---- columns ---- */

static int known_field(uint32_t field)
{
	return field < LOY__FIELD_END && loy__field_ranges[field].type != 0;
}

/* Text names a customer, a kind, or a code that is wide enough for loy_code_from_text(). */
static int takes_text(uint32_t field)
{
	return field == LOY_FIELD_CUSTOMER || field == LOY_FIELD_KIND ||
	       (loy__field_ranges[field].type == LOY_TYPE_CODE &&
	        loy__field_ranges[field].greatest == UINT32_MAX);
}

static loy_status check_column(const loy_column *column, loy_error *error)
{
	uint32_t field = column->field;

	if (!known_field(field))
		return loy__fail_row(error, LOY_EINVAL, -1, field,
		                     "a column is for a field that does not exist");
	if (column->type < LOY_COLUMN_I64 || column->type > LOY_COLUMN_TEXT)
		return loy__fail_row(error, LOY_EINVAL, -1, field, "a column has a type that does not exist");
	if (column->type == LOY_COLUMN_TEXT) {
		if (!takes_text(field))
			return loy__fail_row(error, LOY_EINVAL, -1, field,
			                     "this field cannot be given as text");
		if (column->offsets == NULL)
			return loy__fail_row(error, LOY_EINVAL, -1, field, "a text column has no offsets");
		return LOY_OK; /* data may be NULL: all texts may be empty */
	}
	if (column->type == LOY_COLUMN_F64 && loy__field_ranges[field].type == LOY_TYPE_WORD)
		return loy__fail_row(error, LOY_EINVAL, -1, field, "a double cannot hold an identity");
	if (column->data == NULL)
		return loy__fail_row(error, LOY_EINVAL, -1, field, "a column has no data");
	return LOY_OK;
}

loy_status loy__columns_check(const loy_column *columns, uint32_t count, loy_error *error)
{
	uint8_t seen[LOY__FIELD_END] = {0};
	uint32_t i;

	if (columns == NULL || count == 0)
		return loy__fail(error, LOY_EINVAL, "there are no columns");
	for (i = 0; i < count; i++) {
		loy_status status = check_column(&columns[i], error);

		if (status != LOY_OK)
			return status;
		if (seen[columns[i].field] != 0)
			return loy__fail_row(error, LOY_EINVAL, -1, columns[i].field,
			                     "two columns are for one field");
		seen[columns[i].field] = 1;
	}
	if (seen[LOY_FIELD_KIND] == 0)
		return loy__fail_row(error, LOY_EINVAL, -1, LOY_FIELD_KIND,
		                     "there is no column for the kind");
	if (seen[LOY_FIELD_TIME] == 0)
		return loy__fail_row(error, LOY_EINVAL, -1, LOY_FIELD_TIME,
		                     "there is no column for the time");
	if (seen[LOY_FIELD_CUSTOMER] == 0)
		return loy__fail_row(error, LOY_EINVAL, -1, LOY_FIELD_CUSTOMER,
		                     "there is no column for the customer");
	return LOY_OK;
}

/* ---- one value ---- */

enum { ABSENT = 0, VALUE = 1, KEY = 2, FLAW = 3 };

/* What went wrong with a value; the row and the field are known further out. */
typedef struct flaw {
	loy_status status;
	const char *message;
} flaw;

static int refuse(flaw *why, loy_status status, const char *message)
{
	why->status = status;
	why->message = message;
	return FLAW;
}

static int real_value(uint32_t field, double real, int64_t *value, flaw *why)
{
	if (real != real)
		return ABSENT;
	if (loy__field_ranges[field].type == LOY_TYPE_RATIO) {
		if (!loy__ratio_from_double(real, value))
			return refuse(why, LOY_ERANGE, "the value lies outside the field's range");
		return VALUE;
	}
	if (!(fabs(real) <= 9e18))
		return refuse(why, LOY_ERANGE, "the value lies outside the field's range");
	*value = (int64_t)real;
	return (double)*value == real ? VALUE : refuse(why, LOY_ERANGE, "the value is not a whole number");
}

static int text_value(loy_event *event, const loy_column *column, uint64_t row, int64_t *value, flaw *why)
{
	int64_t begin = column->offsets[row], end = column->offsets[row + 1];
	const char *text;
	size_t length;
	uint32_t code = 0;

	if (begin < 0 || end < begin || (uint64_t)end > SIZE_MAX || (column->data == NULL && end != begin))
		return refuse(why, LOY_EINVAL, "the offsets of the text do not ascend from 0");
	if (begin == end)
		return ABSENT;
	text = (const char *)column->data + begin;
	length = (size_t)(end - begin);
	if (column->field == LOY_FIELD_CUSTOMER) {
		if (length > LOY_CUSTOMER_KEY_MAX)
			return refuse(why, LOY_ELIMIT, "a customer key has at most 255 bytes");
		if (!loy__utf8_valid(text, length))
			return refuse(why, LOY_EUTF8, "the customer key is not valid UTF-8");
		memcpy(event->key, text, length);
		event->key_length = (uint32_t)length;
		return KEY;
	}
	if (column->field == LOY_FIELD_KIND) {
		code = loy_kind_find(text, length);
		if (code == LOY_KIND_NONE)
			return refuse(why, LOY_ERANGE, "no kind has this name");
	} else if (column->field == LOY_FIELD_CURRENCY) {
		code = length == 3 ? loy_currency_code(text) : 0;
		if (code == 0)
			return refuse(why, LOY_ERANGE, "a currency is three letters from A to Z");
	} else if (loy_code_from_text(text, length, &code) != LOY_OK) {
		return refuse(why, LOY_EUTF8, "the text is not valid UTF-8");
	}
	*value = (int64_t)code;
	return VALUE;
}

/* Read a row's value; the bytes may lie anywhere. */
static int column_value(loy_event *event, const loy_column *column, uint64_t row, int64_t *value, flaw *why)
{
	double real;

	if (column->present != NULL && column->present[row] == 0)
		return ABSENT;
	if (column->type == LOY_COLUMN_TEXT)
		return text_value(event, column, row, value, why);
	if (column->type == LOY_COLUMN_F64) {
		memcpy(&real, loy__column_at(column, row), sizeof(real));
		return real_value(column->field, real, value, why);
	}
	*value = loy__integer_at(loy__column_at(column, row), column->type);
	return VALUE;
}

/* ---- one row ---- */

static void store_value(loy_event *event, uint32_t field, int64_t value)
{
	switch (field) {
	case LOY_FIELD_KIND:
		event->kind = (uint32_t)value;
		break;
	case LOY_FIELD_TIME:
		event->time = value;
		break;
	case LOY_FIELD_IDENTITY_HIGH:
		event->identity_high = (uint64_t)value;
		break;
	case LOY_FIELD_IDENTITY_LOW:
		event->identity_low = (uint64_t)value;
		break;
	case LOY_FIELD_CUSTOMER:
		event->customer = (uint64_t)value;
		break;
	default:
		event->field[field] = value;
		event->present |= UINT64_C(1) << field;
		break;
	}
}

/* The columns whose value every row must have. */
static int needed(uint32_t field)
{
	return field == LOY_FIELD_KIND || field == LOY_FIELD_TIME || field == LOY_FIELD_CUSTOMER;
}

static loy_status fill_field(loy_event *event, const loy_column *column, uint64_t row, loy_error *error)
{
	const loy__field_range *range = &loy__field_ranges[column->field];
	flaw why = {LOY_OK, NULL};
	int64_t value;
	int got = column_value(event, column, row, &value, &why);

	if (got == VALUE) {
		if (value >= range->least && value <= range->greatest) {
			store_value(event, column->field, value);
			return LOY_OK;
		}
		got = refuse(&why, column->field == LOY_FIELD_TIME ? LOY_ETIME : LOY_ERANGE,
		             "the value lies outside the field's range");
	}
	if (got == ABSENT && needed(column->field))
		got = refuse(&why, LOY_EINVAL, "every event has a kind, a time and a customer");
	if (got == FLAW)
		return loy__fail_row(error, why.status, (int64_t)row, column->field, why.message);
	return LOY_OK;
}

static loy_status finish_row(loy_event *event, loy_status status, uint64_t row, loy_error *error)
{
	if (LOY__LIKELY(status == LOY_OK) && event->customer == 0 && event->key_length == 0)
		status = loy__fail_row(error, LOY_EINVAL, (int64_t)row, LOY_FIELD_CUSTOMER,
		                       "customer 0 is none");
	if (LOY__LIKELY(status == LOY_OK))
		status = loy__event_check_row(event, (int64_t)row, error);
	if (LOY__UNLIKELY(status != LOY_OK))
		loy__event_clear(event);
	return status;
}

loy_status loy_event_from_columns(loy_event *event, const loy_column *columns, uint32_t count, uint64_t row,
                                  loy_error *error)
{
	loy_status status;
	uint32_t i;

	if (event == NULL)
		return loy__fail(error, LOY_EINVAL, "an event is needed");
	loy__event_clear(event);
	status = loy__columns_check(columns, count, error);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < count && status == LOY_OK; i++)
		status = fill_field(event, &columns[i], row, error);
	return finish_row(event, status, row, error);
}

/* ---- many rows ---- */

/*
 * Where the integer of a field lies in an event, for those that are held as 64 bits; 0 for the kind. The words of
 * identities and customers are unsigned there: the bytes are the same.
 */
static uint32_t place_of(uint32_t field)
{
	switch (field) {
	case LOY_FIELD_KIND:
		return 0;
	case LOY_FIELD_TIME:
		return offsetof(loy_event, time);
	case LOY_FIELD_IDENTITY_HIGH:
		return offsetof(loy_event, identity_high);
	case LOY_FIELD_IDENTITY_LOW:
		return offsetof(loy_event, identity_low);
	case LOY_FIELD_CUSTOMER:
		return offsetof(loy_event, customer);
	default:
		return (uint32_t)(offsetof(loy_event, field) + field * sizeof(int64_t));
	}
}

void loy__rows_prepare(loy__rows *rows, const loy_column *columns, uint32_t count)
{
	uint32_t i;

	rows->count = count;
	rows->plain = 1;
	rows->present = 0;
	for (i = 0; i < count; i++) {
		loy__row_column *out = &rows->column[i];
		uint32_t field = columns[i].field;

		out->given = &columns[i];
		out->place = place_of(field);
		out->least = loy__field_ranges[field].least;
		out->greatest = loy__field_ranges[field].greatest;
		rows->present |= field <= LOY_FIELD_OPTIONAL_LAST ? UINT64_C(1) << field : 0;
		if (columns[i].present != NULL || columns[i].type >= LOY_COLUMN_F64)
			rows->plain = 0;
	}
}

loy_status loy__event_from_row(loy_event *event, const loy__rows *rows, uint64_t row, loy_error *error)
{
	loy_status status = LOY_OK;
	uint32_t i;

	loy__event_clear(event);
	for (i = 0; i < rows->count && status == LOY_OK; i++)
		status = fill_field(event, rows->column[i].given, row, error);
	return finish_row(event, status, row, error);
}

/* ---- blocks of rows ---- */

/* Bring a column into a block of events; a bit for each row whose value lies outside the field's range. */
static LOY__ALWAYS_INLINE uint32_t read_column(const loy__row_column *column, uint64_t first, uint32_t count,
                                               loy_event *event, uint32_t type)
{
	const int64_t least = column->least, greatest = column->greatest;
	const ptrdiff_t stride = (ptrdiff_t)column->given->stride;
	const char *data = column->given->data;
	ptrdiff_t at = (ptrdiff_t)first * stride;
	uint32_t bad = 0, i;

	for (i = 0; i < count; i++, at += stride) {
		int64_t value = loy__integer_at(data + at, type);

		bad |= (uint32_t)(value < least || value > greatest) << i;
		if (column->place != 0)
			memcpy((char *)&event[i] + column->place, &value, sizeof(value));
		else
			event[i].kind = (uint32_t)value;
	}
	return bad;
}

/* A loop for each width: they are most of what reading a table costs. */
static uint32_t read_any_column(const loy__row_column *column, uint64_t first, uint32_t count,
                                loy_event *event)
{
	switch (column->given->type) {
	case LOY_COLUMN_I32:
		return read_column(column, first, count, event, LOY_COLUMN_I32);
	case LOY_COLUMN_U32:
		return read_column(column, first, count, event, LOY_COLUMN_U32);
	case LOY_COLUMN_U16:
		return read_column(column, first, count, event, LOY_COLUMN_U16);
	case LOY_COLUMN_U8:
		return read_column(column, first, count, event, LOY_COLUMN_U8);
	default:
		return read_column(column, first, count, event, LOY_COLUMN_I64);
	}
}

/* Whether loy_event_check() looks at values of such an event, and not only at which fields it has. */
static int values_checked(const loy_event *event)
{
	const uint64_t scale = UINT64_C(1) << LOY_FIELD_SCALE_MIN | UINT64_C(1) << LOY_FIELD_SCALE_MAX;

	return event->kind == LOY_KIND_RETURN || event->kind == LOY_KIND_SURVEY_ANSWER ||
	       event->kind == LOY_KIND_REVIEW || (event->present & scale) == scale;
}

void loy__events_from_rows(loy_event *event, const loy__rows *rows, uint64_t first, uint32_t count,
                           loy_status *status)
{
	uint32_t bad = 0, complete = LOY_KIND_NONE, i;

	for (i = 0; i < count; i++) {
		loy__event_clear(&event[i]);
		event[i].present = rows->present;
	}
	for (i = 0; rows->plain && i < rows->count; i++)
		bad |= read_any_column(&rows->column[i], first, count, event);
	for (i = 0; i < count; i++) {
		if (!rows->plain || (bad >> i & 1) != 0) {
			status[i] = loy__event_from_row(&event[i], rows, first + i, NULL);
			continue;
		}
		/* they all have the same fields: what made one of this kind complete makes the others */
		status[i] = LOY_OK;
		if (LOY__LIKELY(event[i].kind == complete && event[i].customer != 0))
			continue;
		status[i] = finish_row(&event[i], LOY_OK, first + i, NULL);
		if (status[i] == LOY_OK && !values_checked(&event[i]))
			complete = event[i].kind;
	}
}
