/* Bodies of facts: who they are about, what they are known by, and whether bytes from outside are facts at all. */
#include "store/ledger_state.h"

#include <string.h>

/* Before an event's time: length u32, version u8, kind u16. Identity and customer follow it. */
#define EVENT_HEAD 7u

/* ---- who ---- */

void loy__ref_write(loy__writer *out, const loy__ref *who)
{
	loy__write_varint(out, who->number != 0 ? 0 : who->length);
	if (who->number != 0 || who->length == 0)
		loy__write_varint(out, who->number);
	else
		loy__write_bytes(out, who->key, who->length);
}

static void read_ref(loy__reader *in, loy__ref *who)
{
	uint64_t length = loy__read_varint(in);

	who->number = 0;
	who->key = NULL;
	who->length = 0;
	if (length == 0) {
		who->number = loy__read_varint(in);
	} else if (length > LOY_CUSTOMER_KEY_MAX) {
		in->status = LOY_EFORMAT;
	} else {
		who->length = (size_t)length;
		who->key = loy__read_bytes(in, who->length);
	}
}

/* Numbers and keys never collide: the hash of a number is that of nine bytes that are no text. */
void loy__ref_hash(const loy_store *store, loy__ref *who)
{
	uint64_t k0 = store->pseudonymous ? store->pseudonym_key[0] : UINT64_C(0x6c6f79616c747900);
	uint64_t k1 = store->pseudonymous ? store->pseudonym_key[1] : UINT64_C(0x6572617365642077);
	uint8_t number[9];
	loy__writer w;

	if (who->number == 0) {
		loy__siphash128(k0, k1, who->key, who->length, who->hash);
		return;
	}
	loy__writer_over(&w, number, sizeof(number));
	loy__write_u8(&w, 0xff);
	loy__write_u64(&w, who->number);
	loy__siphash128(k0, k1, number, sizeof(number), who->hash);
}

loy_status loy__ref_from(const loy_store *store, uint64_t number, const char *key, size_t length,
                         uint8_t *room, loy__ref *out)
{
	if (number == 0 && (key == NULL || length == 0))
		return LOY_EINVAL;
	if (number == 0 && length > LOY_CUSTOMER_KEY_MAX)
		return LOY_ELIMIT;
	if (number == 0 && !loy__utf8_valid(key, length))
		return LOY_EUTF8;
	out->number = number;
	out->key = number == 0 ? (const uint8_t *)key : NULL;
	out->length = number == 0 ? length : 0;
	if (store->pseudonymous && number != 0) {
		out->number = loy__pseudonym_number(store->pseudonym_key, number);
	} else if (store->pseudonymous) {
		loy__pseudonym_key(store->pseudonym_key, key, length, room);
		out->key = room;
		out->length = LOY__PSEUDONYM_SIZE;
	}
	loy__ref_hash(store, out);
	return LOY_OK;
}

/* ---- identities ---- */

void loy__retract_identity(uint64_t high, uint64_t low, uint64_t *out_high, uint64_t *out_low)
{
	uint8_t bytes[16];
	uint64_t hash[2];
	loy__writer w;

	if (high == 0 && low == 0) {
		*out_high = *out_low = 0;
		return;
	}
	loy__writer_over(&w, bytes, sizeof(bytes));
	loy__write_u64(&w, high);
	loy__write_u64(&w, low);
	loy__siphash128(UINT64_C(0x7265747261637421), 0, bytes, sizeof(bytes), hash);
	*out_low = hash[0];
	*out_high = hash[1];
}

/* ---- how old a profile is ---- */

/* Whether the times of all events can be read off a record: none was taken back, no kind was dropped. */
static int ages_known(const loy__record *record, const loy_schema *schema)
{
	loy_value flags;

	(void)loy__record_get(record, schema, LOY_PROFILE_FLAGS, 0, 0, &flags); /* there in every record */
	return flags.integer == 0;
}

