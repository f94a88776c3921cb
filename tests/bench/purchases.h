/*
 * What benchmarks of stores on files share: purchases with identities as a till counts them up, of customers drawn with
 * Zipf(1), two years of them when there are ten million; files in a folder made in the working directory.
 */
#ifndef LOY_BENCH_PURCHASES_H
#define LOY_BENCH_PURCHASES_H

#include "bench.h"

#define BETWEEN    (INT64_C(63) * LOY_SECOND / 10)
#define ROUNDS_MAX 31
#define FOLDER     "bench_durable_files"

static inline void clear_folder(void)
{
	loy_files files = {.struct_size = sizeof(files)};

	if (loy_files_open_directory(&files, FOLDER, strlen(FOLDER), 0, NULL) != LOY_OK)
		return;
	remove_files(&files);
	loy_files_close(&files);
	(void)rmdir(FOLDER);
}

/* ---- the work ---- */

struct work {
	uint64_t events, customers, rounds, each;
	uint64_t *customer, *sequence;
	int64_t *amount, *time;
};

/* Read --events N, --customers N, --rounds N, --each N. */
static inline void read_options(struct work *w, int argc, char **argv)
{
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		uint64_t value = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--events") == 0)
			w->events = value;
		else if (strcmp(argv[i], "--customers") == 0)
			w->customers = value;
		else if (strcmp(argv[i], "--rounds") == 0)
			w->rounds = value;
		else if (strcmp(argv[i], "--each") == 0)
			w->each = value;
	}
	need(w->events >= 1 && w->customers >= 1 && w->rounds >= 1 && w->rounds <= ROUNDS_MAX && i == argc,
	     "reading options");
}

static inline void make_work(struct work *w)
{
	double *sums = zipf_sums(w->customers);
	loy__random random;
	uint64_t i;

	w->customer = must(malloc((size_t)w->events * sizeof(*w->customer)));
	w->sequence = must(malloc((size_t)w->events * sizeof(*w->sequence)));
	w->amount = must(malloc((size_t)w->events * sizeof(*w->amount)));
	w->time = must(malloc((size_t)w->events * sizeof(*w->time)));
	loy__random_init(&random, 42);
	for (i = 0; i < w->events; i++) {
		w->customer[i] = zipf_draw(sums, w->customers, &random);
		w->sequence[i] = i;
		w->amount[i] = 100 + (int64_t)loy__random_below(&random, 20000);
		w->time[i] = BEGIN + (int64_t)i * BETWEEN;
	}
	free(sums);
}

static inline void free_work(struct work *w)
{
	free(w->customer);
	free(w->sequence);
	free(w->amount);
	free(w->time);
}

static const uint64_t device = UINT64_C(7) << 32 | 99;

static inline loy_batch_result record_with(loy_store *store, const struct work *w, uint64_t first,
                                           uint64_t count, uint32_t threads)
{
	static const uint8_t purchase = LOY_KIND_PURCHASE;
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &purchase, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, w->time + first, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, w->customer + first, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, w->amount + first, 8, NULL, NULL},
	        {LOY_FIELD_IDENTITY_HIGH, LOY_COLUMN_I64, &device, 0, NULL, NULL},
	        {LOY_FIELD_IDENTITY_LOW, LOY_COLUMN_I64, w->sequence + first, 8, NULL, NULL},
	};
	loy_batch_options options = {.struct_size = sizeof(options), .threads = threads};
	loy_batch_result result = {.struct_size = sizeof(result)};

	check(loy_store_record_columns(store, columns, 6, count, &options, NULL, &result, NULL),
	      "record_columns");
	return result;
}

static inline loy_batch_result record(loy_store *store, const struct work *w, uint64_t first, uint64_t count)
{
	return record_with(store, w, first, count, 1);
}

static inline loy_store *open_store(const loy_model *model, loy_recovery *report)
{
	loy_store_options options = {.struct_size = sizeof(options)};
	loy_store *store;

	report->struct_size = sizeof(*report);
	check(loy_store_open(&store, FOLDER, strlen(FOLDER), model, &options, NULL, report, NULL), "open");
	return store;
}

#endif
