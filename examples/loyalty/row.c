/* Rows to events by a mapping: expressions, cases, identities. */
#include "row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an expression gives. */
enum { VALUE_BAD = 0, VALUE_SET = 1, VALUE_NONE = 2 };

struct piece {
	const char *text;
	size_t length;
};

void row_free(struct row *row)
{
	free(row->scratch);
	row->scratch = NULL;
	row->scratch_capacity = 0;
}

static int reserve(struct row *row, size_t size)
{
	char *larger;

	if (size <= row->scratch_capacity)
		return 1;
	larger = realloc(row->scratch, size * 2);
	if (larger == NULL)
		return 0;
	row->scratch = larger;
	row->scratch_capacity = size * 2;
	return 1;
}

/* ---- blame ---- */

/* Point at the first column an entry reads, else at the start of the row and name the field. */
static void blame_entry(struct row *row, const struct entry *entry, const char *message)
{
	const struct csv_cell *cell = &row->csv->cells[0];
	const char *name = entry != NULL ? columns_target_name(entry->target) : "";
	size_t i, length = strlen(name);

	for (i = 0; entry != NULL && i < entry->term_count; i++) {
		if (entry->terms[i].is_column) {
			cell = &row->csv->cells[entry->terms[i].column];
			name = entry->terms[i].text;
			length = entry->terms[i].length;
			break;
		}
	}
	row->line = cell->line;
	row->column = cell->column;
	(void)snprintf(row->message, sizeof(row->message), "%.*s%s%s", length > 60 ? 60 : (int)length, name,
	               length != 0 ? ": " : "", message);
}

static int applies(const struct entry *entry, uint32_t kind)
{
	size_t i;

	for (i = 0; i < entry->kind_count; i++) {
		if (entry->kinds[i].column == kind)
			return 1;
	}
	return entry->kind_count == 0;
}

static const struct entry *find_entry(const struct row *row, uint32_t target, uint32_t kind)
{
	size_t i;

	for (i = 0; i < row->columns->entry_count; i++) {
		if (row->columns->entries[i].target == target && applies(&row->columns->entries[i], kind))
			return &row->columns->entries[i];
	}
	return NULL;
}

void row_blame(struct row *row, uint32_t field, const char *message)
{
	const struct entry *entry = field != LOY_FIELD_NONE ? find_entry(row, field, row->kind) : NULL;
	int named = entry != NULL || field == LOY_FIELD_NONE; /* else the kind is blamed for what it lacks */
	char text[260];

	(void)snprintf(text, sizeof(text), "%s%s%s", named ? "" : value_field_name(field), named ? "" : ": ",
	               message);
	blame_entry(row, entry != NULL ? entry : find_entry(row, LOY_FIELD_KIND, row->kind), text);
}

/* ---- expressions ---- */

/* The text behind `part=` in a list divided by semicolons; empty when it is not there. */
static struct piece find_part(struct piece whole, const struct term *term)
{
	struct piece found = {whole.text, 0};
	size_t at = 0;

	while (at < whole.length) {
		size_t end = at;

		while (end < whole.length && whole.text[end] != ';')
			end++;
		if (end - at > term->part_length && whole.text[at + term->part_length] == '=' &&
		    memcmp(whole.text + at, term->part, term->part_length) == 0) {
			found.text = whole.text + at + term->part_length + 1;
			found.length = end - at - term->part_length - 1;
			return found;
		}
		at = end + 1;
	}
	return found;
}

static struct piece term_text(const struct row *row, const struct term *term)
{
	struct piece piece = {term->text, term->length};

	if (term->is_column) {
		piece.text = csv_cell(row->csv, term->column, &piece.length);
		if (term->part != NULL)
			piece = find_part(piece, term);
	}
	return piece;
}

/* Join terms in the scratch space; empty when a column among them is. */
static int join_terms(struct row *row, const struct entry *entry, struct piece *out)
{
	size_t i, at = 0;

	out->length = 0;
	for (i = 0; i < entry->term_count; i++) {
		struct piece piece = term_text(row, &entry->terms[i]);

		if (piece.length == 0 && entry->terms[i].is_column)
			return 1;
		if (!reserve(row, at + piece.length + 1))
			return 0;
		memcpy(row->scratch + at, piece.text, piece.length);
		at += piece.length;
	}
	out->text = row->scratch;
	out->length = at;
	return 1;
}

