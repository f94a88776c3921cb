/* What accumulators, their bytes and fits refuse; see test_refusals.c. */
#include "refusals.h"

#include "numeric/numeric.h"

struct draws {
	double x[DRAWN], t_x[DRAWN], intervals[DRAWN], spend[DRAWN];
};

/* ---- merging ---- */

static void fill_rows(loy_lifetime_data *data, size_t from, size_t count)
{
	size_t i;

	for (i = from; i < from + count; i++) {
		loy_history h = {.struct_size = sizeof(h),
		                 .x = (double)(i % 5),
		                 .t_x = i % 5 != 0 ? 2.0 : 0.0,
		                 .T = 10.0 + (double)i};

		assert_int_equal(loy_lifetime_data_add(data, &h, NULL), LOY_OK);
	}
}

static void merging(void **state)
{
	loy_lifetime_data_options other[4] = {
	        {.flags = 1}, {.kind = 1}, {.covariate_count = 1}, {.unit = LOY_DAY}};
	loy_lifetime_data *from = data_of(0, 0, 0, NULL), *whole = data_of(0, 0, 0, NULL);
	loy_status status = LOY_ENOMEM;
	uint8_t before[BYTES], after[BYTES];
	size_t i, size;
	long n;

	(void)state;
	fill_rows(from, 5, 120);
	fill_rows(whole, 0, 10);
	fill_rows(whole, 5, 120);
	assert_int_equal(loy_lifetime_data_merge(NULL, from), LOY_EINVAL);
	assert_int_equal(loy_lifetime_data_merge(from, NULL), LOY_EINVAL);
	for (i = 0; i < 4; i++) {
		loy_lifetime_data *data = NULL;

		other[i].struct_size = sizeof(other[i]);
		assert_int_equal(loy_lifetime_data_create(&data, &other[i], NULL), LOY_OK);
		size = bytes_of(data, before);
		assert_int_equal(loy_lifetime_data_merge(data, from), LOY_EINVAL);
		assert_int_equal(bytes_of(data, after), size);
		assert_memory_equal(before, after, size);
		loy_lifetime_data_destroy(data);
	}
	for (n = 0; status == LOY_ENOMEM; n++) {
		struct faulty heap = {.until = -1};
		loy_allocator memory = faulty_allocator(&heap);
		loy_lifetime_data *data = data_of(0, 0, 0, &memory);

		fill_rows(data, 0, 10);
		size = bytes_of(data, before);
		heap.until = heap.requests + n;
		status = loy_lifetime_data_merge(data, from);
		assert_int_equal(status, heap.refused > 0 ? LOY_ENOMEM : LOY_OK);
		heap.until = -1;
		if (status != LOY_OK) { /* as if nothing had been asked */
			assert_int_equal(bytes_of(data, after), size);
			assert_memory_equal(before, after, size);
			assert_int_equal(loy_lifetime_data_merge(data, from), LOY_OK);
		}
		size = bytes_of(whole, before);
		assert_int_equal(bytes_of(data, after), size);
		assert_memory_equal(before, after, size);
		loy_lifetime_data_destroy(data);
		assert_int_equal(heap.live, 0);
	}
	assert_true(n > 4);
	loy_lifetime_data_destroy(from);
	loy_lifetime_data_destroy(whole);
}

/* ---- bytes ---- */

static void seal(uint8_t *bytes, size_t size)
{
	uint32_t crc = loy__crc32c(0, bytes, size - 4), i;

	for (i = 0; i < 4; i++)
		bytes[size - 4 + i] = (uint8_t)(crc >> 8 * i);
}

/* What can be read is what would be written; all else is refused and leaves nothing. */
static loy_status read_back(const uint8_t *bytes, size_t size)
{
	loy_lifetime_data *data = (loy_lifetime_data *)&size;
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status = loy_lifetime_data_from_bytes(&data, bytes, size, NULL, &error);
	uint8_t again[BYTES];

	assert_true((data != NULL) == (status == LOY_OK));
	if (status == LOY_OK) {
		assert_int_equal(bytes_of(data, again), size);
		assert_memory_equal(bytes, again, size);
		loy_lifetime_data_destroy(data);
	}
	return status;
}

