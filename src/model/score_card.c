/* Scorecards: one customer at one time, and what can be asked about it. */
#include "model/score.h"

#include <math.h>
#include <string.h>

loy_status loy_scorecard_create(loy_scorecard **out, const loy_model *model, const loy_allocator *memory)
{
	loy_allocator chosen;
	loy_scorecard *card;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (model == NULL)
		return LOY_EINVAL;
	status = loy__memory_adopt(&chosen, memory);
	if (status != LOY_OK)
		return status;
	card = loy__alloc_zero(&chosen, sizeof(*card));
	if (card == NULL)
		return LOY_ENOMEM;
	card->drivers = loy__alloc_zero(&chosen, sizeof(*card->drivers));
	if (card->drivers == NULL) {
		loy__free(&chosen, card, sizeof(*card));
		return LOY_ENOMEM;
	}
	card->memory = chosen;
	card->model = model;
	*out = card;
	return LOY_OK;
}

void loy_scorecard_destroy(loy_scorecard *card)
{
	loy_allocator memory;

	if (card == NULL)
		return;
	memory = card->memory;
	loy__free(&memory, card->drivers, sizeof(*card->drivers));
	loy__free(&memory, card, sizeof(*card));
}

/* ---- evaluation ---- */

/* Early warning: how far what the fast sums alone say is from what the slow ones say, in their spread. */
static LOY__NOINLINE void find_trends(loy_scorecard *card, const loy__record *record)
{
	const loy_model *model = card->model;
	const loy__reading_time *at = &card->explained.at;
	loy__weighed *evidence = &card->scratch_evidence;
	loy__spread spread[2];
	uint32_t c, i;

	for (i = 0; i < 2; i++) {
		loy__weigh(at, record, i == 0 ? LOY__READ_SLOW : LOY__READ_FAST, evidence);
		loy__weigh_relations(model, evidence);
		loy__means(model, at->wanted, evidence, &card->scratch[i]);
		loy__spread_init(model, at->wanted, &card->scratch[i], &spread[i]);
	}
	for (c = 0; c < model->construct_count; c++) {
		double slow = loy__construct_variance(model, &card->scratch[0], &spread[0], c);
		double fast = loy__construct_variance(model, &card->scratch[1], &spread[1], c);
		double deviation = sqrt(slow + fast),
		       change = card->scratch[1].mean[c] - card->scratch[0].mean[c];

		card->trend[c] = deviation > 0.0 ? change / deviation : 0.0;
	}
}

static void find_spreads(loy_scorecard *card)
{
	const loy_model *model = card->model;
	const loy__scores *raw = &card->explained.raw;
	loy__spread spread;
	uint32_t c, i;

	loy__spread_init(model, card->explained.at.wanted, raw, &spread);
	for (c = 0; c < model->construct_count; c++) {
		const loy__construct *construct = &model->construct[c];

		card->variance[c] = loy__construct_variance(model, raw, &spread, c);
		card->uncertainty[c] = construct->composite ? 0.0 : spread.kept[c];
		for (i = 0; construct->composite && i < construct->path_count; i++)
			card->uncertainty[c] +=
			        construct->path[i].weight * card->uncertainty[construct->path[i].parent];
	}
}

/* Contributions that are not zero, largest magnitude first, ties by source. */
static void rank_parts(loy_scorecard *card, uint32_t c)
{
	const double *part = card->explained.part[c];
	uint8_t *order = card->part_order[c];
	uint32_t count = 0, s, i;

	for (s = 0; s < LOY__SOURCES; s++) {
		if (part[s] == 0.0)
			continue;
		for (i = count++; i > 0 && fabs(part[order[i - 1]]) < fabs(part[s]); i--)
			order[i] = order[i - 1];
		order[i] = (uint8_t)s;
	}
	card->part_count[c] = (uint8_t)count;
}

static void find_flags(loy_scorecard *card, const loy__record *record)
{
	const loy__explained *explained = &card->explained;
	loy_value flags = {0};

	card->flags = 0;
	if (explained->held.newest > explained->at.time) /* the least of all times when there is no event */
		card->flags |= LOY_CARD_FUTURE;
	/* every record has flags */
	(void)loy__record_get(record, &card->model->schema, LOY_PROFILE_FLAGS, 0, explained->at.time, &flags);
	if ((flags.integer & LOY_PROFILE_KEYS_DROPPED) != 0)
		card->flags |= LOY_CARD_DROPPED;
	if ((flags.integer & LOY_PROFILE_RETRACTED) != 0)
		card->flags |= LOY_CARD_RETRACTED;
}