int64_t loy__profile_oldest(const loy__record *record, const loy_schema *schema)
{
	uint32_t kinds = loy__record_key_count(record, LOY_PROFILE_FIRST_TIME), i;
	int64_t oldest = LOY_TIME_MAX;
	loy_value first;
	uint64_t kind;

	for (i = 0; i < kinds; i++) {
		(void)loy__record_key(record, LOY_PROFILE_FIRST_TIME, i, &kind); /* there are so many */
		(void)loy__record_get(record, schema, LOY_PROFILE_FIRST_TIME, kind, 0, &first);
		if (first.integer < oldest)
			oldest = first.integer;
	}
	return kinds != 0 && ages_known(record, schema) ? oldest : LOY_TIME_MIN;
}

int64_t loy__profile_newest(const loy__record *record, const loy_schema *schema)
{
	loy__reading reading;

	loy__record_reading(record, &reading);
	return reading.newest != INT64_MIN && ages_known(record, schema) ? reading.newest : LOY_TIME_MAX;
}

/* ---- a glance ---- */

static void glance_event(loy__reader *in, const loy__fact *fact, loy__glance *out)
{
	(void)loy__read_bytes(in, EVENT_HEAD);
	out->time = loy__field_from_word(loy__read_u64(in));
	out->high = loy__read_u64(in);
	out->low = loy__read_u64(in);
	if (fact->type == LOY_RECORD_RETRACT)
		loy__retract_identity(out->high, out->low, &out->high, &out->low);
	read_ref(in, &out->who);
}

static void glance_profile(loy__reader *in, loy__glance *out)
{
	read_ref(in, &out->who);
	out->time = loy__field_from_word(loy__read_u64(in));
	out->profile_size = loy__reader_left(in);
	out->profile = loy__read_bytes(in, out->profile_size);
}

static int somebody(const loy__ref *who)
{
	return who->number != 0 || who->length != 0;
}

loy_status loy__fact_glance(const loy__fact *fact, loy__glance *out)
{
	loy__reader in;

	memset(out, 0, sizeof(*out));
	loy__reader_init(&in, fact->body, fact->size);
	switch (fact->type) {
	case LOY_RECORD_EVENT:
	case LOY_RECORD_RETRACT:
		glance_event(&in, fact, out);
		break;
	case LOY_RECORD_PROFILE:
		glance_profile(&in, out);
		break;
	case LOY_RECORD_ERASE:
		out->hash[0] = loy__read_u64(&in);
		out->hash[1] = loy__read_u64(&in);
		out->time = loy__field_from_word(loy__read_u64(&in));
		return in.status == LOY_OK && loy__reader_left(&in) == 0 ? LOY_OK : LOY_EFORMAT;
	case LOY_RECORD_ALIAS:
		out->time = loy__field_from_word(loy__read_u64(&in));
		read_ref(&in, &out->who);
		read_ref(&in, &out->whole);
		if (loy__reader_left(&in) != 0)
			return LOY_EFORMAT;
		break;
	case LOY_RECORD_GONE:
		if (fact->size == 0)
			return LOY_OK;
		out->high = loy__read_u64(&in);
		out->low = loy__read_u64(&in);
		return in.status == LOY_OK && loy__reader_left(&in) == 0 ? LOY_OK : LOY_EFORMAT;
	default:
		return LOY_EFORMAT;
	}
	return in.status == LOY_OK && somebody(&out->who) ? LOY_OK : LOY_EFORMAT;
}

/* ---- from the journal ---- */

static loy_status of_journal(loy_status status, loy_error *error)
{
	if (status == LOY_OK || status == LOY_ENOMEM || status == LOY_EVERSION || status == LOY_ESCHEMA)
		return status;
	return loy__fail(error, LOY_EDAMAGED, "a record of the journal does not have the form of its kind");
}

loy_status loy__fact_look(const loy__fact *fact, loy__glance *out, loy_error *error)
{
	return of_journal(loy__fact_glance(fact, out), error);
}

loy_status loy__fact_event(const loy__fact *fact, loy_event *out, loy_error *error)
{
	size_t used = fact->size;
	loy_status status = loy_event_read(out, fact->body, fact->size, &used, error);

	if (status == LOY_OK && (used != fact->size || (out->customer == 0 && out->key_length == 0)))
		status = LOY_EFORMAT;
	return of_journal(status, error);
}

