/*
 * Canonical bytes of survival accumulators. The first byte of the input says which request for memory fails
 * (128 and more: none). With the second bit of the second byte the rest are rows to add; else, when that byte is
 * odd, the rest is read as it is, and otherwise gets a magic, a version and a checksum first, so that what lies
 * behind them is reached. What is accepted must be canonical: written again it is
 * the same, merged with nothing as well, and everything that can be computed from it has a defined answer.
 */
#include "fuzz.h"
#include "core/core.h"

static void same_when_written(const loy_survival *survival, const uint8_t *bytes, size_t size)
{
	uint8_t *out = malloc(size);
	size_t needed = 0;

	FUZZ_CHECK(out != NULL);
	FUZZ_CHECK(loy_survival_write(survival, out, size, &needed) == LOY_OK);
	FUZZ_CHECK(needed == size && memcmp(out, bytes, size) == 0);
	free(out);
}

static void check_curve(const loy_survival *survival, const loy_allocator *memory)
{
	loy_curve_options options = {.struct_size = sizeof(options), .limits = LOY_LIMITS_LOGLOG};
	double last = 1.0, time, low, high;
	loy_curve *curve = NULL;
	loy_status status = loy_curve_create(&curve, survival, &options, memory);
	uint64_t i;

	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM || status == LOY_EUNKNOWN);
	for (i = 0; i < loy_curve_count(curve); i++) {
		loy_curve_point p = {.struct_size = sizeof(p)};

		FUZZ_CHECK(loy_curve_get(curve, i, &p) == LOY_OK);
		FUZZ_CHECK(p.survival >= 0.0 && p.survival <= last);
		last = p.survival;
	}
	if (curve != NULL)
		FUZZ_CHECK(loy_curve_quantile(curve, 0.5, &time, &low, &high) == LOY_OK);
	loy_curve_destroy(curve);
}

/* Merged into an empty one of the same kind, it has the same bytes. */
static void same_when_merged(const loy_survival *survival, const uint8_t *bytes, size_t size,
                             const loy_allocator *memory)
{
	loy_survival_options options = {.struct_size = sizeof(options)};
	loy_survival *copy = NULL;

	options.flags = bytes[5];
	options.covariates = bytes[6];
	for (int i = 0; i < 8; i++)
		options.unit |= (int64_t)bytes[8 + i] << 8 * i;
	if (loy_survival_create(&copy, &options, memory) == LOY_OK &&
	    loy_survival_merge(copy, survival) == LOY_OK && loy_survival_sort(copy) == LOY_OK)
		same_when_written(copy, bytes, size);
	loy_survival_destroy(copy);
}

/* A fit ends in a named state with finite numbers; ties are walked one by one, so not with billions of subjects. */
static void check_fit(const loy_survival *survival, const loy_allocator *memory, uint32_t how)
{
	loy_cox_options options = {.struct_size = sizeof(options), .flags = how & 1, .ties = how >> 1 & 1};
	loy_cox_summary s = {.struct_size = sizeof(s)};
	loy_concordance c = {.struct_size = sizeof(c)};
	loy_proportionality t = {.struct_size = sizeof(t)};
	loy_cox *cox = NULL;
	loy_status status;

	if (loy_survival_subjects(survival) > 100000)
		return;
	status = loy_cox_create(&cox, survival, &options, memory, NULL);
	if (cox == NULL) {
		FUZZ_CHECK(status == LOY_ENOMEM || status == LOY_EUNKNOWN || status == LOY_EINVAL);
		return;
	}
	FUZZ_CHECK(status == LOY_OK && loy_cox_get_summary(cox, &s) == LOY_OK);
	FUZZ_CHECK(s.state <= LOY_COX_STOPPED && s.log_likelihood == s.log_likelihood);
	FUZZ_CHECK(s.log_likelihood >= s.log_likelihood_null - 1e-9 * (1.0 - s.log_likelihood_null));
	status = loy_cox_proportionality(cox, survival, how >> 2 & 1, LOY_COX_ALL, &t, memory);
	FUZZ_CHECK(status != LOY_OK || (t.p >= 0.0 && t.p <= 1.0));
	status = loy_cox_concordance(cox, survival, &c, memory);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM || status == LOY_EUNKNOWN);
	loy_cox_destroy(cox);
}

