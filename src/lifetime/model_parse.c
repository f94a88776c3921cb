/* Model text read back (model_text.c has its grammar): word by word, nothing guessed, every flaw with its place. */
#include "fit.h"

#include <math.h>
#include <string.h>

#define PERIODS_MAX 100000u /* k of BdW's limit counts periods */

struct parser {
	const char *text;
	size_t length, at;      /* of the next byte */
	size_t word, word_size; /* the latest word */
	uint32_t line;
	size_t line_start, word_line_start;
	uint32_t word_line;
	loy_status status;
	loy_error *error;
};

static void fail(struct parser *p, loy_status status, const char *message)
{
	if (p->status != LOY_OK)
		return;
	p->status = loy__fail_text(p->error, status, p->word_line,
	                           (uint32_t)(p->word - p->word_line_start) + 1, (int64_t)p->word, message);
}

/* The next word; an empty one at the end of the text. */
static void next(struct parser *p)
{
	while (p->at < p->length && (p->text[p->at] == ' ' || p->text[p->at] == '\n' ||
	                             p->text[p->at] == '\r' || p->text[p->at] == '\t')) {
		if (p->text[p->at] == '\n') {
			p->line++;
			p->line_start = p->at + 1;
		}
		p->at++;
	}
	p->word = p->at;
	p->word_line = p->line;
	p->word_line_start = p->line_start;
	while (p->at < p->length && (unsigned char)p->text[p->at] > ' ')
		p->at++;
	p->word_size = p->at - p->word;
}

static int is(const struct parser *p, const char *word)
{
	return strlen(word) == p->word_size && memcmp(p->text + p->word, word, p->word_size) == 0;
}

static void expect(struct parser *p, const char *word, const char *message)
{
	next(p);
	if (!is(p, word))
		fail(p, LOY_ESYNTAX, message);
}

static double real(struct parser *p, int allow_special)
{
	loy_status status = LOY_OK;
	double v = 0.0;

	next(p);
	if (p->status != LOY_OK)
		return 0.0;
	if (p->word_size == 0 || loy__real_read(p->text + p->word, p->word_size, &v, &status) != p->word_size)
		fail(p, LOY_ESYNTAX, "a number was expected");
	else if (status != LOY_OK || (!allow_special && !(fabs(v) <= DBL_MAX)))
		fail(p, LOY_ERANGE, "the number lies outside its range");
	return v;
}

static uint64_t whole(struct parser *p, uint64_t most)
{
	uint64_t v = 0;
	size_t i;

	next(p);
	if (p->word_size == 0)
		fail(p, LOY_ESYNTAX, "a whole number was expected");
	for (i = 0; i < p->word_size && p->status == LOY_OK; i++) {
		char c = p->text[p->word + i];

		if (c < '0' || c > '9')
			fail(p, LOY_ESYNTAX, "a whole number was expected");
		else if (v > (most - (uint64_t)(c - '0')) / 10)
			fail(p, LOY_ERANGE, "the number lies outside its range");
		else
			v = v * 10 + (uint64_t)(c - '0');
	}
	return p->status == LOY_OK ? v : 0;
}

static uint32_t mode(struct parser *p)
{
	uint32_t i;

	next(p);
	for (i = 0; loy__mode_name(i) != NULL; i++) {
		if (is(p, loy__mode_name(i)))
			return i;
	}
	fail(p, LOY_ENAME, "'mixed', 'same', 'never' or 'split' was expected");
	return 0;
}

static uint32_t status_word(struct parser *p)
{
	uint32_t i;

	next(p);
	for (i = 0; loy_lifetime_status_name(i) != NULL; i++) {
		if (is(p, loy_lifetime_status_name(i)))
			return i;
	}
	fail(p, LOY_ENAME, "'given', 'converged', 'boundary' or 'flat' was expected");
	return 0;
}

/* Which model it is. */
static void parse_form(struct parser *p, loy__form *form)
{
	expect(p, "lifetime", "'lifetime' was expected");
	if (whole(p, UINT32_MAX) != 1)
		fail(p, LOY_EVERSION, loy_status_text(LOY_EVERSION));
	expect(p, "model", "'model' was expected");
	next(p);
	if (p->status == LOY_OK &&
	    loy_lifetime_family_find(p->text + p->word, p->word_size, &form->family) != LOY_OK)
		fail(p, LOY_ENAME, "no such family of models");
	form->k = (uint32_t)whole(p, PERIODS_MAX);
	expect(p, "form", "'form' was expected");
	form->rate = mode(p);
	if (form->rate == LOY__NEVER)
		fail(p, LOY_ERANGE, "rates are 'mixed', 'same' or 'split'");
	form->drop = mode(p);
	if (form->family == LOY_LIFETIME_MBG_CNBD
	            ? form->k < 1 || form->k > LOY_LIFETIME_K_MAX
	            : form->k != 1 &&
	                      (form->family != LOY_LIFETIME_BDW || form->drop != LOY__SPLIT || form->k == 0))
		fail(p, LOY_ERANGE, "k lies outside its range");
	if (p->status == LOY_OK && !loy__form_exists(form))
		fail(p, LOY_ERANGE, "the family has no such limit");
}

