#include "json.h"

#include <ctype.h>

struct leaf {
	char path[200];
	char text[1000];
	int is_string;
};

struct json {
	char *text;
	const char *at;
	struct leaf *leaf;
	size_t count, capacity;
	char path[200];
	char member[64];
};

static void flaw(const struct json *json, const char *what)
{
	fail_msg("JSON: %s at byte %zu", what, (size_t)(json->at - json->text));
}

static char next_mark(struct json *json)
{
	while (isspace((unsigned char)*json->at))
		json->at++;
	return *json->at;
}

static void take(struct json *json, char mark)
{
	if (next_mark(json) != mark)
		flaw(json, "another character was expected");
	json->at++;
}

/* The byte an escape stands for; only those below U+0080, and none that have no need of one. */
static char take_escape(struct json *json)
{
	char digits[5] = {0};

	json->at++;
	if (*json->at == '"' || *json->at == '\\')
		return *json->at++;
	if (*json->at != 'u' || strspn(json->at + 1, "0123456789abcdef") < 4 ||
	    strncmp(json->at + 1, "00", 2) != 0 || json->at[3] > '7')
		flaw(json, "an escape that cannot be read");
	memcpy(digits, json->at + 1, 4);
	json->at += 5;
	return (char)strtoul(digits, NULL, 16);
}

/* A string; a zero byte in it ends what is kept. */
static size_t take_string(struct json *json, char *out, size_t size)
{
	size_t length = 0;

	take(json, '"');
	while (*json->at != '"') {
		if ((unsigned char)*json->at < 0x20 || length + 1 >= size)
			flaw(json, "a string that cannot be read");
		out[length] = *json->at;
		if (*json->at == '\\')
			out[length] = take_escape(json);
		else
			json->at++;
		length++;
	}
	out[length] = '\0';
	json->at++;
	return length;
}

static void take_leaf(struct json *json)
{
	struct leaf *leaf;
	size_t length = 0;

	if (json->count == json->capacity) {
		json->capacity = json->capacity * 2 + 64;
		json->leaf = realloc(json->leaf, json->capacity * sizeof(*json->leaf));
		if (json->leaf == NULL)
			fail_msg("out of memory");
	}
	leaf = &json->leaf[json->count++];
	memcpy(leaf->path, json->path, sizeof(leaf->path));
	leaf->is_string = next_mark(json) == '"';
	if (leaf->is_string) {
		take_string(json, leaf->text, sizeof(leaf->text));
		return;
	}
	while (isalnum((unsigned char)*json->at) || strchr("+-.", *json->at) != NULL) {
		if (*json->at == '\0' || length + 1 >= sizeof(leaf->text))
			flaw(json, "a value that cannot be read");
		leaf->text[length++] = *json->at++;
	}
	leaf->text[length] = '\0';
	if (length == 0)
		flaw(json, "a value was expected");
}

/* Test files are nested a few levels deep, so recursion is fine here. */
static void take_value(struct json *json)
{
	char mark = next_mark(json), close = mark == '{' ? '}' : ']';
	size_t length = strlen(json->path), index = 0;

	if (mark != '{' && mark != '[') {
		take_leaf(json);
		return;
	}
	take(json, mark);
	if (next_mark(json) == close) {
		take(json, close);
		return;
	}
	for (;;) {
		char name[64];

		if (mark == '{') {
			take_string(json, name, sizeof(name));
			take(json, ':');
		} else {
			snprintf(name, sizeof(name), "%zu", index++);
		}
		if (length + strlen(name) + 2 > sizeof(json->path))
			flaw(json, "too deep");
		snprintf(json->path + length, sizeof(json->path) - length, "%s%s", length > 0 ? "/" : "",
		         name);
		take_value(json);
		json->path[length] = '\0';
		if (next_mark(json) != ',')
			break;
		take(json, ',');
	}
	take(json, close);
}

struct json *json_open(const char *path)
{
	size_t size;

	return json_parse(read_whole_file(path, &size));
}

struct json *json_parse(char *text)
{
	struct json *json = calloc(1, sizeof(*json));

	if (json == NULL)
		fail_msg("out of memory");
	json->text = text;
	json->at = text;
	take_value(json);
	if (next_mark(json) != '\0')
		flaw(json, "more after the end");
	return json;
}

void json_close(struct json *json)
{
	free(json->leaf);
	free(json->text);
	free(json);
}

static const struct leaf *find(const struct json *json, const char *path)
{
	size_t i;

	for (i = 0; i < json->count; i++)
		if (strcmp(json->leaf[i].path, path) == 0)
			return &json->leaf[i];
	return NULL;
}

double json_number(const struct json *json, const char *path)
{
	const struct leaf *leaf = find(json, path);
	char *end = NULL;
	double value = 0.0;

	if (leaf != NULL && !leaf->is_string)
		value = strtod(leaf->text, &end);
	if (end == NULL || *end != '\0')
		fail_msg("JSON: no number at %s", path);
	return value;
}

const char *json_text(const struct json *json, const char *path)
{
	const struct leaf *leaf = find(json, path);

	return leaf != NULL && leaf->is_string ? leaf->text : NULL;
}

const char *json_member(struct json *json, const char *path, size_t index)
{
	size_t length = strlen(path), i, size;

	json->member[0] = '\0';
	for (i = 0; i < json->count; i++) {
		const char *rest = json->leaf[i].path;

		if (strncmp(rest, path, length) != 0 || rest[length] != '/')
			continue;
		rest += length + 1;
		size = strcspn(rest, "/");
		if (strlen(json->member) == size && strncmp(json->member, rest, size) == 0)
			continue; /* deeper below the same one */
		memcpy(json->member, rest, size);
		json->member[size] = '\0';
		if (index-- == 0)
			return json->member;
	}
	return NULL;
}
