/* A purchase and what follows from it: deliveries, promises, failures, complaints, amends, returns. */
#include "person.h"

#define MINUTE (60 * LOY_SECOND)

/* Hours as a normal variable around a mean, at least a quarter of an hour. */
static int64_t waiting(struct person *p, fixed mean_hours, fixed deviation)
{
	fixed hours = mean_hours + times(deviation, chance_normal(&p->chance));

	return clamp(hours, ONE / 4, 1000 * ONE) * 3600 / ONE * LOY_SECOND;
}

/* Beans and merchandise come by post: late when satisfaction is low, that is why it is low. */
static void deliver(struct person *p, int64_t time)
{
	int64_t promised = time + 6 * LOY_DAY;
	fixed late = 7 * ONE - times(14 * ONE, p->satisfaction) + times(2 * ONE, chance_normal(&p->chance));
	struct fact *fact;
	int64_t came;

	if (chance_is(&p->chance, times(MILLI(160), ONE - p->satisfaction)))
		late += 6 * ONE;
	came = promised + clamp(late, -5 * ONE, 30 * ONE) * 86400 / ONE * LOY_SECOND;
	came -= came % MINUTE;
	fact = person_event(p, LOY_KIND_DELIVERY, came);
	if (fact != NULL) {
		fact_set(fact, LOY_FIELD_PROMISED_TIME, promised - promised % MINUTE);
		fact_set(fact, LOY_FIELD_CHANNEL, CHANNEL_WEB);
	}
}

/* Orders by app are promised for a time; whether it is kept says most about trust. */
static void promise(struct person *p, int64_t time)
{
	int64_t due = time + 15 * MINUTE;
	int kept = chance_is(&p->chance, MILLI(480) + times(MILLI(500), p->trust));
	struct fact *fact = person_event(p, LOY_KIND_PROMISE_MADE, time);

	if (fact != NULL) {
		fact_set(fact, LOY_FIELD_PROMISED_TIME, due);
		fact_set(fact, LOY_FIELD_CHANNEL, CHANNEL_APP);
	}
	fact = person_event(p, kept ? LOY_KIND_PROMISE_KEPT : LOY_KIND_PROMISE_BROKEN,
	                    kept ? due - chance_below(&p->chance, 8) * MINUTE
	                         : due + (2 + chance_below(&p->chance, 40)) * MINUTE);
	if (fact != NULL)
		fact_set(fact, LOY_FIELD_PROMISED_TIME, due);
}

/* The complaint's case: a first response, then a resolution, unless nobody cares. */
static void handle_case(struct person *p, int64_t time, uint32_t complaint, fixed severity)
{
	int64_t reply = waiting(p, 26 * ONE - times(24 * ONE, p->trust), 5 * ONE), end;
	fixed quality =
	        clamp(MILLI(250) + times(MILLI(600), p->trust) + times(MILLI(180), chance_normal(&p->chance)),
	              0, ONE);
	struct fact *fact = person_event(p, LOY_KIND_FIRST_RESPONSE, time + reply);

	if (fact != NULL) {
		fact_set(fact, LOY_FIELD_REFERENCE_LOW, complaint);
		fact_set(fact, LOY_FIELD_ELAPSED, reply - reply % LOY_SECOND);
		fact_set(fact, LOY_FIELD_TARGET, 24 * LOY_HOUR);
	}
	if (chance_is(&p->chance, MILLI(120)))
		return; /* never closed */
	end = time + reply + waiting(p, 30 * ONE, 12 * ONE);
	fact = person_event(p, LOY_KIND_RESOLUTION, end);
	latent_amends(p, severity, quality);
	if (fact == NULL)
		return;
	fact_set(fact, LOY_FIELD_REFERENCE_LOW, complaint);
	fact_set(fact, LOY_FIELD_ELAPSED, end - time - (end - time) % LOY_SECOND);
	fact_set_share(fact, LOY_FIELD_SEVERITY, severity);
	fact_set_share(fact, LOY_FIELD_QUALITY, quality);
	if (chance_is(&p->chance, quality)) {
		fact_set(fact, LOY_FIELD_COMPENSATION, (2 + chance_below(&p->chance, 8)) * 100);
		fact_set(fact, LOY_FIELD_CURRENCY, 1);
	}
}

