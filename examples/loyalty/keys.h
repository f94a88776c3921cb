/* Profile fields and their keys as text: `net_spend[EUR]`, `count[complaint]`, `answer_latest[nps/0]`. */
#ifndef SHELL_KEYS_H
#define SHELL_KEYS_H

#include <loyalty.h>
#include "names.h"

#define KEY_SIZE 320

/* Text of a key; `names` may be NULL. */
const char *key_text(const loy_schema *schema, uint32_t key_type, uint64_t key, const struct names *names,
                     char buffer[KEY_SIZE]);
/* The key of a text; 1, or 0 when it is none. */
int key_parse(const loy_schema *schema, uint32_t key_type, const char *text, size_t length, uint64_t *out);
/* Profile field of a name; 1, or 0 when there is none. */
int profile_field_find(const char *name, size_t length, loy_profile_field *out);
/* An integer of 128 bits in decimal. */
const char *wide_text(int64_t high, uint64_t low, char buffer[KEY_SIZE]);

/* Read a condition such as `loyalty<40`, `events>=5` or `net_spend[EUR]>10000`. 1, or 0 after telling. */
int where_parse(const char *text, const loy_model *model, loy_filter *out);

#endif
