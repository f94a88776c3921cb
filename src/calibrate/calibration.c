/*
 * Observations: collected in any order, selected and put into one order when something is made of them.
 */
#include "calibrate/calibration.h"

#include <math.h>
#include <string.h>

#define WEIGHT_MIN   1e-6
#define WEIGHT_MAX   1e6
#define FOLDS_MAX    1000u
#define PULL_DEFAULT 1.0

loy_status loy_calibration_create(loy_calibration **out, const loy_model *model, const loy_allocator *memory)
{
	loy_calibration *calibration;
	loy_allocator own;

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (model == NULL || loy__memory_adopt(&own, memory) != LOY_OK)
		return LOY_EINVAL;
	calibration = loy__alloc_zero(&own, sizeof(*calibration));
	if (calibration == NULL)
		return LOY_ENOMEM;
	calibration->memory = own;
	calibration->model = model;
	*out = calibration;
	return LOY_OK;
}

static void drop_from(loy_calibration *calibration, size_t count)
{
	while (calibration->count > count)
		loy_profile_destroy(calibration->list[--calibration->count].profile);
}

void loy_calibration_destroy(loy_calibration *calibration)
{
	loy_allocator memory;

	if (calibration == NULL)
		return;
	memory = calibration->memory;
	drop_from(calibration, 0);
	loy__free(&memory, calibration->list, calibration->capacity * sizeof(*calibration->list));
	loy__free(&memory, calibration, sizeof(*calibration));
}

static loy_status check(const loy_calibration *calibration, const loy_observation *o, loy_error *error)
{
	if (o->construct >= calibration->model->construct_count)
		return loy__fail(error, LOY_ENOTFOUND, "the model has no construct of that index");
	if (!(o->answer >= 0.0 && o->answer <= 1.0))
		return loy__fail(error, LOY_ERANGE, "an answer must be a share of its scale, 0 to 1");
	if (!(o->weight >= WEIGHT_MIN && o->weight <= WEIGHT_MAX))
		return loy__fail(error, LOY_ERANGE, "a weight must lie from 0.000001 to 1000000");
	if (o->time < LOY_TIME_MIN || o->time > LOY_TIME_MAX)
		return loy__fail(error, LOY_ETIME,
		                 "the time of an answer lies outside the years 1900 to 2199");
	return LOY_OK;
}

static loy_status append(loy_calibration *calibration, const loy__observation *row, const loy_profile *before)
{
	void *list = calibration->list;
	loy__observation *place;
	loy_status status;

	status = loy__grow(&calibration->memory, &list, &calibration->capacity, calibration->count + 1,
	                   sizeof(*calibration->list), SIZE_MAX / sizeof(*calibration->list));
	calibration->list = list;
	if (status != LOY_OK)
		return status;
	place = &calibration->list[calibration->count];
	*place = *row;
	status = loy_profile_create(&place->profile, loy_model_schema(calibration->model),
	                            &calibration->memory);
	if (status == LOY_OK)
		status = loy_profile_copy(place->profile, before);
	if (status == LOY_OK)
		status = loy_profile_hash(before, &place->hash[1], &place->hash[0]);
	if (status != LOY_OK) {
		loy_profile_destroy(place->profile);
		return status;
	}
	calibration->count++;
	return LOY_OK;
}

loy_status loy_calibration_add(loy_calibration *calibration, const loy_observation *observation,
                               const loy_profile *before, loy_error *error)
{
	loy_observation o;
	loy__observation row = {0};
	loy_status status;

	if (calibration == NULL || observation == NULL || before == NULL ||
	    loy__options_read(&o, sizeof(o), observation) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "an argument is missing or its struct_size is not valid");
	status = check(calibration, &o, error);
	if (status != LOY_OK)
		return status;
	row.customer = o.customer;
	row.time = o.time;
	row.answer = o.answer + 0.0; /* no -0: equal answers are equal bits */
	row.weight = o.weight;
	row.construct = o.construct;
	status = append(calibration, &row, before);
	return status == LOY_OK ? LOY_OK : loy__fail(error, status, loy_status_text(status));
}

loy_status loy_calibration_merge(loy_calibration *into, const loy_calibration *from)
{
	size_t before, i, count;
	loy_status status = LOY_OK;

	if (into == NULL || from == NULL)
		return LOY_EINVAL;
	if (!loy__schema_equal(loy_model_schema(into->model), loy_model_schema(from->model)))
		return LOY_ESCHEMA;
	before = into->count;
	count = from->count;
	for (i = 0; i < count && status == LOY_OK; i++)
		status = append(into, &from->list[i], from->list[i].profile);
	if (status != LOY_OK)
		drop_from(into, before);
	return status;
}