static void fail(struct person *p, int64_t time)
{
	static const fixed severities[] = {MILLI(200), MILLI(200), MILLI(500), MILLI(900)};
	fixed severity = severities[chance_below(&p->chance, 4)];
	struct fact *fact = person_event(p, LOY_KIND_SERVICE_FAILURE, time + 10 * MINUTE);
	int64_t complained = time + (1 + chance_below(&p->chance, 48)) * LOY_HOUR;

	latent_failure(p, severity);
	if (fact != NULL) {
		fact_set_share(fact, LOY_FIELD_SEVERITY, severity);
		fact_set(fact, LOY_FIELD_TOUCHPOINT, p->shop);
	}
	if (!chance_is(&p->chance, MILLI(150) + times(MILLI(600), severity)))
		return; /* most small failures are never heard of again */
	fact = person_event(p, LOY_KIND_COMPLAINT, complained);
	if (fact != NULL) {
		fact_set_share(fact, LOY_FIELD_SEVERITY, severity);
		fact_set(fact, LOY_FIELD_CHANNEL, 1 + chance_below(&p->chance, 3));
		handle_case(p, complained, fact->sequence, severity);
	}
}

static void give_back(struct person *p, int64_t time, uint32_t sale, int64_t amount)
{
	struct fact *fact =
	        person_event(p, LOY_KIND_RETURN, time + (2 + chance_below(&p->chance, 18)) * LOY_DAY);

	if (fact != NULL) {
		fact_set(fact, LOY_FIELD_AMOUNT, amount);
		fact_set(fact, LOY_FIELD_CURRENCY, 1);
		fact_set(fact, LOY_FIELD_REFERENCE_LOW, sale);
	}
}

void buy(struct person *p)
{
	static const int64_t least[] = {0, 280, 320, 1150, 1490}, spread[] = {0, 320, 360, 1450, 2400};
	int64_t time = person_time(p, p->day), category = 1 + chance_below(&p->chance, 10), amount, channel;
	struct fact *fact;

	category = category <= 5   ? CATEGORY_COFFEE
	           : category <= 7 ? CATEGORY_PASTRY
	           : category <= 9 ? CATEGORY_BEANS
	                           : CATEGORY_MERCHANDISE;
	channel = category >= CATEGORY_BEANS          ? CHANNEL_WEB
	          : chance_is(&p->chance, MILLI(300)) ? CHANNEL_APP
	                                              : CHANNEL_SHOP;
	amount = least[category] + chance_below(&p->chance, spread[category]);
	amount -= amount % 10;
	p->purchases++;
	p->last_purchase = p->day;
	fact = person_event(p, LOY_KIND_PURCHASE, time);
	if (fact == NULL)
		return;
	fact_set(fact, LOY_FIELD_CURRENCY, 1);
	/* Who finds the price too high buys at a discount, or not at all. */
	if (chance_is(&p->chance, times(MILLI(450), ONE - p->value))) {
		fact_set(fact, LOY_FIELD_DISCOUNT, amount / 5);
		amount -= amount / 5;
	}
	fact_set(fact, LOY_FIELD_AMOUNT, amount);
	fact_set(fact, LOY_FIELD_CATEGORY, category);
	fact_set(fact, LOY_FIELD_CHANNEL, channel);
	if (channel == CHANNEL_SHOP)
		fact_set(fact, LOY_FIELD_TOUCHPOINT, p->shop);
	if (channel == CHANNEL_WEB && chance_is(&p->chance, MILLI(40)))
		give_back(p, time, fact->sequence, amount);
	if (channel == CHANNEL_WEB)
		deliver(p, time);
	else if (channel == CHANNEL_APP)
		promise(p, time);
	if (chance_is(&p->chance,
	              MILLI(5) + times(MILLI(240), times(ONE - p->satisfaction, ONE - p->satisfaction))))
		fail(p, time);
	answer_after_purchase(p, time);
}
