/*
 * Gaps of service quality: means and variances of sums of columns, worked out of their covariances. A gap is
 * perception less expectation; that of a dimension is the mean over its items, of all the weighted mean over
 * dimensions, for each respondent, so that its test is paired.
 */
#include "insight.h"

#include <math.h>

#define ITEMS_MAX      256u
#define DIMENSIONS_MAX 64u

/* What the gap of one thing is: a factor for each item. */
struct service {
	const loy_service *s;
	uint32_t columns;
	double n;
	const double *matrix, *means;
	double *factor; /* of items */
};

static void fill_gap(const struct service *v, loy_service_gap *out)
{
	const loy_service *s = v->s;
	double variance = 0.0;
	uint32_t i, j;

	memset(out, 0, sizeof(*out));
	out->n = v->n;
	for (i = 0; i < s->items; i++) {
		double f = v->factor[i];

		if (f == 0.0)
			continue;
		out->perception += f * v->means[s->perception[i]];
		if (s->expectation != NULL)
			out->expectation += f * v->means[s->expectation[i]];
		for (j = 0; j < s->items; j++) {
			const double *row = v->matrix + (size_t)s->perception[i] * v->columns;
			double both = row[s->perception[j]];

			if (s->expectation != NULL)
				both += v->matrix[(size_t)s->expectation[i] * v->columns +
				                  s->expectation[j]] -
				        row[s->expectation[j]] -
				        v->matrix[(size_t)s->expectation[i] * v->columns + s->perception[j]];
			variance += f * v->factor[j] * both;
		}
	}
	out->gap = out->perception - out->expectation;
	out->spread = sqrt(variance > 0.0 ? variance : 0.0);
	out->t = out->p = (double)NAN;
	if (s->expectation == NULL) {
		out->expectation = (double)NAN;
	} else if (out->spread > 0.0) {
		out->t = out->gap / (out->spread / sqrt(v->n));
		(void)loy__student_t(-fabs(out->t), v->n - 1.0, &out->p, NULL);
		out->p *= 2.0;
	}
}

/* Add the factors of a dimension, its items together `weight`. */
static void add_dimension(const struct service *v, uint32_t dimension, double weight)
{
	uint32_t i, count = 0;

	for (i = 0; i < v->s->items; i++)
		count += v->s->dimension[i] == dimension;
	for (i = 0; i < v->s->items; i++)
		v->factor[i] += v->s->dimension[i] == dimension ? weight / count : 0.0;
}

static void clear(const struct service *v)
{
	memset(v->factor, 0, v->s->items * sizeof(*v->factor));
}

static void fill_all(const struct service *v, loy_service_gap *items, loy_service_gap *dimensions,
                     loy_service_gap *overall)
{
	const loy_service *s = v->s;
	double sum = 0.0;
	uint32_t i;

	for (i = 0; items != NULL && i < s->items; i++) {
		clear(v);
		v->factor[i] = 1.0;
		fill_gap(v, &items[i]);
	}
	for (i = 0; i < s->dimensions; i++) {
		sum += s->weights != NULL ? s->weights[i] : 1.0;
		clear(v);
		add_dimension(v, i, 1.0);
		if (dimensions != NULL)
			fill_gap(v, &dimensions[i]);
	}
	clear(v);
	for (i = 0; i < s->dimensions; i++)
		add_dimension(v, i, (s->weights != NULL ? s->weights[i] : 1.0) / sum);
	if (overall != NULL)
		fill_gap(v, overall);
}

/* ---- what is asked ---- */

static loy_status check_dimensions(const loy_service *s)
{
	uint64_t seen = 0;
	double most = 0.0;
	uint32_t i;

	for (i = 0; i < s->items; i++) {
		if (s->dimension[i] >= s->dimensions)
			return LOY_EINVAL;
		seen |= UINT64_C(1) << s->dimension[i];
	}
	for (i = 0; i < s->dimensions; i++) {
		double weight = s->weights != NULL ? s->weights[i] : 1.0;

		if ((seen >> i & 1) == 0 || !(weight >= 0.0 && weight <= 1e100))
			return LOY_EINVAL;
		most = weight > most ? weight : most;
	}
	return most > 0.0 ? LOY_OK : LOY_EINVAL;
}

static loy_status check(const loy_service *s, const loy_moments_info *info, loy_error *error)
{
	uint32_t i;

	if (s->items == 0 || s->items > ITEMS_MAX || s->perception == NULL || s->dimension == NULL ||
	    s->dimensions == 0 || s->dimensions > DIMENSIONS_MAX || s->weighting > LOY_WEIGHT_SURVEY ||
	    check_dimensions(s) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "items need columns and dimensions that each have one");
	for (i = 0; i < s->items; i++) {
		if (s->perception[i] >= info->columns ||
		    (s->expectation != NULL && s->expectation[i] >= info->columns))
			return loy__fail_row(error, LOY_ENOTFOUND, -1, i,
			                     "an item has a column the moments have not");
	}
	return LOY_OK;
}

loy_status loy_service_gaps(const loy_moments *moments, const loy_service *service, loy_service_gap *items,
                            loy_service_gap *dimensions, loy_service_gap *overall,
                            const loy_allocator *memory, loy_error *error)
{
	struct service v;
	loy_service known;
	loy_moments_info info;
	loy_allocator adopted;
	size_t cells, bytes;
	double *block;
	loy_status status;

	info.struct_size = sizeof(info);
	if (service == NULL || loy__options_read(&known, sizeof(known), service) != LOY_OK ||
	    loy_moments_get_info(moments, &info) != LOY_OK || loy__memory_adopt(&adopted, memory) != LOY_OK)
		return loy__fail(error, LOY_EINVAL, "moments and items are needed");
	status = check(&known, &info, error);
	if (status != LOY_OK)
		return status;
	cells = (size_t)info.columns * info.columns;
	bytes = (cells + info.columns + known.items) * sizeof(double);
	block = loy__alloc(&adopted, bytes);
	if (block == NULL)
		return loy__fail(error, LOY_ENOMEM, "no memory for the gaps");
	v.s = &known;
	v.columns = info.columns;
	v.n = known.weighting == LOY_WEIGHT_SURVEY ? (double)info.complete : info.weight;
	v.matrix = block;
	v.means = block + cells;
	v.factor = block + cells + info.columns;
	status = loy_moments_get_matrix(moments, LOY_MISSING_LISTWISE, known.weighting, LOY_MATRIX_COVARIANCE,
	                                block, block + cells, error);
	if (status == LOY_OK)
		fill_all(&v, items, dimensions, overall);
	loy__free(&adopted, block, bytes);
	return status;
}
