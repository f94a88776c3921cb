/* What buying models refuse: each argument that cannot be has its status, and what was there stays as it was. */
#include "refusals.h"

#include "numeric/numeric.h"

/* ---- models ---- */

static void creation(void **state)
{
	static const double bad[] = {0.0, -1.0, NAN, INFINITY, 1e91, 1e-91};
	loy_allocator broken = {.allocate = faulty_alloc};
	loy_lifetime *model;
	size_t i;
	long n;

	(void)state;
	assert_int_equal(loy_lifetime_create(NULL, 0, 0, 0, numbers_4, 4, NULL), LOY_EINVAL);
#define REFUSED(status, ...)                                                                                 \
	do {                                                                                                 \
		model = (loy_lifetime *)&model;                                                              \
		assert_int_equal(loy_lifetime_create(&model, __VA_ARGS__), status);                          \
		assert_null(model);                                                                          \
	} while (0)
	REFUSED(LOY_EINVAL, 8, 0, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, UINT32_MAX, 0, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, 0, 0, 0, NULL, 4, NULL);
	REFUSED(LOY_EINVAL, 0, 0, -1, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, 0, 1, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, LOY_LIFETIME_MBG_CNBD, 0, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, LOY_LIFETIME_MBG_CNBD, 13, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, 0, 0, 0, numbers_4, 3, NULL);
	REFUSED(LOY_EINVAL, LOY_LIFETIME_SBG, 0, 0, numbers_4, 4, NULL);
	REFUSED(LOY_EINVAL, 0, 0, 0, numbers_4, 4, &broken);
	for (i = 0; i < sizeof(bad) / sizeof(*bad) * 4; i++) {
		double p[4] = {1.0, 1.0, 1.0, 1.0};

		p[i % 4] = bad[i / 4];
		REFUSED(LOY_ERANGE, LOY_LIFETIME_PARETO_NBD, 0, 0, p, 4, NULL);
	}
#undef REFUSED
	for (i = 0; i < 8; i++) {
		static const uint32_t counts[8] = {4, 4, 4, 4, 4, 3, 2, 3};
		loy_status status = LOY_ENOMEM;

		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n};
			loy_allocator memory = faulty_allocator(&heap);

			status = loy_lifetime_create(&model, (uint32_t)i, i == LOY_LIFETIME_MBG_CNBD ? 2 : 0,
			                             0, numbers_4, counts[i], &memory);
			assert_int_equal(status, heap.refused > 0 ? LOY_ENOMEM : LOY_OK);
			assert_true((model != NULL) == (status == LOY_OK));
			loy_lifetime_destroy(model);
			assert_int_equal(heap.live, 0);
		}
		assert_true(n > 3); /* the model, its covariance, its variants */
	}
}