loy_status loy__fact_profile(const loy__glance *glance, const loy_schema *schema, const loy_allocator *memory,
                             loy__record **out, loy_error *error)
{
	return of_journal(loy__record_read(out, schema, glance->profile, glance->profile_size, memory, error),
	                  error);
}

/* ---- checking ---- */

static loy_status check_event(const loy_store *store, const loy__fact *fact, loy_error *error)
{
	loy_event *event;
	size_t used = 0;
	loy_status status = loy_event_create(&event, &store->budget.parent);

	if (status != LOY_OK)
		return loy__fail(error, status, "out of memory");
	status = loy_event_read(event, fact->body, fact->size, &used, error);
	if (status == LOY_OK && used != fact->size)
		status = loy__fail_byte(error, LOY_EFORMAT, (int64_t)used, "bytes follow the event");
	if (status == LOY_OK && loy_event_check(event, error) != LOY_OK)
		status = loy__fail_byte(error, LOY_EFORMAT, 0, "the event is not complete");
	loy_event_destroy(event);
	return status;
}

static loy_status check_profile(const loy_store *store, const loy__glance *glance, loy_error *error)
{
	loy__record *record;
	loy_status status = loy__record_read(&record, store->schema, glance->profile, glance->profile_size,
	                                     &store->budget.parent, error);

	if (status != LOY_OK)
		return status;
	if (loy__profile_oldest(record, store->schema) != glance->time)
		status = loy__fail(error, LOY_EFORMAT, "the profile's oldest event has another time");
	loy__record_free(record, &store->budget.parent);
	return status;
}

static int valid_ref(const loy__ref *who)
{
	return who->number != 0 || loy__utf8_valid(who->key, who->length);
}

static int valid_time(int64_t time)
{
	return time >= LOY_TIME_MIN && time <= LOY_TIME_MAX;
}

static int same(const loy__ref *a, const loy__ref *b)
{
	return a->number == b->number && a->length == b->length &&
	       (a->length == 0 || memcmp(a->key, b->key, a->length) == 0);
}

loy_status loy__fact_check(const loy_store *store, const loy__fact *fact, loy_error *error)
{
	loy__glance glance;
	loy_status status;

	if (fact->size > LOY__RECORD_MAX - 16)
		return loy__fail_byte(error, LOY_EFORMAT, 0, "a record is longer than records are");
	if (fact->type == LOY_RECORD_EVENT || fact->type == LOY_RECORD_RETRACT) {
		status = check_event(store, fact, error);
		if (status != LOY_OK)
			return status;
	}
	if (loy__fact_glance(fact, &glance) != LOY_OK)
		return loy__fail_byte(error, LOY_EFORMAT, 0, "a record does not have the form of its kind");
	if (fact->type == LOY_RECORD_PROFILE && !valid_ref(&glance.who))
		return loy__fail_byte(error, LOY_EUTF8, 0, "a customer's key is not valid UTF-8");
	if (fact->type == LOY_RECORD_PROFILE)
		return check_profile(store, &glance, error);
	if (fact->type == LOY_RECORD_ERASE && !valid_time(glance.time))
		return loy__fail_byte(error, LOY_ETIME, 16, "the time lies outside the years 1900 to 2199");
	if (fact->type != LOY_RECORD_ALIAS)
		return LOY_OK;
	if (!valid_time(glance.time))
		return loy__fail_byte(error, LOY_ETIME, 0, "the time lies outside the years 1900 to 2199");
	if (!valid_ref(&glance.who) || (somebody(&glance.whole) && !valid_ref(&glance.whole)))
		return loy__fail_byte(error, LOY_EUTF8, 8, "a customer's key is not valid UTF-8");
	if (same(&glance.who, &glance.whole))
		return loy__fail_byte(error, LOY_EFORMAT, 8, "a customer is no part of itself");
	return LOY_OK;
}
