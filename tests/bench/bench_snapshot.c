/*
 * How fast a snapshot is written and loaded, verified and indexed, next to a plain read() of the same file and a copy
 * of its bytes in memory, in one run:
 *
 *	cmake -S . -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build build/bench --target bench_snapshot
 *	build/bench/tests/bench_snapshot
 *
 * The customers: purchases drawn with Zipf(1), two years of them. The file is in the page cache. Each round takes fresh
 * memory for everything, as a process that opens a store does: once in huge pages, which is what a host gives whose
 * allocator asks for them, and once as malloc gives it. All figures are medians of rounds, by the processor but for the
 * load with two threads, whose time is that of the wall; ratios are what counts.
 *
 * --events N, --customers N, --rounds N, --directory PATH (10,000,000, 1,000,000, 7, a new one in /tmp).
 */
#define _DEFAULT_SOURCE
#include "bench.h"

#include "store/snapshot.h"

#include <fcntl.h>
#include <sys/mman.h>

#define ROUNDS_MAX 31
#define HUGE_PAGE  ((size_t)2 << 20)

static const uint8_t store_id[16] = "a bench's store";

/* ---- memory ---- */

/* Fresh pages, huge or not, aligned to huge ones. */
static uint8_t *pages(size_t size, int huge)
{
	size_t whole = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	uint8_t *all, *block;

	all = mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(all != MAP_FAILED, "mmap");
	block = all + (HUGE_PAGE - (uintptr_t)all % HUGE_PAGE) % HUGE_PAGE;
	if (block != all)
		munmap(all, (size_t)(block - all));
	munmap(block + whole, (size_t)(all + HUGE_PAGE - block));
	(void)madvise(block, whole, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return block;
}

static void give_pages(uint8_t *block, size_t size)
{
	munmap(block, (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
}

/* A host's allocator: large blocks in huge pages of their own, the others from malloc. */
static void *huge_allocate(size_t size, void *user_data)
{
	(void)user_data;
	return size >= HUGE_PAGE ? pages(size, 1) : malloc(size);
}

static void huge_release(void *block, size_t size, void *user_data)
{
	(void)user_data;
	if (size >= HUGE_PAGE)
		give_pages(block, size);
	else
		free(block);
}

static void *huge_resize(void *block, size_t old_size, size_t new_size, void *user_data)
{
	void *moved = huge_allocate(new_size, user_data);

	if (moved != NULL) {
		memcpy(moved, block, old_size < new_size ? old_size : new_size);
		huge_release(block, old_size, user_data);
	}
	return moved;
}

static const loy_allocator huge_memory = {huge_allocate, huge_resize, huge_release, NULL};

/* ---- the work ---- */

#define PART (UINT64_C(1) << 16)

struct part {
	uint64_t customer[PART];
	int64_t amount[PART], time[PART];
};

static loy_store *make_store(const loy_model *model, uint64_t events, uint64_t customers)
{
	static const uint8_t purchase = LOY_KIND_PURCHASE;
	double *sums = zipf_sums(customers);
	struct part *part = must(malloc(sizeof(*part)));
	const loy_column columns[] = {
	        {LOY_FIELD_KIND, LOY_COLUMN_U8, &purchase, 0, NULL, NULL},
	        {LOY_FIELD_TIME, LOY_COLUMN_I64, part->time, 8, NULL, NULL},
	        {LOY_FIELD_CUSTOMER, LOY_COLUMN_I64, part->customer, 8, NULL, NULL},
	        {LOY_FIELD_AMOUNT, LOY_COLUMN_I64, part->amount, 8, NULL, NULL},
	};
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	loy_batch_result result = {.struct_size = sizeof(result)};
	loy_store *store;
	loy__random random;
	uint64_t i, k, count;

	check(loy_store_create(&store, model, &options, NULL), "loy_store_create");
	loy__random_init(&random, 42);
	for (i = 0; i < events; i += count) {
		count = events - i < PART ? events - i : PART;
		for (k = 0; k < count; k++) {
			part->customer[k] = zipf_draw(sums, customers, &random);
			part->amount[k] = 100 + (int64_t)loy__random_below(&random, 20000);
			part->time[k] =
			        BEGIN + (int64_t)((double)(i + k) / (double)events * (double)(2 * YEAR));
		}
		check(loy_store_record_columns(store, columns, 4, count, NULL, NULL, &result, NULL),
		      "recording");
	}
	free(part);
	free(sums);
	return store;
}

/* ---- snapshots ---- */

static void save(const loy_store *store, const loy_files *files, const loy_allocator *memory)
{
	const loy__customers *tables[2] = {&store->numbered, &store->named};
	loy__snapshot_writer *writer;
	uint32_t i;
	int t;

	check(loy__snapshot_writer_create(&writer, files, store_id, 1, memory, NULL), "writer");
	for (t = 0; t < 2; t++) {
		for (i = 0; i < tables[t]->index.live; i++)
			check(loy__snapshot_write_customer(writer, store, tables[t], i, i, NULL), "writing");
		check(loy__snapshot_end_customers(writer, store, tables[t], NULL), "writing");
	}
	check(loy__snapshot_finish(writer, NULL), "finish");
	loy__snapshot_writer_destroy(writer);
}

static loy_store *load(const loy_model *model, const loy_files *files, const loy_allocator *memory,
                       uint32_t threads)
{
	loy_store_options options = {.struct_size = sizeof(options), .flags = LOY_STORE_TRUSTED};
	loy__vector positions[2] = {{0}, {0}};
	loy__snapshot_reader *reader;
	loy_store *store;

	check(loy_store_create(&store, model, &options, memory), "loy_store_create");
	check(loy__snapshot_reader_create(&reader, files, store_id, 1, &store->memory, NULL), "reader");
	check(loy__snapshot_load_customers(reader, store, &store->numbered, &positions[0], threads, NULL),
	      "loading");
	check(loy__snapshot_load_customers(reader, store, &store->named, &positions[1], threads, NULL),
	      "loading");
	loy__snapshot_reader_destroy(reader);
	loy__vector_free(&positions[0], &store->memory, sizeof(uint64_t));
	loy__vector_free(&positions[1], &store->memory, sizeof(uint64_t));
	return store;
}

/* ---- what it is compared with ---- */

/* read() all of the file into fresh pages. */
static double plain_read(int file, size_t size, int huge)
{
	uint8_t *to = pages(size, huge);
	double start = processor_seconds(), time;
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(file, to + done, size - done, (off_t)done);

		if (got <= 0)
			check(LOY_EIO, "read");
		done += (size_t)got;
	}
	time = processor_seconds() - start;
	give_pages(to, size);
	return time;
}

static double plain_copy(const uint8_t *from, size_t size, int fresh)
{
	uint8_t *to = pages(size, 1);
	double start, time;

	if (!fresh)
		memcpy(to, from, size);
	start = processor_seconds();
	memcpy(to, from, size);
	time = processor_seconds() - start;
	give_pages(to, size);
	return time;
}

enum { READ_HUGE, READ_SMALL, COPY_FRESH, COPY_WARM, SUM, LOAD_HUGE, LOAD_SMALL, LOAD_TWO, SAVE, FIGURES };

static const char *const names[FIGURES] = {
        "read() into fresh huge pages",
        "read() into fresh small pages",
        "memcpy into fresh huge pages",
        "memcpy into memory in use",
        "CRC-32C alone",
        "load, huge pages",
        "load, malloc",
        "load, huge pages, two threads",
        "write and sync",
};

static void run_round(double *figure, const loy_model *model, const loy_store *store, const loy_files *files,
                      int file, const uint8_t *bytes, size_t size)
{
	static volatile uint32_t sum; /* so that it is made */
	double start;

	figure[READ_HUGE] = plain_read(file, size, 1);
	figure[READ_SMALL] = plain_read(file, size, 0);
	figure[COPY_FRESH] = plain_copy(bytes, size, 1);
	figure[COPY_WARM] = plain_copy(bytes, size, 0);
	start = processor_seconds();
	sum = loy__crc32c(0, bytes, size);
	(void)sum;
	figure[SUM] = processor_seconds() - start;
	start = processor_seconds();
	loy_store *loaded = load(model, files, &huge_memory, 1);
	figure[LOAD_HUGE] = processor_seconds() - start;
	if (loy_store_count(loaded) != loy_store_count(store))
		check(LOY_ESTATE, "not all customers were loaded");
	loy_store_destroy(loaded);
	start = processor_seconds();
	loaded = load(model, files, NULL, 1);
	figure[LOAD_SMALL] = processor_seconds() - start;
	loy_store_destroy(loaded);
	start = wall_seconds();
	loaded = load(model, files, &huge_memory, 2);
	figure[LOAD_TWO] = wall_seconds() - start;
	loy_store_destroy(loaded);
}

/* The loaded store is the one that was saved. */
static void compare(loy_store *store, const loy_model *model, const loy_files *files)
{
	loy_store *loaded = load(model, files, NULL, 1);
	uint64_t a[2], b[2];

	check(loy_store_sort(store), "sort");
	check(loy_store_sort(loaded), "sort");
	check(loy_store_hash(store, &a[0], &a[1]), "hash");
	check(loy_store_hash(loaded, &b[0], &b[1]), "hash");
	if (memcmp(a, b, sizeof(a)) != 0)
		check(LOY_ESTATE, "the loaded store is another");
	loy_store_destroy(loaded);
}

static void report_memory(const loy_model *model, const loy_files *files, const loy_store *recorded)
{
	loy_store *loaded = load(model, files, NULL, 1);
	loy_store_stats had = {.struct_size = sizeof(had)}, has = {.struct_size = sizeof(has)};

	check(loy_store_get_stats(recorded, &had), "stats");
	check(loy_store_get_stats(loaded, &has), "stats");
	printf("profiles %.1f bytes a customer; held: recorded %.3f, loaded %.3f of the profiles\n",
	       (double)has.profile_bytes / (double)has.customers,
	       (double)had.memory / (double)had.profile_bytes,
	       (double)has.memory / (double)has.profile_bytes);
	loy_store_destroy(loaded);
}

int main(int count, char **arguments)
{
	uint64_t events = 10000000, customers = 1000000, rounds = 7, r;
	static double figures[FIGURES][ROUNDS_MAX];
	const char *directory = NULL;
	char fresh[] = "/tmp/bench-snapshot-XXXXXX", path[4096];
	loy_files files = {.struct_size = sizeof(files)};
	loy_model *model;
	loy_store *store;
	uint8_t *bytes;
	int i, file;
	off_t size;

	for (i = 1; i + 1 < count; i += 2) {
		uint64_t *number = strcmp(arguments[i], "--events") == 0      ? &events
		                   : strcmp(arguments[i], "--customers") == 0 ? &customers
		                   : strcmp(arguments[i], "--rounds") == 0    ? &rounds
		                                                              : NULL;

		if (number != NULL)
			*number = strtoull(arguments[i + 1], NULL, 10);
		else if (strcmp(arguments[i], "--directory") == 0)
			directory = arguments[i + 1];
		else
			check(LOY_EINVAL, arguments[i]);
	}
	if (events == 0 || customers == 0 || rounds == 0 || rounds > ROUNDS_MAX)
		check(LOY_EINVAL, "sizes");
	if (directory == NULL && (directory = mkdtemp(fresh)) == NULL)
		check(LOY_EIO, fresh);
	check(loy_files_open_directory(&files, directory, strlen(directory), 0, NULL), directory);
	check(loy_model_create_builtin(&model, "retail", NULL), "model");
	store = make_store(model, events, customers);
	for (r = 0; r < rounds && r < 3; r++) {
		double start = processor_seconds();

		(void)files.remove(files.user_data, "snap-0000000000000001");
		save(store, &files, &store->memory);
		figures[SAVE][r] = processor_seconds() - start;
	}
	(void)snprintf(path, sizeof(path), "%s/snap-0000000000000001", directory);
	file = open(path, O_RDONLY);
	size = file >= 0 ? lseek(file, 0, SEEK_END) : -1;
	if (size <= 0)
		check(LOY_EIO, path);
	bytes = pages((size_t)size, 1);
	if (pread(file, bytes, (size_t)size, 0) != size)
		check(LOY_EIO, path);
	compare(store, model, &files);
	for (r = 0; r < rounds; r++) {
		double figure[FIGURES];

		run_round(figure, model, store, &files, file, bytes, (size_t)size);
		for (i = 0; i < SAVE; i++)
			figures[i][r] = figure[i];
	}
	printf("%llu customers, %.1f MB\n", (unsigned long long)loy_store_count(store), (double)size / 1e6);
	report_memory(model, &files, store);
	for (i = 0; i < FIGURES; i++) {
		double time = median(figures[i], i == SAVE && rounds > 3 ? 3 : (int)rounds);

		printf("%-32s %7.1f ms %6.2f GB/s", names[i], 1e3 * time, (double)size / time / 1e9);
		if (i >= LOAD_HUGE)
			printf("  %.2f of read() into huge pages",
			       median(figures[READ_HUGE], (int)rounds) / time);
		printf("\n");
	}
	close(file);
	give_pages(bytes, (size_t)size);
	loy_store_destroy(store);
	loy_model_destroy(model);
	(void)files.remove(files.user_data, "snap-0000000000000001");
	loy_files_close(&files);
	(void)rmdir(directory);
	return 0;
}