static size_t put_varint(uint8_t *at, uint64_t v)
{
	size_t n = 0;

	for (; v >= 128; v >>= 7)
		at[n++] = (uint8_t)(v | 128);
	at[n++] = (uint8_t)v;
	return n;
}

static loy_status read_head(uint64_t version, uint64_t flags, uint64_t kind, uint64_t covariates,
                            uint64_t unit, uint64_t count)
{
	uint64_t head[6] = {version, flags, kind, covariates, unit, count};
	uint8_t bytes[100] = "LOYL";
	size_t size = 4, i;

	for (i = 0; i < 6; i++)
		size += put_varint(bytes + size, head[i]);
	seal(bytes, size + 4);
	return read_back(bytes, size + 4);
}

static void headers(void **state)
{
	const uint64_t wide = UINT64_C(1) << 32;

	(void)state;
	assert_int_equal(read_head(1, 0, 0, 0, 1, 0), LOY_OK);
	assert_int_equal(read_head(1, 3, 2, 16, INT64_MAX, 0), LOY_OK);
	assert_int_equal(read_head(0, 0, 0, 0, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(2, 0, 0, 0, 1, 0), LOY_EVERSION);
	assert_int_equal(read_head(1, wide, 0, 0, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, wide, 0, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 0, wide, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 0, 0, 0, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 0, 0, UINT64_C(1) << 63, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 4, 0, 0, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 3, 0, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 0, 17, 1, 0), LOY_EFORMAT);
	assert_int_equal(read_head(1, 0, 0, 0, 1, 1), LOY_EFORMAT); /* a row that is not there */
}

static void bytes_that_are_not(void **state)
{
	uint32_t kind, read = 0, refused = 0;

	(void)state;
	for (kind = 0; kind < 3; kind++) {
		loy_lifetime_data *data = data_of(kind == 0 ? LOY_DATA_INTERVALS : 0, kind, 1, NULL),
		                  *back = NULL;
		uint8_t bytes[BYTES], bad[BYTES];
		loy_error error = {.struct_size = sizeof(error)};
		loy_status status = LOY_ENOMEM;
		size_t size, needed, i, bit;
		double z;
		long n;

		for (i = 0; i < 6; i++) {
			loy_history h = {
			        .struct_size = sizeof(h), .T = 4.0 + (double)(i / 2), .covariate_count = 1};

			z = (double)i;
			h.covariates = &z;
			h.x = (double)(i % 2);
			h.t_x = h.x;
			h.spend = 10.0;
			h.weight = i + 1;
			assert_int_equal(loy_lifetime_data_add(data, &h, NULL), LOY_OK);
		}
		size = bytes_of(data, bytes);
		assert_int_equal(loy_lifetime_data_bytes(NULL, bad, BYTES, &needed), LOY_EINVAL);
		assert_int_equal(loy_lifetime_data_bytes(data, NULL, 0, NULL), LOY_EBUFFER);
		assert_int_equal(loy_lifetime_data_bytes(data, NULL, 1, &needed), LOY_EINVAL);
		for (i = 0; i < size; i++) {
			needed = 0;
			assert_int_equal(loy_lifetime_data_bytes(data, i > 0 ? bad : NULL, i, &needed),
			                 LOY_EBUFFER);
			assert_int_equal(needed, size);
		}
		assert_int_equal(loy_lifetime_data_from_bytes(NULL, bytes, size, NULL, &error), LOY_EINVAL);
		assert_int_equal(loy_lifetime_data_from_bytes(&back, NULL, size, NULL, &error), LOY_EINVAL);
		for (i = 0; i < size; i++) {
			memcpy(bad, bytes, size);
			assert_int_equal(read_back(bad, i), i < 8 ? LOY_EFORMAT : LOY_ECHECKSUM);
			if (i >= 8) { /* cut, but with a checksum that fits */
				seal(bad, i);
				assert_int_equal(read_back(bad, i), LOY_EFORMAT);
			}
			for (bit = 0; bit < 8; bit++) {
				memcpy(bad, bytes, size);
				bad[i] ^= (uint8_t)(1u << bit);
				assert_int_equal(read_back(bad, size), LOY_ECHECKSUM);
				if (i >= size - 4)
					continue;
				seal(bad, size);
				status = read_back(bad, size);
				assert_true(status == LOY_OK || status == LOY_EFORMAT ||
				            status == LOY_EVERSION || status == LOY_EOVERFLOW);
				assert_true(status != LOY_OK || i >= 5); /* never another magic or version */
				read += status == LOY_OK;
				refused += status != LOY_OK;
			}
		}
		memcpy(bad, bytes, size);
		bad[size] = 0;
		seal(bad, size + 1);
		assert_int_equal(read_back(bad, size), LOY_ECHECKSUM);
		memcpy(bad, bytes, size - 4);
		memset(bad + size - 4, 0, 5);
		seal(bad, size + 1);
		assert_int_equal(read_back(bad, size + 1), LOY_EFORMAT); /* one byte too many */
		for (status = LOY_ENOMEM, n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n};
			loy_allocator memory = faulty_allocator(&heap);

			status = loy_lifetime_data_from_bytes(&back, bytes, size, &memory, &error);
			assert_int_equal(status, heap.refused > 0 ? LOY_ENOMEM : LOY_OK);
			if (status == LOY_OK) { /* writing needs memory too */
				heap.until = heap.requests;
				assert_int_equal(loy_lifetime_data_bytes(back, bad, BYTES, &needed),
				                 LOY_ENOMEM);
				heap.until = heap.requests + 1;
				assert_int_equal(loy_lifetime_data_bytes(back, bad, BYTES, &needed),
				                 LOY_ENOMEM);
			}
			loy_lifetime_data_destroy(back);
			assert_int_equal(heap.live, 0);
		}
		loy_lifetime_data_destroy(data);
	}
	assert_true(read > 0 && refused > read / 8);
}

