/* A customer's life day by day, and how its events reach the file. */
#include "person.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * LOY_SECOND)

/* ---- events ---- */

static void *append(void **list, size_t *count, size_t *capacity, size_t size)
{
	if (*count == *capacity) {
		size_t larger = *capacity * 2 + 1024;
		void *moved = realloc(*list, larger * size);

		if (moved == NULL)
			return NULL;
		*list = moved;
		*capacity = larger;
	}
	memset((char *)*list + *count * size, 0, size);
	return (char *)*list + (*count)++ * size;
}

static struct fact *append_fact(struct person *p)
{
	void *list = p->facts->list;
	struct fact *fact = append(&list, &p->facts->count, &p->facts->capacity, sizeof(*fact));

	p->facts->list = list;
	p->failed |= fact == NULL;
	return fact;
}

/* Most events arrive within two minutes, some days later: tills lose their line, post is typed in on Mondays. */
static int64_t delay_of(struct person *p)
{
	int64_t seconds = 5 + chance_below(&p->chance, 115);

	if (chance_is(&p->chance, MILLI(40)))
		seconds += chance_below(&p->chance, 6 * 86400);
	if (chance_is(&p->chance, MILLI(10)))
		seconds += 7 * 86400 + chance_below(&p->chance, 30 * 86400);
	return seconds * LOY_SECOND;
}

struct fact *person_event(struct person *p, uint32_t kind, int64_t time)
{
	struct fact *fact;
	int64_t end = p->settings->start + p->last_day * LOY_DAY;

	if (p->failed || time >= end)
		return NULL;
	fact = append_fact(p);
	if (fact == NULL)
		return NULL;
	fact->time = time;
	fact->arrival = time + delay_of(p);
	fact->customer = p->customer;
	fact->sequence = ++p->sequence;
	fact->kind = (uint16_t)kind;
	return fact;
}

void fact_set(struct fact *fact, uint32_t field, int64_t value)
{
	fact->field[fact->count] = (uint8_t)field;
	fact->value[fact->count++] = value;
}

void fact_set_share(struct fact *fact, uint32_t field, fixed share)
{
	fact_set(fact, field, share * 1000 / ONE * (LOY_RATIO_ONE / 1000));
}

int64_t person_time(struct person *p, int64_t day)
{
	return p->settings->start + day * LOY_DAY +
	       (7 * 3600 + chance_below(&p->chance, 12 * 3600)) * LOY_SECOND;
}

/* One event in seventy is sent a second time, as it was. */
static void send_again(struct person *p, size_t first)
{
	size_t i, end = p->facts->count;

	for (i = first; i < end && !p->failed; i++) {
		if (chance_is(&p->chance, MILLI(14))) {
			struct fact *copy = append_fact(p);

			if (copy == NULL)
				return;
			*copy = p->facts->list[i];
			copy->arrival += (1 + chance_below(&p->chance, 3 * 86400)) * LOY_SECOND;
		}
	}
}

/* ---- what is not a purchase ---- */

static void refer(struct person *p, int64_t day)
{
	struct fact *fact = person_event(p, LOY_KIND_REFERRAL_MADE, person_time(p, day));

	if (fact != NULL && chance_is(&p->chance, MILLI(350)))
		(void)person_event(p, LOY_KIND_REFERRAL_CONVERTED,
		                   person_time(p, day + 5 + chance_below(&p->chance, 35)));
}

static void see_offer(struct person *p, int64_t day)
{
	int64_t campaign = 1 + day / 30 % CAMPAIGNS;
	struct fact *fact = person_event(p, LOY_KIND_OFFER_SHOWN, person_time(p, day));

	if (fact != NULL)
		fact_set(fact, LOY_FIELD_OFFER, campaign);
	if (!p->alive || !chance_is(&p->chance, times(MILLI(400), times(p->loyalty, ONE - p->value))))
		return;
	fact = person_event(p, LOY_KIND_OFFER_TAKEN, person_time(p, day + 1 + chance_below(&p->chance, 10)));
	if (fact != NULL)
		fact_set(fact, LOY_FIELD_OFFER, campaign);
}

