/* What an estimate tells: structs by index, matrices, chains, slopes. */
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

/* loy_pls_get_summary() and others write these with their first member, struct_size, left to the caller. */
loy_status loy_pls_get_summary(const loy_pls *pls, loy_pls_summary *out)
{
	loy_pls_summary s = {0};
	uint32_t i;

	if (pls == NULL)
		return LOY_EINVAL;
	s.indicators = pls->model->indicators;
	s.constructs = pls->model->constructs;
	s.paths = pls->model->paths;
	s.items = pls->shared->plan.items;
	s.stages = pls->stage + 1;
	s.iterations = pls->estimate->iterations;
	s.converged = pls->estimate->converged;
	s.scheme = pls->model->scheme;
	s.consistent = pls->model->consistent;
	s.problems = pls->problem_count;
	for (i = 0; i < pls->problem_count; i++)
		s.inadmissible += pls->problems[i].inadmissible;
	s.change = pls->estimate->change;
	s.n = pls->shared->n;
	s.gof = pls->quality.gof;
	s.srmr = pls->quality.srmr;
	s.srmr_saturated = pls->quality.srmr_saturated;
	s.condition = pls->quality.condition;
	s.latent_condition = pls->quality.latent_condition;
	return loy__result_write(out, &s, sizeof(s));
}

/* What follows from R²; NaN where nothing leads to the construct. */
static void fill_outcome(const loy_pls *pls, uint32_t index, loy_pls_construct *out)
{
	double n = pls->shared->n, k = (double)out->predictors, r2 = pls->estimate->r2[index], log_variance;

	out->r2 = out->r2_adjusted = out->aic = out->bic = (double)NAN;
	if (out->predictors == 0)
		return;
	log_variance = loy__log((1.0 - pls->estimate->r2_score[index]) * (n - 1.0) / n);
	out->r2 = r2;
	if (n - k - 1.0 > 0.0)
		out->r2_adjusted = 1.0 - (1.0 - r2) * (n - 1.0) / (n - k - 1.0);
	out->aic = n * log_variance + 2.0 * (k + 1.0);
	out->bic = n * log_variance + (k + 1.0) * loy__log(n);
	out->redundancy = out->communality * r2;
}

/* A product's unit: mean deviation of what was multiplied, by loadings; of one product just its own. */
static double unit_of(const loy_pls *pls, const loy__pls_construct *construct)
{
	double sum = 0.0, sizes = 0.0;
	uint32_t i;

	if (!construct->product)
		return 1.0;
	for (i = construct->first; i < construct->first + construct->count; i++) {
		double size = fabs(pls->estimate->loading[i]);

		sum += pls->shared->run.product_sd[pls->model->column[i]] * size;
		sizes += size;
	}
	return sum / sizes;
}

loy_status loy_pls_get_construct(const loy_pls *pls, uint32_t index, loy_pls_construct *out)
{
	const loy__pls_construct *construct;
	loy_pls_construct c = {0};

	if (pls == NULL)
		return LOY_EINVAL;
	if (index >= pls->model->constructs)
		return LOY_ENOTFOUND;
	construct = &pls->model->construct[index];
	c.mode = construct->mode;
	c.first_indicator = construct->first;
	c.indicator_count = construct->count;
	c.predictors = construct->path_count;
	c.reflective = construct->reflective;
	c.order = construct->order;
	c.product = construct->product;
	c.first = construct->left;
	c.second = construct->right;
	c.name = construct->name;
	c.alpha = pls->quality.alpha[index];
	c.alpha_standardised = pls->quality.alpha_standardised[index];
	c.rho_a = pls->estimate->rho_a[index];
	c.rho_c = pls->quality.rho_c[index];
	c.ave = pls->quality.ave[index];
	c.rho_pca = pls->quality.rho_pca[index];
	c.eigen1 = pls->quality.eigen1[index];
	c.eigen2 = pls->quality.eigen2[index];
	c.communality = pls->quality.communality[index];
	c.unit = unit_of(pls, construct);
	fill_outcome(pls, index, &c);
	return loy__result_write(out, &c, sizeof(c));
}

