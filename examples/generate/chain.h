/*
 * A coffee chain that never was: customers with a true satisfaction, trust, value and loyalty that drift in
 * time, and the events that such customers leave behind. README.md of this folder tells the whole story.
 */
#ifndef GENERATE_CHAIN_H
#define GENERATE_CHAIN_H

#include "chance.h"

#include <loyalty.h>

#define FIELDS_MAX 9

/* Codes the events carry; write.c has their texts. */
enum { CATEGORY_COFFEE = 1, CATEGORY_PASTRY, CATEGORY_BEANS, CATEGORY_MERCHANDISE };
enum { CHANNEL_SHOP = 1, CHANNEL_APP, CHANNEL_WEB };
#define SHOPS      12
#define CAMPAIGNS  24
#define DIMENSIONS 5

struct fact {
	int64_t time, arrival; /* when it happened, and when the file heard of it */
	uint32_t customer;     /* from 1 */
	uint32_t sequence;     /* of the customer's events, from 1: with the customer its identity */
	uint16_t kind;         /* LOY_KIND_… */
	uint8_t count;
	uint8_t field[FIELDS_MAX];
	int64_t value[FIELDS_MAX]; /* as the library holds them, codes as above; references are sequences */
};

/* What was true of a customer at a time, in millionths. */
struct truth {
	int64_t time;
	uint32_t customer;
	int32_t satisfaction, trust, value, loyalty;
	int32_t bought; /* within 90 days: 1 or 0 */
};

struct settings {
	uint64_t seed;
	int64_t customers, days;
	int64_t start; /* midnight of the first day */
};

/* Growing lists. */
struct facts {
	struct fact *list;
	size_t count, capacity;
};
struct truths {
	struct truth *list;
	size_t count, capacity;
};

/* Live one customer's life and append what it leaves. 0 without memory. */
int chain_customer(const struct settings *settings, uint32_t customer, struct facts *facts,
                   struct truths *truths);

/* Every how many days the truth is noted, and how far ahead purchases count as coming back. */
#define TRUTH_DAYS  90
#define RETURN_DAYS 90

#endif
