/* Keys of profile fields to text and back. */
#include "keys.h"
#include "values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *field_of_event(uint32_t id, loy_field *field)
{
	uint32_t i;

	for (i = 0; loy_field_info(i, field) == LOY_OK; i++) {
		if (field->id == id)
			return field->name;
	}
	return NULL;
}

/* A code by the text it came from, by its name, or as a number. */
static const char *code_text(uint32_t field, uint32_t code, const struct names *names, char buffer[24])
{
	const char *text = names_find(names, field, code);

	if (text == NULL)
		text = value_code_name(field, code);
	if (text == NULL) {
		(void)snprintf(buffer, 24, "%" PRIu32, code);
		text = buffer;
	}
	return text;
}

static const char *currency_text(uint32_t code, char buffer[24])
{
	char letters[3] = {(char)(code >> 16 & 0xFF), (char)(code >> 8 & 0xFF), (char)(code & 0xFF)};

	if (code != 0 && loy_currency_code(letters) == code)
		(void)snprintf(buffer, 24, "%.3s", letters);
	else
		(void)snprintf(buffer, 24, "%" PRIu32, code);
	return code == 0 ? "none" : buffer;
}

static const char *kind_text(const loy_schema *schema, uint32_t kind, char buffer[24])
{
	const char *name = loy_schema_kind_name(schema, kind);

	if (name != NULL)
		return name;
	(void)snprintf(buffer, 24, "%" PRIu32, kind);
	return buffer;
}

static void item_text(const loy_schema *schema, uint64_t key, char buffer[KEY_SIZE])
{
	char first[24], second[24];
	uint32_t instrument = (uint32_t)(key >> 16), item = (uint32_t)(key & 0xFFFF);
	const char *name = NULL;

	if (instrument == LOY_INSTRUMENT_SERVQUAL_EXPECTATION ||
	    instrument == LOY_INSTRUMENT_SERVQUAL_PERCEPTION)
		name = loy_schema_dimension_name(schema, item);
	(void)snprintf(second, sizeof(second), "%" PRIu32, item);
	(void)snprintf(buffer, KEY_SIZE, "%s/%s", code_text(LOY_FIELD_INSTRUMENT, instrument, NULL, first),
	               name != NULL ? name : second);
}

static void month_text(uint64_t key, char buffer[KEY_SIZE])
{
	int64_t month = (int64_t)key, year = month / 12;

	if (month % 12 < 0)
		year--;
	(void)snprintf(buffer, KEY_SIZE, "%04" PRId64 "-%02" PRId64, 1970 + year, month - year * 12 + 1);
}

const char *key_text(const loy_schema *schema, uint32_t key_type, uint64_t key, const struct names *names,
                     char buffer[KEY_SIZE])
{
	char small[24];
	loy_field field;
	uint32_t code = (uint32_t)(key & UINT32_MAX), tag = (uint32_t)(key >> 32);

	buffer[0] = '\0';
	switch (key_type) {
	case LOY_KEY_NONE:
		break;
	case LOY_KEY_KIND:
	case LOY_KEY_SPAN:
		(void)snprintf(buffer, KEY_SIZE, "%s", kind_text(schema, code, small));
		break;
	case LOY_KEY_CURRENCY:
		(void)snprintf(buffer, KEY_SIZE, "%s", currency_text(code, small));
		break;
	case LOY_KEY_MONTH:
		month_text(key, buffer);
		break;
	case LOY_KEY_CHANNEL:
		(void)snprintf(buffer, KEY_SIZE, "%s", loy_schema_channel_name(schema, code));
		break;
	case LOY_KEY_ITEM:
		item_text(schema, key, buffer);
		break;
	case LOY_KEY_CATEGORY:
		(void)snprintf(buffer, KEY_SIZE, "%s", code_text(LOY_FIELD_CATEGORY, code, names, small));
		break;
	default: /* LOY_KEY_TAG and LOY_KEY_STATE: an event field and a code */
		(void)snprintf(buffer, KEY_SIZE, "%s:%s",
		               field_of_event(tag, &field) != NULL ? field.name : "?",
		               code_text(tag, code, names, small));
		break;
	}
	return buffer;
}

/* ---- back ---- */

static int parse_code(uint32_t field, const char *text, size_t length, uint64_t *out)
{
	char message[VALUE_MESSAGE_SIZE];
	int64_t code;

	if (!value_field(field, LOY_TYPE_CODE, text, length, 0, &code, message))
		return 0;
	*out = (uint64_t)code;
	return 1;
}

