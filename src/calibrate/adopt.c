/*
 * A scoring model out of a path model. The two speak of the same constructs on different scales: standardised
 * scores there, means of a Beta distribution between 0 and 1 here. Indices join them: weighted means of
 * answers by the ends of their scales, with the mean and deviation that the respondents had.
 */
#include "calibrate/calibration.h"
#include "calibrate/pls.h"

#include <math.h>
#include <string.h>

#define STRENGTH_MIN 0.5
#define STRENGTH_MAX 200.0
#define WEIGHT_MAX   1000.0
#define MEAN_MARGIN  0.001 /* prior means lie this far from 0 and 1, */
#define OWN_MIN      0.05  /* and this far where paths must make room for them */

/* A construct of the scoring model with its counterpart. */
struct pair {
	uint32_t construct, estimated;
	uint32_t channel;       /* LOY_CHANNELS_MAX: none */
	double mean, deviation; /* of the index, 0-1 */
	double unit; /* deviation that paths are standardised by: consistent ones by the true scores' */
	double reliability, r2;
};

struct adopting {
	loy_model *model;
	const loy_pls *pls;
	const loy_bootstrap *bootstrap;
	const loy_pls_scale *scales;
	loy_adoption done;
	struct pair pair[LOY_CONSTRUCTS_MAX];
	uint32_t count;
	loy_error *error;
};

/* ---- who is who ---- */

static int same_letters(const char *a, const char *b)
{
	for (; *a != '\0' || *b != '\0'; a++, b++) {
		int x = *a >= 'A' && *a <= 'Z' ? *a - 'A' + 'a' : *a,
		    y = *b >= 'A' && *b <= 'Z' ? *b - 'A' + 'a' : *b;

		if (x != y)
			return 0;
	}
	return 1;
}

static loy_status unknown(struct adopting *a, const char *message, const char *name)
{
	return loy__fail_name(a->error, LOY_ENAME, message, name, strlen(name));
}

static loy_status add_pair(struct adopting *a, uint32_t construct, uint32_t estimated, uint32_t channel)
{
	struct pair *pair = &a->pair[a->count];
	loy_pls_index index = {0};
	loy_pls_construct c = {0};
	loy_pls_summary s = {0};
	const char *name = a->model->construct[construct].name;
	loy_status status;

	index.struct_size = sizeof(index);
	c.struct_size = sizeof(c);
	s.struct_size = sizeof(s);
	if (a->model->construct[construct].composite)
		return unknown(a, "a composite has no prior and no paths to take over", name);
	status = loy_pls_get_index(a->pls, estimated, a->scales, &index, a->error);
	if (status != LOY_OK)
		return status == LOY_EINVAL ? status
		                            : unknown(a, "the construct has no index from 0 to 100", name);
	(void)loy_pls_get_construct(a->pls, estimated, &c);
	(void)loy_pls_get_summary(a->pls, &s);
	pair->construct = construct;
	pair->estimated = estimated;
	pair->channel = channel;
	pair->mean = index.mean / 100.0;
	pair->deviation = index.deviation / 100.0;
	pair->unit = pair->deviation * (s.consistent ? sqrt(c.rho_a) : 1.0);
	/* rho_A is 1 of single items and mode B, where it says nothing: then as reliable as items usually are */
	pair->reliability = c.rho_a > 0.0 && c.rho_a < 1.0 ? c.rho_a : 0.7;
	pair->r2 = c.predictors > 0 ? c.r2 : 0.0;
	a->count++;
	return LOY_OK;
}

static loy_status pair_by_name(struct adopting *a)
{
	loy_pls_construct c = {0};
	loy_status status = LOY_OK;
	uint32_t i, k;

	c.struct_size = sizeof(c);
	for (i = 0; i < a->model->construct_count && status == LOY_OK; i++)
		for (k = 0; loy_pls_get_construct(a->pls, k, &c) == LOY_OK && status == LOY_OK; k++)
			if (!a->model->construct[i].composite &&
			    same_letters(a->model->construct[i].name, c.name))
				status = add_pair(a, i, k, LOY_CHANNELS_MAX);
	if (status == LOY_OK && a->count == 0)
		return loy__fail(a->error, LOY_EUNKNOWN, "no construct of the two models has the same name");
	return status;
}

static loy_status find_channel(struct adopting *a, const char *name, uint32_t *channel)
{
	const char *have;

	*channel = LOY_CHANNELS_MAX;
	if (name == NULL)
		return LOY_OK;
	for (*channel = 0; (have = loy_schema_channel_name(&a->model->schema, *channel)) != NULL; ++*channel)
		if (strcmp(have, name) == 0)
			return LOY_OK;
	return unknown(a, "the scoring model has no channel of this name", name);
}