static void limits_far_out(void **state)
{
	static const struct {
		uint32_t family;
		double p[4];
		uint32_t boundary;
	} cases[] = {
	        {LOY_LIFETIME_MBG_NBD, {2e6, 1e6, 1.0, 2.0}, LOY_BOUNDARY_SAME_RATE},
	        {LOY_LIFETIME_BG_NBD, {1.0, 1.0, 1e6, 2e6}, LOY_BOUNDARY_SAME_DROPOUT},
	        {LOY_LIFETIME_PARETO_NBD, {1.0, 1.0, 2e6, 2.0}, LOY_BOUNDARY_SAME_DROPOUT},
	        {LOY_LIFETIME_PARETO_NBD, {1.0, 1.0, 2.0, 2e6}, 0},
	        {LOY_LIFETIME_BG_BB, {2e6, 1.0, 2e6, 1.0}, 0},
	        {LOY_LIFETIME_GAMMA_GAMMA, {4.0, 1.0, 9.0}, LOY_BOUNDARY_NO_MEAN},
	        {LOY_LIFETIME_GAMMA_GAMMA, {4.0, 1.1, 9.0}, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loy_lifetime_info info = {.struct_size = sizeof(info)};
		loy_lifetime *model = NULL;

		assert_int_equal(loy_lifetime_create(&model, cases[i].family, 0, LOY_DAY, cases[i].p,
		                                     cases[i].family == LOY_LIFETIME_GAMMA_GAMMA ? 3 : 4,
		                                     NULL),
		                 LOY_OK);
		assert_int_equal(loy_lifetime_get_info(model, &info), LOY_OK);
		assert_int_equal(info.boundary, cases[i].boundary);
		assert_int_equal(info.status, LOY_FIT_GIVEN);
		assert_int_equal(info.unit, LOY_DAY);
		loy_lifetime_destroy(model);
	}
}

static void questions(void **state)
{
	loy_lifetime *model = model_of(LOY_LIFETIME_MBG_NBD);
	loy_lifetime_info info = {0};
	uint32_t i, index = 77, family = 77;
	double value = 5.0, deviation = 5.0;

	(void)state;
	assert_int_equal(loy_lifetime_get_info(NULL, &info), LOY_EINVAL);
	assert_int_equal(loy_lifetime_get_info(model, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_get_info(model, &info), LOY_EINVAL); /* no size set */
	info.struct_size = 8;
	info.k = 99;
	assert_int_equal(loy_lifetime_get_info(model, &info), LOY_OK);
	assert_int_equal(info.family, LOY_LIFETIME_MBG_NBD);
	assert_int_equal(info.k, 99); /* beyond the size given */

	for (i = 0; i < 8; i++) {
		const char *name = loy_lifetime_family_name(i);

		assert_non_null(name);
		assert_int_equal(loy_lifetime_family_find(name, strlen(name), &family), LOY_OK);
		assert_int_equal(family, i);
		assert_int_equal(loy_lifetime_family_find(name, strlen(name) - 1, &family), LOY_ENOTFOUND);
		assert_int_equal(family, i);
	}
	assert_null(loy_lifetime_family_name(UINT32_MAX));
	assert_int_equal(loy_lifetime_family_find(NULL, 0, &family), LOY_EINVAL);
	assert_int_equal(loy_lifetime_family_find("sbg", 3, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_family_find("sbx", 3, &family), LOY_ENOTFOUND);
	for (i = 0; i < 6; i++)
		assert_non_null(loy_lifetime_boundary_name(UINT32_C(1) << i));
	assert_null(loy_lifetime_boundary_name(0));
	assert_null(loy_lifetime_boundary_name(64));
	for (i = 0; i < 4; i++)
		assert_non_null(loy_lifetime_status_name(i));
	assert_null(loy_lifetime_status_name(UINT32_MAX));

	assert_null(loy_lifetime_parameter_name(NULL, 0));
	assert_null(loy_lifetime_parameter_name(model, 4));
	assert_string_equal(loy_lifetime_parameter_name(model, 3), "b");
	assert_int_equal(loy_lifetime_parameter(NULL, 0, &value, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_parameter(model, 4, &value, &deviation), LOY_ENOTFOUND);
	assert_bits_equal(value, 5.0);
	assert_bits_equal(deviation, 5.0);
	assert_int_equal(loy_lifetime_parameter(model, 0, NULL, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_parameter(model, 0, NULL, &deviation), LOY_OK);
	assert_true(deviation != deviation); /* given, not fitted */
	assert_int_equal(loy_lifetime_parameter(model, 1, &value, NULL), LOY_OK);
	assert_bits_equal(value, 5.0);
	assert_int_equal(loy_lifetime_parameter_find(NULL, "r", 1, &index), LOY_EINVAL);
	assert_int_equal(loy_lifetime_parameter_find(model, NULL, 1, &index), LOY_EINVAL);
	assert_int_equal(loy_lifetime_parameter_find(model, "r", 1, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_parameter_find(model, "s", 1, &index), LOY_ENOTFOUND);
	assert_int_equal(loy_lifetime_parameter_find(model, "alph", 4, &index), LOY_ENOTFOUND);
	assert_int_equal(index, 77);
	assert_int_equal(loy_lifetime_parameter_find(model, "alpha", 5, &index), LOY_OK);
	assert_int_equal(index, 1);
	value = 5.0;
	assert_int_equal(loy_lifetime_covariance(NULL, 0, 0, &value), LOY_EINVAL);
	assert_int_equal(loy_lifetime_covariance(model, 0, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_covariance(model, 4, 0, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_lifetime_covariance(model, 0, 4, &value), LOY_ENOTFOUND);
	assert_int_equal(loy_lifetime_covariance(model, 0, 0, &value), LOY_EUNKNOWN);
	assert_bits_equal(value, 5.0);
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(NULL);
}

/* ---- simulation ---- */

struct draws {
	double x[DRAWN], t_x[DRAWN], intervals[DRAWN], spend[DRAWN];
};

static void drawn_well(const loy_lifetime *model, const loy_lifetime *spend, double time,
                       const double *covariates, int whole_times)
{
	struct draws all, part;
	size_t i;

	memset(&all, 0xff, sizeof(all));
	memset(&part, 0xff, sizeof(part));
	assert_int_equal(loy_lifetime_simulate(model, spend, 9, 100, DRAWN, time, covariates, all.x, all.t_x,
	                                       all.intervals, all.spend),
	                 LOY_OK);
	for (i = 0; i < DRAWN; i++) {
		assert_true(all.x[i] >= 0.0 && all.x[i] == floor(all.x[i]));
		assert_true(all.t_x[i] >= 0.0 && all.t_x[i] <= time);
		assert_true(!whole_times || all.t_x[i] == floor(all.t_x[i]));
		assert_true(isfinite(all.intervals[i]));
		assert_true(spend != NULL && all.x[i] > 0.0 ? all.spend[i] > 0.0 : all.spend[i] == 0.0);
	}
	/* one output at a time gives the same, and so does none at all */
	assert_int_equal(loy_lifetime_simulate(model, spend, 9, 100, DRAWN, time, covariates, part.x, NULL,
	                                       NULL, NULL),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_simulate(model, spend, 9, 100, DRAWN, time, covariates, NULL, part.t_x,
	                                       NULL, NULL),
	                 LOY_OK);
	assert_int_equal(loy_lifetime_simulate(model, spend, 9, 100, DRAWN, time, covariates, NULL, NULL,
	                                       part.intervals, part.spend),
	                 LOY_OK);
	assert_memory_equal(&all, &part, sizeof(all));
	assert_int_equal(
	        loy_lifetime_simulate(model, spend, 9, 100, DRAWN, time, covariates, NULL, NULL, NULL, NULL),
	        LOY_OK);
	/* nobody drawn, nothing written */
	assert_int_equal(loy_lifetime_simulate(model, spend, 1, 0, 0, time, covariates, part.x, part.t_x,
	                                       part.intervals, part.spend),
	                 LOY_OK);
	assert_memory_equal(&all, &part, sizeof(all));
}

static void every_family_draws(void **state)
{
	loy_lifetime *spend = model_of(LOY_LIFETIME_GAMMA_GAMMA);
	uint32_t family;

	(void)state;
	for (family = 0; family < 8; family++) {
		loy_lifetime *model = model_of(family);
		int whole_times = family == LOY_LIFETIME_BG_BB || family >= LOY_LIFETIME_SBG;
		double x = 5.0;

		if (family == LOY_LIFETIME_GAMMA_GAMMA) {
			assert_int_equal(
			        loy_lifetime_simulate(model, NULL, 1, 0, 1, 9.0, NULL, &x, NULL, NULL, NULL),
			        LOY_EINVAL);
		} else {
			static const double bad[] = {-1.0, NAN, INFINITY, 2e12};
			size_t i;

			drawn_well(model, spend, 20.0, NULL, whole_times);
			drawn_well(model, NULL, 20.0, NULL, whole_times);
			drawn_well(model, NULL, 0.0, NULL, whole_times);
			for (i = 0; i < 4; i++)
				assert_int_equal(loy_lifetime_simulate(model, NULL, 1, 0, 1, bad[i], NULL, &x,
				                                       NULL, NULL, NULL),
				                 LOY_ERANGE);
			assert_int_equal(
			        loy_lifetime_simulate(model, model, 1, 0, 1, 9.0, NULL, &x, NULL, NULL, NULL),
			        LOY_EINVAL);
			if (whole_times) {
				assert_int_equal(loy_lifetime_simulate(model, NULL, 1, 0, 1, 2.5, NULL, &x,
				                                       NULL, NULL, NULL),
				                 LOY_ERANGE);
				assert_int_equal(loy_lifetime_simulate(model, NULL, 1, 0, 1, 100001.0, NULL,
				                                       &x, NULL, NULL, NULL),
				                 LOY_ERANGE);
			}
		}
		assert_bits_equal(x, 5.0);
		loy_lifetime_destroy(model);
	}
	assert_int_equal(loy_lifetime_simulate(NULL, NULL, 1, 0, 1, 9.0, NULL, NULL, NULL, NULL, NULL),
	                 LOY_EINVAL);
	loy_lifetime_destroy(spend);
}

static void every_limit_draws(void **state)
{
	static const struct {
		const char *family, *form, *rest;
		int whole_times;
	} cases[] = {
	        {"mbg-nbd 1", "same never", "lambda 0.2", 0},
	        {"mbg-nbd 1", "mixed same", "r 0.6 alpha 5 p 0.2", 0},
	        {"bg-nbd 1", "same split", "lambda 0.2 pi 0.4", 0},
	        {"pareto-nbd 1", "same never", "lambda 0.2", 0},
	        {"pareto-nbd 1", "same same", "lambda 0.2 mu 0.1", 0},
	        {"pareto-nbd 1", "mixed split", "r 0.6 alpha 5 pi 0.4", 0},
	        {"mbg-cnbd-k 4", "mixed split", "r 2 alpha 3 pi 0.4", 0},
	        {"bg-bb 1", "same same", "p 0.4 theta 0.1", 1},
	        {"bg-bb 1", "split mixed", "rho 0.4 gamma 0.7 delta 3", 1},
	        {"bg-bb 1", "mixed split", "alpha 1 beta 2 pi 0.3", 1},
	        {"bg-bb 1", "mixed never", "alpha 1 beta 2", 1},
	        {"sbg 1", "mixed same", "theta 0.1", 1},
	        {"sbg 1", "mixed split", "pi 0.3", 1},
	        {"sbg 1", "mixed never", "", 1},
	        {"bdw 1", "mixed same", "c 1.4 theta 0.1", 1},
	        {"bdw 3", "mixed split", "kappa 1.4 pi 0.3", 1},
	};
	loy_lifetime *spends[2];
	size_t i;

	(void)state;
	spends[0] = parsed("gamma-gamma 1", "same mixed", "q 4 scale 90");
	spends[1] = parsed("gamma-gamma 1", "mixed same", "p 6 rate 0.2");
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loy_lifetime *model = parsed(cases[i].family, cases[i].form, cases[i].rest);

		drawn_well(model, spends[0], 12.0, NULL, cases[i].whole_times);
		drawn_well(model, spends[1], 12.0, NULL, cases[i].whole_times);
		loy_lifetime_destroy(model);
	}
	loy_lifetime_destroy(spends[0]);
	loy_lifetime_destroy(spends[1]);
}

static void draws_with_covariates(void **state)
{
	loy_lifetime *model = parsed("mbg-nbd 1", "mixed mixed",
	                             "effects 2 1 r 0.6 alpha 5 a 0.8 b 1.9 trans.2 0.5 life.1 -0.3"),
	             *alone = model_of(LOY_LIFETIME_MBG_NBD);
	double z[2 * DRAWN], none[2 * DRAWN] = {0.0}, x = 5.0, with = 0.0, without = 0.0;
	struct draws a, b;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * DRAWN; i++)
		z[i] = i % 2 == 1 ? 5.0 : 0.0;
	assert_int_equal(loy_lifetime_simulate(model, NULL, 1, 0, 1, 9.0, NULL, &x, NULL, NULL, NULL),
	                 LOY_EINVAL);
	assert_bits_equal(x, 5.0);
	drawn_well(model, NULL, 20.0, z, 0);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	assert_int_equal(
	        loy_lifetime_simulate(model, NULL, 3, 0, DRAWN, 20.0, none, a.x, a.t_x, a.intervals, a.spend),
	        LOY_OK);
	assert_int_equal(
	        loy_lifetime_simulate(alone, NULL, 3, 0, DRAWN, 20.0, NULL, b.x, b.t_x, b.intervals, b.spend),
	        LOY_OK);
	assert_memory_equal(&a, &b, sizeof(a)); /* covariates of 0 have no effect */
	assert_int_equal(loy_lifetime_simulate(model, NULL, 3, 0, DRAWN, 20.0, z, a.x, NULL, NULL, NULL),
	                 LOY_OK);
	for (i = 0; i < DRAWN; i++) {
		with += a.x[i];
		without += b.x[i];
	}
	assert_true(with > without); /* exp(0.5 * 5) times as fast */
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(alone);
}

/* ---- histories ---- */

static void accumulators(void **state)
{
	loy_lifetime_data_options good = {.struct_size = sizeof(good)}, o;
	struct {
		loy_lifetime_data_options known;
		uint64_t later;
	} longer = {{.struct_size = sizeof(longer)}, 1};
	loy_allocator broken = {.allocate = faulty_alloc};
	loy_lifetime_data_info info = {0};
	struct faulty heap = {.until = 0};
	loy_allocator memory = faulty_allocator(&heap);
	loy_lifetime_data *data;

	(void)state;
	assert_int_equal(loy_lifetime_data_create(NULL, &good, NULL), LOY_EINVAL);
#define REFUSED(status, options, memory)                                                                     \
	do {                                                                                                 \
		data = (loy_lifetime_data *)&data;                                                           \
		assert_int_equal(loy_lifetime_data_create(&data, options, memory), status);                  \
		assert_null(data);                                                                           \
	} while (0)
#define WITHOUT(status, what, value)                                                                         \
	do {                                                                                                 \
		o = good;                                                                                    \
		o.what = value;                                                                              \
		REFUSED(status, &o, NULL);                                                                   \
	} while (0)
	WITHOUT(LOY_EINVAL, struct_size, 3);
	WITHOUT(LOY_EINVAL, flags, 4);
	WITHOUT(LOY_EINVAL, kind, 3);
	WITHOUT(LOY_ERANGE, unit, -1);
	WITHOUT(LOY_ERANGE, covariate_count, LOY_LIFETIME_COVARIATES_MAX + 1);
	REFUSED(LOY_EINVAL, &longer.known, NULL);
	REFUSED(LOY_EINVAL, &good, &broken);
	REFUSED(LOY_ENOMEM, &good, &memory);
#undef WITHOUT
#undef REFUSED
	assert_int_equal(heap.live, 0);
	longer.later = 0;
	assert_int_equal(loy_lifetime_data_create(&data, &longer.known, NULL), LOY_OK);
	loy_lifetime_data_destroy(data);
	assert_int_equal(loy_lifetime_data_create(&data, NULL, NULL), LOY_OK);
	assert_int_equal(loy_lifetime_data_get_info(NULL, &info), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_get_info(data, NULL), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_EINVAL);
	info.struct_size = sizeof(info);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_int_equal(info.unit, LOY_WEEK);
	assert_int_equal(info.customers, 0);
	loy_lifetime_data_destroy(data);
	loy_lifetime_data_destroy(NULL);
}

static void one_history(void **state)
{
	static const struct {
		uint32_t kind, flags;
		double x, t_x, T, spend, intervals;
		uint32_t field; /* 0: taken */
	} cases[] = {
	        {0, 0, NAN, 1, 2, 0, 0, LOY_HISTORY_X},
	        {0, 0, -1, 1, 2, 0, 0, LOY_HISTORY_X},
	        {0, 0, 1.5, 1, 2, 0, 0, LOY_HISTORY_X},
	        {0, 0, 4294967296.0, 1, 2, 0, 0, LOY_HISTORY_X},
	        {0, 0, 1, 1, NAN, 0, 0, LOY_HISTORY_T},
	        {0, 0, 1, 1, -2, 0, 0, LOY_HISTORY_T},
	        {0, 0, 1, 1, 2e12, 0, 0, LOY_HISTORY_T},
	        {0, 0, 1, NAN, 2, 0, 0, LOY_HISTORY_T_X},
	        {0, 0, 1, -1, 2, 0, 0, LOY_HISTORY_T_X},
	        {0, 0, 1, 3, 2, 0, 0, LOY_HISTORY_T_X},
	        {0, 0, 0, 1, 2, 0, 0, LOY_HISTORY_T_X},
	        {0, 0, 1, 1, 2, NAN, 0, LOY_HISTORY_SPEND},
	        {0, 0, 1, 1, 2, -1, 0, LOY_HISTORY_SPEND},
	        {0, 0, 1, 1, 2, 2e18, 0, LOY_HISTORY_SPEND},
	        {0, LOY_DATA_SPEND_REQUIRED, 1, 1, 2, 0, 0, LOY_HISTORY_SPEND},
	        {0, LOY_DATA_SPEND_REQUIRED, 0, 0, 2, 0, 0, 0},
	        {0, LOY_DATA_INTERVALS, 1, 1, 2, 0, NAN, LOY_HISTORY_INTERVALS},
	        {0, LOY_DATA_INTERVALS, 1, 1, 2, 0, INFINITY, LOY_HISTORY_INTERVALS},
	        {0, LOY_DATA_INTERVALS, 1, 1, 2, 0, 0.5, LOY_HISTORY_INTERVALS},
	        {0, LOY_DATA_INTERVALS, 1, 0, 2, 0, 0, LOY_HISTORY_INTERVALS},
	        {0, LOY_DATA_INTERVALS, 1, 1, 2, 0, 0, 0},
	        {0, LOY_DATA_INTERVALS, 0, 0, 2, 0, NAN, 0},
	        {0, 0, 0, 0, 2, NAN, NAN, 0},
	        {1, 0, 1, 1, 2.5, 0, 0, LOY_HISTORY_T},
	        {1, 0, 1, 1, NAN, 0, 0, LOY_HISTORY_T},
	        {1, 0, 1, 1, 10001, 0, 0, LOY_HISTORY_T},
	        {1, 0, 1, 1.5, 2, 0, 0, LOY_HISTORY_T_X},
	        {1, 0, 1, 3, 2, 0, 0, LOY_HISTORY_T_X},
	        {1, 0, 2, 1, 2, 0, 0, LOY_HISTORY_X},
	        {1, 0, 0, 1, 2, 0, 0, LOY_HISTORY_X},
	        {1, 0, 1, 1, 2, -1, 0, LOY_HISTORY_SPEND},
	        {1, 0, 1, 2, 2, 0, 0, 0},
	        {2, 0, 2, 0, 2, 0, 0, LOY_HISTORY_X},
	        {2, 0, 0.5, 0, 2, 0, 0, LOY_HISTORY_X},
	        {2, 0, 1, 0, 0, 0, 0, LOY_HISTORY_T},
	        {2, 0, 0, 0, 2.5, 0, 0, LOY_HISTORY_T},
	        {2, 0, 0, 0, 100001, 0, 0, LOY_HISTORY_T},
	        {2, 0, 1, NAN, 1, NAN, 0, 0},
	        {2, 0, 0, 9, 0, 0, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loy_lifetime_data *data = data_of(cases[i].flags, cases[i].kind, 0, NULL);
		loy_lifetime_data_info info = {.struct_size = sizeof(info)};
		loy_error error = {.struct_size = sizeof(error)};
		loy_history history = {.struct_size = sizeof(history),
		                       .x = cases[i].x,
		                       .t_x = cases[i].t_x,
		                       .T = cases[i].T,
		                       .spend = cases[i].spend,
		                       .intervals = cases[i].intervals};
		loy_status status = loy_lifetime_data_add(data, &history, &error);

		if (status != (cases[i].field != 0 ? LOY_ERANGE : LOY_OK))
			fail_msg("case %u: status %d", (unsigned)i, (int)status);
		if (status != LOY_OK)
			assert_int_equal(error.field, cases[i].field);
		assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
		assert_int_equal(info.customers, status == LOY_OK);
		loy_lifetime_data_destroy(data);
	}
}

static void histories_of_another_shape(void **state)
{
	loy_lifetime_data *data = data_of(0, 0, 2, NULL);
	loy_lifetime_data_info info = {.struct_size = sizeof(info)};
	loy_error error = {.struct_size = sizeof(error)};
	double z[2] = {0.5, 1.0};
	loy_history h = {.struct_size = sizeof(h), .T = 2.0, .covariate_count = 2, .covariates = z};

	(void)state;
	assert_int_equal(loy_lifetime_data_add(NULL, &h, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_add(data, NULL, &error), LOY_EINVAL);
	h.struct_size = 2;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_EINVAL);
	h.struct_size = sizeof(h);
	h.covariate_count = 1;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_EINVAL);
	h.covariate_count = 2;
	h.covariates = NULL;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_EINVAL);
	h.covariates = z;
	z[1] = NAN;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_ERANGE);
	assert_int_equal(error.field, LOY_HISTORY_COVARIATE + 1);
	z[0] = -2e6;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_ERANGE);
	assert_int_equal(error.field, LOY_HISTORY_COVARIATE);
	z[0] = z[1] = 1.0;
	h.weight = (UINT64_C(1) << 53) + 1;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_EOVERFLOW);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_int_equal(info.customers, 0);
	h.weight = UINT64_C(1) << 53;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_OK);
	h.weight = 0;
	assert_int_equal(loy_lifetime_data_add(data, &h, &error), LOY_EOVERFLOW);
	assert_int_equal(loy_lifetime_data_merge(data, data), LOY_EOVERFLOW);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_true(info.customers == UINT64_C(1) << 53);
	assert_int_equal(info.distinct, 1);
	loy_lifetime_data_destroy(data);
}

/* ---- columns ---- */

static const double good_x[3] = {0, 1, 2}, good_t_x[3] = {0, 1, 2}, good_T[3] = {3, 3, 3},
                    good_one[3] = {1, 1, 1};

static void tables(void **state)
{
	loy_lifetime_data *data = data_of(LOY_DATA_SPEND_REQUIRED | LOY_DATA_INTERVALS, 0, 1, NULL);
	const loy_history_column all[] = {
	        {LOY_HISTORY_X, LOY_COLUMN_F64, good_x, 8},
	        {LOY_HISTORY_T, LOY_COLUMN_F64, good_T, 8},
	        {LOY_HISTORY_T_X, LOY_COLUMN_F64, good_t_x, 8},
	        {LOY_HISTORY_SPEND, LOY_COLUMN_F64, good_one, 8},
	        {LOY_HISTORY_COVARIATE, LOY_COLUMN_F64, good_x, 8},
	        {LOY_HISTORY_INTERVALS, LOY_COLUMN_F64, good_T, 0},
	};
	static const double no_interval[1] = {-1.0};
	static const uint32_t unknown[] = {0, 7, 15, LOY_HISTORY_COVARIATE + 1, UINT32_MAX};
	loy_history_column columns[7];
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_data_info info = {.struct_size = sizeof(info)};
	size_t i;

	(void)state;
	memcpy(columns, all, sizeof(all));
	columns[5].data = no_interval;
	columns[6] = columns[0];
	assert_int_equal(loy_lifetime_data_add_columns(NULL, columns, 6, 3, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_add_columns(data, NULL, 6, 3, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_add_columns(data, NULL, 0, 3, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 7, 3, &error), LOY_EINVAL); /* twice */
	assert_int_equal(error.field, LOY_HISTORY_X);
	columns[6] = columns[4];
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 7, 3, &error), LOY_EINVAL);
	assert_int_equal(error.field, LOY_HISTORY_COVARIATE);
	for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		columns[6].field = unknown[i];
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, 7, 3, &error), LOY_EINVAL);
		assert_true((uint32_t)error.field == unknown[i]);
	}
	for (i = 0; i < 6; i++) { /* one missing, one without data, one of no such type */
		loy_history_column kept = columns[i];

		columns[i] = columns[5];
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, 5, 3, &error), LOY_EINVAL);
		assert_int_equal(error.field, kept.field);
		columns[i] = kept;
		columns[i].data = NULL;
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, 6, 3, &error), LOY_EINVAL);
		assert_int_equal(error.field, kept.field);
		columns[i] = kept;
		columns[i].type = UINT32_MAX;
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, 6, 3, &error), LOY_EINVAL);
		assert_int_equal(error.field, kept.field);
		columns[i] = kept;
	}
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_int_equal(info.customers, 0);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 6, 0, &error), LOY_OK);
	assert_int_equal(loy_lifetime_data_add_columns(data, columns, 6, 3, &error), LOY_OK);
	assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
	assert_int_equal(info.customers, 3);
	assert_int_equal(info.repeat, 2);
	assert_int_equal(info.unpriced, 0);
	loy_lifetime_data_destroy(data);
}

