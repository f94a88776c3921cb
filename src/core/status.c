/* Statuses, versions and the caller's error detail. */
#include "core/core.h"

#include <string.h>

#define FOUND_MAX 40 /* bytes of a text that a message quotes */

/* Arrays of characters rather than of pointers: pointers would need relocation when the library is loaded. */
#define STATUS_NAME(name, value, text) [value] = #name,
static const char status_names[LOY_STATUS_COUNT][16] = {LOY_STATUS_MAP(STATUS_NAME)};
#define STATUS_TEXT(name, value, text) [value] = text,
static const char status_texts[LOY_STATUS_COUNT][72] = {LOY_STATUS_MAP(STATUS_TEXT)};

const char *loy_status_name(loy_status status)
{
	return status >= 0 && status < LOY_STATUS_COUNT ? status_names[status] : "LOY_?";
}

const char *loy_status_text(loy_status status)
{
	return status >= 0 && status < LOY_STATUS_COUNT ? status_texts[status]
	                                                : "a status this version does not know";
}

uint32_t loy_version_number(void)
{
	return LOY_VERSION_NUMBER;
}

#define QUOTE(x)    #x
#define EXPANDED(x) QUOTE(x)
#define VERSION_TEXT                                                                                         \
	EXPANDED(LOY_VERSION_MAJOR) "." EXPANDED(LOY_VERSION_MINOR) "." EXPANDED(LOY_VERSION_PATCH)

const char *loy_version(void)
{
	return VERSION_TEXT;
}

/* Largest prefix of `text` within `room` bytes that does not split a character. */
static size_t whole_characters(const char *text, size_t length, size_t room)
{
	if (length <= room)
		return length;
	while (room > 0 && ((unsigned char)text[room] & 0xC0u) == 0x80u)
		room--;
	return room;
}

/* Positions start as "none". Returns NULL when the caller's struct cannot be written to. */
static loy_error *error_begin(loy_error *error, loy_status status, const char *message)
{
	size_t length;

	if (error == NULL || error->struct_size < sizeof(*error))
		return NULL;
	error->code = status;
	error->row = -1;
	error->byte = -1;
	error->line = 0;
	error->column = 0;
	error->field = 0;
	error->reserved = 0;
	length = whole_characters(message, strlen(message), LOY_ERROR_MESSAGE_SIZE - 1);
	memcpy(error->message, message, length);
	memset(error->message + length, 0, LOY_ERROR_MESSAGE_SIZE - length);
	return error;
}

void loy__error_fill(loy_error *error, loy_status status, const char *message)
{
	(void)error_begin(error, status, message);
}

void loy__error_fill_name(loy_error *error, loy_status status, const char *message, const char *name,
                          size_t length)
{
	static const char between[] = ": '";
	size_t at, room, taken, i;

	error = error_begin(error, status, message);
	if (error == NULL)
		return;
	at = strlen(error->message);
	if (at + sizeof(between) + 1 >= LOY_ERROR_MESSAGE_SIZE)
		return; /* no room for a name at all */
	memcpy(error->message + at, between, sizeof(between) - 1);
	at += sizeof(between) - 1;
	room = LOY_ERROR_MESSAGE_SIZE - 2 - at; /* the closing quote and the terminator stay free */
	taken = whole_characters(name, length, room);
	if (taken != 0 && loy__utf8_valid(name, taken)) {
		memcpy(error->message + at, name, taken);
	} else {
		for (i = 0; i < taken; i++) { /* the message stays valid UTF-8 whatever the name is */
			if ((unsigned char)name[i] < 0x80u)
				error->message[at + i] = name[i];
			else
				error->message[at + i] = '?';
		}
	}
	for (i = 0; i < taken; i++) {
		if ((unsigned char)error->message[at + i] < 0x20u)
			error->message[at + i] = '?';
	}
	error->message[at + taken] = '\'';
}

void loy__error_fill_row(loy_error *error, loy_status status, int64_t row, uint32_t field,
                         const char *message)
{
	error = error_begin(error, status, message);
	if (error != NULL) {
		error->row = row;
		error->field = field;
	}
}

void loy__error_fill_byte(loy_error *error, loy_status status, int64_t byte, const char *message)
{
	error = error_begin(error, status, message);
	if (error != NULL)
		error->byte = byte;
}

void loy__error_fill_text(loy_error *error, loy_status status, uint32_t line, uint32_t column, int64_t byte,
                          const char *message)
{
	error = error_begin(error, status, message);
	if (error != NULL) {
		error->line = line;
		error->column = column;
		error->byte = byte;
	}
}

void loy__message_add(loy__message *m, const char *text, size_t length)
{
	size_t room = sizeof(m->text) - 1 - m->length;

	if (length > room)
		length = room;
	memcpy(m->text + m->length, text, length);
	m->length += length;
	m->text[m->length] = '\0';
}

void loy__message_add_text(loy__message *m, const char *text)
{
	loy__message_add(m, text, strlen(text));
}

void loy__message_add_quoted(loy__message *m, const char *found, size_t length)
{
	size_t shown = length, i;

	if (shown > FOUND_MAX) {
		shown = FOUND_MAX;
		while (((unsigned char)found[shown] & 0xC0u) == 0x80u)
			shown--;
	}
	loy__message_add_text(m, "'");
	for (i = 0; i < shown; i++)
		loy__message_add(m, (unsigned char)found[i] < 0x20u || found[i] == 0x7f ? "?" : &found[i], 1);
	loy__message_add_text(m, shown < length ? "…'" : "'");
}

loy_status loy__fail_utf8(loy_error *error, const char *text, size_t at)
{
	uint32_t line = 1;
	size_t start = 0, i;

	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return loy__fail_text(error, LOY_EUTF8, line, (uint32_t)(at - start + 1), (int64_t)at,
	                      "this byte is not valid UTF-8");
}
