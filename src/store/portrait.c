/* One customer as JSON: who, consents, profile, and what the other portraits add. */
#include "store/portrait.h"

#include <loyalty/privacy.h>
#include <string.h>

/* What is being written: too large for a stack. */
struct portrait {
	loy__json json;
	loy_store *store;
	loy__ref root; /* whom the record is of */
	const loy__record *record;
	int64_t time;
};

/* ---- names ---- */

void loy__portray_who(loy__json *json, uint64_t number, const char *key, size_t length)
{
	loy__json_open(json, '{');
	if (number != 0) {
		loy__json_name(json, "number");
		loy__json_unsigned(json, number);
	} else {
		loy__json_name(json, "key");
		loy__json_text(json, key, length);
	}
	loy__json_close(json, '}');
}

/* A name and a code, with what the code is called where it has a name. */
static void portray_code(loy__json *json, const char *name, uint32_t field, uint32_t code)
{
	const char *called = loy_code_name(field, code);

	loy__json_name(json, name);
	loy__json_unsigned(json, code);
	if (called != NULL) {
		loy__json_name(json, "called");
		loy__json_word(json, called);
	}
}

void loy__portray_currency(loy__json *json, uint64_t code)
{
	char letters[3] = {(char)(code >> 16 & 0x7f), (char)(code >> 8 & 0x7f), (char)(code & 0x7f)};

	if (code != 0 && loy_currency_code(letters) == code)
		loy__json_text(json, letters, sizeof(letters));
	else
		loy__json_unsigned(json, code);
}

void loy__portray_kind(loy__json *json, const loy_schema *schema, uint64_t kind)
{
	const char *called = loy_schema_kind_name(schema, (uint32_t)kind);

	loy__json_name(json, "kind");
	loy__json_unsigned(json, kind);
	if (called != NULL) {
		loy__json_name(json, "called");
		loy__json_word(json, called);
	}
}

static void put_month(loy__json *json, uint64_t key)
{
	int64_t month = loy__field_from_word(key), year = loy__floor_div(month, 12);
	char text[7];

	year += 1970; /* times lie in the years 1900 to 2199 */
	month -= (year - 1970) * 12;
	(void)loy__integer_write(year, text);
	text[4] = '-';
	text[5] = month < 9 ? '0' : '1';
	text[6] = (char)('0' + (month + 1) % 10);
	loy__json_name(json, "month");
	loy__json_text(json, text, sizeof(text));
}

/* ---- profile ---- */

static void put_key(loy__json *json, const loy_schema *schema, uint32_t type, uint64_t key)
{
	switch (type) {
	case LOY_KEY_KIND:
	case LOY_KEY_SPAN:
		loy__portray_kind(json, schema, key);
		break;
	case LOY_KEY_CURRENCY:
		loy__json_name(json, "currency");
		loy__portray_currency(json, key);
		break;
	case LOY_KEY_MONTH:
		put_month(json, key);
		break;
	case LOY_KEY_CHANNEL:
		loy__json_name(json, "channel");
		loy__json_word(json, loy_schema_channel_name(schema, (uint32_t)key));
		break;
	case LOY_KEY_ITEM:
		portray_code(json, "instrument", LOY_FIELD_INSTRUMENT, (uint32_t)(key >> 16));
		loy__json_name(json, "item");
		loy__json_unsigned(json, key & 0xffff);
		break;
	case LOY_KEY_TAG:
	case LOY_KEY_STATE:
		loy__json_name(json, "field");
		loy__json_word(json, loy__field_name((uint32_t)(key >> 32)));
		portray_code(json, "code", (uint32_t)(key >> 32), (uint32_t)key);
		break;
	case LOY_KEY_CATEGORY:
		loy__json_name(json, "category");
		loy__json_unsigned(json, key);
		break;
	default: /* one value a profile */
		break;
	}
}

static void put_value(loy__json *json, const loy_value *value)
{
	loy__wide wide;

	if (value->type == LOY_TYPE_REAL) {
		loy__json_real(json, value->real);
	} else if (value->type == LOY_TYPE_TIME) {
		loy__json_time(json, value->integer);
	} else if (value->type == LOY_TYPE_WIDE) {
		wide.low = value->low;
		wide.high = value->high;
		loy__json_wide(json, wide);
	} else {
		loy__json_integer(json, value->integer);
	}
}

static void put_field_values(struct portrait *p, const loy_profile_field *field)
{
	uint32_t i, count = field->key != LOY_KEY_NONE ? loy__record_key_count(p->record, field->id) : 1;
	loy_value value;

	for (i = 0; i < count; i++) {
		uint64_t key = 0;

		if (field->key != LOY_KEY_NONE)
			(void)loy__record_key(p->record, field->id, i, &key);
		if (loy__record_get(p->record, p->store->schema, field->id, key, p->time, &value) != LOY_OK)
			continue;
		loy__json_open(&p->json, '{');
		put_key(&p->json, p->store->schema, field->key, key);
		loy__json_name(&p->json, "value");
		put_value(&p->json, &value);
		loy__json_close(&p->json, '}');
	}
}