static void types_of_columns(void **state)
{
	static const int64_t i64[3] = {0, 1, 2}, bad64[3] = {0, 1, -2};
	static const int32_t i32[3] = {0, 1, 2}, bad32[3] = {0, 1, -2};
	static const uint32_t u32[3] = {0, 1, 2}, badu32[3] = {0, 1, 0};
	static const uint8_t u8[3] = {0, 1, 2}, badu8[3] = {0, 1, 0};
	static const double badf[][3] = {{0, 1, -2}, {0, 1, NAN}, {0, 1, 1.5}, {0, 1, INFINITY}};
	static const int64_t bad_weight[][3] = {{1, 1, 0}, {1, 1, -1}, {1, 1, INT64_MAX}};
	static const double bad_weight_f[][3] = {{1, 1, 0.5}, {1, 1, NAN}, {1, 1, 1.5}, {1, 1, 1e16}};
	static const double much[3] = {1, 1, 9007199254740991.0};
	const struct {
		loy_history_column column;
		loy_status status;
	} cases[] = {
	        {{LOY_HISTORY_X, LOY_COLUMN_I64, i64, 8}, LOY_OK},
	        {{LOY_HISTORY_X, LOY_COLUMN_I32, i32, 4}, LOY_OK},
	        {{LOY_HISTORY_X, LOY_COLUMN_U32, u32, 4}, LOY_OK},
	        {{LOY_HISTORY_X, LOY_COLUMN_U8, u8, 1}, LOY_OK},
	        {{LOY_HISTORY_X, LOY_COLUMN_I64, bad64, 8}, LOY_ERANGE},
	        {{LOY_HISTORY_X, LOY_COLUMN_I32, bad32, 4}, LOY_ERANGE},
	        {{LOY_HISTORY_X, LOY_COLUMN_F64, badf[0], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_X, LOY_COLUMN_F64, badf[1], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_X, LOY_COLUMN_F64, badf[2], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_X, LOY_COLUMN_F64, badf[3], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_SPEND, LOY_COLUMN_I64, bad64, 8}, LOY_ERANGE},
	        {{LOY_HISTORY_SPEND, LOY_COLUMN_I32, bad32, 4}, LOY_ERANGE},
	        {{LOY_HISTORY_SPEND, LOY_COLUMN_U32, u32, 4}, LOY_OK},
	        {{LOY_HISTORY_SPEND, LOY_COLUMN_F64, badf[1], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_I64, bad_weight[0], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_I64, bad_weight[1], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_I64, bad_weight[2], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_U32, badu32 + 1, 4}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_U8, badu8 + 1, 1}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, bad_weight_f[0], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, bad_weight_f[1], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, bad_weight_f[2], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, bad_weight_f[3], 8}, LOY_ERANGE},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_F64, much, 8}, LOY_EOVERFLOW},
	        {{LOY_HISTORY_WEIGHT, LOY_COLUMN_U8, u8 + 1, 0}, LOY_OK},
	};
	uint8_t before[BYTES], after[BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loy_lifetime_data *data = data_of(0, 0, 0, NULL);
		loy_history_column columns[4] = {{LOY_HISTORY_X, LOY_COLUMN_F64, good_x, 8},
		                                 {LOY_HISTORY_T, LOY_COLUMN_F64, good_T, 8},
		                                 {LOY_HISTORY_T_X, LOY_COLUMN_F64, good_t_x, 8}};
		loy_history first = {.struct_size = sizeof(first), .x = 1, .t_x = 1, .T = 3};
		uint32_t count = cases[i].column.field == LOY_HISTORY_X ? 3 : 4;
		loy_error error = {.struct_size = sizeof(error)};
		uint64_t rows = 3;
		size_t size;

		columns[count == 3 ? 0 : 3] = cases[i].column;
		if (cases[i].column.data == badu32 + 1 || cases[i].column.data == badu8 + 1)
			rows = 2;
		assert_int_equal(loy_lifetime_data_add(data, &first, NULL), LOY_OK);
		size = bytes_of(data, before);
		assert_int_equal(loy_lifetime_data_add_columns(data, columns, count, rows, &error),
		                 cases[i].status);
		if (cases[i].status == LOY_OK) {
			loy_lifetime_data_info info = {.struct_size = sizeof(info)};

			assert_int_equal(loy_lifetime_data_get_info(data, &info), LOY_OK);
			assert_int_equal(info.customers, 4);
			assert_int_equal(info.repeat, 3);
		} else {
			assert_int_equal(error.row, rows - 1);
			assert_int_equal(error.field,
			                 cases[i].status == LOY_ERANGE ? cases[i].column.field : 0);
			assert_int_equal(bytes_of(data, after), size); /* no row was added */
			assert_memory_equal(before, after, size);
		}
		loy_lifetime_data_destroy(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(creation),
	        cmocka_unit_test(limits_far_out),
	        cmocka_unit_test(questions),
	        cmocka_unit_test(every_family_draws),
	        cmocka_unit_test(every_limit_draws),
	        cmocka_unit_test(draws_with_covariates),
	        cmocka_unit_test(accumulators),
	        cmocka_unit_test(one_history),
	        cmocka_unit_test(histories_of_another_shape),
	        cmocka_unit_test(tables),
	        cmocka_unit_test(types_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
