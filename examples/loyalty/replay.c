/* Events again in order; see replay.h. */
#include "replay.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ROOM (LOY_CUSTOMER_KEY_MAX + 1)

/* ---- targets ---- */

/* What is asked about constructs of these names, where nobody says otherwise. */
static const char *const usual[] = {"satisfaction=csat", "satisfaction=satisfaction", "trust=trust",
                                    "value=value",       "attitudinal=nps",           "attitudinal=loyalty",
                                    "emotional=emotion", "behavioural=purchase",      "loyalty=nps",
                                    "loyalty=loyalty"};

static int read_instrument(struct target *target, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	size_t name = colon != NULL ? (size_t)(colon - text) : length;
	char *end;

	target->item = -1;
	if (name == 8 && memcmp(text, "purchase", 8) == 0 && colon == NULL) {
		target->outcome = 1;
		return 1;
	}
	if (colon != NULL) {
		target->item = strtol(colon + 1, &end, 10);
		if (end == colon + 1 || *end != '\0' || target->item < 0)
			return 0;
	}
	return loy_code_find(LOY_FIELD_INSTRUMENT, text, name, &target->instrument) == LOY_OK;
}

/* 1: read; 0: the model has no such construct; -1: not a target. */
static int read_target(const struct replay *replay, const char *text, struct target *target)
{
	const char *equals = strchr(text, '=');

	memset(target, 0, sizeof(*target));
	target->text = text;
	if (equals == NULL || !read_instrument(target, equals + 1, strlen(equals + 1)))
		return -1;
	return loy_model_construct_find(replay->model, text, (size_t)(equals - text), &target->construct) ==
	       LOY_OK;
}

int replay_targets(struct replay *replay)
{
	const struct args *args = replay->args;
	int i, read;

	for (i = 0; i < args->target_count; i++) {
		read = read_target(replay, args->target[i], &replay->targets[i]);
		if (read <= 0) {
			say(read < 0
			            ? "--target '%s' is not CONSTRUCT=INSTRUMENT[:ITEM] or CONSTRUCT=purchase"
			            : "--target '%s': the model has no such construct",
			    args->target[i]);
			return 0;
		}
		replay->target_count++;
	}
	for (i = 0; args->target_count == 0 && i < (int)(sizeof(usual) / sizeof(usual[0])); i++)
		replay->target_count +=
		        read_target(replay, usual[i], &replay->targets[replay->target_count]) == 1;
	if (replay->target_count > 0)
		return 1;
	say("no construct of the model has a name that says what it is asked by; --target says it");
	return 0;
}

/* ---- reading ---- */

static int grow(void **array, size_t *capacity, size_t need, size_t size)
{
	size_t more = *capacity == 0 ? 1024 : *capacity;
	void *grown;

	if (need <= *capacity)
		return 1;
	while (more < need)
		more *= 2;
	grown = realloc(*array, more * size);
	if (grown == NULL)
		return 0;
	*array = grown;
	*capacity = more;
	return 1;
}

static int append(struct replay *replay, const struct happening *one)
{
	void *list = replay->list;
	int grown = grow(&list, &replay->capacity, replay->count + 1, sizeof(*replay->list));

	replay->list = list;
	if (grown)
		replay->list[replay->count++] = *one;
	return grown;
}

/* A number for whoever an event is of: its own, or a hash of the key. */
static uint64_t customer_of(const loy_event *event)
{
	uint64_t number = 0, high, low;
	char key[KEY_ROOM];
	size_t needed;

	if (loy_event_customer(event, &number) == LOY_OK)
		return number;
	if (loy_event_customer_key(event, key, sizeof(key), &needed) != LOY_OK ||
	    loy_identity_from_key(key, strlen(key), &high, &low) != LOY_OK)
		return 0;
	return low;
}

static int keep_event(const loy_event *event, void *user)
{
	struct replay *replay = user;
	struct happening one = {0};
	void *bytes = replay->bytes;
	size_t size = 0;
	int grown;

	(void)loy_event_write(event, NULL, 0, &size);
	grown = grow(&bytes, &replay->byte_capacity, replay->byte_count + size, 1);
	replay->bytes = bytes;
	if (!grown || loy_event_write(event, replay->bytes + replay->byte_count, size, &size) != LOY_OK ||
	    loy_event_time(event, &one.time) != LOY_OK || loy_event_digest(event, &one.who) != LOY_OK)
		return library_failure("reading", LOY_ENOMEM);
	one.customer = customer_of(event);
	one.at = replay->byte_count;
	one.size = (uint32_t)size;
	replay->byte_count += size;
	if (one.time > replay->newest)
		replay->newest = one.time;
	return append(replay, &one) ? EXIT_DONE : library_failure("reading", LOY_ENOMEM);
}