static loy_status pair_as_told(struct adopting *a, const loy_counterpart *counterparts, uint32_t count)
{
	uint32_t i, k, construct, estimated, channel = 0;
	loy_status status = LOY_OK;

	for (i = 0; i < count && status == LOY_OK; i++) {
		const loy_counterpart *c = &counterparts[i];

		if (c->construct == NULL || c->estimated == NULL)
			return loy__fail(a->error, LOY_EINVAL, "a counterpart needs two names");
		if (loy_model_construct_find(a->model, c->construct, strlen(c->construct), &construct) !=
		    LOY_OK)
			return unknown(a, "the scoring model has no construct of this name", c->construct);
		if (loy_pls_find_construct(a->pls, c->estimated, strlen(c->estimated), &estimated) != LOY_OK)
			return unknown(a, "the path model has no construct of this name", c->estimated);
		for (k = 0; k < a->count; k++)
			if (a->pair[k].construct == construct || a->pair[k].estimated == estimated)
				return unknown(a, "the construct has two counterparts", c->construct);
		status = find_channel(a, c->channel, &channel);
		if (status == LOY_OK)
			status = add_pair(a, construct, estimated, channel);
	}
	return status;
}

/* ---- paths ---- */

static const struct pair *pair_of(const struct adopting *a, uint32_t estimated)
{
	uint32_t i;

	for (i = 0; i < a->count; i++)
		if (a->pair[i].estimated == estimated)
			return &a->pair[i];
	return NULL;
}

static int is_paired(const struct adopting *a, uint32_t construct)
{
	uint32_t i;

	for (i = 0; i < a->count; i++)
		if (a->pair[i].construct == construct)
			return 1;
	return 0;
}

/* Paths of the scoring model from other counterparts give way; those from what was not estimated stay. */
static void clear_paths(struct adopting *a, loy__construct *construct)
{
	uint32_t i, kept = 0;

	for (i = 0; i < construct->path_count; i++) {
		if (is_paired(a, construct->path[i].parent))
			a->done.replaced++;
		else
			construct->path[kept++] = construct->path[i];
	}
	construct->path_count = kept;
}

static double standard_error(const struct adopting *a, uint32_t from, uint32_t to)
{
	loy_bootstrapped b = {0};
	uint32_t index;

	b.struct_size = sizeof(b);
	if (a->bootstrap == NULL ||
	    loy_bootstrap_find(a->bootstrap, LOY_BOOTSTRAP_PATH, from, to, &index) != LOY_OK ||
	    loy_bootstrap_get(a->bootstrap, index, &b) != LOY_OK)
		return 0.0;
	return b.deviation;
}

static double writable(double value, double least, double most)
{
	return loy__real_from_decimal(loy__decimal_from_real(value < least  ? least
	                                                     : value > most ? most
	                                                                    : value));
}

/*
 * Add the paths that lead to a construct; what their standard errors add to its standardised variance goes to
 * *unsure.
 */
static void add_paths(struct adopting *a, const struct pair *to, loy__construct *construct, double *unsure)
{
	loy_pls_path path = {0};
	uint32_t i;

	path.struct_size = sizeof(path);
	*unsure = 0.0;
	for (i = 0; loy_pls_get_path(a->pls, i, &path) == LOY_OK; i++) {
		const struct pair *from = pair_of(a, path.from);
		double error = standard_error(a, path.from, path.to);
		loy__path *place = &construct->path[construct->path_count];

		if (path.to != to->estimated || from == NULL)
			continue;
		*unsure += error * error;
		if (!(path.value > 0.0)) {
			a->done.negative++;
			continue;
		}
		memset(place, 0, sizeof(*place));
		place->parent = (uint8_t)from->construct;
		place->response = place->moderator = LOY__NONE;
		place->written = path.value * to->unit / from->unit;
		construct->path_count++;
		a->done.paths++;
	}
}

/* ---- means, strengths, answers ---- */

static double beta_strength(double mean, double variance)
{
	return mean * (1.0 - mean) / variance - 1.0;
}

/* Mean of a parent: of its index, or without one its baseline. */
static double parent_mean(const struct adopting *a, uint32_t parent)
{
	uint32_t k;

	for (k = 0; k < a->count; k++)
		if (a->pair[k].construct == parent)
			return a->pair[k].mean;
	return a->model->construct[parent].baseline;
}

/*
 * Give the own mean by which the prior is the index when all parents are at theirs. Paths that leave no room
 * for one, or weigh more than 1 together, shrink until they do.
 */
static void place_mean(struct adopting *a, const struct pair *pair, loy__construct *construct)
{
	double weight = 0.0, most = 0.0, parents = 0.0, below, above, share = 1.0;
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		weight += path->written;
		most += path->written * (1.0 + path->moderation);
		parents += path->written * parent_mean(a, path->parent);
	}
	/* mean = share * parents + (1 - share * weight) * own, with OWN_MIN <= own <= 1 - OWN_MIN */
	below = parents - OWN_MIN * weight;
	above = (1.0 - OWN_MIN) * weight - parents;
	if (below * share > pair->mean - OWN_MIN)
		share = (pair->mean - OWN_MIN) / below;
	if (above * share > 1.0 - OWN_MIN - pair->mean)
		share = (1.0 - OWN_MIN - pair->mean) / above;
	if (most * share > 1.0)
		share = 1.0 / most;
	a->done.normalised += share < 1.0;
	weight = 1.0;
	parents = 0.0;
	for (i = 0; i < construct->path_count; i++) {
		loy__path *path = &construct->path[i];

		/* cut, so that a sum of 1 is not rounded above it */
		path->written = writable(path->written * share - (share < 1.0 ? 1e-11 : 0.0), 0.0, 1.0);
		weight -= path->written;
		parents += path->written * parent_mean(a, path->parent);
	}
	construct->mean = writable(weight > 1e-6 ? (pair->mean - parents) / weight : pair->mean, MEAN_MARGIN,
	                           1.0 - MEAN_MARGIN);
}

