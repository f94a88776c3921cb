/*
 * From text to model: three readings of the statements (see syntax.h), then loy__model_prepare().
 */
#include "model/syntax.h"

#include <string.h>

/* ---- second and third reading: statements ---- */

/* `worst: half_life …` belongs to the schema, `worst NAME: weight …` to a construct. */
static void read_worst(loy__syntax *s)
{
	if (loy__syntax_is(s, ':'))
		loy__syntax_read_worst_half_life(s);
	else
		loy__syntax_read_worst_weight(s);
}

static void skip_statement(loy__syntax *s)
{
	while (s->token.type > LOY__TOKEN_LINE)
		loy__syntax_advance(s);
}

/* The statements of the second reading that are read by their first word. */
static void read_keyword(loy__syntax *s, const loy__token *word)
{
	if (loy__syntax_same(s, word, "on"))
		loy__syntax_read_rule(s);
	else if (loy__syntax_same(s, word, "channel"))
		loy__syntax_read_channel(s);
	else if (loy__syntax_same(s, word, "construct"))
		loy__syntax_read_construct(s);
	else if (loy__syntax_same(s, word, "curve"))
		loy__syntax_read_curve(s);
	else if (loy__syntax_same(s, word, "response"))
		loy__syntax_read_response(s);
	else if (loy__syntax_same(s, word, "damping"))
		loy__syntax_read_damping(s);
	else if (loy__syntax_same(s, word, "silence"))
		loy__syntax_read_silence(s);
	else if (loy__syntax_same(s, word, "worst"))
		read_worst(s);
	else if (loy__syntax_same(s, word, "lifetime"))
		loy__syntax_read_lifetime(s);
	else if (loy__syntax_same(s, word, "spend"))
		loy__syntax_read_spend(s);
	else if (loy__syntax_same(s, word, "alive"))
		loy__syntax_read_alive(s);
	else if (loy__syntax_same(s, word, "purchases"))
		loy__syntax_read_purchases(s);
	else if (loy__syntax_same(s, word, "worth"))
		loy__syntax_read_worth(s);
	else if (loy__syntax_same(s, word, "stages"))
		loy__syntax_read_stages(s);
	else if (loy__syntax_same(s, word, "benefit"))
		loy__syntax_read_items(s, 0);
	else if (loy__syntax_same(s, word, "cost"))
		loy__syntax_read_items(s, 1);
	else if (loy__syntax_same(s, word, "loyalty_type"))
		loy__syntax_read_type(s);
	else if (loy__syntax_same(s, word, "headline"))
		loy__syntax_read_headline(s);
	else if (loy__syntax_same(s, word, "model"))
		loy__syntax_read_model(s);
	else if (loy__syntax_same(s, word, "origin"))
		loy__syntax_read_origin(s);
	else if (loy__syntax_same(s, word, "kind") || loy__syntax_same(s, word, "dimensions"))
		skip_statement(s); /* the first reading has them */
	else if (loy__syntax_is_word(s, "repairs"))
		loy__syntax_read_repairs(s, word); /* of no channel, as it will find */
	else
		loy__syntax_refuse(s, word, LOY_ESYNTAX, "no statement begins with this word");
}

static void read_statement(loy__syntax *s)
{
	loy__token word;

	if (s->pass == LOY__PASS_NAMES) {
		loy__syntax_names_of_statement(s);
		skip_statement(s);
		return;
	}
	word = loy__syntax_name(s, "a statement", NULL);
	if (s->pass == LOY__PASS_INTERACTIONS) {
		if (loy__syntax_is(s, '~'))
			loy__syntax_read_formula(s, &word);
		else
			skip_statement(s);
	} else if (loy__syntax_is_formula(s)) {
		loy__syntax_read_formula(s, &word);
	} else if (loy__syntax_is_word(s, "repairs") && loy__syntax_find_channel(s, &word) != LOY__NONE) {
		loy__syntax_read_repairs(s, &word);
	} else {
		read_keyword(s, &word);
	}
	if (!loy__syntax_is(s, LOY__TOKEN_END))
		loy__syntax_expect(s, LOY__TOKEN_LINE);
}

static void read_all(loy__syntax *s)
{
	for (s->pass = LOY__PASS_NAMES; s->pass <= LOY__PASS_INTERACTIONS && s->status == LOY_OK; s->pass++) {
		loy__syntax_rewind(s);
		while (!loy__syntax_is(s, LOY__TOKEN_END)) {
			if (!loy__syntax_accept(s, LOY__TOKEN_LINE))
				read_statement(s);
		}
		if (s->pass == LOY__PASS_NAMES)
			loy__syntax_keep_declared(s);
	}
	if (s->reads_worst && !s->has_worst)
		loy__syntax_fail(s, &s->worst_at, LOY_ENAME,
		                 "worst episodes are kept only after 'worst: half_life …'");
	loy__syntax_check_prospects(s);
	if (s->model->construct_count == 0)
		loy__syntax_fail(s, &s->token, LOY_ESYNTAX, "a model needs at least one construct");
}

/* ---- notes ---- */

static void note_add(loy__syntax *s, const loy__token *at, const char *before, const char *name,
                     const char *after)
{
	loy__note *note = &s->model->note[s->model->note_count++];
	const char *parts[3];
	size_t length = 0, i;

	parts[0] = before;
	parts[1] = name;
	parts[2] = after;
	for (i = 0; i < 3; i++) { /* names have a limit and so have our words: all fits */
		memcpy(note->text + length, parts[i], strlen(parts[i]));
		length += strlen(parts[i]);
	}
	note->text[length] = '\0';
	note->line = at->line;
}