/* ---- fits ---- */

/* Histories drawn from the family itself, or of customers who never leave. */
static loy_lifetime_data *cohort(uint32_t family, int stay, uint32_t covariates)
{
	loy_lifetime *model = model_of(family == LOY_LIFETIME_GAMMA_GAMMA ? LOY_LIFETIME_MBG_NBD : family),
	             *spend = model_of(LOY_LIFETIME_GAMMA_GAMMA);
	uint32_t kind = family == LOY_LIFETIME_BG_BB ? 1 : family >= LOY_LIFETIME_SBG ? 2 : 0;
	loy_lifetime_data *data = data_of(kind == 0 ? LOY_DATA_INTERVALS : 0, kind, covariates, NULL);
	struct draws d;
	size_t i;

	assert_int_equal(loy_lifetime_simulate(model, spend, 5, 0, DRAWN, 20.0, NULL, d.x, d.t_x, d.intervals,
	                                       d.spend),
	                 LOY_OK);
	for (i = 0; i < DRAWN; i++) {
		double z = (double)(i % 3) - 1.0;
		loy_history h = {.struct_size = sizeof(h),
		                 .covariate_count = covariates,
		                 .covariates = &z,
		                 .x = d.x[i],
		                 .t_x = d.t_x[i],
		                 .T = kind == 2 ? d.t_x[i] : 20.0,
		                 .spend = d.spend[i],
		                 .intervals = d.intervals[i]};

		if (stay && kind != 2) {
			h.x = (double)(i % 7) + 3.0;
			h.t_x = kind == 1 ? 20.0 : 19.5;
			h.spend = 10.0 + (double)(i % 4);
			h.intervals = h.x * log(h.t_x / h.x) - 0.5;
		}
		assert_int_equal(loy_lifetime_data_add(data, &h, NULL), LOY_OK);
	}
	loy_lifetime_destroy(model);
	loy_lifetime_destroy(spend);
	return data;
}