void live_otherwise(struct person *p, int64_t day)
{
	struct fact *fact;

	if ((day - p->joined) % 90 == 10)
		see_offer(p, day);
	if (!p->alive)
		return;
	if (chance_is(&p->chance, times(MILLI(300), times(p->rate, p->loyalty)))) {
		fact = person_event(p, LOY_KIND_VISIT, person_time(p, day));
		if (fact != NULL)
			fact_set(fact, LOY_FIELD_TOUCHPOINT, p->shop);
	}
	if (chance_is(&p->chance, times(MILLI(14), times(p->loyalty, p->loyalty)))) {
		fact = person_event(p, LOY_KIND_ENGAGEMENT, person_time(p, day));
		if (fact != NULL) {
			fact_set(fact, LOY_FIELD_ENGAGEMENT, 1 + chance_below(&p->chance, 5));
			fact_set_share(fact, LOY_FIELD_DEPTH,
			               MILLI(200) + chance_below(&p->chance, MILLI(800)));
			fact_set(fact, LOY_FIELD_CHANNEL, CHANNEL_APP);
		}
	}
	if (chance_is(&p->chance, times(MILLI(3), times(p->loyalty, p->loyalty))))
		refer(p, day);
	if (chance_is(&p->chance, MILLI(2))) {
		fact = person_event(p, LOY_KIND_CONTACT, person_time(p, day));
		if (fact != NULL)
			fact_set(fact, LOY_FIELD_CHANNEL, 1 + chance_below(&p->chance, 3));
	}
}

/* ---- a life ---- */

static void join(struct person *p)
{
	int64_t time = person_time(p, p->day);
	struct fact *fact = person_event(p, LOY_KIND_MEMBERSHIP, time);

	if (fact != NULL)
		fact_set(fact, LOY_FIELD_STATE, LOY_MEMBERSHIP_JOINED);
	fact = person_event(p, LOY_KIND_CONSENT, time + MINUTE);
	if (fact != NULL) {
		fact_set(fact, LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING);
		fact_set(fact, LOY_FIELD_GRANTED, chance_is(&p->chance, MILLI(700)));
	}
	buy(p);
}

static int note_truth(const struct person *p, struct truths *truths)
{
	void *list = truths->list;
	struct truth *truth = append(&list, &truths->count, &truths->capacity, sizeof(*truth));

	truths->list = list;
	if (truth == NULL)
		return 0;
	truth->time = p->settings->start + p->day * LOY_DAY;
	truth->customer = p->customer;
	truth->satisfaction = (int32_t)(p->satisfaction * 1000000 / ONE);
	truth->trust = (int32_t)(p->trust * 1000000 / ONE);
	truth->value = (int32_t)(p->value * 1000000 / ONE);
	truth->loyalty = (int32_t)(p->loyalty * 1000000 / ONE);
	return 1;
}

/* Days since the start of the truths whose customer has bought since: newest first. */
static void note_return(const struct person *p, struct truths *truths, size_t first)
{
	size_t i;

	for (i = truths->count; i > first; i--) {
		struct truth *truth = &truths->list[i - 1];

		if (p->settings->start + p->day * LOY_DAY - truth->time >= RETURN_DAYS * LOY_DAY)
			return;
		truth->bought = 1;
	}
}

int chain_customer(const struct settings *settings, uint32_t customer, struct facts *facts,
                   struct truths *truths)
{
	struct person p;
	size_t first_fact = facts->count, first_truth = truths->count;
	int noted = 1;

	memset(&p, 0, sizeof(p));
	p.settings = settings;
	p.facts = facts;
	p.customer = customer;
	p.alive = 1;
	p.last_day = settings->days;
	chance_seed(&p.chance, settings->seed, customer);
	latent_begin(&p);
	p.shop = (int)(1 + chance_below(&p.chance, SHOPS));
	/* Two thirds are there within the first quarter, the others join later. */
	p.joined = chance_is(&p.chance, MILLI(670)) ? chance_below(&p.chance, settings->days / 8 + 1)
	                                            : chance_below(&p.chance, settings->days * 3 / 4 + 1);
	p.rate = times(MILLI(60), power_of_two(times(MILLI(900), chance_normal(&p.chance))));
	/* Lives go on behind the last day, unseen, to know who came back. */
	for (p.day = p.joined; p.day < settings->days + RETURN_DAYS && noted && !p.failed; p.day++) {
		latent_step(&p);
		if (p.day > p.joined && p.day % TRUTH_DAYS == 0 && p.day <= settings->days)
			noted = note_truth(&p, truths);
		if (p.day == p.joined) {
			join(&p);
		} else if (p.alive &&
		           chance_is(&p.chance, times(p.rate, power_of_two(5 * p.loyalty - 5 * ONE / 2)))) {
			buy(&p);
			note_return(&p, truths, first_truth);
		}
		live_otherwise(&p, p.day);
		if (p.alive || chance_is(&p.chance, MILLI(200)))
			answer_surveys(&p, p.day);
	}
	send_again(&p, first_fact);
	return noted && !p.failed;
}
