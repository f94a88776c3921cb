/* Tying a mapping to a file: its header and the kinds of a schema. Also the mapping of files that need none. */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(struct columns *columns, const char *what, const char *name, size_t length,
                  const char *more)
{
	char shown[VALUE_MESSAGE_SIZE];

	(void)snprintf(columns->error, COLUMNS_ERROR, "%s %.60s%.130s", what,
	               value_quote(name, length, shown), more);
	return 0;
}

/* How often a name stands in the header; *at gets the last place. */
static int count_name(const struct csv *header, const char *name, size_t length, size_t *at)
{
	size_t i, found_length;
	int count = 0;

	for (i = 0; i < header->cell_count; i++) {
		const char *found = csv_cell(header, i, &found_length);

		if (found_length == length && memcmp(found, name, length) == 0) {
			*at = i;
			count++;
		}
	}
	return count;
}

/* The names of a header, for messages: as many as fit. */
static const char *list_names(const struct csv *header, char *buffer, size_t capacity)
{
	size_t i, at = 0, length;

	at += (size_t)snprintf(buffer, capacity, "; the file has");
	for (i = 0; i < header->cell_count && at + 36 < capacity; i++) {
		const char *name = csv_cell(header, i, &length);

		at += (size_t)snprintf(buffer + at, capacity - at, "%s %.*s", i == 0 ? "" : ",",
		                       length > 24 ? 24 : (int)length, name);
	}
	if (i < header->cell_count)
		(void)snprintf(buffer + at, capacity - at, ", ...");
	return buffer;
}

static int bind_term(struct columns *columns, struct term *term, const struct csv *header)
{
	char names[130];
	int count;

	if (!term->is_column)
		return 1;
	count = count_name(header, term->text, term->length, &term->column);
	if (count == 0)
		return refuse(columns, "there is no column", term->text, term->length,
		              list_names(header, names, sizeof(names)));
	if (count > 1)
		return refuse(columns, "more than one column is called", term->text, term->length, "");
	return 1;
}

static int bind_kind(struct columns *columns, struct term *kind, const loy_schema *schema)
{
	kind->column = loy_schema_kind_find(schema, kind->text, kind->length);
	return kind->column != LOY_KIND_NONE ? 1
	                                     : refuse(columns, "there is no kind of event", kind->text,
	                                              kind->length, "; `loyalty help fields` lists them");
}

/* Whether an entry before this one takes every row, so that this one is never asked. */
static int is_shadowed(const struct columns *columns, size_t index)
{
	uint32_t target = columns->entries[index].target;
	size_t i;

	for (i = 0; i < index; i++) {
		const struct entry *other = &columns->entries[i];

		if (other->target == target && other->kind_count == 0 &&
		    (other->otherwise != NULL || other->identity != IDENTITY_TEXT ||
		     (target >= LOY_FIELD_KIND && target <= LOY_FIELD_CUSTOMER)))
			return 1;
	}
	return 0;
}

static int require(struct columns *columns, uint32_t target, const char *name, const struct csv *header)
{
	char names[130];
	size_t i;

	for (i = 0; i < columns->entry_count; i++) {
		if (columns->entries[i].target == target)
			return 1;
	}
	return refuse(columns, "nothing says which column is the", name, strlen(name),
	              list_names(header, names, sizeof(names)));
}

int columns_bind(struct columns *columns, const struct csv *header, const loy_schema *schema)
{
	size_t i, k;

	columns->error[0] = '\0';
	if (!require(columns, LOY_FIELD_CUSTOMER, "customer", header) ||
	    !require(columns, LOY_FIELD_TIME, "time", header) ||
	    !require(columns, LOY_FIELD_KIND, "kind", header))
		return 0;
	for (i = 0; i < columns->entry_count; i++) {
		struct entry *entry = &columns->entries[i];

		for (k = 0; k < entry->term_count; k++) {
			if (!bind_term(columns, &entry->terms[k], header))
				return 0;
		}
		for (k = 0; k < entry->kind_count; k++) {
			if (!bind_kind(columns, &entry->kinds[k], schema))
				return 0;
		}
		if (is_shadowed(columns, i))
			return refuse(columns, "never used, an entry before it takes every row:",
			              columns->text + entry->at, strcspn(columns->text + entry->at, "\n,;"),
			              "");
	}
	return 1;
}

/* ---- mappings without a file ---- */

int columns_fix(struct columns *columns, uint32_t field, const char *value)
{
	struct entry *grown = realloc(columns->entries, (columns->entry_count + 1) * sizeof(*grown));
	struct term *term = calloc(1, sizeof(*term));
	int said = 0;
	size_t i, k;

	if (grown != NULL)
		columns->entries = grown;
	if (grown == NULL || term == NULL) {
		free(term);
		(void)snprintf(columns->error, COLUMNS_ERROR, "out of memory");
		return 0;
	}
	for (i = 0; i < columns->entry_count; i++) {
		said |= grown[i].target == field;
		for (k = 0; k < grown[i].term_count; k++)
			grown[i].terms[k].is_column = 0;
	}
	if (said) {
		free(term);
		(void)snprintf(columns->error, COLUMNS_ERROR, "the customer is --customer's");
		return field != LOY_FIELD_CUSTOMER;
	}
	term->text = value;
	term->length = strlen(value);
	memset(&grown[i], 0, sizeof(grown[i]));
	grown[i].target = field;
	grown[i].type = field == LOY_FIELD_TIME ? LOY_TYPE_TIME : LOY_TYPE_WORD;
	grown[i].terms = term;
	grown[i].term_count = 1;
	columns->entry_count++;
	return 1;
}

/* ---- files that use the library's own names ---- */

static int is_standard(const char *name, size_t length)
{
	uint32_t id = loy_field_find(name, length);

	return (id != LOY_FIELD_NONE && id != LOY_FIELD_REFERENCE_HIGH && id != LOY_FIELD_REFERENCE_LOW &&
	        id != LOY_FIELD_IDENTITY_HIGH && id != LOY_FIELD_IDENTITY_LOW) ||
	       text_is(name, length, "reference");
}

int columns_standard(struct columns *out, const struct csv *header)
{
	char text[4096];
	size_t i, at, length, unused;

	memset(out, 0, sizeof(*out));
	at = (size_t)snprintf(text, sizeof(text), "%s",
	                      count_name(header, "event", 5, &unused) > 0 ? "identity = \"event\"\n"
	                                                                  : "identity = auto\n");
	for (i = 0; i < header->cell_count; i++) {
		const char *name = csv_cell(header, i, &length);

		if (is_standard(name, length) && at + 2 * length + 8 < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%.*s = \"%.*s\"\n", (int)length,
			                       name, (int)length, name);
	}
	return columns_parse(out, text, at, "header");
}

size_t columns_unread(const struct csv *header, char *buffer, size_t capacity)
{
	size_t i, length, count = 0, at = 0;

	buffer[0] = '\0';
	for (i = 0; i < header->cell_count; i++) {
		const char *name = csv_cell(header, i, &length);
		char shown[VALUE_MESSAGE_SIZE];

		if (is_standard(name, length) || text_is(name, length, "event"))
			continue;
		if (at + VALUE_MESSAGE_SIZE < capacity)
			at += (size_t)snprintf(buffer + at, capacity - at, "%s%s", count == 0 ? "" : ", ",
			                       value_quote(name, length, shown));
		else if (at + 8 < capacity)
			at += (size_t)snprintf(buffer + at, capacity - at, ", ...");
		count++;
	}
	return count;
}
