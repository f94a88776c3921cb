/* Statements that say which kinds, dimensions, channels and curves there are. */
#include "model/syntax.h"

#include <string.h>

/* ---- kinds and dimensions ---- */

void loy__syntax_read_kind(loy__syntax *s)
{
	loy_schema *schema = &s->model->schema;
	char name[LOY_NAME_MAX + 1];
	loy__token at = loy__syntax_name(s, "the name of a kind", name), number;
	uint32_t kind, i;

	loy__syntax_expect(s, '=');
	number = s->token;
	kind = (uint32_t)loy__syntax_integer(s, LOY_KIND_OWN_FIRST, LOY_KIND_LAST,
	                                     "a number from 1000 to 65535");
	if (s->status != LOY_OK)
		return;
	if (loy_schema_kind_find(schema, name, at.length) != LOY_KIND_NONE)
		loy__syntax_refuse(s, &at, LOY_ENAME, "there is a kind of this name");
	for (i = 0; i < schema->own_kind_count; i++) {
		if (schema->own_kind[i].kind == kind)
			loy__syntax_refuse(s, &number, LOY_ENAME, "there is a kind of this number");
	}
	if (schema->own_kind_count == LOY__OWN_KINDS_MAX)
		loy__syntax_refuse(s, &at, LOY_ELIMIT, "a model has at most 64 kinds of its own");
	if (s->status != LOY_OK)
		return;
	memcpy(schema->own_kind[schema->own_kind_count].name, name, sizeof(name));
	schema->own_kind[schema->own_kind_count++].kind = kind;
}

void loy__syntax_read_dimensions(loy__syntax *s)
{
	loy_schema *schema = &s->model->schema;

	if (s->has_dimensions)
		loy__syntax_fail(s, &s->before, LOY_ENAME, "the dimensions are given twice");
	s->has_dimensions = 1;
	do {
		char name[LOY_NAME_MAX + 1];
		loy__token at = loy__syntax_name(s, "the name of a dimension", name);
		uint32_t i;

		for (i = 0; i < schema->dimension_count; i++) {
			if (loy__syntax_same(s, &at, schema->dimension[i]))
				loy__syntax_refuse(s, &at, LOY_ENAME, "this is named twice");
		}
		if (schema->dimension_count == LOY__DIMENSIONS_MAX)
			loy__syntax_refuse(s, &at, LOY_ELIMIT, "a model has at most 16 dimensions");
		if (s->status != LOY_OK)
			return;
		memcpy(schema->dimension[schema->dimension_count++], name, sizeof(name));
	} while (loy__syntax_accept(s, ','));
}

/* ---- channels ---- */

void loy__syntax_read_channel(loy__syntax *s)
{
	loy__token name = s->token;
	uint32_t index = loy__syntax_channel(s); /* the first reading has declared it */
	int64_t slow = 0, fast = 0;
	double share = 0.0;
	loy__setting settings[3] = {{"half_life", &loy__range_half_life, NULL, &slow, 1},
	                            {"fast", &loy__range_half_life, NULL, &fast, 1},
	                            {"share", &loy__range_share, &share, NULL, 0}};

	if (s->status != LOY_OK)
		return;
	if (s->channel_made[index])
		loy__syntax_refuse(s, &name, LOY_ENAME, "this channel is declared twice");
	if (loy__syntax_find_construct(s, &name) != LOY__NONE)
		loy__syntax_refuse(s, &name, LOY_ENAME, "this is the name of a channel and of a construct");
	s->channel_made[index] = 1;
	s->channel_at[index] = name;
	loy__syntax_expect(s, ':');
	loy__syntax_settings(s, settings, LOY__COUNT(settings));
	if (fast >= slow)
		loy__syntax_refuse(s, &name, LOY_ERANGE, "'fast' must be shorter than 'half_life'");
	s->model->schema.channel[index].slow.microseconds = slow;
	s->model->schema.channel[index].fast.microseconds = fast;
	s->model->fast_share[index] = share;
}

void loy__syntax_read_worst_half_life(loy__syntax *s)
{
	loy__setting setting = {"half_life", &loy__range_half_life, NULL, NULL, 1};
	uint8_t channel[LOY_CHANNELS_MAX];
	uint32_t count = 0, i;
	int64_t half_life = 0;

	if (s->has_worst)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
	s->has_worst = 1;
	setting.span = &half_life;
	loy__syntax_expect(s, ':');
	loy__syntax_settings(s, &setting, 1);
	if (loy__syntax_accept_word(s, "of"))
		count = loy__syntax_list(s, loy__syntax_channel, '+', channel, LOY_CHANNELS_MAX);
	if (s->status != LOY_OK)
		return;
	for (i = 0; i < count; i++)
		s->model->schema.worst_channels |= UINT32_C(1) << channel[i];
	s->model->schema.worst_half_life.microseconds = half_life;
}

/* ---- curves ---- */

static const loy__range curve_gain = {0, 100 * LOY__DECIMAL_ONE, "a number from 0 to 100"};
static const loy__range curve_limit = {-LOY__HALF_LIFE_MAX, LOY__HALF_LIFE_MAX,
                                       "a duration from -36500d to 36500d"};

static void read_disconfirmation(loy__syntax *s, loy__curve *curve)
{
	loy__setting settings[5] = {{"neutral", &loy__range_open, &curve->neutral, NULL, 1},
	                            {"gain", &curve_gain, &curve->gain, NULL, 1},
	                            {"loss_ratio", &curve_gain, &curve->loss_ratio, NULL, 1},
	                            {"gain_scale", &loy__range_duration, NULL, &curve->gain_scale, 1},
	                            {"loss_scale", &loy__range_duration, NULL, &curve->loss_scale, 1}};

	curve->kind = LOY__CURVE_DISCONFIRMATION;
	loy__syntax_settings(s, settings, LOY__COUNT(settings));
}

static void read_steps(loy__syntax *s, loy__curve *curve)
{
	curve->kind = LOY__CURVE_STEPS;
	do {
		loy__token at = s->token;
		uint32_t i = curve->step_count;

		if (i == LOY__CURVE_STEPS_MAX) {
			loy__syntax_fail(s, &at, LOY_ELIMIT, "a curve has at most 8 steps");
			return;
		}
		curve->step_limit[i] = loy__syntax_span(s, &curve_limit);
		curve->step_value[i] = loy__syntax_real(s, &loy__range_share);
		if (i > 0 && curve->step_limit[i] <= curve->step_limit[i - 1])
			loy__syntax_refuse(s, &at, LOY_ERANGE,
			                   "each step must be longer than the one before");
		curve->step_count++;
		loy__syntax_expect(s, ',');
	} while (s->status == LOY_OK && !loy__syntax_is_word(s, "else"));
	loy__syntax_expect_word(s, "else");
	curve->otherwise = loy__syntax_real(s, &loy__range_share);
}

void loy__syntax_read_curve(loy__syntax *s)
{
	loy__token name = s->token;
	uint32_t index = loy__syntax_curve(s);
	loy__curve *curve;

	if (s->status != LOY_OK)
		return;
	if (s->curve_made[index])
		loy__syntax_refuse(s, &name, LOY_ENAME, "this curve is declared twice");
	s->curve_made[index] = 1;
	curve = &s->model->schema.curve[index];
	loy__syntax_expect(s, ':');
	if (loy__syntax_accept_word(s, "delay"))
		read_disconfirmation(s, curve);
	else if (loy__syntax_accept_word(s, "steps"))
		read_steps(s, curve);
	else
		loy__syntax_expected(s, LOY_ESYNTAX, "'delay' or 'steps'");
}