/* Put the value of the case that matches into *text. */
static int choose(const struct entry *entry, struct piece *text, char message[VALUE_MESSAGE_SIZE])
{
	char shown[VALUE_MESSAGE_SIZE];
	size_t i;

	for (i = 0; i < entry->choice_count; i++) {
		const struct choice *choice = &entry->choices[i];

		if (!choice->any && (choice->match_length != text->length ||
		                     memcmp(choice->match, text->text, text->length) != 0))
			continue;
		if (choice->any && text->length == 0)
			continue; /* an empty cell is not set, unless '' is a case of its own */
		text->text = choice->value;
		text->length = choice->value_length;
		return choice->none ? VALUE_NONE : VALUE_SET;
	}
	if (entry->choice_count == 0 || text->length == 0)
		return VALUE_SET;
	(void)snprintf(message, VALUE_MESSAGE_SIZE,
	               "the mapping has no case for %.80s; `*: -` takes the rest",
	               value_quote(text->text, text->length, shown));
	return VALUE_BAD;
}

/* The text an entry gives: VALUE_…. Entries of one term or joined ones. */
static int entry_text(struct row *row, const struct entry *entry, struct piece *out,
                      char message[VALUE_MESSAGE_SIZE])
{
	int result;

	if (entry->join) {
		if (!join_terms(row, entry, out)) {
			(void)snprintf(message, VALUE_MESSAGE_SIZE, "out of memory");
			return VALUE_BAD;
		}
	} else {
		*out = term_text(row, &entry->terms[0]);
	}
	result = choose(entry, out, message);
	if (result != VALUE_SET)
		return result;
	if (out->length == 0 && entry->otherwise != NULL) {
		out->text = entry->otherwise;
		out->length = entry->otherwise_length;
	}
	return out->length != 0 ? VALUE_SET : VALUE_NONE;
}

/* Add up the terms of an entry. Empty cells count as nothing; all empty: not set. */
static int entry_sum(struct row *row, const struct entry *entry, int64_t *out,
                     char message[VALUE_MESSAGE_SIZE])
{
	int result = VALUE_NONE;
	size_t i;

	*out = 0;
	for (i = 0; i < entry->term_count; i++) {
		const struct term *term = &entry->terms[i];
		struct piece text = term_text(row, term);
		int64_t value;

		if (text.length == 0)
			continue;
		if (!value_number(text.text, text.length, term->has_factor ? &term->factor : NULL,
		                  entry->type, &value, message))
			return VALUE_BAD;
		if (value > INT64_MAX / 4096 || value < -(INT64_MAX / 4096)) {
			(void)snprintf(message, VALUE_MESSAGE_SIZE, "a term of the sum is too large");
			return VALUE_BAD;
		}
		*out += term->subtract ? -value : value;
		result = VALUE_SET;
	}
	if (result == VALUE_NONE && entry->otherwise != NULL)
		result = value_number(entry->otherwise, entry->otherwise_length, NULL, entry->type, out,
		                      message);
	return result;
}

/* The integer an entry gives: VALUE_…. */
static int entry_value(struct row *row, const struct entry *entry, int32_t zone, int64_t *out,
                       char message[VALUE_MESSAGE_SIZE])
{
	const struct term *term = &entry->terms[0];
	struct piece text = {NULL, 0};
	int result;

	if (entry->term_count > 1 && !entry->join)
		return entry_sum(row, entry, out, message);
	result = entry_text(row, entry, &text, message);
	if (result != VALUE_SET)
		return result;
	if (term->has_factor && text.text != entry->otherwise)
		return value_number(text.text, text.length, &term->factor, entry->type, out, message);
	if (entry->target == LOY_FIELD_ITEM && value_dimension(row->schema, text.text, text.length, out))
		return VALUE_SET;
	result = value_field(entry->target, entry->type, text.text, text.length, zone, out, message);
	if (result == VALUE_SET && row->names != NULL && entry->type == LOY_TYPE_CODE)
		names_add(row->names, entry->target, (uint32_t)*out, text.text, text.length);
	return result;
}

/* ---- identities ---- */

