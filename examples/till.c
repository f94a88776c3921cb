/*
 * till: the library inside a till. A sale, a complaint, its resolution; then the customer's scorecard with
 * what each score is made of. All memory is taken at the start: an allocator of our own counts, and the
 * program fails if selling and scoring ask for more.
 *
 *	till                  prints the scorecard
 *	till --bits           prints the scores as 64-bit words, to compare with programs in other languages
 *	till STORE            the same with a store on files: switch it off at any moment
 *	till STORE --sell N   N sales, each printed once it is on the medium: what was printed is never lost
 */
#include <loyalty.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory that is counted ---- */

struct heap {
	uint64_t requests; /* allocations and growths so far */
	size_t bytes;      /* held now */
};

static void *take(size_t size, void *user_data)
{
	struct heap *heap = user_data;

	heap->requests++;
	heap->bytes += size;
	return malloc(size);
}

static void *grow(void *block, size_t old_size, size_t new_size, void *user_data)
{
	struct heap *heap = user_data;
	void *moved = realloc(block, new_size);

	heap->requests++;
	if (moved != NULL)
		heap->bytes += new_size - old_size;
	return moved;
}

static void give_back(void *block, size_t size, void *user_data)
{
	struct heap *heap = user_data;

	heap->bytes -= size;
	free(block);
}

/* ---- the till ---- */

struct till {
	struct heap heap;
	loy_model *model;
	loy_store *store;
	loy_event *event;
	loy_scorecard *card;
	uint64_t receipts; /* sequence of this till's events, when they are kept in memory only */
	int durable;
	uint64_t high, low; /* identity of the latest event */
};

#define TILL_NUMBER 7
#define CUSTOMER    UINT64_C(4711)

/* Stop on a failure; a real till would tell its user and go on. */
static void must(loy_status status, const char *what)
{
	if (status != LOY_OK) {
		fprintf(stderr, "till: %s: %s\n", what, loy_status_text(status));
		exit(1);
	}
}

/* What the last power cut left, if there was one. */
static void tell_recovery(const loy_recovery *found)
{
	if (found->torn_bytes != 0)
		printf("an unfinished write of %" PRIu64 " bytes was dropped\n", found->torn_bytes);
}

/* `path` NULL: in memory. */
static void open_till(struct till *till, const char *path)
{
	loy_allocator memory = {take, grow, give_back, &till->heap};
	loy_store_options room = {.struct_size = sizeof(room)};
	loy_recovery found = {.struct_size = sizeof(found)};

	room.customers = 1000;        /* a small shop's customers, */
	room.events = 10000;          /* a day's events */
	room.profile_bytes = 1 << 20; /* and a mebibyte of profiles */
	till->durable = path != NULL;
	must(loy_model_create_builtin(&till->model, "retail", &memory), "model");
	must(loy_store_open(&till->store, path, path != NULL ? strlen(path) : 0, till->model, &room, &memory,
	                    &found, NULL),
	     "store");
	must(loy_event_create(&till->event, &memory), "event");
	must(loy_scorecard_create(&till->card, till->model, &memory), "scorecard");
	tell_recovery(&found);
}

static void close_till(struct till *till)
{
	loy_scorecard_destroy(till->card);
	loy_event_destroy(till->event);
	loy_store_destroy(till->store);
	loy_model_destroy(till->model);
}

/*
 * Start an event of the customer at the counter, with this till's next number as its identity. A store on files hands
 * numbers out itself: they stay unlike any other after a crash, and after it was copied back from a backup.
 */
static void begin(struct till *till, uint32_t kind, int64_t time)
{
	till->high = (uint64_t)TILL_NUMBER << 32 | 1;
	till->low = till->receipts++;
	if (till->durable)
		must(loy_store_next_identity(till->store, TILL_NUMBER, &till->high, &till->low), "number");
	must(loy_event_begin(till->event, kind, time), "event");
	must(loy_event_set_identity(till->event, till->high, till->low), "identity");
	must(loy_event_set_customer(till->event, CUSTOMER), "customer");
}

static void record(struct till *till)
{
	loy_error error = {.struct_size = sizeof(error)};
	loy_status status;

	status = loy_store_record(till->store, till->event, &error);
	if (status != LOY_OK) {
		fprintf(stderr, "till: %s: %s\n", loy_status_text(status), error.message);
		exit(1);
	}
}

/* A day's work. Times come from the caller: the library has no clock. */
static void work(struct till *till, int64_t opening)
{
	uint64_t high, low;

	begin(till, LOY_KIND_PURCHASE, opening + LOY_HOUR);
	must(loy_event_set(till->event, LOY_FIELD_AMOUNT, 1240), "amount");
	must(loy_event_set(till->event, LOY_FIELD_CURRENCY, loy_currency_code("EUR")), "currency");
	record(till);

	begin(till, LOY_KIND_COMPLAINT, opening + 3 * LOY_HOUR);
	high = till->high;
	low = till->low;
	must(loy_event_set_ratio(till->event, LOY_FIELD_SEVERITY, 0.6), "severity");
	record(till);

	begin(till, LOY_KIND_RESOLUTION, opening + 5 * LOY_HOUR);
	must(loy_event_set_reference(till->event, high, low), "reference");
	must(loy_event_set_ratio(till->event, LOY_FIELD_SEVERITY, 0.6), "severity");
	must(loy_event_set_ratio(till->event, LOY_FIELD_QUALITY, 0.9), "quality");
	must(loy_event_set(till->event, LOY_FIELD_COMPENSATION, 300), "compensation");
	record(till);
}