static void options_of_fits(void **state)
{
	static const double start[5] = {1, 1, 1, 1, NAN}, low[4] = {1, 1, 1, 0};
	loy_lifetime_data *data = cohort(0, 0, 1), *plain = data_of(0, 0, 0, NULL),
	                  *contracts = data_of(0, 2, 0, NULL);
	const struct {
		const loy_lifetime_data *data;
		loy_lifetime_options o;
		loy_status status;
	} cases[] = {
	        {data, {.family = 8}, LOY_EINVAL},
	        {data, {.reserved = 1}, LOY_EINVAL},
	        {data, {.k = 1}, LOY_EINVAL},
	        {data, {.family = LOY_LIFETIME_MBG_CNBD, .k = 13}, LOY_EINVAL},
	        {plain, {.family = LOY_LIFETIME_MBG_CNBD}, LOY_EINVAL},
	        {plain, {.rate_covariates = 1}, LOY_EINVAL},
	        {plain, {.life_covariates = 1}, LOY_EINVAL},
	        {data, {.rate_covariates = 2}, LOY_EINVAL},
	        {data, {.life_covariates = UINT32_MAX}, LOY_EINVAL},
	        {data, {.family = LOY_LIFETIME_MBG_CNBD, .k = 1, .rate_covariates = 1}, LOY_EINVAL},
	        {data, {.family = LOY_LIFETIME_GAMMA_GAMMA, .life_covariates = 1}, LOY_EINVAL},
	        {data, {.ridge = -1.0}, LOY_ERANGE},
	        {data, {.ridge = NAN}, LOY_ERANGE},
	        {data, {.ridge = INFINITY}, LOY_ERANGE},
	        {data, {.ridge = 2e12}, LOY_ERANGE},
	        {data, {.start = start, .start_count = 3}, LOY_EINVAL},
	        {data, {.start = start, .start_count = 5}, LOY_EINVAL},
	        {data, {.start = start, .start_count = 5, .rate_covariates = 1}, LOY_EINVAL},
	        {data, {.start = low, .start_count = 4}, LOY_EINVAL},
	        {data, {.iterations = 1}, LOY_ELIMIT},
	        {data, {.family = LOY_LIFETIME_MBG_CNBD, .iterations = 1}, LOY_ELIMIT},
	        {data, {.family = LOY_LIFETIME_BG_BB}, LOY_EINVAL},
	        {data, {.family = LOY_LIFETIME_SBG}, LOY_EINVAL},
	        {data, {.family = LOY_LIFETIME_BDW}, LOY_EINVAL},
	        {contracts, {.family = LOY_LIFETIME_MBG_NBD}, LOY_EINVAL},
	        {contracts, {.family = LOY_LIFETIME_GAMMA_GAMMA}, LOY_EINVAL},
	        {contracts, {.family = LOY_LIFETIME_SBG}, LOY_EUNKNOWN},
	        {plain, {.family = LOY_LIFETIME_PARETO_NBD}, LOY_EUNKNOWN},
	};
	uint8_t before[BYTES], after[BYTES];
	loy_allocator broken = {.allocate = faulty_alloc};
	loy_error error = {.struct_size = sizeof(error)};
	loy_lifetime_options o = {.struct_size = 2};
	loy_lifetime *model;
	size_t i, size = bytes_of(data, before);

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		loy_status status;

		o = cases[i].o;
		o.struct_size = sizeof(o);
		model = (loy_lifetime *)&o;
		status = loy_lifetime_fit(&model, cases[i].data, &o, NULL, &error);
		if (status != cases[i].status)
			fail_msg("case %u: status %d", (unsigned)i, (int)status);
		assert_null(model);
		assert_int_equal(error.code, status);
		/* how far it was from converged is told */
		assert_int_equal(status == LOY_ELIMIT,
		                 strstr(error.message, "slope a customer: 0.0") != NULL);
	}
	assert_int_equal(loy_lifetime_fit(NULL, data, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_fit(&model, NULL, NULL, NULL, &error), LOY_EINVAL);
	assert_int_equal(loy_lifetime_fit(&model, data, NULL, &broken, &error), LOY_EINVAL);
	o.struct_size = 2;
	assert_int_equal(loy_lifetime_fit(&model, data, &o, NULL, &error), LOY_EINVAL);
	assert_null(model);
	assert_int_equal(bytes_of(data, after), size); /* fits leave the data alone */
	assert_memory_equal(before, after, size);
	loy_lifetime_data_destroy(data);
	loy_lifetime_data_destroy(plain);
	loy_lifetime_data_destroy(contracts);
}

