/* Names in the text of a model: declaring them (the first reading) and finding them (the later ones). */
#include "model/syntax.h"

#include <string.h>

/* ---- names ---- */

uint32_t loy__syntax_find_channel(const loy__syntax *s, const loy__token *name)
{
	const loy_schema *schema = &s->model->schema;
	uint32_t i = 0;

	while (i < schema->channel_count && !loy__syntax_same(s, name, schema->channel[i].name))
		i++;
	return i < schema->channel_count ? i : LOY__NONE;
}

uint32_t loy__syntax_find_construct(const loy__syntax *s, const loy__token *name)
{
	uint32_t i = 0;

	while (i < s->model->construct_count && !loy__syntax_same(s, name, s->model->construct[i].name))
		i++;
	return i < s->model->construct_count ? i : LOY__NONE;
}

uint32_t loy__syntax_channel(loy__syntax *s)
{
	loy__token name = loy__syntax_name(s, "the name of a channel", NULL);
	uint32_t found = loy__syntax_find_channel(s, &name);

	if (found == LOY__NONE)
		loy__syntax_refuse(s, &name, LOY_ENAME, "no channel of this name is declared");
	return found;
}

uint32_t loy__syntax_construct(loy__syntax *s)
{
	loy__token name = loy__syntax_name(s, "the name of a construct", NULL);
	uint32_t found = loy__syntax_find_construct(s, &name);

	if (found == LOY__NONE)
		loy__syntax_refuse(s, &name, LOY_ENAME, "no construct of this name is declared");
	return found;
}

uint32_t loy__syntax_curve(loy__syntax *s)
{
	loy__token name = loy__syntax_name(s, "the name of a curve", NULL);
	const loy_schema *schema = &s->model->schema;
	uint32_t i = 0;

	while (i < schema->curve_count && !loy__syntax_same(s, &name, schema->curve[i].name))
		i++;
	if (i < schema->curve_count)
		return i;
	loy__syntax_refuse(s, &name, LOY_ENAME, "no curve of this name is declared");
	return LOY__NONE;
}

uint32_t loy__syntax_find_response(loy__syntax *s, const loy__token *name)
{
	uint32_t i = 0;

	while (i < s->model->response_count && !loy__syntax_same(s, name, s->model->response[i].name))
		i++;
	if (i < s->model->response_count)
		return i;
	loy__syntax_refuse(s, name, LOY_ENAME, "no response of this name is declared");
	return LOY__NONE;
}

uint32_t loy__syntax_list(loy__syntax *s, uint32_t (*take)(loy__syntax *), uint32_t separator, uint8_t *out,
                          uint32_t limit)
{
	uint32_t count = 0, i;

	do {
		loy__token name = s->token;
		uint32_t index = take(s);

		if (s->status != LOY_OK)
			return count;
		for (i = 0; i < count; i++) {
			if (out[i] == index)
				loy__syntax_refuse(s, &name, LOY_ENAME, "this is named twice");
		}
		if (count == limit) {
			loy__syntax_refuse(s, &name, LOY_ELIMIT, "there is no room for another name");
			return count;
		}
		out[count++] = (uint8_t)index;
	} while (loy__syntax_accept(s, separator));
	return count;
}

/* ---- first reading: names ---- */

static void copy_name(const loy__syntax *s, const loy__token *name, char *out)
{
	memcpy(out, s->text + name->at, name->length);
	out[name->length] = '\0';
}

/* Declaring a name again is refused by the second reading, which knows where the first stood. */
static void declare_channel(loy__syntax *s, const loy__token *name)
{
	loy_schema *schema = &s->model->schema;

	if (loy__syntax_find_channel(s, name) != LOY__NONE)
		return;
	if (schema->channel_count == LOY_CHANNELS_MAX)
		loy__syntax_refuse(s, name, LOY_ELIMIT, "a model has at most 32 channels");
	else
		copy_name(s, name, schema->channel[schema->channel_count++].name);
}

static void declare_curve(loy__syntax *s, const loy__token *name)
{
	loy_schema *schema = &s->model->schema;
	uint32_t i;

	for (i = 0; i < schema->curve_count; i++) {
		if (loy__syntax_same(s, name, schema->curve[i].name))
			return;
	}
	if (schema->curve_count == LOY__CURVES_MAX)
		loy__syntax_refuse(s, name, LOY_ELIMIT, "a model has at most 16 curves");
	else
		copy_name(s, name, schema->curve[schema->curve_count++].name);
}

