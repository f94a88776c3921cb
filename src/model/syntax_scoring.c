/* The statements that say how evidence becomes scores, formulas apart. */
#include "model/syntax.h"

#include <string.h>

/* Refuse a second statement of a kind that stands once. */
static void only_once(loy__syntax *s, uint8_t *seen)
{
	if (*seen)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
	*seen = 1;
}

/* ---- what it is ---- */

void loy__syntax_read_model(loy__syntax *s)
{
	only_once(s, &s->has_model);
	(void)loy__syntax_name(s, "a name for the model", s->model->name);
	if (loy__syntax_is(s, LOY__TOKEN_STRING))
		loy__syntax_string(s, s->model->title, sizeof(s->model->title));
}

void loy__syntax_read_origin(loy__syntax *s)
{
	only_once(s, &s->has_origin);
	loy__syntax_string(s, s->model->origin, sizeof(s->model->origin));
}

/* ---- constructs and responses ---- */

void loy__syntax_read_construct(loy__syntax *s)
{
	loy__token name = s->token;
	uint32_t index = loy__syntax_construct(s);
	loy__construct *construct;

	if (s->status != LOY_OK)
		return;
	construct = &s->model->construct[index];
	if (s->construct_made[index])
		loy__syntax_refuse(s, &name, LOY_ENAME, "this construct is declared twice");
	s->construct_made[index] = 1;
	if (!loy__syntax_accept(s, ':'))
		return;
	if (construct->composite && !loy__syntax_is_word(s, "limit")) {
		loy__syntax_refuse(s, &name, LOY_ENAME, "a composite has no prior of its own");
	} else {
		loy__setting settings[4] = {{"mean", &loy__range_open, &construct->mean, NULL, 0},
		                            {"strength", &loy__range_positive, &construct->strength, NULL, 0},
		                            {"spread", &loy__range_positive, &construct->spread, NULL, 0},
		                            {"limit", &loy__range_positive, &construct->limit, NULL, 0}};

		if (construct->composite)
			loy__syntax_settings(s, &settings[3], 1);
		else
			loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
}

static void read_point(loy__syntax *s, loy__response *response)
{
	uint32_t i = response->point_count;
	loy__token at = s->token;

	if (i == LOY__POINTS_MAX) {
		loy__syntax_fail(s, &at, LOY_ELIMIT, "a response has at most 8 points");
		return;
	}
	response->x[i] = loy__syntax_real(s, &loy__range_share);
	response->y[i] = loy__syntax_real(s, &loy__range_share);
	response->point_count++;
	if (s->status != LOY_OK)
		return;
	if (i == 0 ? response->x[i] != 0.0 || response->y[i] != 0.0 : response->x[i] <= response->x[i - 1])
		loy__syntax_fail(s, &at, LOY_ERANGE,
		                 "a response starts at 0 0 and each x is above the one before");
	else if (i > 0 && response->y[i] < response->y[i - 1])
		loy__syntax_fail(s, &at, LOY_ERANGE,
		                 "a response never falls: this y is below the one before");
}

void loy__syntax_read_response(loy__syntax *s)
{
	loy__token name = loy__syntax_name(s, "the name of a response", NULL);
	loy__response *response;
	uint32_t index, last;

	if (s->status != LOY_OK)
		return;
	index = loy__syntax_find_response(s, &name); /* the first reading has declared it */
	response = &s->model->response[index];
	if (response->point_count != 0)
		loy__syntax_refuse(s, &name, LOY_ENAME, "this response is declared twice");
	loy__syntax_expect(s, ':');
	do {
		name = s->token;
		read_point(s, response);
	} while (loy__syntax_accept(s, ','));
	if (s->status != LOY_OK)
		return;
	last = response->point_count - 1;
	if (response->x[last] != 1.0 || response->y[last] != 1.0)
		loy__syntax_fail(s, &name, LOY_ERANGE, "a response ends at 1 1");
}

/* ---- failures and recoveries, silence, worst episode ---- */

void loy__syntax_read_damping(loy__syntax *s)
{
	loy__token name = s->token;
	uint32_t channel = loy__syntax_channel(s), by;
	double strength, at;

	loy__syntax_expect(s, ':');
	strength = loy__syntax_real(s, &loy__range_share);
	loy__syntax_expect_word(s, "by");
	by = loy__syntax_channel(s);
	loy__syntax_expect_word(s, "at");
	at = loy__syntax_real(s, &loy__range_positive);
	if (s->status != LOY_OK)
		return;
	if (s->model->damping[channel].by != LOY__NONE) {
		loy__syntax_refuse(s, &name, LOY_ENAME, "this channel is damped already");
		return;
	}
	s->model->damping[channel].by = (uint8_t)by;
	s->model->damping[channel].strength = strength;
	s->model->damping[channel].at = at;
}

void loy__syntax_read_repairs(loy__syntax *s, const loy__token *name)
{
	loy_model *model = s->model;
	uint32_t recovery = loy__syntax_find_channel(s, name), i;

	if (recovery == LOY__NONE)
		loy__syntax_refuse(s, name, LOY_ENAME, "no channel of this name is declared");
	if (s->has_recovery)
		loy__syntax_refuse(s, name, LOY_ENAME, "a model has one channel that repairs");
	s->has_recovery = 1;
	loy__syntax_expect_word(s, "repairs");
	model->failure_count =
	        (uint8_t)loy__syntax_list(s, loy__syntax_channel, '+', model->failure, LOY__FAILURES_MAX);
	for (i = 0; i < model->failure_count; i++) {
		if (model->failure[i] == recovery)
			loy__syntax_refuse(s, name, LOY_ENAME, "a channel cannot repair itself");
	}
	model->recovery = (uint8_t)recovery;
}

/* The construct that silence and worst episodes weigh on. */
loy__construct *loy__syntax_read_burdened(loy__syntax *s)
{
	loy__token name = s->token;
	uint32_t index = loy__syntax_construct(s);

	if (s->status != LOY_OK)
		return NULL;
	if (s->model->construct[index].composite) {
		loy__syntax_refuse(s, &name, LOY_ENAME, "a composite has no evidence or paths of its own");
		return NULL;
	}
	loy__syntax_expect(s, ':');
	return &s->model->construct[index];
}

void loy__syntax_read_silence(loy__syntax *s)
{
	loy__token name = s->token;
	loy__construct *construct = loy__syntax_read_burdened(s);

	if (construct == NULL)
		return;
	if (construct->silence_weight > 0.0)
		loy__syntax_refuse(s, &name, LOY_ENAME, "this is said twice");
	loy__syntax_expect_word(s, "purchase");
	{
		loy__setting settings[4] = {
		        {"weight", &loy__range_positive, &construct->silence_weight, NULL, 1},
		        {"gap", &loy__range_duration, NULL, &construct->silence_gap, 1},
		        {"strength", &loy__range_positive, &construct->silence_strength, NULL, 1},
		        {"limit", &loy__range_positive, &construct->silence_limit, NULL, 1}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
}

void loy__syntax_read_worst_weight(loy__syntax *s)
{
	loy__token name = s->token;
	loy__construct *construct = loy__syntax_read_burdened(s);
	loy__setting setting = {"weight", &loy__range_positive, NULL, NULL, 1};

	if (construct == NULL)
		return;
	if (construct->worst_weight > 0.0)
		loy__syntax_refuse(s, &name, LOY_ENAME, "this is said twice");
	setting.real = &construct->worst_weight;
	loy__syntax_settings(s, &setting, 1);
	s->worst_at = name;
	s->reads_worst = 1;
}

/* ---- benefits and costs ---- */

void loy__syntax_read_items(loy__syntax *s, int cost)
{
	loy_model *model = s->model;
	loy__weighted_item *items = cost ? model->cost : model->benefit;
	uint32_t *count = cost ? &model->cost_count : &model->benefit_count;

	if (*count != 0)
		loy__syntax_refuse(s, &s->before, LOY_ENAME, "this is said twice");
	s->list_at[cost ? LOY__LIST_COST : LOY__LIST_BENEFIT] = s->before;
	do {
		char name[LOY_NAME_MAX + 1];
		loy__token at = loy__syntax_name(s, "the name of an item", name);
		uint32_t i;

		for (i = 0; i < *count; i++) {
			if (loy__syntax_same(s, &at, items[i].name))
				loy__syntax_refuse(s, &at, LOY_ENAME, "this is named twice");
		}
		if (*count == LOY__ITEMS_MAX)
			loy__syntax_refuse(s, &at, LOY_ELIMIT, "there are at most 16 items");
		if (s->status != LOY_OK)
			return;
		memcpy(items[*count].name, name, sizeof(name));
		items[*count].written = loy__syntax_real(s, &loy__range_weight);
		++*count;
	} while (loy__syntax_accept(s, ','));
}

/* ---- stages, type, headline ---- */

static void read_rung(loy__syntax *s, loy__staging *staging)
{
	char name[LOY_NAME_MAX + 1];
	loy__token at = loy__syntax_name(s, "the name of a stage", name);
	uint32_t i = staging->rung_count, k;

	for (k = 0; k < i; k++) {
		if (loy__syntax_same(s, &at, staging->rung[k].name))
			loy__syntax_refuse(s, &at, LOY_ENAME, "this is named twice");
	}
	if (i == LOY__RUNGS_MAX)
		loy__syntax_refuse(s, &at, LOY_ELIMIT, "there are at most 8 stages");
	if (s->status != LOY_OK)
		return;
	memcpy(staging->rung[i].name, name, sizeof(name));
	if (loy__syntax_is(s, LOY__TOKEN_NAME))
		staging->rung[i].count = loy__syntax_list(s, loy__syntax_construct, '|',
		                                          staging->rung[i].construct, LOY__STAGES_ANY);
	staging->rung_count++;
}

void loy__syntax_read_stages(loy__syntax *s)
{
	loy_model *model = s->model;
	loy__staging *staging = &model->staging[model->staging_count];
	char word[LOY_NAME_MAX + 1];
	loy__token name = loy__syntax_name(s, "a name for the stages", word);
	uint32_t i;

	for (i = 0; i < model->staging_count; i++) {
		if (loy__syntax_same(s, &name, model->staging[i].name))
			loy__syntax_refuse(s, &name, LOY_ENAME, "this is named twice");
	}
	if (model->staging_count == LOY__STAGINGS_MAX)
		loy__syntax_refuse(s, &name, LOY_ELIMIT, "a model has at most 4 lists of stages");
	if (s->status != LOY_OK)
		return;
	model->staging_count++;
	memcpy(staging->name, word, sizeof(word));
	staging->cut = 0.6;
	staging->probability = 0.7;
	loy__syntax_expect(s, ':');
	do {
		read_rung(s, staging);
	} while (loy__syntax_accept(s, ','));
	if (loy__syntax_accept(s, ';')) {
		loy__setting settings[2] = {
		        {"cut", &loy__range_open, &staging->cut, NULL, 0},
		        {"probability", &loy__range_open, &staging->probability, NULL, 0}};

		loy__syntax_settings(s, settings, LOY__COUNT(settings));
	}
}

static void read_attitude(loy__syntax *s)
{
	loy_model *model = s->model;

	do {
		uint32_t i = model->attitude_count, k, construct;
		double weight = loy__syntax_real(s, &loy__range_weight);
		loy__token name;

		loy__syntax_expect(s, '*');
		name = s->token;
		construct = loy__syntax_construct(s);
		for (k = 0; k < i; k++) {
			if (model->attitude[k] == construct)
				loy__syntax_refuse(s, &name, LOY_ENAME, "this is named twice");
		}
		if (i == LOY__ATTITUDES_MAX)
			loy__syntax_refuse(s, &name, LOY_ELIMIT, "an attitude has at most 4 constructs");
		if (s->status != LOY_OK)
			return;
		model->attitude[i] = (uint8_t)construct;
		model->attitude_written[i] = weight;
		model->attitude_count++;
	} while (loy__syntax_accept(s, '+'));
}

void loy__syntax_read_type(loy__syntax *s)
{
	loy__setting setting = {"cut", &loy__range_open, NULL, NULL, 1};

	only_once(s, &s->has_type);
	s->list_at[LOY__LIST_ATTITUDE] = s->before;
	s->model->type_cut = 0.55;
	setting.real = &s->model->type_cut;
	loy__syntax_expect(s, ':');
	loy__syntax_expect_word(s, "attitude");
	read_attitude(s);
	loy__syntax_expect(s, ',');
	loy__syntax_expect_word(s, "behaviour");
	s->model->behaviour = (uint8_t)loy__syntax_construct(s);
	if (loy__syntax_accept(s, ','))
		loy__syntax_settings(s, &setting, 1);
}

void loy__syntax_read_headline(loy__syntax *s)
{
	only_once(s, &s->has_headline);
	(void)loy__syntax_list(s, loy__syntax_construct, ',', s->model->headline, LOY__HEADLINES);
}