static void check_all(const loy_survival *survival, const loy_allocator *memory, uint32_t how)
{
	loy_logrank_result result = {.struct_size = sizeof(result)};
	loy_status status;

	check_curve(survival, memory);
	check_fit(survival, memory, how);
	status = loy_survival_logrank(survival, 0.0, &result, NULL, NULL, memory);
	FUZZ_CHECK(status == LOY_OK || status == LOY_ENOMEM || status == LOY_EUNKNOWN ||
	           status == LOY_ELIMIT);
	FUZZ_CHECK(status != LOY_OK || (result.p >= 0.0 && result.p <= 1.0));
}

/* A number from a byte: mostly small ones, now and then one at the edge of what is accepted. */
static double number(uint8_t byte)
{
	static const double edges[8] = {0.0,   1e-15, 1e15, 1e100, -1e100, 4.9e-324, 9007199254740992.0,
	                                1e-300};

	return byte < 248 ? ((double)byte - 120.0) / 8.0 : edges[byte - 248];
}

/* Rows of six bytes each: time, entry, weight, who, two covariates. What is refused is left out. */
static void try_rows(const uint8_t *bytes, size_t size, uint32_t kind, const loy_allocator *memory)
{
	loy_survival_options options = {.struct_size = sizeof(options), .flags = kind & 3, .covariates = 2};
	loy_survival *survival = NULL;
	size_t i;

	if (loy_survival_create(&survival, &options, memory) != LOY_OK)
		return;
	for (i = 0; i + 6 <= size; i += 6) {
		const double covariates[2] = {number(bytes[i + 4]), number(bytes[i + 5])};
		loy_survival_row row = {.struct_size = sizeof(row), .covariates = covariates};
		loy_status status;

		row.time = number(bytes[i]);
		row.entry = (kind & LOY_SURVIVAL_ENTERED) != 0 ? number(bytes[i + 1]) : 0.0;
		row.weight = (kind & LOY_SURVIVAL_WEIGHTED) != 0 ? number(bytes[i + 2]) : 0.0;
		row.event = bytes[i + 3] & 1;
		row.group = bytes[i + 3] >> 1 & 3;
		row.count = bytes[i + 3] >> 3;
		status = loy_survival_add(survival, &row, NULL);
		FUZZ_CHECK(status == LOY_OK || status == LOY_ERANGE || status == LOY_ENOMEM);
	}
	if (loy_survival_sort(survival) == LOY_OK)
		check_all(survival, memory, kind >> 2);
	loy_survival_destroy(survival);
}

static void try_bytes(const uint8_t *bytes, size_t size, const loy_allocator *memory)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_survival *survival = NULL;
	loy_status status = loy_survival_read(&survival, bytes, size, memory, &error);

	if (status != LOY_OK) {
		FUZZ_CHECK(survival == NULL && error.code == status);
		FUZZ_CHECK(status == LOY_ENOMEM || (error.byte >= 0 && (size_t)error.byte <= size));
		return;
	}
	same_when_written(survival, bytes, size);
	same_when_merged(survival, bytes, size, memory);
	check_all(survival, memory, bytes[size - 1]);
	loy_survival_destroy(survival);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_heap heap = {.until = size > 0 && data[0] < 128 ? data[0] : -1};
	loy_allocator memory = fuzz_allocator(&heap);
	uint8_t *bytes;
	size_t length;

	fuzz_begin();
	if (size < 2)
		return 0;
	bytes = malloc(size + 16);
	FUZZ_CHECK(bytes != NULL);
	length = size - 2;
	if ((data[1] & 2) != 0) {
		try_rows(data + 2, length, data[1] >> 2, &memory);
		length = 0;
	} else if ((data[1] & 1) != 0) {
		memcpy(bytes, data + 2, length);
	} else {
		uint32_t sum;

		memcpy(bytes, "LOYT\1", 5);
		memcpy(bytes + 5, data + 2, length);
		length += 5;
		sum = loy__crc32c(0, bytes, length);
		for (int i = 0; i < 4; i++)
			bytes[length++] = (uint8_t)(sum >> 8 * i);
	}
	try_bytes(bytes, length, &memory);
	FUZZ_CHECK(heap.live == 0);
	free(bytes);
	return 0;
}