/* The cells of the row, each with its length before it, in the scratch space. 0 without memory. */
static size_t row_content(struct row *row)
{
	size_t i, at = 0, length;

	if (!reserve(row, CSV_CELLS_MAX))
		return 0;
	for (i = 0; i < row->csv->cell_count; i++) {
		const char *text = csv_cell(row->csv, i, &length);
		int k;

		if (!reserve(row, at + length + 16))
			return 0;
		for (k = 0; k < 4; k++)
			row->scratch[at++] = (char)(length >> (8 * k) & 0xFF);
		memcpy(row->scratch + at, text, length);
		at += length;
	}
	return at;
}

static int set_content_identity(struct row *row, loy_event *event, int identity)
{
	size_t size = row_content(row);
	uint64_t high, low, before;
	int k;

	if (size == 0)
		return ROW_NO_MEMORY;
	(void)loy_identity_from_key(row->scratch, size, &high, &low);
	if (identity == IDENTITY_AUTO) {
		before = repeats_count(row->repeats, high, low);
		if (before == UINT64_MAX)
			return ROW_NO_MEMORY;
		for (k = 0; k < 8; k++)
			row->scratch[size + (size_t)k] = (char)(before >> (8 * k) & 0xFF);
		(void)loy_identity_from_key(row->scratch, size + 8, &high, &low);
	}
	(void)loy_event_set_identity(event, high, low);
	return ROW_EVENT;
}

/* Set the identity or the reference of an event from text. */
static int set_key(struct row *row, const struct entry *entry, loy_event *event)
{
	char message[VALUE_MESSAGE_SIZE];
	struct piece text = {NULL, 0};
	uint64_t high, low;
	int result = entry_text(row, entry, &text, message);

	if (result == VALUE_BAD) {
		blame_entry(row, entry, message);
		return ROW_REFUSED;
	}
	if (result == VALUE_NONE)
		return ROW_LEFT_OUT;
	(void)loy_identity_from_key(text.text, text.length, &high, &low);
	if (entry->target == TARGET_IDENTITY)
		(void)loy_event_set_identity(event, high, low);
	else
		(void)loy_event_set_reference(event, high, low);
	return ROW_EVENT;
}

/* ---- rows ---- */

/* Evaluate an entry that must have a value. 1, or 0 with blame. */
static int needed(struct row *row, const struct entry *entry, struct piece *text)
{
	char message[VALUE_MESSAGE_SIZE];
	int result = entry_text(row, entry, text, message);

	if (result == VALUE_NONE)
		(void)snprintf(message, sizeof(message), "is empty");
	if (result != VALUE_SET)
		blame_entry(row, entry, message);
	return result == VALUE_SET;
}

static int read_kind(struct row *row)
{
	const struct entry *entry = find_entry(row, LOY_FIELD_KIND, 0);
	char message[VALUE_MESSAGE_SIZE], shown[VALUE_MESSAGE_SIZE];
	struct piece text = {NULL, 0};
	int result = entry_text(row, entry, &text, message);

	if (result == VALUE_NONE && text.length != 0)
		return ROW_LEFT_OUT; /* a case says so */
	if (result == VALUE_NONE)
		(void)snprintf(message, sizeof(message), "is empty");
	row->kind = result == VALUE_SET ? loy_schema_kind_find(row->schema, text.text, text.length)
	                                : LOY_KIND_NONE;
	if (result == VALUE_SET && row->kind == LOY_KIND_NONE)
		(void)snprintf(message, sizeof(message),
		               "%.60s is no kind of event; `loyalty help fields` lists them",
		               value_quote(text.text, text.length, shown));
	if (row->kind == LOY_KIND_NONE) {
		blame_entry(row, entry, message);
		return ROW_REFUSED;
	}
	return ROW_EVENT;
}

static int read_zone(struct row *row, int32_t *zone)
{
	const struct entry *entry = find_entry(row, TARGET_ZONE, row->kind);
	char message[VALUE_MESSAGE_SIZE];
	int64_t span = 0;
	int result = entry != NULL ? entry_value(row, entry, 0, &span, message) : VALUE_NONE;

	if (result == VALUE_SET && (span < -LOY_DAY || span > LOY_DAY || span % (60 * LOY_SECOND) != 0)) {
		(void)snprintf(message, sizeof(message),
		               "an offset from UTC is whole minutes, at most a day");
		result = VALUE_BAD;
	}
	*zone = (int32_t)(span / (60 * LOY_SECOND));
	if (result == VALUE_BAD)
		blame_entry(row, entry, message);
	return result != VALUE_BAD;
}

