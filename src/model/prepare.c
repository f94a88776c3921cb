/*
 * What follows from a model's statements: the order of its constructs, normalised weights, baselines, which
 * channels reach what, fingerprints; and the rules it must keep (README.md of this folder).
 */
#include "model/score.h"
#include "model/syntax.h"

#include <string.h>

/* ---- blame ---- */

/* `construct` by its place now; the blame names its place before. */
static loy_status blame_construct(const loy_model *model, loy__blame *blame, uint32_t construct,
                                  const char *message)
{
	blame->construct = blame->order[construct];
	loy__message_add_text(&blame->message, message);
	loy__message_add_text(&blame->message, ": '");
	loy__message_add_text(&blame->message, model->construct[construct].name);
	loy__message_add_text(&blame->message, "'");
	return LOY_ERANGE;
}

static loy_status blame_list(loy__blame *blame, uint32_t list, const char *message)
{
	blame->list = list;
	loy__message_add_text(&blame->message, message);
	return LOY_ERANGE;
}

/* ---- order ---- */

/* Bits of the constructs that must be evaluated before this one. */
static uint32_t needs(const loy__construct *construct)
{
	uint32_t bits = 0, i;

	for (i = 0; i < construct->path_count; i++) {
		bits |= UINT32_C(1) << construct->path[i].parent;
		if (construct->path[i].moderator != LOY__NONE)
			bits |= UINT32_C(1) << construct->path[i].moderator;
	}
	for (i = 0; i < construct->indicator_count; i++) {
		if (construct->indicator[i].moderator != LOY__NONE)
			bits |= UINT32_C(1) << construct->indicator[i].moderator;
	}
	return bits;
}

/* The first construct that `at` needs among those left; there is one, or it would not be left. */
static uint32_t next_needed(const loy_model *model, uint32_t at, uint32_t left)
{
	uint32_t wanted = needs(&model->construct[at]) & left, next = 0;

	while ((wanted >> next & 1) == 0)
		next++;
	return next;
}

/* Going from each construct left to one it needs leads around a cycle at last: "a ~ b ~ a" */
static loy_status blame_cycle(const loy_model *model, uint32_t left, loy__blame *blame)
{
	uint32_t visited = 0, at = 0;

	while ((left >> at & 1) == 0)
		at++;
	while ((visited >> at & 1) == 0) {
		visited |= UINT32_C(1) << at;
		at = next_needed(model, at, left);
	}
	blame->construct = at;
	loy__message_add_text(&blame->message, "paths form a cycle: ");
	do {
		loy__message_add_text(&blame->message, model->construct[at].name);
		loy__message_add_text(&blame->message, " ~ ");
		at = next_needed(model, at, left);
	} while (at != blame->construct);
	loy__message_add_text(&blame->message, model->construct[at].name);
	return LOY_ECYCLE;
}

/* The first in the order of the text whose needs are met comes next (Kahn 1962): an ordered text keeps its order. */
static loy_status find_order(const loy_model *model, loy__blame *blame)
{
	uint32_t left = 0, placed, i;

	for (i = 0; i < model->construct_count; i++)
		left |= UINT32_C(1) << i;
	for (placed = 0; placed < model->construct_count; placed++) {
		i = 0;
		while (i < model->construct_count &&
		       ((left >> i & 1) == 0 || (needs(&model->construct[i]) & left) != 0))
			i++;
		if (i == model->construct_count)
			return blame_cycle(model, left, blame);
		blame->order[placed] = (uint8_t)i;
		left &= ~(UINT32_C(1) << i);
	}
	return LOY_OK;
}

static void rename_index(uint8_t *index, const uint8_t *now)
{
	if (*index != LOY__NONE)
		*index = now[*index];
}

/* Every index of a construct in the model, as `now` says. */
static void rename_constructs(loy_model *model, const uint8_t *now)
{
	uint32_t i, k, n;

	for (i = 0; i < model->construct_count; i++) {
		loy__construct *construct = &model->construct[i];

		for (k = 0; k < construct->path_count; k++) {
			rename_index(&construct->path[k].parent, now);
			rename_index(&construct->path[k].moderator, now);
		}
		for (k = 0; k < construct->indicator_count; k++)
			rename_index(&construct->indicator[k].moderator, now);
	}
	for (i = 0; i < model->staging_count; i++) {
		for (k = 0; k < model->staging[i].rung_count; k++) {
			for (n = 0; n < model->staging[i].rung[k].count; n++)
				rename_index(&model->staging[i].rung[k].construct[n], now);
		}
	}
	for (i = 0; i < model->attitude_count; i++)
		rename_index(&model->attitude[i], now);
	rename_index(&model->behaviour, now);
	for (i = 0; i < LOY__HEADLINES; i++)
		rename_index(&model->headline[i], now);
}