struct patience {
	uint64_t left, asked;
};

static int32_t run_out(uint64_t done, uint64_t total, void *user_data)
{
	struct patience *p = user_data;

	(void)done;
	(void)total;
	p->asked++;
	if (p->left == 0)
		return 1;
	p->left--;
	return 0;
}

static void given_up(void **state)
{
	uint32_t family, stay;

	(void)state;
	for (stay = 0; stay < 2; stay++) {
		for (family = 0; family < 8; family++) {
			loy_lifetime_data *data =
			        cohort(family, (int)stay, family <= LOY_LIFETIME_PARETO_NBD);
			uint32_t bits = family <= LOY_LIFETIME_PARETO_NBD && family != LOY_LIFETIME_BG_BB
			                        ? 1 - stay
			                        : 0;
			loy_lifetime_options o = {.struct_size = sizeof(o),
			                          .family = family,
			                          .rate_covariates = family < LOY_LIFETIME_BG_BB ? bits : 0,
			                          .progress = run_out};
			loy_status status = LOY_ECANCELLED;
			uint64_t n;

			for (n = 0; status == LOY_ECANCELLED; n += 1 + n / 4) {
				struct patience p = {.left = n};
				struct faulty heap = {.until = -1};
				loy_allocator memory = faulty_allocator(&heap);
				loy_lifetime *model = NULL;

				o.user_data = &p;
				status = loy_lifetime_fit(&model, data, &o, &memory, NULL);
				if (status == LOY_ECANCELLED) {
					assert_null(model);
					assert_int_equal(p.asked, n + 1); /* stops at once */
				} else {
					assert_true(p.asked <= n);
					assert_true((model != NULL) == (status == LOY_OK));
				}
				loy_lifetime_destroy(model);
				assert_int_equal(heap.live, 0);
			}
			if (status != LOY_OK)
				fail_msg("family %u, stay %u: status %d", family, stay, (int)status);
			loy_lifetime_data_destroy(data);
		}
	}
}

static void no_memory_to_fit(void **state)
{
	loy_lifetime_data *data = cohort(0, 0, 0);
	uint32_t family;

	(void)state;
	for (family = 0; family < 6; family++) {
		loy_lifetime_options o = {.struct_size = sizeof(o), .family = family};
		loy_status status = LOY_ENOMEM;
		long n;

		if (family == LOY_LIFETIME_BG_BB)
			continue;
		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n};
			loy_allocator memory = faulty_allocator(&heap);
			loy_error error = {.struct_size = sizeof(error)};
			loy_lifetime *model = NULL;

			status = loy_lifetime_fit(&model, data, &o, &memory, &error);
			assert_int_equal(status, heap.refused > 0 ? LOY_ENOMEM : LOY_OK);
			assert_true((model != NULL) == (status == LOY_OK));
			loy_lifetime_destroy(model);
			assert_int_equal(heap.live, 0);
		}
		assert_true(n > 5);
	}
	loy_lifetime_data_destroy(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(merging),
	        cmocka_unit_test(headers),
	        cmocka_unit_test(bytes_that_are_not),
	        cmocka_unit_test(options_of_fits),
	        cmocka_unit_test(given_up),
	        cmocka_unit_test(no_memory_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
