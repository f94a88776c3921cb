/* Built-in models: canonical text, fingerprints, effects. */
#include <stdlib.h>

#include "history.h"

static void print(struct golden *g, const loy_model *model)
{
	uint64_t high = 0, low = 0;
	size_t needed = 0;
	char *text;

	golden_check(g, loy_model_print(model, NULL, 0, &needed) == LOY_EBUFFER, "size of the text");
	text = malloc(needed + 1);
	golden_check(g, text != NULL && loy_model_print(model, text, needed + 1, &needed) == LOY_OK,
	             "printing");
	if (text != NULL)
		golden_bytes(g, text, needed);
	free(text);
	golden_check(g, loy_model_fingerprint(model, &high, &low) == LOY_OK, "fingerprint of the model");
	golden_u64(g, high);
	golden_u64(g, low);
	golden_check(g, loy_schema_fingerprint(loy_model_schema(model), &high, &low) == LOY_OK,
	             "fingerprint of the schema");
	golden_u64(g, high);
	golden_u64(g, low);
}

static void effects(struct golden *g, const loy_model *model)
{
	uint32_t count = loy_model_construct_count(model), from, to;
	double direct = 0.0, indirect = 0.0, total = 0.0;

	for (from = 0; from < count; from++) {
		for (to = 0; to < count; to++) {
			golden_check(g,
			             loy_model_effects(model, from, to, &direct, &indirect, &total) == LOY_OK,
			             "effects");
			golden_double(g, direct);
			golden_double(g, indirect);
			golden_double(g, total);
		}
	}
}

void golden_model(struct golden *g)
{
	uint32_t i;

	golden_check(g, loy_model_builtin_count() >= 5, "built-in models");
	for (i = 0; i < loy_model_builtin_count(); i++) {
		const char *name = loy_model_builtin_name(i);
		loy_model *model;

		golden_begin(g, name);
		model = history_model(g, name);
		if (model != NULL) {
			print(g, model);
			effects(g, model);
		}
		loy_model_destroy(model);
		golden_end(g);
	}
}