static loy_status card_score(loy_scorecard *card, const loy__record *record, int64_t time)
{
	loy_status status = loy__explain(&card->explained, card->model, record, time);
	uint32_t c;

	if (status != LOY_OK)
		return status;
	find_flags(card, record);
	find_spreads(card);
	find_trends(card, record);
	for (c = 0; c < card->model->construct_count; c++)
		rank_parts(card, c);
	loy__card_read_answers(card, record);
	card->drivers->ready = 0;
	card->ready = 1;
	return LOY_OK;
}

loy_status loy__scorecard_evaluate(loy_scorecard *card, const loy_schema *schema, const loy__record *record,
                                   int64_t time)
{
	return loy__schema_fits(card->model, schema) ? card_score(card, record, time) : LOY_ESCHEMA;
}

loy_status loy_scorecard_evaluate(loy_scorecard *card, const loy_profile *profile, int64_t time)
{
	if (card == NULL)
		return LOY_EINVAL;
	if (profile == NULL)
		return card_score(card, NULL, time);
	return loy__scorecard_evaluate(card, loy__profile_schema(profile), loy__profile_record(profile),
	                               time);
}

/* Record the events into *record. The row of the one that is refused goes to `error`. */
static loy_status apply_events(loy_scorecard *card, loy__record **record, const loy_event *const *events,
                               uint32_t count, loy_error *error)
{
	loy_status status;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (events[i] == NULL)
			return loy__fail_row(error, LOY_EINVAL, i, 0, "an event is missing");
		status = loy__event_check_row(events[i], i, error);
		if (status != LOY_OK)
			return status;
		status = loy__record_apply(record, &card->model->schema, events[i], 1, &card->memory, error);
		if (status != LOY_OK) {
			if (error != NULL && error->struct_size >= sizeof(*error))
				error->row = i;
			return status;
		}
	}
	return LOY_OK;
}

loy_status loy_scorecard_what_if(loy_scorecard *card, const loy_profile *profile,
                                 const loy_event *const *events, uint32_t count, int64_t time,
                                 loy_error *error)
{
	loy__record *record = NULL;
	loy_status status = LOY_OK;

	if (card == NULL || (events == NULL && count > 0))
		return loy__fail(error, LOY_EINVAL, "a scorecard and the events are needed");
	if (time < LOY_TIME_MIN || time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME,
		                 "the time to score at lies outside the years 1900 to 2199");
	if (profile != NULL) {
		if (!loy__schema_fits(card->model, loy__profile_schema(profile)))
			return loy__fail(error, LOY_ESCHEMA,
			                 "the profile follows another schema than the model");
		status = loy__record_copy(&record, loy__profile_record(profile), &card->memory);
		if (status != LOY_OK)
			return loy__fail(error, status, "no memory to copy the profile");
	}
	status = apply_events(card, &record, events, count, error);
	if (status == LOY_OK)
		status = card_score(card, record, time);
	loy__record_free(record, &card->memory);
	return status;
}

/* ---- what a card says ---- */

const loy_model *loy_scorecard_model(const loy_scorecard *card)
{
	return card != NULL ? card->model : NULL;
}

loy_status loy_scorecard_time(const loy_scorecard *card, int64_t *time)
{
	if (card == NULL || time == NULL)
		return LOY_EINVAL;
	if (!card->ready)
		return LOY_ESTATE;
	*time = card->explained.at.time;
	return LOY_OK;
}

loy_status loy_scorecard_flags(const loy_scorecard *card, uint32_t *flags)
{
	if (card == NULL || flags == NULL)
		return LOY_EINVAL;
	if (!card->ready)
		return LOY_ESTATE;
	*flags = card->flags;
	return LOY_OK;
}

loy_status loy_scorecard_events(const loy_scorecard *card, uint64_t *events)
{
	if (card == NULL || events == NULL)
		return LOY_EINVAL;
	if (!card->ready)
		return LOY_ESTATE;
	*events = card->explained.held.events > 0 ? (uint64_t)card->explained.held.events : 0;
	return LOY_OK;
}

