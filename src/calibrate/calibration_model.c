/* Models made from models. */
#include "calibrate/calibration.h"

loy_status loy__model_copy(loy_model **out, const loy_model *model, const loy_allocator *memory,
                           loy_error *error)
{
	loy__writer text;
	loy_status status;

	loy__writer_init(&text, memory, LOY_MODEL_TEXT_MAX);
	loy__model_print(model, 0, &text);
	status = text.status;
	if (status == LOY_OK)
		status = loy_model_create(out, (const char *)text.data, text.size, memory, error);
	loy__writer_free(&text);
	return status;
}

/* 5 % off the weight of recovery wherever it pays; 1 when it did anywhere. */
static int lower_recovery(loy_model *model)
{
	uint32_t c, i;
	int lowered = 0;

	for (c = 0; c < model->construct_count; c++) {
		loy__construct *construct = &model->construct[c];

		if (construct->composite || !loy__recovery_pays(model, construct))
			continue;
		for (i = 0; i < construct->indicator_count; i++) {
			double *weight = &construct->indicator[i].positive;

			if (construct->indicator[i].channel != model->recovery)
				continue;
			*weight = loy__real_from_decimal(loy__decimal_from_real(0.95 * *weight));
			lowered = 1;
		}
	}
	return lowered;
}

loy_status loy__model_prepare_lowered(loy_model *model, int *lowered, loy_error *error)
{
	loy_status status;

	*lowered = 0;
	while ((status = loy__model_prepare(model, error)) == LOY_ERANGE && model->recovery != LOY__NONE &&
	       lower_recovery(model))
		*lowered = 1;
	return status;
}

int64_t loy__span_writable(double microseconds)
{
	int64_t step = microseconds < 6000.0 * (double)LOY_DAY ? 60 * LOY_SECOND : LOY_HOUR;
	int64_t steps = (int64_t)(microseconds / (double)step + 0.5);

	return (steps < 1 ? 1 : steps) * step;
}

/* A half-life that is not kept stays 0. */
static void fade(loy__half_life *half_life, double factor)
{
	if (half_life->microseconds != 0)
		half_life->microseconds = loy__span_writable((double)half_life->microseconds * factor);
}

loy_status loy_model_create_faded(loy_model **out, const loy_model *model, double factor,
                                  const loy_allocator *memory, loy_error *error)
{
	loy_model *faded = NULL;
	loy_allocator own;
	loy_status status;
	uint32_t i;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the model");
	*out = NULL;
	if (model == NULL || loy__memory_adopt(&own, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an allocator is not whole");
	if (!(factor >= 0.01 && factor <= 100.0))
		return loy__fail(error, LOY_ERANGE, "the factor of half-lives must lie from 0.01 to 100");
	status = loy__model_copy(&faded, model, &own, error);
	if (status != LOY_OK)
		return status;
	for (i = 0; i < faded->schema.channel_count; i++) {
		fade(&faded->schema.channel[i].slow, factor);
		fade(&faded->schema.channel[i].fast, factor);
	}
	fade(&faded->schema.worst_half_life, factor);
	status = loy__model_prepare(faded, error);
	if (status != LOY_OK) {
		loy_model_destroy(faded);
		return loy__fail(error, status, "the half-lives would lie outside what models allow");
	}
	*out = faded;
	return LOY_OK;
}
