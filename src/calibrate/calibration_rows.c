/* What a model makes of observations, with the weights that are looked for taken out. */
#include "calibrate/calibration.h"

#include <string.h>

loy_status loy__sight(const loy_model *model, uint32_t construct, const loy__observation *observation,
                      loy__sighted *out)
{
	loy__reading_time at;
	loy_status status = loy__reading_time_init(&at, model, observation->time, UINT32_C(1) << construct);

	if (status != LOY_OK)
		return status;
	loy__weigh(&at, loy__profile_record(observation->profile), LOY__READ_MIXED, &out->evidence);
	loy__weigh_relations(model, &out->evidence);
	loy__means(model, at.wanted, &out->evidence, &out->scores);
	out->wanted = at.wanted;
	return LOY_OK;
}

/* ---- levers ---- */

static void add_lever(loy__lever *levers, uint32_t *count, uint32_t what, uint32_t index, double value)
{
	loy__lever *lever;

	if (!(value > 0.0))
		return;
	lever = &levers[(*count)++];
	lever->what = what;
	lever->index = index;
	lever->before = lever->after = value;
	lever->deviation = 0.0;
}

/* How much of the prior is the construct's own mean. */
static double own_share(const loy__construct *construct)
{
	double rest = 1.0;
	uint32_t i;

	for (i = 0; i < construct->path_count; i++)
		rest -= construct->path[i].weight;
	return rest > 1e-9 ? rest : 0.0;
}

uint32_t loy__levers_of(const loy_model *model, uint32_t construct, loy__lever *levers)
{
	const loy__construct *c = &model->construct[construct];
	uint32_t count = 0, i;

	if (c->composite) {
		for (i = 0; i < c->path_count; i++)
			add_lever(levers, &count, LOY_TUNED_PART, c->path[i].parent, c->path[i].weight);
		return count;
	}
	if (own_share(c) > 0.0)
		add_lever(levers, &count, LOY_TUNED_PRIOR, 0, c->mean);
	for (i = 0; i < c->indicator_count; i++) {
		add_lever(levers, &count, LOY_TUNED_POSITIVE, c->indicator[i].channel,
		          c->indicator[i].positive);
		add_lever(levers, &count, LOY_TUNED_NEGATIVE, c->indicator[i].channel,
		          c->indicator[i].negative);
	}
	add_lever(levers, &count, LOY_TUNED_SILENCE, 0, c->silence_weight);
	add_lever(levers, &count, LOY_TUNED_WORST, 0, c->worst_weight);
	add_lever(levers, &count, LOY_TUNED_PROSPECT, 0, c->prospect.alive);
	add_lever(levers, &count, LOY_TUNED_PROSPECT, 1, c->prospect.purchases);
	add_lever(levers, &count, LOY_TUNED_PROSPECT, 2, c->prospect.worth);
	return count;
}

/* The channel is one of the construct's. */
static uint32_t indicator_of(const loy__construct *construct, uint32_t channel)
{
	uint32_t i = 0;

	while (construct->indicator[i].channel != channel)
		i++;
	return i;
}

static void set_part(loy__construct *composite, uint32_t parent, double value)
{
	uint32_t i;

	for (i = 0; i < composite->path_count; i++)
		if (composite->path[i].parent == parent)
			composite->path[i].written = value;
}

void loy__lever_set(loy_model *model, uint32_t construct, const loy__lever *lever)
{
	loy__construct *c = &model->construct[construct];
	double *prospect[LOY__PROSPECTS];

	prospect[0] = &c->prospect.alive;
	prospect[1] = &c->prospect.purchases;
	prospect[2] = &c->prospect.worth;
	switch (lever->what) {
	case LOY_TUNED_PRIOR:
		c->mean = lever->after;
		break;
	case LOY_TUNED_POSITIVE:
		c->indicator[indicator_of(c, lever->index)].positive = lever->after;
		break;
	case LOY_TUNED_NEGATIVE:
		c->indicator[indicator_of(c, lever->index)].negative = lever->after;
		break;
	case LOY_TUNED_SILENCE:
		c->silence_weight = lever->after;
		break;
	case LOY_TUNED_WORST:
		c->worst_weight = lever->after;
		break;
	case LOY_TUNED_PROSPECT:
		*prospect[lever->index] = lever->after;
		break;
	case LOY_TUNED_GAP:
		c->silence_gap = loy__span_writable(lever->after * (double)LOY_DAY);
		break;
	case LOY_TUNED_SURENESS:
		c->silence_strength = lever->after;
		break;
	default:
		set_part(c, lever->index, lever->after);
		break;
	}
}

