/* The past: stores and profiles made from the journal's facts up to a time, as known now. */
#include "store/ledger_state.h"

/* Where facts go. */
struct past {
	loy_store *store; /* with the journal */
	int64_t time;
	loy_store *out;           /* in memory */
	const loy_schema *schema; /* or of one customer, who it is the root of, one record */
	loy__record *record;
	loy__who who;
};

static int is_same(const loy__who *a, const loy__who *b)
{
	size_t i;

	if (a->number != b->number || a->length != b->length)
		return 0;
	for (i = 0; i < a->length && a->key[i] == b->key[i]; i++)
		;
	return i == a->length;
}

static loy_status add_to_store(struct past *past, const loy__fact *fact, const loy__glance *glance,
                               const loy__ref *root, loy_error *error)
{
	loy_event *event = past->store->ledger->event;
	loy_store *out = past->out;
	loy__record *merged;
	loy_status status;

	if (fact->type != LOY_RECORD_PROFILE) {
		status = loy__fact_event(fact, event, error);
		if (status == LOY_OK)
			status = loy__row_add_event(out, root, event,
			                            fact->type == LOY_RECORD_RETRACT ? -1 : 1, error);
		return status;
	}
	status = loy__fact_profile(glance, out->schema, &out->record_memory, &merged, error);
	if (status != LOY_OK)
		return status;
	status = loy__row_add_record(out, root, merged);
	loy__record_free(merged, &out->record_memory);
	return status;
}

/* A merged profile belongs to the past when all of it does. */
static loy_status is_past(const struct past *past, const loy__fact *fact, const loy__glance *glance, int *yes,
                          loy_error *error)
{
	loy__record *record;
	loy_status status;

	*yes = glance->time <= past->time;
	if (!*yes || fact->type != LOY_RECORD_PROFILE || past->time >= LOY_TIME_MAX)
		return LOY_OK;
	status = loy__fact_profile(glance, past->store->schema, &past->store->record_memory, &record, error);
	if (status != LOY_OK)
		return status;
	*yes = loy__profile_newest(record, past->store->schema) <= past->time;
	loy__record_free(record, &past->store->record_memory);
	return LOY_OK;
}

static loy_status take_fact(const loy__fact *fact, const loy__glance *glance, int counts, void *user,
                            loy_error *error)
{
	struct past *past = user;
	loy__who who;
	loy__ref root;
	loy_status status;
	int yes;

	if (!counts)
		return LOY_OK;
	who = loy__who_of(past->store, &glance->who);
	loy__ledger_lead(past->store, &who);
	if (past->out == NULL && !is_same(&who, &past->who))
		return LOY_OK;
	status = is_past(past, fact, glance, &yes, error);
	if (status != LOY_OK || !yes)
		return status;
	if (past->out == NULL)
		return loy__fact_add(past->store, past->schema, fact, glance, &past->record, error);
	root.number = who.number;
	root.key = who.key;
	root.length = who.length;
	return add_to_store(past, fact, glance, &root, error);
}

/* ---- whole stores ---- */

/* When everything lies before, profiles are there already. */
static loy_status copy_rows(const loy_store *store, loy_store *out)
{
	uint64_t count = loy_store_count(store), i;
	loy_status status = LOY_OK;

	for (i = 0; i < count && status == LOY_OK; i++) {
		int keyed = i >= store->numbered.index.live;
		loy__ref ref = loy__ref_of_row(keyed ? &store->named : &store->numbered,
		                               (uint32_t)(keyed ? i - store->numbered.index.live : i));

		status = loy__row_add_record(out, &ref, loy__store_row(store, i)->record);
	}
	return status;
}

/* Of what counts; the store's own figure has erased ones, too. */
static uint64_t count_events(const loy_store *store)
{
	uint64_t count = loy_store_count(store), events = 0, i;

	for (i = 0; i < count; i++)
		events += loy__record_events(loy__store_row(store, i)->record, store->schema);
	return events;
}