static void declare_response(loy__syntax *s, const loy__token *name)
{
	loy_model *model = s->model;
	uint32_t i;

	for (i = 0; i < model->response_count; i++) {
		if (loy__syntax_same(s, name, model->response[i].name))
			return;
	}
	if (model->response_count == LOY__RESPONSES_MAX)
		loy__syntax_refuse(s, name, LOY_ELIMIT, "a model has at most 8 responses");
	else
		copy_name(s, name, model->response[model->response_count++].name);
}

/* Every name that could be a construct, in the order of the text; `named` where a statement makes it one. */
static void declare_construct(loy__syntax *s, const loy__token *name, int named)
{
	uint32_t found = loy__syntax_find_construct(s, name);
	loy__construct *construct;

	if (found == LOY__NONE) {
		if (s->model->construct_count == LOY_CONSTRUCTS_MAX) {
			loy__syntax_refuse(s, name, LOY_ELIMIT, "a model has at most 24 constructs");
			return;
		}
		found = s->model->construct_count++;
		construct = &s->model->construct[found];
		copy_name(s, name, construct->name);
		construct->mean = 0.5;
		construct->strength = 4.0;
		construct->spread = 1.0;
		construct->limit = 60.0;
		s->construct_at[found] = *name;
	}
	if (named)
		s->construct_named[found] = 1;
}

/* The names right of `~` and `<~`: not the responses, and not what an interaction joins. */
static void declare_terms(loy__syntax *s)
{
	while (s->token.type > LOY__TOKEN_LINE) {
		loy__token name = s->token;

		loy__syntax_advance(s);
		if (loy__syntax_accept(s, ':'))
			loy__syntax_advance(s);
		else if (name.type == LOY__TOKEN_NAME && name.length <= LOY_NAME_MAX &&
		         !loy__syntax_is(s, '('))
			declare_construct(s, &name, 0);
	}
}

int loy__syntax_is_formula(const loy__syntax *s)
{
	return loy__syntax_is(s, '~') || loy__syntax_is(s, LOY__TOKEN_MEASURES) ||
	       loy__syntax_is(s, LOY__TOKEN_COMPOSES);
}

static void names_of_formula(loy__syntax *s, const loy__token *name)
{
	int composes = loy__syntax_is(s, LOY__TOKEN_COMPOSES);

	declare_construct(s, name, composes);
	if (composes && s->status == LOY_OK) {
		loy__construct *construct = &s->model->construct[loy__syntax_find_construct(s, name)];

		construct->composite = 1;
		construct->limit = 0.0; /* until one is said: as sure as its parts */
	}
	if (!loy__syntax_is(s, LOY__TOKEN_MEASURES)) {
		loy__syntax_advance(s);
		declare_terms(s);
	}
}

void loy__syntax_names_of_statement(loy__syntax *s)
{
	loy__token word = s->token, name;

	loy__syntax_advance(s);
	name = s->token;
	if (word.type != LOY__TOKEN_NAME || word.length > LOY_NAME_MAX)
		return;
	if (loy__syntax_is_formula(s)) {
		names_of_formula(s, &word);
	} else if (name.type != LOY__TOKEN_NAME || name.length > LOY_NAME_MAX) {
		return;
	} else if (loy__syntax_same(s, &word, "channel")) {
		declare_channel(s, &name);
	} else if (loy__syntax_same(s, &word, "curve")) {
		declare_curve(s, &name);
	} else if (loy__syntax_same(s, &word, "response")) {
		declare_response(s, &name);
	} else if (loy__syntax_same(s, &word, "construct")) {
		s->has_construct = 1;
		declare_construct(s, &name, 1);
	} else if (loy__syntax_same(s, &word, "kind")) {
		loy__syntax_read_kind(s);
	} else if (loy__syntax_same(s, &word, "dimensions")) {
		loy__syntax_read_dimensions(s);
	}
}

/*
 * A model that declares a construct must declare all: a misspelt name is then found. One that declares none,
 * a bare path model, has all that its formulas name.
 */
void loy__syntax_keep_declared(loy__syntax *s)
{
	loy_model *model = s->model;
	uint32_t i, kept = 0;

	if (!s->has_construct)
		return;
	for (i = 0; i < model->construct_count; i++) {
		if (!s->construct_named[i])
			continue;
		if (kept != i) {
			model->construct[kept] = model->construct[i];
			s->construct_at[kept] = s->construct_at[i];
			s->construct_named[kept] = 1;
		}
		kept++;
	}
	model->construct_count = kept;
}
