/*
 * Contributions: what each source of evidence adds to each construct, exactly.
 *
 * With N = strength + evidence, a construct's distance from its baseline b is a sum over its own evidence,
 * ((1 - b) kp r - b km s) / N, and over its parents' distances times strength / N * weight * factor: so each
 * parent's contributions, scaled, are the child's. Rounded to the grid of points they add up to within a few
 * 2^-40; the largest takes the rest, and the sum is exact.
 *
 * A response curve steeper than anything reasonable could blow two opposite contributions up until doubles no
 * longer hold their sum exactly. Beyond SUM_MOST all are scaled down together.
 */
#include "model/score.h"

#include <math.h>
#include <string.h>

#define SUM_MOST 512.0

int loy__schema_fits(const loy_model *model, const loy_schema *schema)
{
	return schema == &model->schema || (schema->fingerprint_high == model->schema.fingerprint_high &&
	                                    schema->fingerprint_low == model->schema.fingerprint_low);
}

/* From the parents' contributions, which must be raw still. */
static void add_inherited(loy__explained *e, const loy_model *model, uint32_t c, double kept)
{
	const loy__construct *construct = &model->construct[c];
	uint32_t i, s;

	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];
		double weight = kept * path->weight;

		if (!construct->composite)
			weight *= loy__path_factor(model, path, e->raw.mean);
		for (s = 0; s < LOY__SOURCES; s++)
			e->part[c][s] += weight * e->part[path->parent][s];
	}
}

static void prospect_parts(const loy__explained *e, const loy_model *model, const loy__construct *construct,
                           double up, double down, double *part)
{
	double weight[LOY__PROSPECTS], share[LOY__PROSPECTS];
	uint32_t i;

	loy__prospects(model, construct, &e->used, weight, share);
	for (i = 0; i < LOY__PROSPECTS; i++)
		part[LOY__SOURCE_ALIVE + i] += weight[i] * (up * share[i] - down * (1.0 - share[i]));
}

static void raw_parts(loy__explained *e, const loy_model *model, uint32_t c)
{
	const loy__construct *construct = &model->construct[c];
	const loy__weighed *used = &e->used;
	double *part = e->part[c];
	double total = construct->strength + e->raw.evidence[c], up, down;
	uint32_t i;

	for (i = 0; i < LOY__SOURCES; i++)
		part[i] = 0.0;
	if (construct->composite) {
		add_inherited(e, model, c, 1.0);
		return;
	}
	up = 100.0 * (1.0 - construct->baseline) / total;
	down = 100.0 * construct->baseline / total;
	for (i = 0; i < construct->indicator_count; i++) {
		const loy__indicator *indicator = &construct->indicator[i];
		uint32_t k = indicator->channel;

		part[k] += up * loy__positive_weight(indicator, e->raw.mean) * used->positive[k];
		part[k] -= down * indicator->negative * used->negative[k];
	}
	part[LOY__SOURCE_SILENCE] -= down * construct->silence_weight * loy__missed(construct, used);
	part[LOY__SOURCE_WORST] -= down * construct->worst_weight * used->worst;
	if (used->has_history)
		prospect_parts(e, model, construct, up, down, part);
	add_inherited(e, model, c, construct->strength / total);
}

/* Who takes a remainder: the largest, or, when all are 0, the first source that reaches the construct. */
static uint32_t remainder_source(const loy__explained *e, const loy_model *model, uint32_t c)
{
	const double *part = e->part[c];
	uint32_t largest = 0, s;

	for (s = 1; s < LOY__SOURCES; s++)
		if (fabs(part[s]) > fabs(part[largest]))
			largest = s;
	if (part[largest] != 0.0)
		return largest;
	for (s = 0; s < e->used.channel_count; s++)
		if (model->channels_used[c] >> e->used.channel[s] & 1)
			return e->used.channel[s];
	return e->used.purchases > 0.0 ? LOY__SOURCE_SILENCE : LOY__SOURCE_WORST;
}

static void round_parts(loy__explained *e, const loy_model *model, uint32_t c)
{
	double *part = e->part[c];
	double target = e->points[c] - e->baseline[c], sum = 0.0, size = 0.0;
	uint32_t taker = remainder_source(e, model, c), s;

	for (s = 0; s < LOY__SOURCES; s++)
		size += fabs(part[s]);
	for (s = 0; s < LOY__SOURCES; s++) {
		if (size > SUM_MOST)
			part[s] *= SUM_MOST / size;
		part[s] = loy__grid(part[s]);
		sum += part[s];
	}
	if (sum != target)
		part[taker] += target - sum;
}

loy_status loy__explain(loy__explained *out, const loy_model *model, const loy__record *record, int64_t time)
{
	loy_status status = loy__reading_time_init(&out->at, model, time, 0);
	uint32_t c;

	if (status != LOY_OK)
		return status;
	loy__weigh(&out->at, record, LOY__READ_MIXED, &out->held);
	out->used = out->held;
	loy__weigh_relations(model, &out->used);
	loy__means(model, out->at.wanted, &out->used, &out->raw);
	for (c = 0; c < model->construct_count; c++) {
		out->points[c] = loy__points(out->raw.mean[c]);
		out->baseline[c] = loy__points(model->construct[c].baseline);
		raw_parts(out, model, c);
	}
	for (c = 0; c < model->construct_count; c++)
		round_parts(out, model, c);
	return LOY_OK;
}
