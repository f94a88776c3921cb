/* Cells that are times and codes; numbers are in values.c. */
#include "values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Yes and no are ours: the library has 1 and 0. */
static const struct {
	const char *name;
	uint32_t code;
} answers[] = {{"yes", 1}, {"no", 0}, {"true", 1}, {"false", 0}};

const char *value_code_name(uint32_t field, uint32_t code)
{
	if (field == LOY_FIELD_GRANTED && code <= 1)
		return code == 1 ? "yes" : "no";
	return loy_code_name(field, code);
}

const char *value_field_name(uint32_t field)
{
	loy_field about;
	uint32_t i;

	for (i = 0; loy_field_info(i, &about) == LOY_OK; i++) {
		if (about.id == field)
			return about.name;
	}
	return "";
}

void value_range(uint32_t field, char message[VALUE_MESSAGE_SIZE])
{
	loy_field about;
	int64_t unit;
	uint32_t i;

	for (i = 0; loy_field_info(i, &about) == LOY_OK && about.id != field; i++) {}
	unit = about.type == LOY_TYPE_RATIO ? LOY_RATIO_ONE : about.type == LOY_TYPE_SPAN ? LOY_DAY : 1;
	(void)snprintf(message, VALUE_MESSAGE_SIZE, "outside the range of `%s`: %" PRId64 " to %" PRId64 "%s",
	               about.name, about.least / unit, about.greatest / unit,
	               about.type == LOY_TYPE_SPAN    ? " days"
	               : about.type == LOY_TYPE_MONEY ? " minor units (cents)"
	                                              : "");
}

static int find_name(uint32_t field, const char *text, size_t length, int64_t *code)
{
	uint32_t found = 0;
	size_t i;

	for (i = 0; field == LOY_FIELD_GRANTED && i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (text_is(text, length, answers[i].name)) {
			*code = answers[i].code;
			return 1;
		}
	}
	if (loy_code_find(field, text, length, &found) != LOY_OK)
		return 0;
	*code = found;
	return 1;
}

int value_dimension(const loy_schema *schema, const char *text, size_t length, int64_t *item)
{
	uint32_t i;

	for (i = 1; i <= loy_schema_dimension_count(schema); i++) {
		if (text_is(text, length, loy_schema_dimension_name(schema, i))) {
			*item = i;
			return 1;
		}
	}
	return 0;
}

static int all_digits(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
	}
	return length > 0;
}

/* Codes that must be digits or a name of the list: a misspelt instrument must not become a number of its own. */
static int is_listed(uint32_t field)
{
	return field == LOY_FIELD_INSTRUMENT || field == LOY_FIELD_EMOTION || field == LOY_FIELD_ENGAGEMENT ||
	       field == LOY_FIELD_STATE || field == LOY_FIELD_PURPOSE || field == LOY_FIELD_GRANTED ||
	       field == LOY_FIELD_ITEM;
}

static int read_code(uint32_t field, const char *text, size_t length, int64_t *out,
                     char message[VALUE_MESSAGE_SIZE])
{
	char shown[VALUE_MESSAGE_SIZE];
	uint32_t code = 0;

	/* Ten digits and more may lie beyond 32 bits: such numbers are hashed like any other text. */
	if (all_digits(text, length) && (length < 10 || is_listed(field)))
		return value_number(text, length, NULL, LOY_TYPE_CODE, out, message);
	if (find_name(field, text, length, out))
		return 1;
	if (field == LOY_FIELD_CURRENCY)
		code = length == 3 ? loy_currency_code(text) : 0;
	else if (!is_listed(field) && loy_code_from_text(text, length, &code) != LOY_OK)
		code = 0;
	if (code == 0) {
		(void)snprintf(message, VALUE_MESSAGE_SIZE, "%.60s %s", value_quote(text, length, shown),
		               field == LOY_FIELD_CURRENCY ? "is not a currency: three letters A-Z"
		               : is_listed(field)          ? "is neither a number nor a name known here"
		                                           : "is not valid UTF-8");
		return 0;
	}
	*out = code;
	return 1;
}

static int read_time(const char *text, size_t length, int32_t zone, int64_t *out,
                     char message[VALUE_MESSAGE_SIZE])
{
	char shown[VALUE_MESSAGE_SIZE], iso[11];
	loy_status status;

	if (length == 8 && all_digits(text, length)) {
		(void)snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text, text + 4, text + 6);
		status = loy_time_parse(iso, 10, zone, out);
	} else {
		status = loy_time_parse(text, length, zone, out);
	}
	if (status == LOY_OK)
		return 1;
	value_quote(text, length, shown);
	if (status == LOY_ETIME)
		(void)snprintf(message, VALUE_MESSAGE_SIZE, "%.60s lies outside the years 1900 to 2199",
		               shown);
	else
		(void)snprintf(message, VALUE_MESSAGE_SIZE,
		               "%.60s is not a time: YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, then Z or +hh:mm",
		               shown);
	return 0;
}

int value_field(uint32_t field, uint32_t type, const char *text, size_t length, int32_t zone, int64_t *out,
                char message[VALUE_MESSAGE_SIZE])
{
	if (type == LOY_TYPE_TIME)
		return read_time(text, length, zone, out, message);
	if (type == LOY_TYPE_CODE || field == LOY_FIELD_GRANTED)
		return read_code(field, text, length, out, message);
	return value_number(text, length, NULL, type, out, message);
}