/* Whether a construct of an evaluated card can be asked about. */
loy_status loy__card_check(const loy_scorecard *card, uint32_t construct)
{
	if (card == NULL)
		return LOY_EINVAL;
	if (construct >= card->model->construct_count)
		return LOY_ENOTFOUND;
	return card->ready ? LOY_OK : LOY_ESTATE;
}

/* Share of the channels that can reach a construct that hold evidence. */
static double coverage(const loy_scorecard *card, uint32_t construct)
{
	const loy__weighed *held = &card->explained.held;
	uint32_t used = card->model->channels_used[construct], all = 0, holding = 0, i;

	for (i = 0; i < LOY_CHANNELS_MAX; i++)
		all += used >> i & 1;
	for (i = 0; i < held->channel_count; i++)
		holding += used >> held->channel[i] & 1;
	return all > 0 ? (double)holding / (double)all : 0.0;
}

loy_status loy_scorecard_score(const loy_scorecard *card, uint32_t construct, loy_score *out)
{
	loy_status status = loy__card_check(card, construct);
	const loy__explained *explained;
	loy_score score;

	if (status != LOY_OK)
		return status;
	explained = &card->explained;
	score.state = loy__score_state(&explained->raw, construct);
	score.mean = explained->points[construct];
	score.value = score.state != LOY_SCORE_UNKNOWN ? score.mean : (double)NAN;
	loy__limits(explained->raw.mean[construct], card->variance[construct], score.mean, &score.low,
	            &score.high);
	score.deviation = 100.0 * sqrt(card->variance[construct]);
	score.baseline = explained->baseline[construct];
	score.evidence = explained->raw.evidence[construct];
	score.uncertainty = card->uncertainty[construct];
	score.coverage = coverage(card, construct);
	score.trend = card->trend[construct];
	return loy__result_write(out, &score, sizeof(score));
}

uint32_t loy_scorecard_contribution_count(const loy_scorecard *card, uint32_t construct)
{
	return loy__card_check(card, construct) == LOY_OK ? card->part_count[construct] : 0;
}

/* The share of a prospect, as the first construct that counts it sees it. */
static void prospect_evidence(const loy_scorecard *card, uint32_t prospect, loy_contribution *line)
{
	double weight[LOY__PROSPECTS], share[LOY__PROSPECTS];
	uint32_t i;

	for (i = 0; i < card->model->construct_count; i++) {
		loy__prospects(card->model, &card->model->construct[i], &card->explained.used, weight, share);
		if (weight[prospect] > 0.0) {
			line->positive = share[prospect];
			line->negative = 1.0 - share[prospect];
			return;
		}
	}
}

loy_status loy_scorecard_contribution(const loy_scorecard *card, uint32_t construct, uint32_t index,
                                      loy_contribution *out)
{
	loy_status status = loy__card_check(card, construct);
	loy_contribution line = {0};
	const loy__weighed *used;
	uint32_t source, i;

	if (status != LOY_OK)
		return status;
	if (index >= card->part_count[construct])
		return LOY_ENOTFOUND;
	used = &card->explained.used;
	source = card->part_order[construct][index];
	line.points = card->explained.part[construct][source];
	if (source == LOY__SOURCE_SILENCE) {
		line.source = LOY_SOURCE_SILENCE;
		for (i = 0; i < card->model->construct_count; i++) {
			double missed = loy__missed(&card->model->construct[i], used);

			line.negative = missed > line.negative ? missed : line.negative;
		}
	} else if (source == LOY__SOURCE_WORST) {
		line.source = LOY_SOURCE_WORST;
		line.negative = used->worst;
	} else if (source >= LOY__SOURCE_ALIVE) {
		line.source = LOY_SOURCE_ALIVE + (source - LOY__SOURCE_ALIVE);
		prospect_evidence(card, source - LOY__SOURCE_ALIVE, &line);
	} else {
		line.source = LOY_SOURCE_CHANNEL;
		line.channel = source;
		line.positive = used->positive[source];
		line.negative = used->negative[source];
	}
	return loy__result_write(out, &line, sizeof(line));
}
