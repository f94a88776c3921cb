/*
 * What benchmarks share: two clocks, an end at the first thing that fails, medians, resident memory, and customers who
 * buy as often as Zipf's law has it. A benchmark defines _POSIX_C_SOURCE or _DEFAULT_SOURCE before it includes this.
 */
#ifndef LOY_BENCH_H
#define LOY_BENCH_H

#include <loyalty.h>

#include "numeric/numeric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define YEAR  (365 * LOY_DAY)
#define BEGIN (INT64_C(19723) * LOY_DAY) /* 2024-01-01 */

/* ---- clocks ---- */

static inline double clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double wall_seconds(void)
{
	return clock_seconds(CLOCK_MONOTONIC);
}

/* Of the processor, all threads, page faults included: others may be at work as well. */
static inline double processor_seconds(void)
{
	return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- an end at the first thing that fails ---- */

static inline void need(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s failed\n", what);
		exit(1);
	}
}

static inline void check(loy_status status, const char *what)
{
	if (status != LOY_OK) {
		fprintf(stderr, "%s: %s\n", what, loy_status_name(status));
		exit(1);
	}
}

static inline void *must(void *block)
{
	need(block != NULL, "allocation");
	return block;
}

/* ---- figures ---- */

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the figures. */
static inline double median(double *x, int n)
{
	qsort(x, (size_t)n, sizeof(*x), by_value);
	return n % 2 != 0 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Resident bytes of this process; 0 where the system does not say. */
static inline double resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long all, here = 0;

	if (file != NULL) {
		if (fscanf(file, "%ld %ld", &all, &here) != 2)
			here = 0;
		fclose(file);
	}
	return (double)here * (double)sysconf(_SC_PAGESIZE);
}

/* ---- files ---- */

static inline int32_t keep_name(const char *name, void *context)
{
	(void)snprintf(context, LOY_FILE_NAME_MAX + 1, "%s", name);
	return 1;
}

static inline void remove_files(loy_files *files)
{
	char name[LOY_FILE_NAME_MAX + 1] = "";

	while (files->list(files->user_data, keep_name, name) == LOY_OK && name[0] != '\0') {
		check(files->remove(files->user_data, name), name);
		name[0] = '\0';
	}
}

/* ---- customers ---- */

/* The first so many sums of 1, 1/2, 1/3, … */
static inline double *zipf_sums(uint64_t customers)
{
	double *sums = must(malloc((size_t)customers * sizeof(*sums))), sum = 0.0;
	uint64_t i;

	for (i = 0; i < customers; i++)
		sums[i] = sum += 1.0 / (double)(i + 1);
	return sums;
}

/* A customer's number as hosts have them: no pattern to profit from. */
static inline uint64_t zipf_draw(const double *sums, uint64_t customers, loy__random *random)
{
	double u = loy__random_unit(random) * sums[customers - 1];
	uint64_t low = 0, high = customers - 1;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (sums[middle] > u)
			high = middle;
		else
			low = middle + 1;
	}
	return loy__mix64(low + 1);
}

#endif
