/* Cells that are times and codes; numbers are in values.c. */
#include "values.h"

#include <stdio.h>
#include <string.h>

/* Names the library's headers give to codes. Each field's are tried before the text is hashed. */
static const struct code_name {
	uint32_t field, code;
	const char *name;
} code_names[] = {
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CSAT, "csat"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS, "nps"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CES, "ces"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, "servqual_expectation"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, "servqual_perception"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SATISFACTION, "satisfaction"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_TRUST, "trust"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_VALUE, "value"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_LOYALTY, "loyalty"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_EMOTION, "emotion"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_REVIEW, "review"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_BENEFIT, "benefit"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_COST, "cost"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_SATISFACTION, "satisfaction"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_DELIGHT, "delight"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_TRUST, "trust"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_DISSATISFACTION, "dissatisfaction"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_FEAR, "fear"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_ANGER, "anger"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_CONTENT, "content"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SOCIAL, "social"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SERVICE, "service"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SHOPPING, "shopping"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_COMMUNITY, "community"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_JOINED, "joined"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_RENEWED, "renewed"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_PAUSED, "paused"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_LEFT, "left"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_SERVICE, "service"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_ANALYTICS, "analytics"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING, "marketing"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_PROFILING, "profiling"},
        {LOY_FIELD_GRANTED, 1, "yes"},
        {LOY_FIELD_GRANTED, 1, "true"},
        {LOY_FIELD_GRANTED, 0, "no"},
        {LOY_FIELD_GRANTED, 0, "false"},
};
#define NAME_COUNT (sizeof(code_names) / sizeof(code_names[0]))

const char *value_code_name(uint32_t field, uint32_t code)
{
	size_t i;

	for (i = 0; i < NAME_COUNT; i++) {
		if (code_names[i].field == field && code_names[i].code == code)
			return code_names[i].name;
	}
	return NULL;
}

static int find_name(uint32_t field, const char *text, size_t length, int64_t *code)
{
	size_t i;

	for (i = 0; i < NAME_COUNT; i++) {
		if (code_names[i].field == field && text_is(text, length, code_names[i].name)) {
			*code = code_names[i].code;
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