/* `field:code` as key_text() writes it. */
static int parse_tag(const char *text, size_t length, uint64_t *out)
{
	const char *colon = memchr(text, ':', length);
	size_t left = colon != NULL ? (size_t)(colon - text) : length;
	uint32_t field = loy_field_find(text, left);
	uint64_t code = 0;

	if (field == LOY_FIELD_NONE || field > LOY_FIELD_OPTIONAL_LAST)
		return 0;
	if (colon != NULL && !parse_code(field, colon + 1, length - left - 1, &code))
		return 0;
	*out = (uint64_t)field << 32 | code;
	return 1;
}

static int parse_item(const loy_schema *schema, const char *text, size_t length, uint64_t *out)
{
	const char *slash = memchr(text, '/', length);
	size_t left = slash != NULL ? (size_t)(slash - text) : length,
	       right = slash != NULL ? length - left - 1 : 0;
	uint64_t instrument, item = 0;
	int64_t dimension;

	if (!parse_code(LOY_FIELD_INSTRUMENT, text, left, &instrument))
		return 0;
	if (slash != NULL && !parse_code(LOY_FIELD_ITEM, slash + 1, right, &item)) {
		if (!value_dimension(schema, slash + 1, right, &dimension))
			return 0;
		item = (uint64_t)dimension;
	}
	*out = instrument << 16 | item;
	return 1;
}

static int parse_month(const char *text, size_t length, uint64_t *out)
{
	int year, month;
	char digits[8];

	if (length != 7 || text[4] != '-')
		return 0;
	memcpy(digits, text, 7);
	digits[7] = '\0';
	if (sscanf(digits, "%4d-%2d", &year, &month) != 2 || month < 1 || month > 12)
		return 0;
	*out = (uint64_t)(int64_t)((year - 1970) * 12 + month - 1);
	return 1;
}

static int parse_channel(const loy_schema *schema, const char *text, size_t length, uint64_t *out)
{
	uint32_t i;

	for (i = 0; i < loy_schema_channel_count(schema); i++) {
		if (text_is(text, length, loy_schema_channel_name(schema, i))) {
			*out = i;
			return 1;
		}
	}
	return 0;
}

int key_parse(const loy_schema *schema, uint32_t key_type, const char *text, size_t length, uint64_t *out)
{
	switch (key_type) {
	case LOY_KEY_NONE:
		*out = 0;
		return length == 0;
	case LOY_KEY_KIND:
	case LOY_KEY_SPAN:
		*out = loy_schema_kind_find(schema, text, length);
		return *out != LOY_KIND_NONE;
	case LOY_KEY_CURRENCY:
		*out = 0;
		return text_is(text, length, "none") || parse_code(LOY_FIELD_CURRENCY, text, length, out);
	case LOY_KEY_MONTH:
		return parse_month(text, length, out);
	case LOY_KEY_CHANNEL:
		return parse_channel(schema, text, length, out);
	case LOY_KEY_ITEM:
		return parse_item(schema, text, length, out);
	case LOY_KEY_CATEGORY:
		return parse_code(LOY_FIELD_CATEGORY, text, length, out);
	default:
		return parse_tag(text, length, out);
	}
}

int profile_field_find(const char *name, size_t length, loy_profile_field *out)
{
	uint32_t i;

	for (i = 0; loy_profile_field_info(i, out) == LOY_OK; i++) {
		if (text_is(name, length, out->name))
			return 1;
	}
	return 0;
}

const char *wide_text(int64_t high, uint64_t low, char buffer[KEY_SIZE])
{
	uint32_t part[4] = {(uint32_t)((uint64_t)high >> 32), (uint32_t)high, (uint32_t)(low >> 32),
	                    (uint32_t)low};
	size_t at = 48;
	int negative = high < 0, i, left = 1;

	if (negative) { /* two's complement */
		uint64_t carry = 1;

		for (i = 3; i >= 0; i--) {
			carry += (uint32_t)~part[i];
			part[i] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	buffer[at] = '\0';
	while (left) { /* schoolbook division by ten */
		uint64_t rest = 0;

		left = 0;
		for (i = 0; i < 4; i++) {
			rest = rest << 32 | part[i];
			part[i] = (uint32_t)(rest / 10);
			rest %= 10;
			left |= part[i] != 0;
		}
		buffer[--at] = (char)('0' + rest);
	}
	if (negative)
		buffer[--at] = '-';
	return buffer + at;
}
