/* Conditions of --where. */
#include "args.h"
#include "keys.h"
#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *text, const char *why)
{
	say("--where '%s': %s; `loyalty help where` explains", text, why);
	return 0;
}

/* Bytes of the operator at `text`, 0 for none. */
static size_t read_comparison(const char *text, uint32_t *out)
{
	static const struct {
		char text[3];
		uint32_t comparison;
	} all[] = {
	        {"<=", LOY_LESS_EQUAL}, {">=", LOY_GREATER_EQUAL}, {"!=", LOY_NOT_EQUAL},
	        {"<", LOY_LESS},        {">", LOY_GREATER},        {"=", LOY_EQUAL},
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strncmp(text, all[i].text, strlen(all[i].text)) == 0) {
			*out = all[i].comparison;
			return strlen(all[i].text);
		}
	}
	return 0;
}

/* The value on the right: a plain number, or what the type of the field is written as. */
static int read_value(const char *text, uint32_t type, double *out)
{
	char message[VALUE_MESSAGE_SIZE];
	int64_t integer;
	char *end;

	if (type == LOY_TYPE_TIME &&
	    value_field(LOY_FIELD_TIME, type, text, strlen(text), 0, &integer, message)) {
		*out = (double)integer;
		return 1;
	}
	if (type == LOY_TYPE_SPAN && value_number(text, strlen(text), NULL, type, &integer, message)) {
		*out = (double)integer;
		return 1;
	}
	*out = strtod(text, &end);
	return *text != '\0' && *end == '\0' && *out - *out == 0.0;
}

int where_parse(const char *text, const loy_model *model, loy_filter *out)
{
	size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_"), at = name, key = 0,
	       key_length = 0, sign;
	loy_profile_field field;

	memset(out, 0, sizeof(*out));
	memset(&field, 0, sizeof(field));
	out->struct_size = sizeof(*out);
	if (text[at] == '[') {
		key = at + 1;
		key_length = strcspn(text + key, "]");
		at = key + key_length;
		if (text[at++] != ']')
			return complain(text, "a [ without ]");
	}
	at += strspn(text + at, " ");
	sign = read_comparison(text + at, &out->comparison);
	if (name == 0 || sign == 0)
		return complain(text, "expected a name, one of < <= = != >= >, and a number");
	at += sign;
	at += strspn(text + at, " ");
	if (key == 0 && loy_model_construct_find(model, text, name, &out->construct) == LOY_OK) {
		field.type = LOY_TYPE_REAL;
	} else if (profile_field_find(text, name, &field)) {
		out->field = field.id;
		if (!key_parse(loy_model_schema(model), field.key, text + key, key_length, &out->key))
			return complain(text, field.key == LOY_KEY_NONE
			                              ? "this field takes no key"
			                              : "this field needs a key in [ ], and this is none");
	} else {
		return complain(text, "no construct of the model and no profile field has this name");
	}
	if (read_value(text + at, field.type, &out->value))
		return 1;
	return complain(text, field.type == LOY_TYPE_TIME   ? "the value is not a time"
	                      : field.type == LOY_TYPE_SPAN ? "the value is not a duration"
	                                                    : "the value is not a number");
}