static void put_profile(struct portrait *p)
{
	static const char *const types[] = {"",     "count", "money", "ratio", "time",
	                                    "span", "code",  "word",  "real",  "wide"};
	uint64_t fingerprint[2];
	loy_profile_field field;
	uint32_t i;

	loy__json_name(&p->json, "profile");
	loy__json_open(&p->json, '{');
	(void)loy_schema_fingerprint(p->store->schema, &fingerprint[0], &fingerprint[1]);
	loy__json_name(&p->json, "schema");
	loy__json_words(&p->json, fingerprint, 2);
	loy__json_name(&p->json, "fields");
	loy__json_open(&p->json, '[');
	for (i = 0; loy_profile_field_info(i, &field) == LOY_OK; i++) {
		loy__json_open(&p->json, '{');
		loy__json_name(&p->json, "name");
		loy__json_word(&p->json, field.name);
		loy__json_name(&p->json, "type");
		loy__json_word(&p->json, types[field.type]);
		loy__json_name(&p->json, "unit");
		loy__json_word(&p->json, field.unit);
		loy__json_name(&p->json, "values");
		loy__json_open(&p->json, '[');
		put_field_values(p, &field);
		loy__json_close(&p->json, ']');
		loy__json_close(&p->json, '}');
	}
	loy__json_close(&p->json, ']');
	loy__json_close(&p->json, '}');
}

/* ---- consents ---- */

static void put_consents(struct portrait *p)
{
	uint32_t i, count = loy__record_key_count(p->record, LOY_PROFILE_STATE_VALUE);
	loy_value value, since;
	uint64_t key = 0;

	loy__json_name(&p->json, "consents");
	loy__json_open(&p->json, '[');
	for (i = 0; i < count; i++) {
		(void)loy__record_key(p->record, LOY_PROFILE_STATE_VALUE, i, &key);
		if (key >> 32 != LOY_FIELD_PURPOSE)
			continue;
		(void)loy__record_get(p->record, NULL, LOY_PROFILE_STATE_VALUE, key, 0, &value);
		(void)loy__record_get(p->record, NULL, LOY_PROFILE_STATE_TIME, key, 0, &since);
		loy__json_open(&p->json, '{');
		portray_code(&p->json, "purpose", LOY_FIELD_PURPOSE, (uint32_t)key);
		loy__json_name(&p->json, "granted");
		loy__json_truth(&p->json, value.integer != 0);
		loy__json_name(&p->json, "since");
		loy__json_time(&p->json, since.integer);
		loy__json_close(&p->json, '}');
	}
	loy__json_close(&p->json, ']');
}

/* ---- the call ---- */

static loy_status portray(struct portrait *p, loy_error *error)
{
	loy_status status = LOY_OK;

	loy__json_open(&p->json, '{');
	loy__json_name(&p->json, "customer");
	loy__portray_who(&p->json, p->root.number, (const char *)p->root.key, p->root.length);
	if (p->store->ledger != NULL)
		loy__portray_parts(&p->json, p->store, &p->root);
	loy__json_name(&p->json, "time");
	loy__json_time(&p->json, p->time);
	put_consents(p);
	put_profile(p);
	loy__json_name(&p->json, "scorecard");
	status = loy__portray_card(&p->json, p->store, p->record, p->time);
	if (status == LOY_OK && p->store->ledger != NULL)
		status = loy__portray_events(&p->json, p->store, &p->root, error);
	if (status != LOY_OK)
		return status;
	loy__json_close(&p->json, '}');
	return loy__json_finish(&p->json);
}

/* Whom the caller asks for, or whose part that is. */
static void set_root(loy_store *store, const loy__customers *table, uint32_t entry, loy__ref *root)
{
	const loy__customer *customer = loy__customers_at(table, entry);

	memset(root, 0, sizeof(*root));
	if (table->keyed) {
		root->key = customer->who.key + 1;
		root->length = customer->who.key[0];
	} else {
		root->number = customer->who.number;
	}
	if (store->ledger != NULL)
		loy__ref_hash(store, root);
}

loy_status loy_store_export_customer(loy_store *store, uint64_t customer, const char *key, size_t length,
                                     int64_t time, loy_sink sink, void *user_data, loy_error *error)
{
	const loy__customers *table;
	struct portrait *p;
	loy_status status;
	uint32_t entry;
	loy__who who;

	if (store != NULL && loy__store_sound(store) != LOY_OK)
		return loy__fail(error, LOY_EIO, "the files of the store have failed");
	if (store == NULL || sink == NULL ||
	    loy__store_who(store, customer, key, length, &who, &table) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "a store, a customer and a sink are needed");
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME, loy_status_text(LOY_ETIME));
	status = store->ledger != NULL ? loy__ledger_flush(store, error) : LOY_OK;
	if (status != LOY_OK)
		return status;
	entry = loy__customers_find(table, &who);
	if (entry == LOY__NO_ENTRY)
		return loy__fail(error, LOY_ENOTFOUND, "the store has no such customer");
	p = loy__alloc(&store->memory, sizeof(*p));
	if (p == NULL)
		return loy__store_status(store, LOY_ENOMEM, error);
	loy__json_init(&p->json, sink, user_data);
	p->store = store;
	set_root(store, table, entry, &p->root);
	p->record = loy__customers_at(table, entry)->record;
	p->time = time;
	status = portray(p, error);
	loy__free(&store->memory, p, sizeof(*p));
	if (status == LOY_ECANCELLED)
		(void)loy__fail(error, status, loy_status_text(status));
	return loy__store_status(store, status, error);
}
