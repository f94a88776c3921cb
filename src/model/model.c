/* What a model tells of itself. */
#include "model/model.h"

#include <string.h>

loy_status loy_model_fingerprint(const loy_model *model, uint64_t *high, uint64_t *low)
{
	if (model == NULL || high == NULL || low == NULL)
		return LOY_EINVAL;
	*high = model->fingerprint_high;
	*low = model->fingerprint_low;
	return LOY_OK;
}

const loy_schema *loy_model_schema(const loy_model *model)
{
	return model != NULL ? &model->schema : NULL;
}

const char *loy_model_name(const loy_model *model)
{
	return model != NULL ? model->name : NULL;
}

const char *loy_model_title(const loy_model *model)
{
	return model != NULL ? model->title : NULL;
}

const char *loy_model_origin(const loy_model *model)
{
	return model != NULL ? model->origin : NULL;
}

uint32_t loy_model_note_count(const loy_model *model)
{
	return model != NULL ? model->note_count : 0;
}

const char *loy_model_note(const loy_model *model, uint32_t index, uint32_t *line)
{
	if (index >= loy_model_note_count(model))
		return NULL;
	if (line != NULL)
		*line = model->note[index].line;
	return model->note[index].text;
}

/* ---- constructs ---- */

uint32_t loy_model_construct_count(const loy_model *model)
{
	return model != NULL ? model->construct_count : 0;
}

const char *loy_model_construct_name(const loy_model *model, uint32_t construct)
{
	return construct < loy_model_construct_count(model) ? model->construct[construct].name : NULL;
}

loy_status loy_model_construct_find(const loy_model *model, const char *name, size_t length,
                                    uint32_t *construct)
{
	uint32_t i;

	if (model == NULL || name == NULL || construct == NULL)
		return LOY_EINVAL;
	for (i = 0; i < model->construct_count; i++) {
		const char *known = model->construct[i].name;

		if (strlen(known) == length && memcmp(known, name, length) == 0) {
			*construct = i;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

loy_status loy_model_weight_sum(const loy_model *model, uint32_t construct, double *sum)
{
	if (model == NULL || sum == NULL)
		return LOY_EINVAL;
	if (construct >= model->construct_count)
		return LOY_ENOTFOUND;
	*sum = model->construct[construct].weight_sum;
	return LOY_OK;
}

loy_status loy_model_construct_info(const loy_model *model, uint32_t construct, loy_construct_info *out)
{
	loy_construct_info info = {0};
	const loy__construct *from;

	if (model == NULL || out == NULL)
		return LOY_EINVAL;
	if (construct >= model->construct_count)
		return LOY_ENOTFOUND;
	from = &model->construct[construct];
	info.struct_size = (uint32_t)sizeof(info);
	info.composite = from->composite;
	info.indicator_count = from->indicator_count;
	info.path_count = from->path_count;
	if (!from->composite) {
		info.mean = from->mean;
		info.strength = from->strength;
		info.spread = from->spread;
	}
	info.limit = from->limit;
	return loy__result_write(out, &info, sizeof(info));
}

loy_status loy_model_indicator(const loy_model *model, uint32_t construct, uint32_t channel, double *positive,
                               double *negative)
{
	const loy__construct *from;
	uint32_t i = 0;

	if (model == NULL)
		return LOY_EINVAL;
	if (construct >= model->construct_count || channel >= model->schema.channel_count)
		return LOY_ENOTFOUND;
	from = &model->construct[construct];
	while (i < from->indicator_count && from->indicator[i].channel != channel)
		i++;
	if (positive != NULL)
		*positive = i < from->indicator_count ? from->indicator[i].positive : 0.0;
	if (negative != NULL)
		*negative = i < from->indicator_count ? from->indicator[i].negative : 0.0;
	return LOY_OK;
}

/* ---- stages and headline ---- */

uint32_t loy_model_staging_count(const loy_model *model)
{
	return model != NULL ? model->staging_count : 0;
}

const char *loy_model_staging_name(const loy_model *model, uint32_t staging)
{
	return staging < loy_model_staging_count(model) ? model->staging[staging].name : NULL;
}

uint32_t loy_model_rung_count(const loy_model *model, uint32_t staging)
{
	return staging < loy_model_staging_count(model) ? model->staging[staging].rung_count : 0;
}

const char *loy_model_rung_name(const loy_model *model, uint32_t staging, uint32_t rung)
{
	if (rung == 0 || rung > loy_model_rung_count(model, staging))
		return NULL;
	return model->staging[staging].rung[rung - 1].name;
}

uint32_t loy_model_headline_count(const loy_model *model)
{
	uint32_t count = 0;

	while (model != NULL && count < LOY__HEADLINES && model->headline[count] != LOY__NONE)
		count++;
	return count;
}

loy_status loy_model_headline(const loy_model *model, uint32_t index, uint32_t *construct)
{
	if (model == NULL || construct == NULL)
		return LOY_EINVAL;
	if (index >= loy_model_headline_count(model))
		return LOY_ENOTFOUND;
	*construct = model->headline[index];
	return LOY_OK;
}
