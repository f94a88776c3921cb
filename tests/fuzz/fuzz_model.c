/*
 * Model texts: a refusal has a place and a message, a model prints as a text that gives the same model. Memory
 * runs out at a place that the length of the input chooses.
 */
#include "fuzz.h"
#include "model/model.h"

/* Longest canonical text of an accepted input; print asks first, so a longer one is a finding. */
#define PRINTED_MAX 262144

static void refused(const loy_error *error, loy_status status, size_t size)
{
	FUZZ_CHECK(error->code == status);
	FUZZ_CHECK(error->message[0] != '\0');
	FUZZ_CHECK(memchr(error->message, '\0', sizeof(error->message)) != NULL);
	if (status == LOY_ENOMEM)
		return;
	FUZZ_CHECK(status == LOY_ESYNTAX || status == LOY_ENAME || status == LOY_ERANGE ||
	           status == LOY_ECYCLE || status == LOY_EUTF8 || status == LOY_ELIMIT);
	FUZZ_CHECK(error->line >= 1 && error->column >= 1);
	FUZZ_CHECK(error->byte >= 0 && (size_t)error->byte <= size);
}

/* What scoring relies on. */
static void sound(const loy_model *model)
{
	uint32_t i, k;

	FUZZ_CHECK(model->construct_count >= 1 && model->note_count <= LOY__NOTES_MAX);
	for (i = 0; i < model->construct_count; i++) {
		const loy__construct *construct = &model->construct[i];
		double sum = 0.0, total = 0.0;

		FUZZ_CHECK(construct->baseline >= 0.0 && construct->baseline <= 1.0 + 1e-12);
		for (k = 0; k < construct->path_count; k++) {
			const loy__path *path = &construct->path[k];

			FUZZ_CHECK(path->parent < i && (path->moderator == LOY__NONE || path->moderator < i));
			sum += path->weight * (1.0 + path->moderation);
		}
		FUZZ_CHECK(sum <= 1.0 + 1e-12 && (!construct->composite || sum >= 1.0 - 1e-12));
		for (k = 0; k < construct->indicator_count; k++)
			FUZZ_CHECK(construct->indicator[k].moderator == LOY__NONE ||
			           construct->indicator[k].moderator < i);
		FUZZ_CHECK(loy_model_effects(model, 0, i, NULL, NULL, &total) == LOY_OK && total >= 0.0);
	}
}

static void accepted(const loy_model *model)
{
	static char first[PRINTED_MAX], second[PRINTED_MAX];
	loy_error error = {.struct_size = sizeof(error)};
	uint64_t high[2], low[2];
	size_t needed[2];
	loy_model *again;

	sound(model);
	FUZZ_CHECK(loy_model_print(model, first, sizeof(first), &needed[0]) == LOY_OK);
	FUZZ_CHECK(loy_model_create(&again, first, needed[0], NULL, &error) == LOY_OK);
	FUZZ_CHECK(loy_model_print(again, second, sizeof(second), &needed[1]) == LOY_OK);
	FUZZ_CHECK(needed[0] == needed[1] && memcmp(first, second, needed[0]) == 0);
	FUZZ_CHECK(loy_model_fingerprint(model, &high[0], &low[0]) == LOY_OK);
	FUZZ_CHECK(loy_model_fingerprint(again, &high[1], &low[1]) == LOY_OK);
	FUZZ_CHECK(high[0] == high[1] && low[0] == low[1]);
	loy_model_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {0, 0, 0};
	loy_error error = {.struct_size = sizeof(error)};
	loy_model *model = NULL;
	loy_allocator memory;
	loy_status status;

	fuzz_begin();
	heap.until = size % 64 < 12 ? (long)(size % 64) : -1;
	memory = fuzz_allocator(&heap);
	status = loy_model_create(&model, (const char *)data, size, &memory, &error);
	if (status == LOY_OK)
		accepted(model);
	else
		refused(&error, status, size);
	FUZZ_CHECK((model != NULL) == (status == LOY_OK));
	loy_model_destroy(model);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