/* ---- rows ---- */

/* What a lever adds for and against when its weight is 1. */
static void sight_lever(const loy_model *model, const loy__construct *construct, const loy__lever *lever,
                        const loy__sighted *seen, double *up, double *down)
{
	const loy__weighed *e = &seen->evidence;
	double weight[LOY__PROSPECTS], share[LOY__PROSPECTS];

	*up = *down = 0.0;
	switch (lever->what) {
	case LOY_TUNED_POSITIVE: {
		const loy__indicator *indicator =
		        &construct->indicator[indicator_of(construct, lever->index)];

		*up = loy__positive_weight(indicator, seen->scores.mean) / indicator->positive *
		      e->positive[lever->index];
		break;
	}
	case LOY_TUNED_NEGATIVE:
		*down = e->negative[lever->index];
		break;
	case LOY_TUNED_SILENCE:
		*down = loy__missed(construct, e);
		break;
	case LOY_TUNED_WORST:
		*down = e->worst;
		break;
	case LOY_TUNED_PROSPECT:
		if (!e->has_history)
			break;
		loy__prospects(model, construct, e, weight, share);
		if (weight[lever->index] > 0.0) {
			*up = share[lever->index];
			*down = 1.0 - share[lever->index];
		}
		break;
	default:
		*up = seen->scores.mean[lever->index];
		*down = 1.0 - *up;
		break;
	}
}

/* Variance of the construct that comes from its parents or parts. */
static LOY__NOINLINE double inherited_variance(const loy_model *model, uint32_t construct,
                                               const loy__sighted *seen)
{
	loy__spread spread;
	double all, own;

	loy__spread_init(model, seen->wanted, &seen->scores, &spread);
	own = spread.own[construct];
	all = loy__construct_variance(model, &seen->scores, &spread, construct);
	return all > own ? all - own : 0.0;
}

static void fill_row(loy__evidence_rows *rows, const loy_model *model, uint32_t construct,
                     const loy__lever *levers, uint32_t lever_count, const loy__sighted *seen, size_t row)
{
	const loy__construct *c = &model->construct[construct];
	uint32_t i, at = 0;

	for (i = 0; i < lever_count; i++) {
		if (levers[i].what == LOY_TUNED_PRIOR)
			continue;
		sight_lever(model, c, &levers[i], seen, &rows->up[row * rows->columns + at],
		            &rows->down[row * rows->columns + at]);
		at++;
	}
	rows->fixed[row] =
	        c->composite ? 0.0 : loy__prior_mean(model, c, seen->scores.mean) - rows->rest * c->mean;
	rows->inherited[row] = inherited_variance(model, construct, seen);
}

static loy_status rows_allocate(loy__evidence_rows *rows)
{
	size_t doubles;

	if (!loy__mul_size(rows->count, (2 * rows->columns + 2) * sizeof(double), &rows->size))
		return LOY_ENOMEM;
	rows->block = loy__alloc(rows->memory, rows->size);
	if (rows->block == NULL)
		return LOY_ENOMEM;
	doubles = rows->count * rows->columns;
	rows->up = rows->block;
	rows->down = rows->up + doubles;
	rows->fixed = rows->down + doubles;
	rows->inherited = rows->fixed + rows->count;
	return LOY_OK;
}

loy_status loy__evidence_open(loy__evidence_rows *out, const loy_model *model, uint32_t construct,
                              const loy__lever *levers, uint32_t lever_count, const loy__selection *selection,
                              const loy_allocator *memory)
{
	const loy__construct *c = &model->construct[construct];
	loy__sighted *seen;
	loy_status status;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->memory = memory;
	out->count = selection->count;
	out->columns = lever_count - (lever_count > 0 && levers[0].what == LOY_TUNED_PRIOR);
	out->strength = c->composite ? 0.0 : c->strength;
	out->rest = out->columns < lever_count ? own_share(c) : 0.0;
	seen = loy__alloc(memory, sizeof(*seen));
	if (seen == NULL)
		return LOY_ENOMEM;
	status = rows_allocate(out);
	for (i = 0; i < out->count && status == LOY_OK; i++) {
		status = loy__sight(model, construct, selection->list[i], seen);
		if (status == LOY_OK)
			fill_row(out, model, construct, levers, lever_count, seen, i);
	}
	loy__free(memory, seen, sizeof(*seen));
	if (status != LOY_OK)
		loy__evidence_close(out);
	return status;
}

void loy__evidence_close(loy__evidence_rows *rows)
{
	loy__free(rows->memory, rows->block, rows->size);
	rows->block = NULL;
}
