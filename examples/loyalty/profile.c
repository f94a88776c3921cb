/* `loyalty profile`: everything a customer's profile holds, by the library's own registry of fields. */
#include "commands.h"
#include "keys.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A value as text: how it is written depends on its type and unit. */
static const char *value_text(const loy_profile_field *field, uint64_t key, const loy_value *value,
                              char buffer[KEY_SIZE])
{
	char small[NUMBER_SIZE];
	uint32_t tag = (uint32_t)(key >> 32);
	const char *name;

	switch (field->type) {
	case LOY_TYPE_REAL:
		return number_exact(value->real, buffer);
	case LOY_TYPE_WIDE:
		return wide_text(value->high, value->low, buffer);
	case LOY_TYPE_TIME:
		return time_text(value->integer, buffer);
	case LOY_TYPE_RATIO:
		return number_exact((double)value->integer / 1e9, buffer);
	case LOY_TYPE_CODE:
		name = value_code_name(tag == LOY_FIELD_PURPOSE ? LOY_FIELD_GRANTED : tag,
		                       (uint32_t)value->integer);
		if (name != NULL)
			return name;
		break;
	default:
		break;
	}
	if (strcmp(field->unit, "days since 1970") == 0) {
		(void)snprintf(buffer, KEY_SIZE, "%.10s", time_text(value->integer * LOY_DAY, small));
		return buffer;
	}
	(void)snprintf(buffer, KEY_SIZE, "%" PRId64, value->integer);
	return buffer;
}

/* How the values of a field are shown: some units are turned into text. */
static const char *unit_text(const loy_profile_field *field)
{
	if (field->type == LOY_TYPE_TIME || strcmp(field->unit, "days since 1970") == 0)
		return "";
	return field->type == LOY_TYPE_RATIO ? "share of scale" : field->unit;
}

static void write_field(const struct session *session, const loy_profile *profile,
                        const loy_profile_field *field, struct table *table)
{
	const loy_schema *schema = loy_model_schema(session->model);
	char key_buffer[KEY_SIZE], value_buffer[KEY_SIZE];
	uint32_t i, count = loy_profile_key_count(profile, field->id);
	loy_value value;

	for (i = 0; i < count; i++) {
		uint64_t key = 0;

		if (field->key != LOY_KEY_NONE)
			(void)loy_profile_key(profile, field->id, i, &key);
		memset(&value, 0, sizeof(value));
		if (loy_profile_get(profile, field->id, key, session->at, &value) != LOY_OK)
			continue;
		table_text(table, field->name);
		table_text(table, key_text(schema, field->key, key, session->names, key_buffer));
		table_text(table, value_text(field, key, &value, value_buffer));
		table_text(table, unit_text(field));
	}
}

static int write_profile(const struct session *session, const loy_profile *profile, enum format format)
{
	static const struct table_column columns[] = {{"field", 0}, {"key", 0}, {"value", 1}, {"unit", 0}};
	struct json json = {0, {0}};
	struct table table;
	loy_profile_field field;
	char time[NUMBER_SIZE], hash[40];
	uint64_t high = 0, low = 0;
	uint32_t i;
	int written;

	(void)loy_profile_hash(profile, &high, &low);
	(void)snprintf(hash, sizeof(hash), "%016" PRIx64 "%016" PRIx64, high, low);
	if (format == FORMAT_JSON) {
		json_open(&json, NULL, '{');
		json_text(&json, "customer", session->args->value[OPTION_CUSTOMER]);
		json_text(&json, "at", time_text(session->at, time));
		json_text(&json, "model", loy_model_name(session->model));
		json_text(&json, "hash", hash);
		json_open(&json, "fields", '[');
	} else if (format == FORMAT_TABLE) {
		printf("customer %s at %s, model %s, hash %s\n\n", session->args->value[OPTION_CUSTOMER],
		       time_text(session->at, time), loy_model_name(session->model), hash);
	}
	table_open(&table, format, columns, 4, &json);
	for (i = 0; loy_profile_field_info(i, &field) == LOY_OK; i++)
		write_field(session, profile, &field, &table);
	written = table_close(&table);
	if (format == FORMAT_JSON) {
		json_close(&json, ']');
		json_close(&json, '}');
	}
	return written ? EXIT_DONE : EXIT_RESOURCES;
}

int command_profile(const struct args *args)
{
	struct session session;
	loy_profile *profile = NULL;
	enum format format;
	int code;

	if (!format_read(args->value[OPTION_FORMAT], &format))
		return EXIT_USAGE;
	if (args->value[OPTION_CUSTOMER] == NULL) {
		say("`profile` needs --customer; `loyalty score` lists customers");
		return EXIT_USAGE;
	}
	code = session_open(&session, args);
	if (code == EXIT_DONE)
		code = session_load(&session, args->value[OPTION_CUSTOMER]);
	if (code == EXIT_DONE)
		profile = session_profile(session.store, args->value[OPTION_CUSTOMER], &code);
	if (profile != NULL)
		code = write_profile(&session, profile, format);
	loy_profile_destroy(profile);
	session_close(&session);
	return code;
}
