/*
 * Numbers of a JSON file by path ("default/channels/quality/omega", list items by their index). Strings can be read
 * too; true, false and null are kept as text. Any flaw of the file fails the test.
 */
#ifndef LOY_TESTS_JSON_H
#define LOY_TESTS_JSON_H

#include "support.h"

struct json;
struct json *json_open(const char *path);
/* The same of a terminated text from malloc, which is freed by json_close(). */
struct json *json_parse(char *text);
void json_close(struct json *json);
/* Fails the test when there is no such number. */
double json_number(const struct json *json, const char *path);
/* Text of a string, or NULL when there is none. */
const char *json_text(const struct json *json, const char *path);
/* The index-th name directly below an object, in the file's order; NULL beyond. Valid until the next call. */
const char *json_member(struct json *json, const char *path, size_t index);

#endif