static void parse_info(struct parser *p, loy_lifetime_info *info)
{
	expect(p, "status", "'status' was expected");
	info->status = status_word(p);
	info->iterations = (uint32_t)whole(p, UINT32_MAX);
	info->evaluations = (uint32_t)whole(p, UINT32_MAX);
	expect(p, "unit", "'unit' was expected");
	info->unit = (int64_t)whole(p, INT64_MAX);
	if (info->unit == 0)
		fail(p, LOY_ERANGE, "the number lies outside its range");
	expect(p, "fitted", "'fitted' was expected");
	info->customers = whole(p, INT64_MAX);
	info->distinct = whole(p, INT64_MAX);
	info->left_out = whole(p, INT64_MAX);
	info->period = real(p, 0);
	expect(p, "loglik", "'loglik' was expected");
	info->log_likelihood = real(p, 1);
	info->gradient_norm = real(p, 1);
	info->condition = real(p, 1);
	info->ridge = real(p, 0);
}

static void parse_parameters(struct parser *p, loy_lifetime *model)
{
	double values[LOY_LIFETIME_PARAMETERS_MAX];
	uint32_t i;

	for (i = 0; i < model->layout.n; i++) {
		if (i > 0)
			next(p);
		if (!is(p, model->names[i]))
			fail(p, LOY_ENAME, "the name of the next parameter was expected");
		values[i] = real(p, 0);
	}
	if (p->status == LOY_OK && loy__values_check(&model->layout, values) != LOY_OK)
		fail(p, LOY_ERANGE, "a parameter lies outside its range");
	if (p->status == LOY_OK)
		loy__model_set_values(model, values);
	next(p);
}

/* Must be one: symmetric by its writing, and its diagonal above 0. */
static void parse_covariance(struct parser *p, loy_lifetime *model)
{
	uint32_t i, j, n = model->layout.n;

	for (i = 0; i < n; i++) {
		for (j = 0; j <= i; j++) {
			double v = real(p, 0);

			model->covariance[i * n + j] = model->covariance[j * n + i] = v;
			if (i == j && !(v > 0.0))
				fail(p, LOY_ERANGE, "a variance must be above 0");
		}
	}
	model->has_covariance = 1;
	next(p);
}

/* Lines this version does not know: "also", then anything up to the end of the line. */
static void skip_others(struct parser *p)
{
	while (p->status == LOY_OK && is(p, "also")) {
		while (p->at < p->length && p->text[p->at] != '\n')
			p->at++;
		next(p);
	}
}

static void parse_rest(struct parser *p, loy_lifetime *model)
{
	if (model->layout.n > 0)
		parse_parameters(p, model);
	if (p->status == LOY_OK && is(p, "covariance"))
		parse_covariance(p, model);
	skip_others(p);
	if (!is(p, "end"))
		fail(p, LOY_ESYNTAX, "'end' was expected");
	next(p);
	if (p->word_size != 0)
		fail(p, LOY_ESYNTAX, "nothing was expected after 'end'");
}

static loy_status parse(struct parser *p, loy_lifetime **out, const loy_allocator *memory)
{
	loy_lifetime_info info = {0};
	loy__form form = {0};
	uint32_t most = (UINT32_C(1) << LOY_LIFETIME_COVARIATES_MAX) - 1u;

	parse_form(p, &form);
	parse_info(p, &info);
	next(p);
	if (p->status == LOY_OK && is(p, "effects")) {
		form.rate_covariates = (uint32_t)whole(p, most);
		form.life_covariates = (uint32_t)whole(p, most);
		if (form.family > LOY_LIFETIME_PARETO_NBD)
			fail(p, LOY_ERANGE, "the family has no effects");
		next(p);
	}
	if (p->status != LOY_OK)
		return p->status;
	if (loy__model_create(out, &form, memory) != LOY_OK)
		return loy__fail(p->error, LOY_ENOMEM, "no memory for a model");
	info.family = (*out)->info.family;
	info.k = (*out)->info.k;
	info.boundary = (*out)->info.boundary;
	info.parameter_count = (*out)->info.parameter_count;
	info.rate_covariates = form.rate_covariates;
	info.life_covariates = form.life_covariates;
	(*out)->info = info;
	parse_rest(p, *out);
	return p->status;
}

loy_status loy_lifetime_parse(loy_lifetime **out, const char *text, size_t length,
                              const loy_allocator *memory, loy_error *error)
{
	struct parser parser = {0};
	loy_allocator adopted;
	loy_status status;

	if (out != NULL)
		*out = NULL;
	if (out == NULL || text == NULL || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "no text, nowhere to put the model, or no allocator");
	if (length > LOY_LIFETIME_TEXT_MAX)
		return loy__fail(error, LOY_ELIMIT, "longer than the text of a model can be");
	parser.text = text;
	parser.length = length;
	parser.line = parser.word_line = 1;
	parser.error = error;
	parser.word = loy__utf8_check(text, length);
	if (parser.word < length) {
		fail(&parser, LOY_EUTF8, "text is not valid UTF-8");
		return parser.status;
	}
	status = parse(&parser, out, &adopted);
	if (status != LOY_OK) {
		loy_lifetime_destroy(*out);
		*out = NULL;
	}
	return status;
}