/* ---- outcomes ---- */

static int by_customer(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

/* Moments come behind the events of their time: what was known then. Ties: by content, whatever file they stood in. */
static int by_time(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if ((x->size == 0) != (y->size == 0))
		return x->size == 0 ? 1 : -1;
	return (x->who > y->who) - (x->who < y->who);
}

static int is_purchase(const struct replay *replay, const struct happening *one, loy_event *event)
{
	uint32_t kind = 0;

	return loy_event_read(event, replay->bytes + one->at, one->size, NULL, NULL) == LOY_OK &&
	       loy_event_kind(event, &kind) == LOY_OK && kind == LOY_KIND_PURCHASE;
}

/* One moment every horizon after a customer's first event, as long as what followed is known. */
static int add_moments(struct replay *replay, size_t first, size_t end, loy_event *event)
{
	int64_t time = replay->list[first].time + replay->horizon;
	size_t i = first;

	for (; time + replay->horizon <= replay->newest; time += replay->horizon) {
		struct happening one = {0};

		one.time = time;
		one.customer = replay->list[first].customer;
		one.who = replay->list[first].at;
		while (i < end && replay->list[i].time <= time)
			i++;
		for (; i < end && one.at == 0 && replay->list[i].time <= time + replay->horizon; i++)
			one.at = (uint64_t)is_purchase(replay, &replay->list[i], event);
		if (!append(replay, &one))
			return 0;
	}
	return 1;
}

static int wants_outcomes(const struct replay *replay)
{
	int i, wanted = 0;

	for (i = 0; i < replay->target_count; i++)
		wanted |= replay->targets[i].outcome;
	return wanted;
}

static int add_outcomes(struct replay *replay)
{
	size_t first, end, events = replay->count;
	loy_event *event = NULL;
	int added = loy_event_create(&event, NULL) == LOY_OK;

	qsort(replay->list, events, sizeof(*replay->list), by_customer);
	for (first = 0; first < events && added; first = end) {
		for (end = first; end < events && replay->list[end].customer == replay->list[first].customer;
		     end++)
			;
		added = add_moments(replay, first, end, event);
	}
	loy_event_destroy(event);
	return added;
}

int replay_read(struct replay *replay)
{
	struct load load;
	int code;

	memset(&load, 0, sizeof(load));
	load.args = replay->args;
	load.model = replay->model;
	load.take = keep_event;
	load.user = replay;
	replay->newest = INT64_MIN;
	code = load_files(&load);
	if (code != EXIT_DONE)
		return code;
	if (replay->count == 0) {
		say("there is no event to learn from");
		return EXIT_NO;
	}
	if (wants_outcomes(replay) && !add_outcomes(replay))
		return library_failure("reading", LOY_ENOMEM);
	qsort(replay->list, replay->count, sizeof(*replay->list), by_time);
	return EXIT_DONE;
}

void replay_free(struct replay *replay)
{
	free(replay->bytes);
	free(replay->list);
}

/* ---- living it again ---- */

struct living {
	const struct replay *replay;
	loy_calibration *calibration;
	loy_store *store;
	loy_event *event;
	loy_profile *profile;
};

/* The answer of an event as a share of its scale, or -1 when it is none of this target. */
static double answer_of(const struct target *target, const loy_event *event)
{
	int64_t instrument = 0, item = 0, value, least = 0, greatest = LOY_RATIO_ONE;
	uint32_t kind = 0;

	if (loy_event_kind(event, &kind) != LOY_OK || kind != LOY_KIND_SURVEY_ANSWER ||
	    loy_event_get(event, LOY_FIELD_INSTRUMENT, &instrument) != LOY_OK ||
	    instrument != (int64_t)target->instrument ||
	    loy_event_get(event, LOY_FIELD_VALUE, &value) != LOY_OK)
		return -1.0;
	(void)loy_event_get(event, LOY_FIELD_ITEM, &item);
	if (target->item >= 0 && item != target->item)
		return -1.0;
	(void)loy_event_get(event, LOY_FIELD_SCALE_MIN, &least);
	(void)loy_event_get(event, LOY_FIELD_SCALE_MAX, &greatest);
	return greatest > least ? (double)(value - least) / (double)(greatest - least) : -1.0;
}

static loy_status observe(struct living *l, const struct happening *one, const struct target *target,
                          double answer)
{
	loy_observation o = {.struct_size = sizeof(o)};

	o.construct = target->construct;
	o.customer = one->customer;
	o.time = one->time;
	o.answer = answer;
	o.weight = 1.0;
	return loy_calibration_add(l->calibration, &o, l->profile, NULL);
}

/* What the store knows of the customer of the event; nothing is an empty profile. */
static loy_status recall(struct living *l)
{
	uint64_t number = 0;
	char key[KEY_ROOM] = "";
	size_t needed;
	loy_status status;

	loy_profile_clear(l->profile);
	if (loy_event_customer(l->event, &number) != LOY_OK) {
		status = loy_event_customer_key(l->event, key, sizeof(key), &needed);
		if (status != LOY_OK)
			return status;
	}
	status = loy_store_profile_of(l->store, number, key[0] != '\0' ? key : NULL, strlen(key), l->profile);
	return status == LOY_ENOTFOUND ? LOY_OK : status;
}

/* What a happening says about each target, or -1; how many say anything. */
static int listen(const struct living *l, const struct happening *one, double answer[TARGETS_MAX])
{
	int i, count = 0;

	for (i = 0; i < l->replay->target_count; i++) {
		const struct target *target = &l->replay->targets[i];

		answer[i] = -1.0;
		if (target->outcome && one->size == 0)
			answer[i] = (double)one->at;
		else if (!target->outcome && one->size != 0)
			answer[i] = answer_of(target, l->event);
		if (!(answer[i] >= 0.0 && answer[i] <= 1.0))
			answer[i] = -1.0;
		count += answer[i] >= 0.0;
	}
	return count;
}

static loy_status live_one(struct living *l, const struct happening *one)
{
	const struct replay *replay = l->replay;
	uint64_t at = one->size == 0 ? one->who : one->at;
	double answer[TARGETS_MAX];
	loy_status status = loy_event_read(l->event, replay->bytes + at, replay->byte_count - at, NULL, NULL);
	int i, answers = status == LOY_OK ? listen(l, one, answer) : 0;

	if (status == LOY_OK && answers > 0)
		status = recall(l);
	if (status == LOY_OK && one->size != 0) {
		status = loy_store_record(l->store, l->event, NULL);
		/* What was sent twice was said once, and what a store refuses is no evidence. */
		if (status != LOY_OK)
			return status == LOY_ENOMEM ? status : LOY_OK;
	}
	for (i = 0; i < replay->target_count && answers > 0 && status == LOY_OK; i++)
		if (answer[i] >= 0.0)
			status = observe(l, one, &replay->targets[i], answer[i]);
	return status;
}

int replay_observe(const struct replay *replay, const loy_model *model, loy_calibration *calibration)
{
	struct living l = {replay, calibration, NULL, NULL, NULL};
	struct progress progress;
	loy_status status = LOY_OK;
	size_t i;
	int code = EXIT_DONE;

	l.store = store_of(model, &code);
	if (l.store == NULL)
		return code;
	if (loy_event_create(&l.event, NULL) != LOY_OK ||
	    loy_profile_create(&l.profile, loy_model_schema(model), NULL) != LOY_OK)
		status = LOY_ENOMEM;
	progress_start(&progress, "replay", replay->args->value[OPTION_PROGRESS] != NULL,
	               replay->args->value[OPTION_QUIET] != NULL);
	for (i = 0; i < replay->count && status == LOY_OK; i++) {
		status = live_one(&l, &replay->list[i]);
		if (i % 16384 == 0)
			progress_tell(&progress, i, replay->count, "events");
	}
	progress_stop(&progress);
	loy_event_destroy(l.event);
	loy_profile_destroy(l.profile);
	loy_store_destroy(l.store);
	return status == LOY_OK ? EXIT_DONE : library_failure("replaying", status);
}
