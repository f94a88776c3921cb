/*
 * From a record to evidence by channel at one time.
 *
 * What a batch shares is in loy__reading_time: one factor for each half-life, so that a customer costs
 * multiplications only. Sums are read as at least 0 (taking events back can leave a trace below it) and at
 * most 2^40, which an event some 40 half-lives ahead of the time read would pass.
 */
#include "model/score.h"

#include <string.h>

#define EVIDENCE_MOST 1099511627776.0

/* The wanted constructs and all that their means depend on. */
static uint32_t with_ancestors(const loy_model *model, uint32_t wanted)
{
	uint32_t c, i;

	for (c = model->construct_count; c-- > 0;) {
		const loy__construct *construct = &model->construct[c];

		if ((wanted >> c & 1) == 0)
			continue;
		for (i = 0; i < construct->path_count; i++) {
			wanted |= UINT32_C(1) << construct->path[i].parent;
			if (construct->path[i].moderator != LOY__NONE)
				wanted |= UINT32_C(1) << construct->path[i].moderator;
		}
		for (i = 0; i < construct->moderated_count; i++)
			wanted |= UINT32_C(1) << construct->indicator[construct->moderated[i]].moderator;
	}
	return wanted;
}

loy_status loy__reading_time_init(loy__reading_time *at, const loy_model *model, int64_t time,
                                  uint32_t constructs)
{
	uint32_t all = (UINT32_C(1) << model->construct_count) - 1, i;
	loy__decay_now now;

	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return LOY_ETIME;
	if ((constructs & ~all) != 0)
		return LOY_EINVAL;
	at->model = model;
	at->time = time;
	at->wanted = with_ancestors(model, constructs != 0 ? constructs : all);
	for (i = 0; i < model->schema.half_life_count; i++) {
		loy__decay_now_init(&now, &model->schema.half_life[i], time);
		at->whole[i] = (int32_t)now.whole; /* below 2^22: a half-life is an hour at least */
		at->scale[i] = now.scale;
	}
	at->reads_worst = 0;
	at->reads_prospects = 0;
	for (i = 0; i < model->construct_count; i++) {
		if ((at->wanted >> i & 1) == 0)
			continue;
		at->reads_worst |= model->construct[i].worst_weight > 0.0;
		at->reads_prospects |= loy__counts_prospects(&model->construct[i]);
	}
	return LOY_OK;
}

static double bounded(double evidence)
{
	return evidence > 0.0 ? evidence < EVIDENCE_MOST ? evidence : EVIDENCE_MOST : 0.0;
}

static double read_sum(const loy__reading_time *at, const loy__evidence *entry, int fast, uint32_t half_life)
{
	loy__decay_now now = {at->whole[half_life], at->scale[half_life]};
	loy__decay sum;

	loy__evidence_sum(entry, fast, &sum);
	return bounded(loy__decay_read(&sum, &now));
}

/* Both sums of an entry, mixed. A sum that gets no share is not read: its term would be 0. */
static double entry_amount(const loy__reading_time *at, const loy__evidence *entry, int which)
{
	double share = at->model->fast_share[entry->channel], slow = 0.0, fast = 0.0;

	if (which != LOY__READ_MIXED)
		share = which == LOY__READ_FAST ? 1.0 : 0.0;
	if (share < 1.0)
		slow = read_sum(at, entry, 0, at->model->schema.slow_index[entry->channel]);
	if (share > 0.0)
		fast = read_sum(at, entry, 1, at->model->schema.fast_index[entry->channel]);
	return (1.0 - share) * slow + share * fast;
}

void loy__weigh(const loy__reading_time *at, const loy__record *record, int which, loy__weighed *out)
{
	size_t size = sizeof(out->positive[0]) * at->model->schema.channel_count;
	loy__reading reading;
	uint32_t i;

	loy__record_reading(record, &reading);
	out->channel_count = 0;
	memset(out->positive, 0, size);
	memset(out->negative, 0, size);
	for (i = 0; i < reading.evidence_count; i++) {
		loy__evidence entry;
		double amount;

		loy__evidence_next(&reading, &entry);
		amount = entry_amount(at, &entry, which);
		if (!(amount > 0.0))
			continue;
		if (out->channel_count == 0 || out->channel[out->channel_count - 1] != entry.channel)
			out->channel[out->channel_count++] = entry.channel;
		if (entry.negative)
			out->negative[entry.channel] = amount;
		else
			out->positive[entry.channel] = amount;
	}
	out->purchases = 0.0;
	out->silent = 0.0;
	out->span = 0.0;
	/* bytes read from elsewhere may count purchases without times */
	if (reading.purchases > 0 && reading.last_purchase >= reading.first_purchase) {
		out->purchases = (double)reading.purchases;
		out->silent =
		        at->time > reading.last_purchase ? (double)(at->time - reading.last_purchase) : 0.0;
		out->span = (double)(reading.last_purchase - reading.first_purchase);
	}
	out->worst = 0.0;
	if (reading.worst != INT64_MIN && at->reads_worst)
		out->worst = bounded(loy__worst_weight(&at->model->schema, reading.worst, at->time));
	out->has_history = 0;
	if (LOY__UNLIKELY(at->reads_prospects))
		loy__weigh_history(at, record, out);
	out->events = reading.events;
	out->newest = reading.newest;
}

/*
 * The cap counts the failures as they happened, not as damping leaves them: else a purchase, which damps
 * failures, would also take away what repaired them.
 */
void loy__weigh_relations(const loy_model *model, loy__weighed *evidence)
{
	double failed = 0.0;
	uint32_t i;

	for (i = 0; i < model->failure_count; i++)
		failed += evidence->negative[model->failure[i]];
	for (i = 0; i < evidence->channel_count; i++) {
		uint32_t k = evidence->channel[i], by = model->damping[k].by;
		double bond = by != LOY__NONE ? evidence->positive[by] : 0.0;

		if (bond > 0.0)
			evidence->negative[k] *=
			        1.0 - model->damping[k].strength * (bond / (bond + model->damping[k].at));
	}
	if (model->recovery != LOY__NONE && evidence->positive[model->recovery] > failed)
		evidence->positive[model->recovery] = failed;
}

void loy__weigh_insert(loy__weighed *evidence, uint32_t channel)
{
	uint32_t i = evidence->channel_count;

	while (i > 0 && evidence->channel[i - 1] > channel)
		i--;
	if (i > 0 && evidence->channel[i - 1] == channel)
		return;
	memmove(&evidence->channel[i + 1], &evidence->channel[i], evidence->channel_count - i);
	evidence->channel[i] = (uint8_t)channel;
	evidence->channel_count++;
}