/* "the weights of 'x' add up to 1.35 and were divided by that" */
static void note_sum(loy__syntax *s, const loy__token *at, const char *name, double sum)
{
	static const char middle[] = "' add up to ", end[] = " and were divided by that";
	char text[64];
	size_t length = sizeof(middle) - 1;

	if (sum == 1.0)
		return;
	memcpy(text, middle, length);
	length += loy__decimal_write(loy__decimal_from_real(sum), text + length);
	memcpy(text + length, end, sizeof(end));
	note_add(s, at, "the weights of '", name, text);
}

static void note_channels(loy__syntax *s)
{
	const loy_model *model = s->model;
	uint32_t read = 0, fed = 0, i, k;

	for (i = 0; i < model->schema.rule_count; i++)
		fed |= UINT32_C(1) << model->schema.rule[i].channel;
	for (i = 0; i < model->construct_count; i++) {
		for (k = 0; k < model->construct[i].indicator_count; k++)
			read |= UINT32_C(1) << model->construct[i].indicator[k].channel;
	}
	for (i = 0; i < model->schema.channel_count; i++) {
		const char *after = NULL;

		if ((fed >> i & 1) == 0)
			after = "': no rule gives it evidence";
		else if ((read >> i & 1) == 0)
			after = "': no construct reads it";
		if (after != NULL)
			note_add(s, &s->channel_at[i], "channel '", model->schema.channel[i].name, after);
	}
}

static void take_notes(loy__syntax *s, const loy__blame *blame)
{
	loy_model *model = s->model;
	uint32_t i;

	for (i = 0; i < model->construct_count; i++) {
		const loy__construct *construct = &model->construct[i];
		uint32_t written = blame->order[i];

		if (!s->construct_named[written])
			note_add(s, &s->construct_at[written], "'", construct->name,
			         "' is used without a 'construct' statement: mean 0.5, strength 4");
		else if (construct->composite)
			note_sum(s, &s->construct_at[written], construct->name, construct->weight_sum);
	}
	if (model->benefit_count != 0)
		note_sum(s, &s->list_at[LOY__LIST_BENEFIT], "benefit", model->benefit_sum);
	if (model->cost_count != 0)
		note_sum(s, &s->list_at[LOY__LIST_COST], "cost", model->cost_sum);
	if (model->attitude_count != 0)
		note_sum(s, &s->list_at[LOY__LIST_ATTITUDE], "attitude", model->attitude_sum);
	note_channels(s);
}

/* ---- the public calls ---- */

static void start_model(loy_model *model, const loy_allocator *memory)
{
	uint32_t i;

	memset(model, 0, sizeof(*model));
	model->memory = *memory;
	model->recovery = LOY__NONE;
	model->behaviour = LOY__NONE;
	for (i = 0; i < LOY_CHANNELS_MAX; i++)
		model->damping[i].by = LOY__NONE;
	for (i = 0; i < LOY__HEADLINES; i++)
		model->headline[i] = LOY__NONE;
}

static loy_status read_model(loy__syntax *s)
{
	const loy__token *at = NULL;
	loy__blame blame;
	loy_status status;

	read_all(s);
	if (s->status != LOY_OK)
		return s->status;
	status = loy__model_prepare_blaming(s->model, &blame);
	if (status == LOY_OK) {
		take_notes(s, &blame);
		return LOY_OK;
	}
	if (blame.construct != LOY__NONE)
		at = &s->construct_at[blame.construct];
	else if (blame.list != 0)
		at = &s->list_at[blame.list];
	if (at != NULL)
		return loy__fail_text(s->error, status, at->line, at->column, (int64_t)at->at,
		                      blame.message.text);
	return loy__fail(s->error, status, loy_status_text(status));
}

loy_status loy_model_create(loy_model **out, const char *text, size_t length, const loy_allocator *memory,
                            loy_error *error)
{
	loy_allocator adopted;
	loy__syntax *s;
	loy_status status = LOY_ENOMEM;
	size_t at;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "there is no place for the model");
	*out = NULL;
	if ((text == NULL && length != 0) || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "the text or the allocator is not valid");
	if (length > LOY_MODEL_TEXT_MAX)
		return loy__fail(error, LOY_ELIMIT, "a model text has at most 262144 bytes");
	at = loy__utf8_check(text, length);
	if (at != length)
		return loy__fail_utf8(error, text, at);
	s = loy__alloc_zero(&adopted, sizeof(*s));
	if (s == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for reading the model");
	s->model = loy__alloc(&adopted, sizeof(*s->model));
	if (s->model != NULL) {
		start_model(s->model, &adopted);
		s->error = error;
		s->text = text;
		s->length = (uint32_t)length;
		status = read_model(s);
	} else {
		loy__fail(error, LOY_ENOMEM, "no memory for the model");
	}
	if (status == LOY_OK)
		*out = s->model;
	else
		loy_model_destroy(s->model);
	loy__free(&adopted, s, sizeof(*s));
	return status;
}

void loy_model_destroy(loy_model *model)
{
	if (model != NULL) {
		loy_allocator memory = model->memory; /* it lies in the block */

		loy__free(&memory, model, sizeof(*model));
	}
}