static void weigh_answers(struct adopting *a, const struct pair *pair, loy__construct *construct,
                          uint32_t items)
{
	double rest = pair->deviation * pair->deviation * (1.0 - pair->reliability);
	double weight = writable(beta_strength(pair->mean, rest) / (double)items, 1e-6, WEIGHT_MAX);
	uint32_t i;

	for (i = 0; i < construct->indicator_count; i++)
		if (construct->indicator[i].channel == pair->channel) {
			construct->indicator[i].positive = construct->indicator[i].negative = weight;
			a->done.channels++;
		}
}

static void adopt_one(struct adopting *a, const struct pair *pair)
{
	loy__construct *construct = &a->model->construct[pair->construct];
	loy_pls_construct c = {0};
	double unsure, left;

	c.struct_size = sizeof(c);
	(void)loy_pls_get_construct(a->pls, pair->estimated, &c);
	clear_paths(a, construct);
	add_paths(a, pair, construct, &unsure);
	place_mean(a, pair, construct);
	left = pair->deviation * pair->deviation * (pair->reliability * (1.0 - pair->r2) + unsure);
	construct->strength = writable(beta_strength(pair->mean, left), STRENGTH_MIN, STRENGTH_MAX);
	weigh_answers(a, pair, construct, c.indicator_count);
	a->done.constructs++;
}

static LOY__NOINLINE void say_origin(struct adopting *a)
{
	static const char front[] = "Paths, prior means and strengths from partial least squares on ";
	char text[sizeof(a->model->origin)];
	size_t at = sizeof(front) - 1, more = strlen(a->model->origin), room;
	loy_pls_summary s = {0};

	s.struct_size = sizeof(s);
	(void)loy_pls_get_summary(a->pls, &s);
	memcpy(text, front, at);
	at += loy__integer_write((int64_t)(s.n + 0.5), text + at);
	memcpy(text + at, " respondents; ", 14);
	at += 14;
	room = sizeof(text) - 1 - at;
	more = more < room ? more : room;
	memcpy(text + at, a->model->origin, more);
	at += more;
	while (!loy__utf8_valid(text, at))
		at--;
	text[at] = '\0';
	memcpy(a->model->origin, text, at + 1);
}

/* ---- the whole ---- */

static loy_status adopt(struct adopting *a, const loy_counterpart *counterparts, uint32_t count)
{
	loy_status status = counterparts == NULL ? pair_by_name(a) : pair_as_told(a, counterparts, count);
	uint32_t i;
	int lowered;

	if (status != LOY_OK)
		return status;
	if (a->count == 0)
		return loy__fail(a->error, LOY_EUNKNOWN, "no counterparts");
	for (i = 0; i < a->count; i++)
		adopt_one(a, &a->pair[i]);
	say_origin(a);
	status = loy__model_prepare_lowered(a->model, &lowered, a->error);
	a->done.recovery = (uint32_t)lowered;
	return status;
}

loy_status loy_model_create_from_pls(loy_model **out, const loy_model *base, const loy_pls *pls,
                                     const loy_pls_scale *scales, const loy_bootstrap *bootstrap,
                                     const loy_counterpart *counterparts, uint32_t counterpart_count,
                                     loy_adoption *adoption, const loy_allocator *memory, loy_error *error)
{
	loy_pls_summary s = {0};
	struct adopting *a;
	loy_allocator own;
	loy_status status;

	if (out == NULL)
		return loy__fail(error, LOY_EINVAL, "no place for the model");
	*out = NULL;
	s.struct_size = sizeof(s);
	if (base == NULL || loy_pls_get_summary(pls, &s) != LOY_OK || scales == NULL ||
	    loy__memory_adopt(&own, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or an allocator is not whole");
	if (s.inadmissible > 0 || !s.converged)
		return loy__fail(error, LOY_EINVAL,
		                 "the estimate is inadmissible or has not converged: its report says why");
	a = loy__alloc_zero(&own, sizeof(*a));
	if (a == NULL)
		return loy__fail(error, LOY_ENOMEM, loy_status_text(LOY_ENOMEM));
	a->pls = pls;
	a->scales = scales;
	a->bootstrap = bootstrap;
	a->error = error;
	status = loy__model_copy(&a->model, base, &own, error);
	if (status == LOY_OK)
		status = adopt(a, counterparts, counterpart_count);
	if (status == LOY_OK && adoption != NULL)
		status = loy__result_write(adoption, &a->done, sizeof(a->done));
	if (status == LOY_OK)
		*out = a->model;
	else
		loy_model_destroy(a->model);
	loy__free(&own, a, sizeof(*a));
	return status;
}
