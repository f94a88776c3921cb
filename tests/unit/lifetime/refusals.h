/* What tests of refusals share: a model of each family, empty accumulators, bytes. */
#ifndef LOY_TESTS_LIFETIME_REFUSALS_H
#define LOY_TESTS_LIFETIME_REFUSALS_H

#include "buying.h"

enum { DRAWN = 60, BYTES = 8000 };

static const double numbers_4[4] = {0.6, 5.0, 0.8, 1.9}, numbers_3[3] = {6.0, 4.0, 15.0};

static inline loy_lifetime *model_of(uint32_t family)
{
	static const uint32_t counts[8] = {4, 4, 4, 4, 4, 3, 2, 3};
	static const double discrete[4] = {1.2, 0.8, 0.7, 2.8}, contract[3] = {0.7, 3.0, 1.4};
	const double *p = family == LOY_LIFETIME_BG_BB         ? discrete
	                  : family == LOY_LIFETIME_GAMMA_GAMMA ? numbers_3
	                  : family >= LOY_LIFETIME_SBG         ? contract
	                                                       : numbers_4;
	loy_lifetime *model = NULL;

	assert_int_equal(loy_lifetime_create(&model, family, family == LOY_LIFETIME_MBG_CNBD ? 3 : 0, 0, p,
	                                     counts[family], NULL),
	                 LOY_OK);
	return model;
}

static inline loy_lifetime_data *data_of(uint32_t flags, uint32_t kind, uint32_t covariates,
                                  const loy_allocator *memory)
{
	loy_lifetime_data_options options = {
	        .struct_size = sizeof(options), .flags = flags, .kind = kind, .covariate_count = covariates};
	loy_lifetime_data *data = NULL;

	assert_int_equal(loy_lifetime_data_create(&data, &options, memory), LOY_OK);
	return data;
}

static inline size_t bytes_of(const loy_lifetime_data *data, uint8_t *bytes)
{
	size_t size = 0;

	assert_int_equal(loy_lifetime_data_bytes(data, bytes, BYTES, &size), LOY_OK);
	return size;
}

#endif
