/*
 * Why a score moved: the customer is evaluated before and after each of three steps (time, evidence, model), and
 * the differences of contributions are the lines. Contributions and baselines are on the grid, so the
 * differences are exact, and so is their sum.
 */
#include "model/score.h"

#include <math.h>
#include <string.h>

/* A line for each source in each step, and two more for the model's. */
#define LINES_MOST (3 * LOY__SOURCES + 2)

/* What one evaluation says of the construct. */
struct view {
	double points, baseline;
	double part[LOY__SOURCES];
};

struct loy_change {
	loy_allocator memory;
	int ready;
	double before, after;
	uint32_t line_count;
	loy_change_line line[LINES_MOST];
	loy__explained explained;
	struct view view[2]; /* scratch of an explanation */
};

loy_status loy_change_create(loy_change **out, const loy_allocator *memory)
{
	loy_allocator chosen;
	loy_status status;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	status = loy__memory_adopt(&chosen, memory);
	if (status != LOY_OK)
		return status;
	*out = loy__alloc_zero(&chosen, sizeof(**out));
	if (*out == NULL)
		return LOY_ENOMEM;
	(*out)->memory = chosen;
	return LOY_OK;
}

void loy_change_destroy(loy_change *change)
{
	if (change != NULL) {
		loy_allocator memory = change->memory;

		loy__free(&memory, change, sizeof(*change));
	}
}

/* Larger magnitudes first, then by reason, source and channel, which is the order lines are made in. */
static void add_line(loy_change *change, uint32_t reason, uint32_t source, uint32_t channel, double points)
{
	uint32_t i = change->line_count;

	if (points == 0.0)
		return;
	for (; i > 0 && fabs(change->line[i - 1].points) < fabs(points); i--)
		change->line[i] = change->line[i - 1];
	change->line[i].struct_size = sizeof(change->line[i]);
	change->line[i].reason = reason;
	change->line[i].source = source;
	change->line[i].channel = channel;
	change->line[i].points = points;
	change->line_count++;
}

static void add_source(loy_change *change, uint32_t reason, uint32_t source, double points)
{
	if (source == LOY__SOURCE_SILENCE)
		add_line(change, reason, LOY_SOURCE_SILENCE, 0, points);
	else if (source == LOY__SOURCE_WORST)
		add_line(change, reason, LOY_SOURCE_WORST, 0, points);
	else if (source >= LOY__SOURCE_ALIVE)
		add_line(change, reason, LOY_SOURCE_ALIVE + (source - LOY__SOURCE_ALIVE), 0, points);
	else
		add_line(change, reason, LOY_SOURCE_CHANNEL, source, points);
}

/* One step under one schema. */
static void add_step(loy_change *change, uint32_t reason, const struct view *from, const struct view *to)
{
	uint32_t s;

	for (s = 0; s < LOY__SOURCES; s++)
		add_source(change, reason, s, to->part[s] - from->part[s]);
	add_line(change, reason, LOY_SOURCE_BASELINE, 0, to->baseline - from->baseline);
}

/* Channel of the same name, or LOY__NONE. */
static uint32_t same_channel(const loy_schema *schema, const loy__channel *channel)
{
	uint32_t k;

	for (k = 0; k < schema->channel_count; k++)
		if (strcmp(schema->channel[k].name, channel->name) == 0)
			return k;
	return LOY__NONE;
}

/* A step to another schema: channels are matched by name, and what is left of the old ones is one line. */
static void add_schema_step(loy_change *change, const loy_schema *old, const loy_schema *fresh,
                            const struct view *from, const struct view *to)
{
	struct view moved = {0};
	double gone = 0.0;
	uint32_t k;

	moved.baseline = from->baseline;
	for (k = LOY__SOURCE_SILENCE; k < LOY__SOURCES; k++)
		moved.part[k] = from->part[k];
	for (k = 0; k < old->channel_count; k++) {
		uint32_t there = same_channel(fresh, &old->channel[k]);

		if (there != LOY__NONE)
			moved.part[there] = from->part[k];
		else
			gone -= from->part[k];
	}
	add_step(change, LOY_CHANGE_MODEL, &moved, to);
	add_line(change, LOY_CHANGE_MODEL, LOY_SOURCE_GONE, 0, gone);
}

/* Times were checked, so this cannot fail. */
static void look(loy_change *change, const loy_model *model, const loy_profile *profile, int64_t time,
                 uint32_t construct, struct view *out)
{
	const loy__record *record = profile != NULL ? loy__profile_record(profile) : NULL;

	(void)loy__explain(&change->explained, model, record, time);
	out->points = change->explained.points[construct];
	out->baseline = change->explained.baseline[construct];
	memcpy(out->part, change->explained.part[construct], sizeof(out->part));
}

/* Times, schemas and names; the construct's index in both models. */
static loy_status check_moments(const loy_moment *moments[2], const char *name, size_t length,
                                uint32_t construct[2])
{
	loy_status status;
	int i;

	for (i = 0; i < 2; i++) {
		if (moments[i] == NULL || moments[i]->model == NULL || name == NULL)
			return LOY_EINVAL;
		if (moments[i]->time < LOY_TIME_MIN || moments[i]->time > LOY_TIME_MAX)
			return LOY_ETIME;
		if (moments[i]->profile != NULL &&
		    !loy__schema_fits(moments[i]->model, loy__profile_schema(moments[i]->profile)))
			return LOY_ESCHEMA;
		status = loy_model_construct_find(moments[i]->model, name, length, &construct[i]);
		if (status != LOY_OK)
			return status;
	}
	return LOY_OK;
}

loy_status loy_change_explain(loy_change *change, const loy_moment *before, const loy_moment *after,
                              const char *name, size_t length)
{
	const loy_moment *moments[2] = {before, after};
	struct view *from, *to;
	uint32_t construct[2];
	loy_status status;

	if (change == NULL)
		return LOY_EINVAL;
	status = check_moments(moments, name, length, construct);
	if (status != LOY_OK)
		return status;
	from = &change->view[0];
	to = &change->view[1];
	change->line_count = 0;
	look(change, before->model, before->profile, before->time, construct[0], from);
	change->before = from->points;
	look(change, before->model, before->profile, after->time, construct[0], to);
	add_step(change, LOY_CHANGE_TIME, from, to);
	if (loy__schema_fits(before->model, &after->model->schema)) {
		look(change, before->model, after->profile, after->time, construct[0], from);
		add_step(change, LOY_CHANGE_EVIDENCE, to, from);
		look(change, after->model, after->profile, after->time, construct[1], to);
		add_step(change, LOY_CHANGE_MODEL, from, to);
	} else {
		*from = *to;
		look(change, after->model, after->profile, after->time, construct[1], to);
		add_schema_step(change, &before->model->schema, &after->model->schema, from, to);
	}
	change->after = to->points;
	change->ready = 1;
	return LOY_OK;
}

loy_status loy_change_values(const loy_change *change, double *before, double *after)
{
	if (change == NULL)
		return LOY_EINVAL;
	if (!change->ready)
		return LOY_ESTATE;
	if (before != NULL)
		*before = change->before;
	if (after != NULL)
		*after = change->after;
	return LOY_OK;
}

uint32_t loy_change_line_count(const loy_change *change)
{
	return change != NULL ? change->line_count : 0;
}

loy_status loy_change_get_line(const loy_change *change, uint32_t index, loy_change_line *out)
{
	if (change == NULL)
		return LOY_EINVAL;
	if (!change->ready)
		return LOY_ESTATE;
	if (index >= change->line_count)
		return LOY_ENOTFOUND;
	return loy__result_write(out, &change->line[index], sizeof(*out));
}