static int read_row_time(struct row *row, int32_t zone)
{
	const struct entry *entry = find_entry(row, LOY_FIELD_TIME, row->kind);
	char message[VALUE_MESSAGE_SIZE];
	int result = entry_value(row, entry, zone, &row->time, message);

	if (result == VALUE_NONE)
		(void)snprintf(message, sizeof(message), "is empty");
	if (result != VALUE_SET)
		blame_entry(row, entry, message);
	return result == VALUE_SET;
}

/* Zone, time and customer: what every event has besides its kind. */
static int read_head(struct row *row, loy_event *event, int32_t *zone)
{
	struct piece key = {NULL, 0};
	loy_status status;

	if (!read_zone(row, zone) || !read_row_time(row, *zone) ||
	    !needed(row, find_entry(row, LOY_FIELD_CUSTOMER, 0), &key))
		return ROW_REFUSED;
	if (row->only != NULL &&
	    (key.length != row->only_length || memcmp(key.text, row->only, row->only_length) != 0))
		return ROW_OTHER;
	status = loy_event_begin(event, row->kind, row->time);
	if (status != LOY_OK) {
		row_blame(row, LOY_FIELD_TIME, loy_status_text(status));
		return ROW_REFUSED;
	}
	status = loy_event_set_customer_key(event, key.text, key.length);
	if (status != LOY_OK) {
		row_blame(row, LOY_FIELD_CUSTOMER,
		          status == LOY_ELIMIT ? "a customer has more than 255 bytes"
		                               : loy_status_text(status));
		return ROW_REFUSED;
	}
	return ROW_EVENT;
}

/* Set what one entry says. ROW_LEFT_OUT: it says nothing here. */
static int apply_entry(struct row *row, const struct entry *entry, loy_event *event, int32_t zone)
{
	char message[VALUE_MESSAGE_SIZE];
	int64_t value = 0;
	int result;

	if (entry->identity != IDENTITY_TEXT)
		return set_content_identity(row, event, entry->identity);
	if (entry->target == TARGET_IDENTITY || entry->target == TARGET_REFERENCE)
		return set_key(row, entry, event);
	result = entry_value(row, entry, zone, &value, message);
	if (result == VALUE_NONE)
		return ROW_LEFT_OUT;
	if (result == VALUE_SET && loy_event_set(event, entry->target, value) != LOY_OK) {
		value_range(entry->target, message);
		result = VALUE_BAD;
	}
	if (result == VALUE_BAD)
		blame_entry(row, entry, message);
	return result == VALUE_BAD ? ROW_REFUSED : ROW_EVENT;
}

/* Whether a `skip` entry says to leave the row out: ROW_…. */
static int left_out(struct row *row)
{
	char message[VALUE_MESSAGE_SIZE];
	size_t i;

	for (i = 0; i < row->columns->entry_count; i++) {
		const struct entry *entry = &row->columns->entries[i];
		struct piece text = {NULL, 0};

		if (entry->target == TARGET_SKIP && applies(entry, row->kind)) {
			int result = entry_text(row, entry, &text, message);

			if (result == VALUE_BAD)
				blame_entry(row, entry, message);
			if (result != VALUE_NONE)
				return result == VALUE_BAD ? ROW_REFUSED : ROW_LEFT_OUT;
		}
	}
	return ROW_EVENT;
}

int row_read(struct row *row, loy_event *event)
{
	uint8_t done[256] = {0}; /* by target: an earlier entry gave a value */
	int32_t zone = 0;
	int result;
	size_t i;

	row->kind = LOY_KIND_NONE;
	result = read_kind(row);
	if (result == ROW_EVENT)
		result = left_out(row);
	if (result == ROW_EVENT)
		result = read_head(row, event, &zone);
	for (i = 0; i < row->columns->entry_count && result == ROW_EVENT; i++) {
		const struct entry *entry = &row->columns->entries[i];

		if ((entry->target >= LOY_FIELD_KIND && entry->target <= LOY_FIELD_CUSTOMER) ||
		    entry->target == TARGET_ZONE || entry->target == TARGET_SKIP || done[entry->target] ||
		    !applies(entry, row->kind))
			continue;
		result = apply_entry(row, entry, event, zone);
		done[entry->target] = result == ROW_EVENT;
		if (result == ROW_LEFT_OUT)
			result = ROW_EVENT;
	}
	return result;
}
