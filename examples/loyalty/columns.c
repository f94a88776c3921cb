/* Parsing the mapping of --columns into entries; bind.c ties them to a file. */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct columns *out;
	const char *name; /* of the mapping, for messages */
	size_t at;
};

void columns_free(struct columns *columns)
{
	size_t i;

	for (i = 0; i < columns->entry_count; i++) {
		free(columns->entries[i].terms);
		free(columns->entries[i].choices);
		free(columns->entries[i].kinds);
	}
	free(columns->entries);
	free(columns->text);
	columns->entries = NULL;
	columns->entry_count = 0;
	columns->text = NULL;
}

/* ---- characters ---- */

static int fail_at(struct parser *p, size_t at, const char *message)
{
	size_t line = 1, column = 1, i;

	if (p->out->error[0] != '\0')
		return 0;
	for (i = 0; i < at && i < p->out->length; i++) {
		column++;
		if (p->out->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	(void)snprintf(p->out->error, COLUMNS_ERROR, "%.60s:%zu:%zu: %.150s", p->name, line, column, message);
	return 0;
}

static char look(const struct parser *p)
{
	return p->at < p->out->length ? p->out->text[p->at] : '\0';
}

static void pass_blanks(struct parser *p, int lines_too)
{
	for (;;) {
		char c = look(p);

		if (c == '#') {
			while (p->at < p->out->length && look(p) != '\n')
				p->at++;
		} else if (c == ' ' || c == '\t' || c == '\r' || (lines_too && c == '\n')) {
			p->at++;
		} else {
			return;
		}
	}
}

static int take(struct parser *p, char c)
{
	if (look(p) != c || c == '\0')
		return 0;
	p->at++;
	pass_blanks(p, 0);
	return 1;
}

static int is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || (unsigned char)c >= 0x80;
}

/* Read text in quotes; it stays where it is. */
static int take_quoted(struct parser *p, const char **text, size_t *length)
{
	size_t start = p->at;
	char quote = look(p);

	p->at++;
	while (p->at < p->out->length && look(p) != quote && look(p) != '\n')
		p->at++;
	if (look(p) != quote)
		return fail_at(p, start, "a quote that is not closed on its line");
	*text = p->out->text + start + 1;
	*length = p->at - start - 1;
	p->at++;
	pass_blanks(p, 0);
	return 1;
}

static int read_name(struct parser *p, const char **text, size_t *length, const char *expected)
{
	size_t start = p->at;

	while (is_name_byte(look(p)))
		p->at++;
	if (p->at == start)
		return fail_at(p, start, expected);
	*text = p->out->text + start;
	*length = p->at - start;
	pass_blanks(p, 0);
	return 1;
}

/* Room for one more element at the end of a list; the new one is zero. NULL without memory. */
static void *append(struct parser *p, void **list, size_t *count, size_t size)
{
	void *grown = realloc(*list, (*count + 1) * size);

	if (grown == NULL) {
		(void)fail_at(p, p->at, "out of memory");
		return NULL;
	}
	*list = grown;
	memset((char *)grown + *count * size, 0, size);
	return (char *)grown + (*count)++ * size;
}

/* ---- expressions ---- */

static int starts_number(const struct parser *p)
{
	size_t i = p->at;

	if (look(p) == '-' || look(p) == '+')
		i++;
	return i < p->out->length && p->out->text[i] >= '0' && p->out->text[i] <= '9';
}

/* A number with its unit or `%`, or the bare text of a case: up to what may follow it. */
static int read_bare(struct parser *p, const char *stops, const char **text, size_t *length)
{
	size_t start = p->at, end;

	while (p->at < p->out->length && (unsigned char)look(p) >= 0x20 && strchr(stops, look(p)) == NULL)
		p->at++;
	end = p->at;
	while (end > start && p->out->text[end - 1] == ' ')
		end--;
	*text = p->out->text + start;
	*length = end - start;
	pass_blanks(p, 0);
	return 1;
}

static int read_term(struct parser *p, struct term *term)
{
	char c = look(p);

	term->at = (uint32_t)p->at;
	if (c == '\'')
		return take_quoted(p, &term->text, &term->length);
	if (starts_number(p))
		return read_bare(p, " \t,;*&{}", &term->text, &term->length);
	term->is_column = 1;
	if (c == '"' ? !take_quoted(p, &term->text, &term->length)
	             : !read_name(p, &term->text, &term->length, "expected a column, a number or a 'text'"))
		return 0;
	if (!take(p, '['))
		return 1;
	if (look(p) != '\'' || !take_quoted(p, &term->part, &term->part_length) || !take(p, ']'))
		return fail_at(p, p->at, "expected a part as in detail['status']");
	return 1;
}

static int read_factor(struct parser *p, struct term *term)
{
	const char *text;
	size_t length, start;

	if (!take(p, '*'))
		return 1;
	start = p->at;
	(void)read_bare(p, " \t,;+&{}", &text, &length);
	term->has_factor = 1;
	if (!factor_parse(text, length, &term->factor))
		return fail_at(p, start, "expected a number or a duration behind *, such as 100, 0.01 or 1d");
	return 1;
}

static int read_terms(struct parser *p, struct entry *entry)
{
	char operation = '\0';

	for (;;) {
		void *list = entry->terms;
		struct term *term = append(p, &list, &entry->term_count, sizeof(*term));

		entry->terms = list;
		if (term == NULL || !read_term(p, term) || !read_factor(p, term))
			return 0;
		term->subtract = operation == '-';
		if (look(p) != '&' && look(p) != '+' && look(p) != '-')
			return 1;
		if (operation != '\0' && (operation == '&') != (look(p) == '&'))
			return fail_at(p, p->at, "& joins texts and + adds numbers: one or the other");
		operation = look(p);
		entry->join = operation == '&';
		(void)take(p, operation);
	}
}

/* ---- the rest of an entry ---- */

/* One value: text in quotes or bare. */
static int read_value(struct parser *p, const char *stops, const char **text, size_t *length)
{
	if (look(p) == '\'' || look(p) == '"')
		return take_quoted(p, text, length);
	return read_bare(p, stops, text, length);
}

static int read_choices(struct parser *p, struct entry *entry)
{
	if (look(p) != '{')
		return 1;
	p->at++;
	for (;;) {
		void *list = entry->choices;
		struct choice *choice;
		int quoted;

		pass_blanks(p, 1);
		choice = append(p, &list, &entry->choice_count, sizeof(*choice));
		entry->choices = list;
		quoted = look(p) == '\'' || look(p) == '"';
		if (choice == NULL || !read_value(p, ":,{}\"'", &choice->match, &choice->match_length))
			return 0;
		choice->any = !quoted && text_is(choice->match, choice->match_length, "*");
		if ((choice->match_length == 0 && !quoted) || !take(p, ':'))
			return fail_at(p, p->at,
			               "expected a case such as `order: purchase`, `'': -` or `*: -`");
		quoted = look(p) == '\'' || look(p) == '"';
		if (!read_value(p, ":,{}\"'", &choice->value, &choice->value_length))
			return 0;
		choice->none = !quoted && text_is(choice->value, choice->value_length, "-");
		if (choice->value_length == 0)
			return fail_at(p, p->at, "expected a value, or `-` for none");
		pass_blanks(p, 1);
		if (take(p, '}'))
			return 1;
		if (!take(p, ','))
			return fail_at(p, p->at, "expected , or } after a case");
	}
}

/* Step over a word if it is the next one. */
static int take_word(struct parser *p, const char *word)
{
	size_t length = strlen(word);

	if (p->out->length - p->at < length || memcmp(p->out->text + p->at, word, length) != 0 ||
	    is_name_byte(p->out->text[p->at + length]))
		return 0;
	p->at += length;
	pass_blanks(p, 0);
	return 1;
}

static int read_kinds(struct parser *p, struct entry *entry)
{
	do {
		void *list = entry->kinds;
		struct term *kind = append(p, &list, &entry->kind_count, sizeof(*kind));

		entry->kinds = list;
		if (kind == NULL)
			return 0;
		kind->at = (uint32_t)p->at;
		if (!read_name(p, &kind->text, &kind->length, "expected a kind of event"))
			return 0;
	} while (take(p, '|'));
	return 1;
}

/* Targets that are no event fields. */
static const struct {
	char name[12];
	uint32_t target, type;
} own[] = {
        {"identity", TARGET_IDENTITY, LOY_TYPE_WORD},
        {"reference", TARGET_REFERENCE, LOY_TYPE_WORD},
        {"zone", TARGET_ZONE, LOY_TYPE_SPAN},
        {"skip", TARGET_SKIP, LOY_TYPE_WORD},
};

const char *columns_target_name(uint32_t target)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (own[i].target == target)
			return own[i].name;
	}
	return value_field_name(target);
}