static loy_status reorder(loy_model *model, const uint8_t *order)
{
	size_t size = model->construct_count * sizeof(loy__construct);
	uint8_t now[LOY_CONSTRUCTS_MAX] = {0};
	loy__construct *copy;
	uint32_t i, moved = 0;

	for (i = 0; i < model->construct_count; i++) {
		now[order[i]] = (uint8_t)i;
		moved |= order[i] ^ i;
	}
	if (moved == 0)
		return LOY_OK;
	copy = loy__alloc(&model->memory, size);
	if (copy == NULL)
		return LOY_ENOMEM;
	memcpy(copy, model->construct, size);
	for (i = 0; i < model->construct_count; i++)
		model->construct[i] = copy[order[i]];
	loy__free(&model->memory, copy, size);
	rename_constructs(model, now);
	return LOY_OK;
}

/* ---- weights ---- */

/*
 * Divide weights by their sum. Both are whole numbers of 1e-12 (as the text has them, below 2^53), so the
 * shares are rounded once. Returns the sum; 0 leaves the weights alone.
 */
static double divide_by_sum(double *weight, uint32_t count)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < count; i++)
		sum += loy__decimal_from_real(weight[i]);
	for (i = 0; i < count && sum != 0; i++)
		weight[i] = (double)loy__decimal_from_real(weight[i]) / (double)sum;
	return loy__real_from_decimal(sum);
}

static double prepare_items(loy__weighted_item *items, uint32_t count)
{
	double weight[LOY__ITEMS_MAX] = {0}, sum;
	uint32_t i;

	for (i = 0; i < count; i++)
		weight[i] = items[i].written;
	sum = divide_by_sum(weight, count);
	for (i = 0; i < count; i++)
		items[i].weight = weight[i];
	return sum;
}

static void prepare_weights(loy__construct *construct)
{
	double weight[LOY__PATHS_MAX] = {0};
	uint32_t i;

	for (i = 0; i < construct->path_count; i++)
		weight[i] = construct->path[i].written;
	construct->weight_sum = construct->composite ? divide_by_sum(weight, construct->path_count) : 1.0;
	for (i = 0; i < construct->path_count; i++)
		construct->path[i].weight = weight[i];
}

/* Whether the weights of the paths, each times 1 + moderation, add up to more than 1: exactly, in 1e-24. */
static int paths_too_heavy(const loy__construct *construct)
{
	loy__wide sum = loy__wide_negate(loy__wide_multiply(LOY__DECIMAL_ONE, LOY__DECIMAL_ONE));
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		int64_t weight = loy__decimal_from_real(construct->path[i].written);
		int64_t most = LOY__DECIMAL_ONE + loy__decimal_from_real(construct->path[i].moderation);

		(void)loy__wide_add(sum, loy__wide_multiply(weight, most),
		                    &sum); /* 24 times 2e24 fit by far */
	}
	return sum.high > 0 || (sum.high == 0 && sum.low != 0);
}

static loy_status prepare_sums(loy_model *model, loy__blame *blame)
{
	uint32_t i;

	for (i = 0; i < model->construct_count; i++) {
		loy__construct *construct = &model->construct[i];

		prepare_weights(construct);
		if (!(construct->weight_sum > 0.0))
			return blame_construct(model, blame, i, "the weights of a composite add up to 0");
		if (!construct->composite && paths_too_heavy(construct))
			return blame_construct(model, blame, i,
			                       "path weights, times 1 + moderation, add up to more than 1");
	}
	model->benefit_sum = prepare_items(model->benefit, model->benefit_count);
	model->cost_sum = prepare_items(model->cost, model->cost_count);
	memcpy(model->attitude_weight, model->attitude_written, sizeof(model->attitude_weight));
	model->attitude_sum = divide_by_sum(model->attitude_weight, model->attitude_count);
	if (model->benefit_count != 0 && !(model->benefit_sum > 0.0))
		return blame_list(blame, LOY__LIST_BENEFIT, "the weights of the benefits add up to 0");
	if (model->cost_count != 0 && !(model->cost_sum > 0.0))
		return blame_list(blame, LOY__LIST_COST, "the weights of the costs add up to 0");
	if (model->attitude_count != 0 && !(model->attitude_sum > 0.0))
		return blame_list(blame, LOY__LIST_ATTITUDE, "the weights of the attitude add up to 0");
	return LOY_OK;
}

/* ---- prior means ---- */

static int is_moderated(const loy__construct *construct)
{
	uint32_t i;

	for (i = 0; i < construct->path_count; i++) {
		if (construct->path[i].moderator != LOY__NONE)
			return 1;
	}
	return 0;
}

/* The prior mean when all parents and moderators are at their best, by the operations of scoring. */
static double best_prior(const loy_model *model, const loy__construct *construct)
{
	double best[LOY_CONSTRUCTS_MAX], sum = construct->prior;
	uint32_t i;

	for (i = 0; i < LOY_CONSTRUCTS_MAX; i++)
		best[i] = 1.0;
	for (i = 0; i < construct->path_count; i++) {
		const loy__path *path = &construct->path[i];

		sum += path->weight * loy__path_factor(model, path, best) *
		       (1.0 - model->construct[path->parent].baseline);
	}
	return sum;
}

