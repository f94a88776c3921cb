/* One customer while being simulated; shared by the files of the chain. */
#ifndef GENERATE_PERSON_H
#define GENERATE_PERSON_H

#include "chain.h"

struct person {
	const struct settings *settings;
	struct facts *facts;
	struct chance chance;
	uint32_t customer, sequence;
	int failed;                    /* memory ran out */
	int64_t day, joined, last_day; /* days since the start; last_day is the last one that is written */
	int alive;                     /* has not gone for good */
	int shop;                      /* home shop */
	fixed rate;                    /* purchases a day at a loyalty of one half */
	/* Latent states on the logit scale: own drift, and what failures have done. */
	fixed drift[4], level[4];
	fixed hurt_satisfaction, hurt_trust, gone;
	/* The same as shares, of today. */
	fixed satisfaction, trust, value, loyalty;
	int purchases;
	int64_t last_purchase; /* day */
};

/* ---- latent.c ---- */
void latent_begin(struct person *p);
/* One more day passes. */
void latent_step(struct person *p);
/* A failure hurts; amends repair part of it. Severity and quality are shares. */
void latent_failure(struct person *p, fixed severity);
void latent_amends(struct person *p, fixed severity, fixed quality);

/* ---- events ---- */
/* Start an event at `time`; NULL when it lies behind the end or memory ran out. */
struct fact *person_event(struct person *p, uint32_t kind, int64_t time);
void fact_set(struct fact *fact, uint32_t field, int64_t value);
/* A share of ONE as a ratio field in steps of 0.001. */
void fact_set_share(struct fact *fact, uint32_t field, fixed share);
/* A time of the day in opening hours, 7 to 19 o'clock. */
int64_t person_time(struct person *p, int64_t day);

void buy(struct person *p);                         /* purchases.c: a purchase and all that follows from it */
void answer_surveys(struct person *p, int64_t day); /* answers.c: surveys sent by the calendar */
void answer_after_purchase(struct person *p, int64_t time); /* and after a purchase */
void live_otherwise(struct person *p, int64_t day);         /* visits, offers, engagement, referrals */

#endif
