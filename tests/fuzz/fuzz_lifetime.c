/*
 * Texts of models and bytes of accumulated histories: the first byte says which. What is accepted is written as it was
 * read (bytes) or as a text that gives the same model; questions to such a model are answered or refused. Memory
 * runs out at a place that the length of the input chooses.
 */
#include "core/core.h"
#include "fuzz.h"

static void ask(const loy_lifetime *model)
{
	loy_history history = {.struct_size = sizeof(history), .x = 2.0, .t_x = 3.0, .T = 7.0, .spend = 5.0};
	loy_lifetime_estimate out = {.struct_size = sizeof(out)};
	double z[LOY_LIFETIME_COVARIATES_MAX] = {0.0};
	uint32_t quantity;

	history.covariates = z;
	history.covariate_count = LOY_LIFETIME_COVARIATES_MAX;
	for (quantity = LOY_ASK_ALIVE; quantity <= LOY_ASK_LOG_LIKELIHOOD; quantity++) {
		loy_lifetime_ask question = {
		        .struct_size = sizeof(question), .quantity = quantity, .to = 2.0};
		loy_status status = loy_lifetime_evaluate(model, NULL, &history, &question, &out);

		FUZZ_CHECK(status == LOY_OK || status == LOY_EINVAL || status == LOY_ERANGE ||
		           status == LOY_EUNKNOWN);
	}
}

static void text(const char *data, size_t size, const loy_allocator *memory)
{
	static char first[LOY_LIFETIME_TEXT_MAX * 2], second[LOY_LIFETIME_TEXT_MAX * 2];
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime *model = NULL, *again = NULL;
	size_t length, other;
	loy_status status = loy_lifetime_parse(&model, data, size, memory, &error);

	FUZZ_CHECK((status == LOY_OK) == (model != NULL));
	if (model == NULL) {
		FUZZ_CHECK(error.code == status && error.message[0] != '\0');
		return;
	}
	ask(model);
	if (loy_lifetime_print(model, first, sizeof(first), &length) == LOY_OK &&
	    loy_lifetime_parse(&again, first, length, memory, &error) == LOY_OK) {
		FUZZ_CHECK(loy_lifetime_print(again, second, sizeof(second), &other) == LOY_OK);
		FUZZ_CHECK(length == other && memcmp(first, second, length) == 0);
	}
	loy_lifetime_destroy(again);
	loy_lifetime_destroy(model);
}

static void histories(const uint8_t *data, size_t size, const loy_allocator *memory)
{
	loy_error error = {.struct_size = sizeof(error)};
	uint8_t *sealed = malloc(size + 4), *written;
	loy_lifetime_data *read = NULL;
	size_t needed = 0;
	uint32_t crc, i;

	if (sealed == NULL)
		return;
	if (size > 0)
		memcpy(sealed, data, size);
	crc = loy__crc32c(0, sealed, size);
	for (i = 0; i < 4; i++)
		sealed[size + i] = (uint8_t)(crc >> 8 * i); /* guessing checksums is not what is looked at */
	if (loy_lifetime_data_from_bytes(&read, sealed, size + 4, memory, &error) == LOY_OK) {
		loy_lifetime_options options = {.struct_size = sizeof(options), .iterations = 3};
		loy_lifetime *model = NULL;

		written = malloc(size + 4);
		if (written != NULL && loy_lifetime_data_bytes(read, written, size + 4, &needed) == LOY_OK)
			FUZZ_CHECK(needed == size + 4 && memcmp(written, sealed, needed) == 0);
		free(written);
		(void)loy_lifetime_fit(&model, read, &options, memory, &error);
		loy_lifetime_destroy(model);
	} else {
		FUZZ_CHECK(read == NULL && error.message[0] != '\0');
	}
	loy_lifetime_data_destroy(read);
	free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size % 7 == 3 ? (long)(size % 13) : -1};
	loy_allocator memory = fuzz_allocator(&heap);

	fuzz_begin();
	if (size == 0)
		return 0;
	if (data[0] == 'L')
		histories(data, size, &memory);
	else
		text((const char *)data, size, &memory);
	FUZZ_CHECK(heap.live == 0);
	return 0;
}