static int find_target(struct parser *p, struct entry *entry, const char *name, size_t length)
{
	char message[120];
	uint32_t i, id = loy_field_find(name, length);
	loy_field field;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (text_is(name, length, own[i].name)) {
			entry->target = own[i].target;
			entry->type = own[i].type;
			return 1;
		}
	}
	for (i = 0; id != LOY_FIELD_NONE && loy_field_info(i, &field) == LOY_OK; i++) {
		if (field.id == id && (field.type != LOY_TYPE_WORD || id == LOY_FIELD_CUSTOMER)) {
			entry->target = id;
			entry->type = field.type;
			return 1;
		}
	}
	(void)snprintf(message, sizeof(message),
	               "no field is called '%.*s'; `loyalty help fields` lists them",
	               length > 40 ? 40 : (int)length, name);
	return fail_at(p, entry->at, message);
}

static int parse_entry(struct parser *p, struct entry *entry)
{
	const char *name;
	size_t length;

	entry->at = (uint32_t)p->at;
	if (!read_name(p, &name, &length, "expected a field as in `amount = price * 100`") ||
	    !find_target(p, entry, name, length))
		return 0;
	if (!take(p, '='))
		return fail_at(p, p->at, "expected =");
	if (entry->target == TARGET_IDENTITY && take_word(p, "auto"))
		entry->identity = IDENTITY_AUTO;
	else if (entry->target == TARGET_IDENTITY && take_word(p, "content"))
		entry->identity = IDENTITY_CONTENT;
	else if (!read_terms(p, entry) || !read_choices(p, entry))
		return 0;
	if (entry->choice_count != 0 && entry->term_count > 1 && !entry->join)
		return fail_at(p, entry->at, "cases look at one column or at texts joined with &");
	if (take_word(p, "else") && !read_value(p, " \t,;#", &entry->otherwise, &entry->otherwise_length))
		return 0;
	if (take_word(p, "for") && !read_kinds(p, entry))
		return 0;
	if (entry->kind_count != 0 && entry->target >= LOY_FIELD_KIND && entry->target <= LOY_FIELD_CUSTOMER)
		return fail_at(p, entry->at, "kind, time and customer are the same for all kinds");
	return 1;
}

int columns_parse(struct columns *out, const char *text, size_t length, const char *name)
{
	struct parser p = {out, name, 0};

	memset(out, 0, sizeof(*out));
	if (length > COLUMNS_TEXT_MAX || memchr(text, '\0', length) != NULL)
		return fail_at(&p, 0, "a mapping is at most 64 KiB of text");
	out->text = malloc(length + 1);
	if (out->text == NULL)
		return fail_at(&p, 0, "out of memory");
	memcpy(out->text, text, length);
	out->text[length] = '\0';
	out->length = length;
	for (;;) {
		void *list = out->entries;
		struct entry *entry;

		pass_blanks(&p, 1);
		while (take(&p, ',') || take(&p, ';'))
			pass_blanks(&p, 1);
		if (p.at == out->length)
			return out->entry_count != 0 ? 1 : fail_at(&p, p.at, "the mapping is empty");
		entry = append(&p, &list, &out->entry_count, sizeof(*entry));
		out->entries = list;
		if (entry == NULL || !parse_entry(&p, entry))
			return 0;
		if (p.at < out->length && look(&p) != '\n' && look(&p) != ',' && look(&p) != ';')
			return fail_at(&p, p.at, "expected , or the end of the line");
	}
}