loy_status loy_pls_find_construct(const loy_pls *pls, const char *name, size_t length, uint32_t *index)
{
	uint32_t c;

	if (pls == NULL || name == NULL || index == NULL)
		return LOY_EINVAL;
	for (c = 0; c < pls->model->constructs; c++) {
		const char *known = pls->model->construct[c].name;

		if (strlen(known) == length && memcmp(known, name, length) == 0) {
			*index = c;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

/* Construct that an indicator belongs to: the last whose first is not after it. */
static uint32_t owner(const loy__pls_model *m, uint32_t indicator)
{
	uint32_t c = m->constructs - 1;

	while (m->construct[c].first > indicator)
		c--;
	return c;
}

loy_status loy_pls_get_indicator(const loy_pls *pls, uint32_t index, loy_pls_indicator *out)
{
	const loy__pls_shared *s;
	const loy__pls_column *column;
	loy_pls_indicator i = {0};
	uint32_t at;
	double cross;

	if (pls == NULL)
		return LOY_EINVAL;
	if (index >= pls->model->indicators)
		return LOY_ENOTFOUND;
	s = pls->shared;
	at = pls->model->column[index];
	column = &s->plan.column[at];
	i.construct = owner(pls->model, index);
	i.item = column->kind == LOY__PLS_ITEM ? at : LOY_PLS_NO_ITEM;
	i.name = column->name;
	i.weight = pls->estimate->weight[index];
	i.loading = pls->estimate->loading[index];
	cross = pls->estimate->cross[(size_t)i.construct * pls->model->indicators + index];
	i.communality = cross * cross;
	i.redundancy = i.communality * pls->estimate->r2[i.construct];
	i.vif = pls->quality.indicator_vif[index];
	i.deviation = 1.0;
	if (column->kind == LOY__PLS_ITEM) {
		i.mean = s->mean[at];
		i.deviation = s->deviation[at];
	} else if (column->kind == LOY__PLS_PRODUCT) {
		i.mean = column->cleaned ? 0.0 : s->run.product_mean[at];
		i.deviation = s->run.product_sd[at];
	}
	return loy__result_write(out, &i, sizeof(i));
}

loy_status loy_pls_get_item(const loy_pls *pls, uint32_t index, const char **name, double *mean,
                            double *deviation)
{
	if (pls == NULL || name == NULL)
		return LOY_EINVAL;
	if (index >= pls->shared->plan.items)
		return LOY_ENOTFOUND;
	*name = pls->shared->plan.column[index].name;
	if (mean != NULL)
		*mean = pls->shared->mean[index];
	if (deviation != NULL)
		*deviation = pls->shared->deviation[index];
	return LOY_OK;
}

loy_status loy_pls_get_path(const loy_pls *pls, uint32_t index, loy_pls_path *out)
{
	loy_pls_path p = {0};

	if (pls == NULL)
		return LOY_EINVAL;
	if (index >= pls->model->paths)
		return LOY_ENOTFOUND;
	p.from = pls->model->path[index].from;
	p.to = pls->model->path[index].to;
	p.hierarchy = pls->model->path[index].hierarchy;
	p.value = pls->estimate->path[index];
	p.f2 = pls->estimate->f2[index];
	p.vif = pls->estimate->vif[index];
	return loy__result_write(out, &p, sizeof(p));
}

loy_status loy_pls_get_problem(const loy_pls *pls, uint32_t index, loy_pls_problem *out)
{
	if (pls == NULL)
		return LOY_EINVAL;
	if (index >= pls->problem_count)
		return LOY_ENOTFOUND;
	return loy__result_write(out, &pls->problems[index], sizeof(*out));
}

const loy_pls *loy_pls_first_stage(const loy_pls *pls)
{
	return pls != NULL ? pls->earlier : NULL;
}

/* ---- matrices ---- */

static void put_fornell_larcker(const loy_pls *pls, double *out)
{
	size_t q = pls->model->constructs, c, d;

	for (c = 0; c < q; c++) {
		for (d = 0; d < q; d++)
			out[c * q + d] = d < c ? pls->estimate->score[c * q + d] : 0.0;
		out[c * q + c] = sqrt(pls->quality.ave[c]);
	}
}

static void put_effects(const loy_pls *pls, uint32_t kind, double *out)
{
	size_t q = pls->model->constructs;
	uint32_t k;

	memset(out, 0, q * q * sizeof(*out));
	if (kind != LOY_PLS_DIRECT)
		memcpy(out, pls->quality.total, q * q * sizeof(*out));
	for (k = 0; kind != LOY_PLS_TOTAL && k < pls->model->paths; k++) {
		size_t at = pls->model->path[k].from * q + pls->model->path[k].to;

		out[at] = kind == LOY_PLS_DIRECT ? pls->estimate->path[k] : out[at] - pls->estimate->path[k];
	}
}

static void put_crossloadings(const loy_pls *pls, double *out)
{
	size_t p = pls->model->indicators, q = pls->model->constructs, i, c;

	for (i = 0; i < p; i++) {
		for (c = 0; c < q; c++)
			out[i * q + c] = pls->estimate->cross[c * p + i];
	}
}

static void put_items(const loy_pls *pls, double *out)
{
	size_t items = pls->shared->plan.items, i;

	for (i = 0; i < items; i++)
		memcpy(out + i * items, pls->shared->run.x + i * pls->shared->plan.extent,
		       items * sizeof(*out));
}

static void put_matrix(const loy_pls *pls, uint32_t kind, double *out)
{
	size_t q = pls->model->constructs, bytes = q * q * sizeof(*out);

	switch (kind) {
	case LOY_PLS_CROSSLOADINGS:
		put_crossloadings(pls, out);
		break;
	case LOY_PLS_CORRELATIONS:
		memcpy(out, pls->estimate->score, bytes);
		break;
	case LOY_PLS_LATENT:
		memcpy(out, pls->estimate->latent, bytes);
		break;
	case LOY_PLS_FORNELL_LARCKER:
		put_fornell_larcker(pls, out);
		break;
	case LOY_PLS_HTMT:
		memcpy(out, pls->quality.htmt, bytes);
		break;
	case LOY_PLS_HTMT_SIGNED:
		memcpy(out, pls->quality.htmt_signed, bytes);
		break;
	case LOY_PLS_ITEMS:
		put_items(pls, out);
		break;
	case LOY_PLS_ITEM_WEIGHTS:
		memcpy(out, pls->quality.item_weight, q * pls->shared->plan.items * sizeof(*out));
		break;
	default:
		put_effects(pls, kind, out);
		break;
	}
}

loy_status loy_pls_get_matrix(const loy_pls *pls, uint32_t kind, double *buffer, size_t capacity,
                              size_t *needed)
{
	size_t q, size;

	if (pls == NULL || kind > LOY_PLS_ITEM_WEIGHTS || (buffer == NULL && capacity != 0))
		return LOY_EINVAL;
	q = pls->model->constructs;
	size = q * q;
	if (kind == LOY_PLS_CROSSLOADINGS)
		size = q * pls->model->indicators;
	else if (kind == LOY_PLS_ITEM_WEIGHTS)
		size = q * pls->shared->plan.items;
	else if (kind == LOY_PLS_ITEMS)
		size = (size_t)pls->shared->plan.items * pls->shared->plan.items;
	if (needed != NULL)
		*needed = size;
	if (capacity < size)
		return LOY_EBUFFER;
	put_matrix(pls, kind, buffer);
	return LOY_OK;
}

/* ---- effects ---- */

uint32_t loy_pls_chain_count(const loy_pls *pls)
{
	return pls != NULL ? pls->chains.count : 0;
}

double loy_pls_chain_total(const loy_pls *pls)
{
	return pls != NULL ? pls->chains.total : 0.0;
}

uint32_t loy_pls_definition_count(const loy_pls *pls)
{
	return pls != NULL ? pls->shared->defined_count : 0;
}

loy_status loy_pls_get_definition(const loy_pls *pls, uint32_t index, const char **name, double *value)
{
	double known;

	if (pls == NULL || name == NULL || value == NULL)
		return LOY_EINVAL;
	if (index >= pls->shared->defined_count)
		return LOY_ENOTFOUND;
	known = pls->shared->defined_value[index];
	if (!(fabs(known) <= DBL_MAX))
		return LOY_EUNKNOWN;
	*name = pls->shared->defined[index];
	*value = known;
	return LOY_OK;
}

/* The path between two constructs that follow one another on a chain. */
static double step(const loy_pls *pls, uint32_t from, uint32_t to)
{
	uint32_t k = pls->model->construct[to].path;

	while (pls->model->path[k].from != from)
		k++;
	return pls->estimate->path[k];
}

loy_status loy_pls_get_chain(const loy_pls *pls, uint32_t index, loy_pls_chain *out)
{
	loy_pls_chain chain = {0};
	double total;
	uint32_t i;

	if (pls == NULL)
		return LOY_EINVAL;
	if (index >= pls->chains.count)
		return LOY_ENOTFOUND;
	chain.constructs = pls->chains.links + pls->chains.start[index];
	chain.length = pls->chains.start[index + 1] - pls->chains.start[index];
	chain.value = 1.0;
	for (i = 1; i < chain.length; i++)
		chain.value *= step(pls, chain.constructs[i - 1], chain.constructs[i]);
	total = pls->quality.total[(size_t)chain.constructs[0] * pls->model->constructs +
	                           chain.constructs[chain.length - 1]];
	chain.vaf = total != 0.0 ? chain.value / total : (double)NAN;
	return loy__result_write(out, &chain, sizeof(chain));
}

loy_status loy_pls_get_slope(const loy_pls *pls, uint32_t path, uint32_t predictor, double level,
                             loy_pls_slope *out)
{
	const loy__pls_construct *product;
	loy_pls_slope slope = {0};
	double main_effect = 0.0, times;
	uint32_t k;

	if (pls == NULL || !(fabs(level) <= DBL_MAX))
		return LOY_EINVAL;
	if (path >= pls->model->paths || !pls->model->construct[pls->model->path[path].from].product)
		return LOY_ENOTFOUND;
	product = &pls->model->construct[pls->model->path[path].from];
	if (predictor == LOY_PLS_NONE || (predictor != product->left && predictor != product->right))
		return LOY_EINVAL;
	slope.outcome = pls->model->path[path].to;
	slope.predictor = predictor;
	slope.moderator = predictor == product->left ? product->right : product->left;
	slope.level = level;
	for (k = 0; k < pls->model->paths; k++) {
		if (pls->model->path[k].from == predictor && pls->model->path[k].to == slope.outcome)
			main_effect = pls->estimate->path[k];
	}
	times = product->left == product->right ? 2.0 : 1.0;
	slope.slope = main_effect + times * level * pls->estimate->path[path] / unit_of(pls, product);
	return loy__result_write(out, &slope, sizeof(slope));
}
