#include "survivals.h"

#include <math.h>

void invent_subjects(struct subject *subjects, size_t count, uint64_t seed, double steps)
{
	loy__random r;
	size_t i;

	loy__random_init(&r, seed);
	for (i = 0; i < count; i++) {
		struct subject *s = &subjects[i];
		double life, watched;

		s->covariate[0] = 2.0 * loy__random_unit(&r) - 1.0;
		s->covariate[1] = (double)loy__random_below(&r, 2);
		s->covariate[2] = 10.0 + loy__normal_quantile(0.001 + 0.998 * loy__random_unit(&r));
		life = -loy__log1p(-loy__random_unit(&r)) /
		       loy__exp(0.8 * s->covariate[0] - 0.5 * s->covariate[1] +
		                0.3 * (s->covariate[2] - 10.0));
		watched = 0.2 + 2.5 * loy__random_unit(&r);
		s->event = life <= watched;
		s->time = s->event ? life : watched;
		if (steps > 0.0)
			s->time = (floor(s->time * steps) + 1.0) / steps;
		s->entry = 0.5 * s->time * loy__random_unit(&r);
		if (steps > 0.0)
			s->entry = floor(s->entry * steps) / steps;
		s->weight = 0.5 + loy__random_unit(&r);
		s->group = (uint32_t)loy__random_below(&r, 3) * 7 + 2;
	}
}

loy_survival *new_survival(uint32_t flags, uint32_t covariates, const loy_allocator *memory)
{
	loy_survival_options options = {
	        .struct_size = sizeof(options), .flags = flags, .covariates = covariates};
	loy_survival *survival = NULL;

	assert_int_equal(loy_survival_create(&survival, &options, memory), LOY_OK);
	return survival;
}

loy_status add_subject(loy_survival *survival, const struct subject *subject, uint32_t flags,
                       uint32_t covariates)
{
	loy_survival_row row = {.struct_size = sizeof(row)};

	row.time = subject->time;
	row.event = subject->event;
	row.group = subject->group;
	row.entry = (flags & LOY_SURVIVAL_ENTERED) != 0 ? subject->entry : 0.0;
	row.weight = (flags & LOY_SURVIVAL_WEIGHTED) != 0 ? subject->weight : 0.0;
	row.covariates = covariates != 0 ? subject->covariate : NULL;
	return loy_survival_add(survival, &row, NULL);
}

loy_survival *survival_of(const struct subject *subjects, size_t count, uint32_t flags, uint32_t covariates)
{
	loy_survival *survival = new_survival(flags, covariates, NULL);
	size_t i;

	for (i = 0; i < count; i++)
		assert_int_equal(add_subject(survival, &subjects[i], flags, covariates), LOY_OK);
	assert_int_equal(loy_survival_sort(survival), LOY_OK);
	return survival;
}

uint8_t *survival_bytes(const loy_survival *survival, size_t *size)
{
	uint8_t *bytes;

	assert_int_equal(loy_survival_write(survival, NULL, 0, size), LOY_EBUFFER);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(loy_survival_write(survival, bytes, *size, NULL), LOY_OK);
	return bytes;
}

loy_cox_coefficient cox_coefficient(const loy_cox *cox, uint32_t index)
{
	loy_cox_coefficient c = {.struct_size = sizeof(c)};

	assert_int_equal(loy_cox_get_coefficient(cox, index, &c), LOY_OK);
	return c;
}
