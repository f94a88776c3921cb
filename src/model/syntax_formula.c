/*
 * Formulas: indicators (`=~`), paths (`~`) and composites (`<~`).
 *
 * Interactions (`~ 0.5*quality:value`) are read last, when all indicators and paths are known: the first name
 * says what is moderated, an indicator of the construct or a path into it, the second by what.
 */
#include "model/syntax.h"

static loy__construct *formula_construct(loy__syntax *s, const loy__token *name, int composite)
{
	uint32_t found = loy__syntax_find_construct(s, name);
	loy__construct *construct;

	if (found == LOY__NONE) {
		loy__syntax_refuse(s, name, LOY_ENAME, "no construct of this name is declared");
		return NULL;
	}
	construct = &s->model->construct[found];
	if (!composite && construct->composite) {
		loy__syntax_refuse(s, name, LOY_ENAME, "a composite has no evidence or paths of its own");
		return NULL;
	}
	if (composite && construct->path_count != 0) {
		loy__syntax_refuse(s, name, LOY_ENAME, "this composite is declared twice");
		return NULL;
	}
	if (construct->path_count + construct->indicator_count == 0)
		s->construct_at[found] = *name;
	return construct;
}

/* ---- indicators ---- */

static void read_indicator(loy__syntax *s, loy__construct *construct)
{
	loy__indicator *indicator = &construct->indicator[construct->indicator_count];
	loy__indicator fresh = {0};
	loy__token name;
	uint32_t channel, i;

	if (loy__syntax_accept(s, '(')) {
		fresh.positive = loy__syntax_real(s, &loy__range_weight);
		loy__syntax_expect(s, ',');
		fresh.negative = loy__syntax_real(s, &loy__range_weight);
		loy__syntax_expect(s, ')');
	} else {
		fresh.positive = loy__syntax_real(s, &loy__range_weight);
		fresh.negative = fresh.positive;
	}
	loy__syntax_expect(s, '*');
	name = s->token;
	channel = loy__syntax_channel(s);
	for (i = 0; i < construct->indicator_count; i++) {
		if (construct->indicator[i].channel == channel)
			loy__syntax_refuse(s, &name, LOY_ENAME, "this construct has this channel already");
	}
	if (s->status != LOY_OK)
		return; /* channels are distinct, so there is room for all of them */
	fresh.channel = (uint8_t)channel;
	fresh.moderator = LOY__NONE;
	*indicator = fresh;
	construct->indicator_count++;
}

/* ---- paths and components ---- */

static void path_add(loy__syntax *s, loy__construct *construct, const loy__token *name, double weight,
                     uint32_t response)
{
	uint32_t parent = loy__syntax_find_construct(s, name), i;
	loy__path *path = &construct->path[construct->path_count];

	if (parent == LOY__NONE)
		loy__syntax_refuse(s, name, LOY_ENAME, "no construct of this name is declared");
	for (i = 0; i < construct->path_count; i++) {
		if (construct->path[i].parent == parent)
			loy__syntax_refuse(s, name, LOY_ENAME,
			                   "this construct has a path from there already");
	}
	if (s->status != LOY_OK)
		return; /* parents are distinct, so there is room for all of them */
	path->parent = (uint8_t)parent;
	path->response = (uint8_t)response;
	path->moderator = LOY__NONE;
	path->written = weight;
	construct->path_count++;
}

/* `y ~ 0.5*a:b`: in the last reading, when what `a` names is known. */
static void moderate(loy__syntax *s, loy__construct *construct, const loy__token *what, double strength,
                     const loy__token *by)
{
	uint32_t moderator = loy__syntax_find_construct(s, by);
	uint32_t channel = loy__syntax_find_channel(s, what), parent = loy__syntax_find_construct(s, what), i;
	uint8_t *place = NULL;
	double *beta = NULL;

	for (i = 0; i < construct->indicator_count && channel != LOY__NONE; i++) {
		if (construct->indicator[i].channel == channel) {
			place = &construct->indicator[i].moderator;
			beta = &construct->indicator[i].moderation;
		}
	}
	for (i = 0; i < construct->path_count && parent != LOY__NONE; i++) {
		if (construct->path[i].parent == parent) {
			place = &construct->path[i].moderator;
			beta = &construct->path[i].moderation;
		}
	}
	if (place == NULL) {
		loy__syntax_refuse(s, what, LOY_ENAME,
		                   "the construct has no such indicator or path to moderate");
	} else if (moderator == LOY__NONE) {
		loy__syntax_refuse(s, by, LOY_ENAME, "no construct of this name is declared");
	} else if (*place != LOY__NONE) {
		loy__syntax_refuse(s, what, LOY_ENAME, "this is moderated already");
	} else {
		*place = (uint8_t)moderator;
		*beta = strength;
	}
}

static void read_path(loy__syntax *s, loy__construct *construct)
{
	double weight = loy__syntax_real(s, &loy__range_share);
	uint32_t response = LOY__NONE;
	loy__token name, by;

	loy__syntax_expect(s, '*');
	name = s->token;
	(void)loy__syntax_name(s, "the name of a construct", NULL);
	if (loy__syntax_accept(s, ':')) {
		by = loy__syntax_name(s, "the name of a construct", NULL);
		if (s->pass == LOY__PASS_INTERACTIONS && s->status == LOY_OK)
			moderate(s, construct, &name, weight, &by);
		return;
	}
	if (loy__syntax_is(s, '(')) {
		loy__token inner;

		response = loy__syntax_find_response(s, &name);
		loy__syntax_advance(s);
		inner = loy__syntax_name(s, "the name of a construct", NULL);
		loy__syntax_expect(s, ')');
		name = inner;
	}
	if (s->pass == LOY__PASS_STATEMENTS && s->status == LOY_OK)
		path_add(s, construct, &name, weight, response);
}

static void read_component(loy__syntax *s, loy__construct *construct)
{
	double weight = loy__syntax_real(s, &loy__range_weight);
	loy__token component;

	loy__syntax_expect(s, '*');
	component = loy__syntax_name(s, "the name of a construct", NULL);
	if (s->status == LOY_OK)
		path_add(s, construct, &component, weight, LOY__NONE);
}

void loy__syntax_read_formula(loy__syntax *s, const loy__token *name)
{
	uint32_t operator= s->token.type;
	loy__construct *construct = formula_construct(s, name, operator== LOY__TOKEN_COMPOSES);

	loy__syntax_advance(s);
	if (construct == NULL)
		return;
	do {
		if (operator== '~')
			read_path(s, construct);
		else if (operator== LOY__TOKEN_MEASURES)
			read_indicator(s, construct);
		else
			read_component(s, construct);
	} while (loy__syntax_accept(s, '+'));
}
