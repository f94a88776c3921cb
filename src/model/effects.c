/*
 * Direct, indirect and total effects of a recursive path model (Bollen 1987).
 *
 * (I - B)^-1 - I is the sum of the products along all paths. In the order of evaluation B is strictly
 * triangular, so one pass over the constructs gives a row: what reaches c is what reaches its parents, times
 * the weights of the paths.
 */
#include "model/model.h"

loy_status loy_model_effects(const loy_model *model, uint32_t from, uint32_t to, double *direct,
                             double *indirect, double *total)
{
	double reach[LOY_CONSTRUCTS_MAX] = {0}, own = 0.0;
	uint32_t c, i;

	if (model == NULL)
		return LOY_EINVAL;
	if (from >= model->construct_count || to >= model->construct_count)
		return LOY_ENOTFOUND;
	reach[from] = 1.0;
	for (c = from + 1; c <= to; c++) {
		const loy__construct *construct = &model->construct[c];

		for (i = 0; i < construct->path_count; i++)
			reach[c] += construct->path[i].weight * reach[construct->path[i].parent];
	}
	for (i = 0; i < model->construct[to].path_count; i++) {
		if (model->construct[to].path[i].parent == from)
			own = model->construct[to].path[i].weight;
	}
	if (to <= from)
		reach[to] = 0.0; /* nothing reaches back, and I is subtracted */
	if (direct != NULL)
		*direct = own;
	if (indirect != NULL)
		*indirect = reach[to] - own;
	if (total != NULL)
		*total = reach[to];
	return LOY_OK;
}