uint64_t loy_calibration_count(const loy_calibration *calibration)
{
	return calibration == NULL ? 0 : calibration->count;
}

/* ---- options ---- */

loy_status loy__calibration_options_read(loy_calibration_options *out, const loy_calibration_options *options)
{
	if (loy__options_read(out, sizeof(*out), options) != LOY_OK || out->reserved != 0 ||
	    (out->folds != 0 && (out->folds < 2 || out->folds > FOLDS_MAX || out->fold >= out->folds)) ||
	    !(out->pull >= 0.0 && out->pull <= 1e12) ||
	    !(out->error_variance >= 0.0 && out->error_variance <= 1.0) || out->retest < 0)
		return LOY_EINVAL;
	if (!(out->pull > 0.0))
		out->pull = PULL_DEFAULT;
	if (out->retest == 0)
		out->retest = 7 * LOY_DAY;
	if (out->iterations == 0)
		out->iterations = 200;
	return LOY_OK;
}

/* ---- selection ---- */

/* What settles the order within a customer; rows that are equal in all of it cannot be told apart. */
static int comes_before(const loy__observation *a, const loy__observation *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->answer < b->answer || b->answer < a->answer)
		return a->answer < b->answer;
	if (a->weight < b->weight || b->weight < a->weight)
		return a->weight < b->weight;
	if (a->hash[1] != b->hash[1])
		return a->hash[1] < b->hash[1];
	return a->hash[0] < b->hash[0];
}

static int compare(uint32_t a, uint32_t b, const void *user)
{
	const loy__observation *const *list = user;

	return comes_before(list[b], list[a]) - comes_before(list[a], list[b]);
}

/* Put the list in canonical order, by way of a copy. */
static loy_status sort(loy__selection *selection)
{
	const loy__observation **list = selection->list, **given = NULL;
	loy__sorter sorter;
	size_t i;

	if (loy__sorter_open(&sorter, selection->memory, selection->count) != LOY_OK)
		return LOY_ENOMEM;
	given = loy__alloc(selection->memory, selection->room);
	if (given != NULL) {
		memcpy((void *)given, (const void *)list, selection->room);
		for (i = 0; i < selection->count; i++) {
			sorter.entries[i].key = given[i]->customer;
			sorter.entries[i].minor = 0;
			sorter.entries[i].index = (uint32_t)i;
		}
		loy__sorter_run(&sorter, selection->count, compare, (const void *)given);
		for (i = 0; i < selection->count; i++)
			list[i] = given[sorter.entries[i].index];
		loy__free(selection->memory, (void *)given, selection->room);
	}
	loy__sorter_close(&sorter);
	return given != NULL ? LOY_OK : LOY_ENOMEM;
}

static int counts(const loy__observation *o, const loy_calibration_options *options, int inside)
{
	if (o->construct != options->construct)
		return 0;
	if (options->folds == 0)
		return 1;
	return (loy__mix64(o->customer) % options->folds == options->fold) == inside;
}

loy_status loy__selection_open(loy__selection *out, const loy_calibration *calibration,
                               const loy_calibration_options *options, int inside,
                               const loy_allocator *memory)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->memory = memory;
	for (i = 0; i < calibration->count; i++)
		out->count += (size_t)counts(&calibration->list[i], options, inside);
	if (out->count == 0)
		return LOY_EUNKNOWN;
	out->room = out->count * sizeof(void *); /* less than the observations themselves take */
	out->list = loy__alloc(memory, out->room);
	if (out->list == NULL)
		return LOY_ENOMEM;
	out->count = 0;
	for (i = 0; i < calibration->count; i++)
		if (counts(&calibration->list[i], options, inside))
			out->list[out->count++] = &calibration->list[i];
	if (sort(out) != LOY_OK) {
		loy__selection_close(out);
		return LOY_ENOMEM;
	}
	for (i = 0; i < out->count; i++)
		out->customers += i == 0 || out->list[i]->customer != out->list[i - 1]->customer;
	return LOY_OK;
}

void loy__selection_close(loy__selection *selection)
{
	loy__free(selection->memory, (void *)selection->list, selection->room);
}

double loy__answer_error(const loy__selection *selection, const loy_calibration_options *options,
                         uint64_t *pairs)
{
	double sum = 0.0;
	size_t i;

	*pairs = 0;
	if (options->error_variance > 0.0)
		return options->error_variance;
	for (i = 1; i < selection->count; i++) {
		const loy__observation *first = selection->list[i - 1], *second = selection->list[i];
		double difference = second->answer - first->answer;

		if (first->customer != second->customer || second->time - first->time > options->retest)
			continue;
		sum += difference * difference;
		++*pairs;
	}
	return *pairs > 0 ? 0.5 * sum / (double)*pairs : (double)NAN;
}
