/* What customers say: surveys by invitation, with noise and items left out, and reviews, which come from extremes. */
#include "person.h"

/* A share read on a scale of `steps` + 1 whole points, with noise: 0 … steps. */
static int64_t reading(struct person *p, fixed share, fixed noise, int64_t steps)
{
	fixed heard = clamp(share + times(noise, chance_normal(&p->chance)), 0, ONE);

	return (heard * steps + ONE / 2) / ONE;
}

static void answer(struct person *p, int64_t time, uint32_t instrument, uint32_t item, int64_t value,
                   int64_t least, int64_t greatest)
{
	struct fact *fact = person_event(p, LOY_KIND_SURVEY_ANSWER, time);

	if (fact == NULL)
		return;
	fact_set(fact, LOY_FIELD_INSTRUMENT, instrument);
	if (item != 0)
		fact_set(fact, LOY_FIELD_ITEM, item);
	fact_set(fact, LOY_FIELD_VALUE, (least + value) * LOY_RATIO_ONE);
	fact_set(fact, LOY_FIELD_SCALE_MIN, least * LOY_RATIO_ONE);
	fact_set(fact, LOY_FIELD_SCALE_MAX, greatest * LOY_RATIO_ONE);
}

/* One item on a seven-point scale; one in seven is left out. */
static void seven(struct person *p, int64_t time, uint32_t instrument, uint32_t item, fixed share)
{
	int64_t value = reading(p, share, MILLI(140), 6);

	if (!chance_is(&p->chance, MILLI(143)))
		answer(p, time, instrument, item, value, 1, 7);
}

/* The long questionnaire, twice a year. */
static void relationship_survey(struct person *p, int64_t time)
{
	uint32_t item;

	for (item = 1; item <= DIMENSIONS; item++) {
		/* Expectations are high and much alike; perceptions follow satisfaction. */
		fixed shift = times(MILLI(80), chance_normal(&p->chance));

		seven(p, time, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, item, MILLI(820));
		seven(p, time, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, item, p->satisfaction + shift);
	}
	for (item = 1; item <= 3; item++)
		seven(p, time, LOY_INSTRUMENT_TRUST, item, p->trust);
	for (item = 1; item <= 2; item++)
		seven(p, time, LOY_INSTRUMENT_VALUE, item, p->value);
	for (item = 1; item <= 3; item++) {
		seven(p, time, LOY_INSTRUMENT_BENEFIT, item, MILLI(150) + times(MILLI(750), p->value));
		seven(p, time, LOY_INSTRUMENT_COST, item, MILLI(850) - times(MILLI(750), p->value));
	}
	seven(p, time, LOY_INSTRUMENT_SATISFACTION, 1, p->satisfaction);
	seven(p, time, LOY_INSTRUMENT_LOYALTY, 1, p->loyalty);
}

void answer_surveys(struct person *p, int64_t day)
{
	int64_t since = day - p->joined, time = person_time(p, day);

	if (since % 91 == 45 && chance_is(&p->chance, MILLI(350)))
		answer(p, time, LOY_INSTRUMENT_NPS, 0, reading(p, p->loyalty, MILLI(150), 10), 0, 10);
	if (since % 182 == 120 && chance_is(&p->chance, MILLI(300)))
		relationship_survey(p, time);
}

/* Reviews are written by the delighted and the angry, seldom by those between. */
static void review(struct person *p, int64_t time)
{
	fixed extreme = p->satisfaction > ONE / 2 ? p->satisfaction - ONE / 2 : ONE / 2 - p->satisfaction;
	struct fact *fact;

	if (!chance_is(&p->chance, MILLI(4) + times(MILLI(700), times(times(extreme, extreme), extreme))))
		return;
	fact = person_event(p, LOY_KIND_REVIEW, time + (1 + chance_below(&p->chance, 72)) * LOY_HOUR);
	if (fact == NULL)
		return;
	fact_set(fact, LOY_FIELD_VALUE, (1 + reading(p, p->satisfaction, MILLI(200), 4)) * LOY_RATIO_ONE);
	if (chance_is(&p->chance, MILLI(600))) {
		fixed tone = 2 * p->satisfaction - ONE + times(MILLI(300), chance_normal(&p->chance));

		fact_set_share(fact, LOY_FIELD_SENTIMENT, clamp(tone, -ONE, ONE));
		fact_set_share(fact, LOY_FIELD_CONFIDENCE, MILLI(500) + chance_below(&p->chance, ONE / 2));
	}
}

void answer_after_purchase(struct person *p, int64_t time)
{
	/* Every second purchase is followed by a question in the app, three in five of those are answered. */
	if (chance_is(&p->chance, MILLI(500)) && chance_is(&p->chance, MILLI(600)))
		answer(p, time + LOY_DAY, LOY_INSTRUMENT_CSAT, 0, reading(p, p->satisfaction, MILLI(130), 4),
		       1, 5);
	review(p, time);
	if (chance_is(&p->chance, MILLI(60))) {
		int pleased = chance_is(&p->chance, p->satisfaction);
		struct fact *fact = person_event(p, LOY_KIND_EMOTION, time + LOY_HOUR);

		if (fact != NULL) {
			fact_set(fact, LOY_FIELD_EMOTION,
			         pleased ? (chance_is(&p->chance, MILLI(300)) ? LOY_EMOTION_DELIGHT
			                                                      : LOY_EMOTION_SATISFACTION)
			                 : (chance_is(&p->chance, MILLI(300)) ? LOY_EMOTION_ANGER
			                                                      : LOY_EMOTION_DISSATISFACTION));
			fact_set_share(fact, LOY_FIELD_INTENSITY,
			               MILLI(300) + chance_below(&p->chance, MILLI(700)));
		}
	}
}
