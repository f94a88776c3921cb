/* The events of one customer as JSON, from the journal, and who is part of whom. */
#include "store/portrait.h"
#include "store/ledger.h"

#include <string.h>

/* ---- one event ---- */

static void put_value(loy__json *json, const loy_event *event, uint32_t field, uint32_t type)
{
	int64_t value = event->field[field];
	uint64_t word = (uint64_t)value;

	if (field == LOY_FIELD_CURRENCY)
		loy__portray_currency(json, word);
	else if (type == LOY_TYPE_TIME)
		loy__json_time(json, value);
	else if (type == LOY_TYPE_WORD)
		loy__json_words(json, &word, 1);
	else
		loy__json_integer(json, value);
}

/* Fields by their names; those of later versions by their numbers. */
static void put_fields(loy__json *json, const loy_event *event)
{
	loy_field field;
	uint32_t i;

	for (i = 0; loy_field_info(i, &field) == LOY_OK; i++) {
		if (field.id > LOY_FIELD_OPTIONAL_LAST || !loy__event_has(event, field.id))
			continue;
		loy__json_name(json, field.name);
		put_value(json, event, field.id, field.type);
	}
	for (i = 1; i <= LOY_FIELD_OPTIONAL_LAST; i++) {
		char name[] = "field_00";

		if (loy__field_ranges[i].type != 0 || !loy__event_has(event, i))
			continue;
		name[6] = (char)('0' + i / 10);
		name[7] = (char)('0' + i % 10);
		loy__json_name(json, name);
		loy__json_integer(json, event->field[i]);
	}
}

static void put_number(loy__json *json, const char *name, int64_t value)
{
	loy__json_name(json, name);
	loy__json_integer(json, value);
}

static void put_lines(loy__json *json, const loy_event *event)
{
	size_t i;

	loy__json_name(json, "lines");
	loy__json_open(json, '[');
	for (i = 0; i < event->line_count; i++) {
		const loy_line *line = &event->lines[i];

		loy__json_open(json, '{');
		put_number(json, "category", line->category);
		put_number(json, "type", line->type);
		put_number(json, "quantity", line->quantity);
		put_number(json, "amount", line->amount);
		loy__json_close(json, '}');
	}
	loy__json_close(json, ']');
}

static void put_extensions(loy__json *json, const loy_event *event)
{
	loy__reader in;

	loy__reader_init(&in, event->extensions, event->extension_size);
	loy__json_name(json, "extensions");
	loy__json_open(json, '[');
	while (loy__reader_left(&in) != 0) {
		uint64_t tag = loy__read_varint(&in);
		size_t size = (size_t)loy__read_varint(&in);
		const uint8_t *bytes = loy__read_bytes(&in, size);

		if (in.status != LOY_OK)
			break; /* cannot be: events hold extensions in their canonical form */
		loy__json_open(json, '{');
		put_number(json, "tag", (int64_t)tag);
		loy__json_name(json, "bytes");
		loy__json_hex(json, bytes, size);
		loy__json_close(json, '}');
	}
	loy__json_close(json, ']');
}

/* An event as an object; `retracted`: one that was taken back. */
static void portray_event(loy__json *json, const loy_schema *schema, const loy_event *event, int retracted)
{
	uint64_t identity[2] = {event->identity_high, event->identity_low};

	loy__json_open(json, '{');
	loy__portray_kind(json, schema, event->kind);
	if (retracted) {
		loy__json_name(json, "retracted");
		loy__json_truth(json, 1);
	}
	loy__json_name(json, "time");
	loy__json_time(json, event->time);
	if (identity[0] != 0 || identity[1] != 0) {
		loy__json_name(json, "identity");
		loy__json_words(json, identity, 2);
	}
	loy__json_name(json, "customer");
	loy__portray_who(json, event->customer, event->key, event->key_length);
	loy__json_name(json, "fields");
	loy__json_open(json, '{');
	put_fields(json, event);
	loy__json_close(json, '}');
	if (event->line_count != 0)
		put_lines(json, event);
	if (event->extension_size != 0)
		put_extensions(json, event);
	loy__json_close(json, '}');
}

/* ---- who ---- */

static void put_ref(loy__json *json, const loy__ref *who)
{
	loy__portray_who(json, who->number, (const char *)who->key, who->length);
}

void loy__portray_parts(loy__json *json, const loy_store *store, const loy__ref *root)
{
	int64_t until = loy__ledger_erased_until(store, root);
	uint32_t turn = 0;
	loy__ref part;

	loy__json_name(json, "parts");
	loy__json_open(json, '[');
	while (loy__ledger_next_part(store, root, &turn, &part))
		put_ref(json, &part);
	loy__json_close(json, ']');
	if (until != INT64_MIN) {
		loy__json_name(json, "erased_until");
		loy__json_time(json, until);
	}
}

/* ---- all events ---- */

static int is_of(const loy_store *store, const loy__ref *root, loy__ref *who)
{
	loy__ref whole;

	if (loy__ledger_whole(store, who, &whole))
		*who = whole;
	return who->number == root->number && who->length == root->length &&
	       (root->length == 0 || memcmp(who->key, root->key, root->length) == 0);
}

static loy_status put_fact(loy__json *json, const loy_store *store, const loy__fact *fact, loy_event *event,
                           const loy__ref *root, loy_error *error)
{
	loy__glance glance;
	loy_status status;

	if (fact->again || fact->type > LOY_RECORD_PROFILE)
		return LOY_OK;
	(void)loy__fact_glance(fact, &glance); /* whoever read it had one */
	if (!is_of(store, root, &glance.who))
		return LOY_OK;
	if (fact->type == LOY_RECORD_PROFILE) {
		loy__json_open(json, '{');
		loy__json_name(json, "merged_profile");
		loy__json_hex(json, glance.profile, glance.profile_size);
		loy__json_close(json, '}');
		return LOY_OK;
	}
	status = loy__fact_event(fact, event, error);
	if (status == LOY_OK)
		portray_event(json, store->schema, event, fact->type == LOY_RECORD_RETRACT);
	return status;
}

loy_status loy__portray_events(loy__json *json, loy_store *store, const loy__ref *root, loy_error *error)
{
	loy__fact_reader *reader;
	loy_event *event;
	loy__fact fact;
	loy_status status = loy__fact_reader_create(&reader, store, error);

	if (status != LOY_OK)
		return status;
	status = loy_event_create(&event, &store->memory);
	loy__json_name(json, "events");
	loy__json_open(json, '[');
	while (status == LOY_OK && json->status == LOY_OK) {
		status = loy__fact_reader_next(reader, &fact, error);
		if (status == LOY_OK)
			status = put_fact(json, store, &fact, event, root, error);
	}
	loy__json_close(json, ']');
	loy_event_destroy(event);
	loy__fact_reader_destroy(reader);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}