static loy_status adopt_pseudonyms(const loy_store *store, loy_store *out)
{
	if (!store->pseudonymous)
		return LOY_OK;
	out->pseudonym_key[0] = store->pseudonym_key[0];
	out->pseudonym_key[1] = store->pseudonym_key[1];
	out->pseudonymous = 1;
	return loy_event_create(&out->disguised, &out->memory);
}

loy_status loy__ledger_copy(loy_store *store, int64_t time, const loy_model *model, int rows, loy_store **out,
                            const loy_allocator *memory, loy_progress progress, void *user, loy_error *error)
{
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	struct past past = {.store = store, .time = time};
	loy_status status = loy_store_create(out, model, &options, memory);

	if (status != LOY_OK)
		return loy__fail(error, status, loy_status_text(status));
	past.out = *out;
	status = adopt_pseudonyms(store, *out);
	if (status == LOY_OK && rows && time >= store->ledger->newest &&
	    loy__schema_equal(store->schema, (*out)->schema))
		status = copy_rows(store, *out);
	else if (status == LOY_OK)
		status = loy__ledger_commit_pending(store, error);
	if (status == LOY_OK && loy_store_count(*out) == 0)
		status = loy__visit_facts(store, 1, take_fact, &past, progress, user, error);
	if (status == LOY_OK)
		status = loy_store_sort(*out);
	if (status == LOY_OK) {
		(*out)->events = count_events(*out);
		return LOY_OK;
	}
	loy_store_destroy(*out);
	*out = NULL;
	return status;
}

loy_status loy_store_as_of(loy_store *store, int64_t time, const loy_model *model, loy_store **out,
                           const loy_allocator *memory, loy_progress progress, void *user_data,
                           loy_error *error)
{
	loy_allocator adopted;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "a place for the store is needed");
	*out = NULL;
	if (store == NULL || model == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the arguments are not valid");
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME, "the time lies outside the years 1900 to 2199");
	status = loy__ledger_readable(store, error);
	if (status == LOY_OK)
		status = loy__ledger_copy(store, time, model, 1, out, &adopted, progress, user_data, error);
	if (status == LOY_ENOMEM)
		(void)loy__fail(error, status, "out of memory");
	return loy__store_status(store, status, error);
}

/* ---- one customer ---- */

/* The customer or, when it is part of another, that one; a key that is no row's is put into `room`. */
static loy_status find_root(const loy_store *store, uint64_t customer, const char *key, size_t length,
                            uint8_t *room, loy__who *who)
{
	loy__ref ref;
	loy_status status = loy__ref_from(store, customer, key, length, room, &ref);

	if (status != LOY_OK)
		return status;
	*who = loy__who_of(store, &ref);
	loy__ledger_lead(store, who);
	return LOY_OK;
}

static loy_status gather(struct past *past, loy_profile *out, loy_error *error)
{
	loy_status status;

	past->schema = loy__profile_schema(out);
	status = loy__visit_facts(past->store, 1, take_fact, past, NULL, NULL, error);
	if (status == LOY_OK && past->record == NULL)
		status = loy__fail(error, LOY_ENOTFOUND, "nothing is known of this customer up to then");
	if (status == LOY_OK)
		status = loy__profile_assign(out, past->schema, past->record);
	loy__record_free(past->record, &past->store->record_memory);
	return status;
}

loy_status loy_store_profile_as_of(loy_store *store, int64_t time, uint64_t customer, const char *key,
                                   size_t length, loy_profile *out, loy_error *error)
{
	struct past past = {.store = store, .time = time};
	uint8_t room[LOY__PSEUDONYM_SIZE];
	loy_status status;

	if (store == NULL || out == NULL)
		return loy__fail(error, LOY_EINVAL, "a store and a profile are needed");
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME, "the time lies outside the years 1900 to 2199");
	status = loy__ledger_readable(store, error);
	if (status != LOY_OK)
		return status;
	status = find_root(store, customer, key, length, room, &past.who);
	if (status != LOY_OK)
		return loy__fail(error, status, "the customer is not valid");
	status = loy__ledger_commit_pending(store, error);
	if (status == LOY_OK)
		status = gather(&past, out, error);
	return loy__store_status(store, status, error);
}