static void score(struct till *till, int64_t time)
{
	uint64_t row;

	must(loy_store_sort(till->store), "sort");
	must(loy_store_find(till->store, CUSTOMER, &row), "find");
	must(loy_store_evaluate(till->store, row, till->card, time), "score");
}

/* ---- printing ---- */

static const char *source_name(const struct till *till, const loy_contribution *part)
{
	if (part->source == LOY_SOURCE_CHANNEL)
		return loy_schema_channel_name(loy_model_schema(till->model), part->channel);
	return part->source == LOY_SOURCE_SILENCE ? "missed purchases" : "worst episode";
}

static void print_score(const struct till *till, uint32_t construct)
{
	loy_score s = {.struct_size = sizeof(s)};
	loy_contribution part;
	uint32_t i;
	double sum;

	must(loy_scorecard_score(till->card, construct, &s), "score");
	sum = s.baseline;
	printf("%s %.1f (90 %%: %.1f to %.1f)\n", loy_model_construct_name(till->model, construct), s.mean,
	       s.low, s.high);
	printf("  %+7.2f expected of anybody\n", s.baseline);
	for (i = 0; i < loy_scorecard_contribution_count(till->card, construct); i++) {
		memset(&part, 0, sizeof(part));
		part.struct_size = sizeof(part);
		must(loy_scorecard_contribution(till->card, construct, i, &part), "contribution");
		printf("  %+7.2f %s\n", part.points, source_name(till, &part));
		sum += part.points;
	}
	if (sum != s.mean) { /* exact, by promise */
		fprintf(stderr, "till: the parts of a score do not add up\n");
		exit(1);
	}
}

/* A double as its bits, which every language can print. */
static void print_bits(const char *name, const char *what, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	printf("%s %s %016" PRIx64 "\n", name, what, bits);
}

static void print_card(const struct till *till, int as_bits)
{
	uint32_t i, construct;
	loy_score s;

	for (i = 0; i < loy_model_headline_count(till->model); i++) {
		must(loy_model_headline(till->model, i, &construct), "headline");
		if (!as_bits) {
			print_score(till, construct);
			continue;
		}
		memset(&s, 0, sizeof(s));
		s.struct_size = sizeof(s);
		must(loy_scorecard_score(till->card, construct, &s), "score");
		print_bits(loy_model_construct_name(till->model, construct), "mean", s.mean);
		print_bits(loy_model_construct_name(till->model, construct), "low", s.low);
		print_bits(loy_model_construct_name(till->model, construct), "high", s.high);
	}
}

/* Sales whose numbers are printed when loy_store_record() has returned: from then on they are on the medium. */
static void sell(struct till *till, int64_t opening, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++) {
		begin(till, LOY_KIND_PURCHASE, opening + (int64_t)i * LOY_SECOND);
		must(loy_event_set(till->event, LOY_FIELD_AMOUNT, 250 + (int64_t)(i % 100)), "amount");
		record(till);
		printf("sold %016" PRIx64 "%016" PRIx64 "\n", till->high, till->low);
		(void)fflush(stdout);
	}
}

/* The counted part: in memory, nothing below may take more than the start did. On files a journal has its buffers. */
static int run(struct till *till, int as_bits)
{
	int64_t opening = 20454 * LOY_DAY + 7 * LOY_HOUR; /* 2026-01-01 */
	uint64_t requests = till->heap.requests;
	size_t bytes = till->heap.bytes;

	work(till, opening);
	score(till, opening + 12 * LOY_HOUR);
	print_card(till, as_bits);
	if (!till->durable && (till->heap.requests != requests || till->heap.bytes != bytes)) {
		fprintf(stderr, "till: %" PRIu64 " requests for memory after the start\n",
		        till->heap.requests - requests);
		return 1;
	}
	if (!as_bits && !till->durable)
		printf("%zu bytes in %" PRIu64 " requests at the start, none after it\n", bytes, requests);
	return 0;
}

int main(int argc, char **argv)
{
	int as_bits = argc == 2 && strcmp(argv[1], "--bits") == 0, code = 0;
	const char *path = argc > 1 && !as_bits ? argv[1] : NULL;
	uint64_t sales = argc == 4 && strcmp(argv[2], "--sell") == 0 ? strtoull(argv[3], NULL, 10) : 0;
	struct till till;

	if ((argc > 2 && sales == 0) || (path != NULL && path[0] == '-')) { /* no store of the name --help */
		fprintf(stderr, "usage: till [--bits | STORE [--sell N]]\n");
		return 2;
	}
	memset(&till, 0, sizeof(till));
	open_till(&till, path);
	if (sales != 0)
		sell(&till, 20454 * LOY_DAY + 7 * LOY_HOUR, sales);
	else
		code = run(&till, as_bits);
	close_till(&till);
	return till.heap.bytes == 0 ? code : 1;
}