/* Without moderation a prior mean is a mixture and stays in [0, 1] by itself. */
static loy_status check_priors(const loy_model *model, loy__blame *blame)
{
	uint32_t i;

	for (i = 0; i < model->construct_count; i++) {
		const loy__construct *construct = &model->construct[i];

		if (!construct->composite && is_moderated(construct) && best_prior(model, construct) > 1.0)
			return blame_construct(model, blame, i,
			                       "moderated paths could lift the prior mean above 1");
	}
	return LOY_OK;
}

/* ---- recovery ---- */

static const loy__indicator *find_indicator(const loy__construct *construct, uint32_t channel)
{
	uint32_t i;

	for (i = 0; i < construct->indicator_count; i++) {
		if (construct->indicator[i].channel == channel)
			return &construct->indicator[i];
	}
	return NULL;
}

/*
 * No service-recovery paradox (de Matos, Henrique & Rossi 2007): a failure and a perfect recovery of the same
 * weight, age and half-life must leave a score no higher than it was or than the baseline.
 */
int loy__recovery_pays(const loy_model *model, const loy__construct *construct)
{
	const loy__indicator *recovery = find_indicator(construct, model->recovery), *failure;
	double best;
	uint32_t i;

	if (recovery == NULL)
		return 0;
	best = recovery->positive * (1.0 + recovery->moderation);
	for (i = 0; i < model->failure_count; i++) {
		double harm = 0.0;

		failure = find_indicator(construct, model->failure[i]);
		if (failure != NULL)
			harm = failure->negative;
		if (model->damping[model->failure[i]].by != LOY__NONE)
			harm *= 1.0 - model->damping[model->failure[i]].strength;
		if (best * (1.0 - construct->baseline) > harm * construct->baseline)
			return 1;
	}
	return 0;
}

static loy_status check_recovery(const loy_model *model, loy__blame *blame)
{
	uint32_t i;

	if (model->recovery == LOY__NONE)
		return LOY_OK;
	for (i = 0; i < model->construct_count; i++) {
		if (!model->construct[i].composite && loy__recovery_pays(model, &model->construct[i]))
			return blame_construct(model, blame, i,
			                       "a recovery must not weigh more than the failure it repairs "
			                       "(positive <= negative * b / (1 - b))");
	}
	return LOY_OK;
}

/* ---- the rest ---- */

static void prepare_channels_used(loy_model *model)
{
	uint32_t i, k;

	for (i = 0; i < model->construct_count; i++) {
		const loy__construct *construct = &model->construct[i];
		uint32_t bits = 0;

		for (k = 0; k < construct->indicator_count; k++)
			bits |= UINT32_C(1) << construct->indicator[k].channel;
		for (k = 0; k < construct->path_count; k++)
			bits |= model->channels_used[construct->path[k].parent];
		model->channels_used[i] = bits;
	}
}

static loy_status fingerprint(const loy_model *model, int schema_only, uint64_t *high, uint64_t *low)
{
	loy__writer text;
	uint64_t hash[2];
	loy_status status;

	loy__writer_init(&text, &model->memory, SIZE_MAX);
	loy__model_print(model, schema_only, &text);
	status = text.status;
	if (status == LOY_OK) {
		loy__siphash128(0, 0, text.data, text.size, hash);
		*low = hash[0];
		*high = hash[1];
	}
	loy__writer_free(&text);
	return status;
}

loy_status loy__model_prepare_blaming(loy_model *model, loy__blame *blame)
{
	loy_status status;

	memset(blame, 0, sizeof(*blame));
	blame->construct = LOY__NONE;
	status = loy__schema_prepare(&model->schema);
	if (status == LOY_OK)
		status = find_order(model, blame);
	if (status == LOY_OK)
		status = reorder(model, blame->order);
	if (status == LOY_OK)
		status = prepare_sums(model, blame);
	if (status != LOY_OK)
		return status;
	loy__score_prepare(model);
	status = check_priors(model, blame);
	if (status == LOY_OK)
		status = check_recovery(model, blame);
	if (status != LOY_OK)
		return status;
	prepare_channels_used(model);
	status = fingerprint(model, 1, &model->schema.fingerprint_high, &model->schema.fingerprint_low);
	if (status == LOY_OK)
		status = fingerprint(model, 0, &model->fingerprint_high, &model->fingerprint_low);
	return status;
}

loy_status loy__model_prepare(loy_model *model, loy_error *error)
{
	loy__blame blame;
	loy_status status = loy__model_prepare_blaming(model, &blame);

	if (status == LOY_OK)
		return LOY_OK;
	return loy__fail(error, status,
	                 blame.message.length != 0 ? blame.message.text : loy_status_text(status));
}
