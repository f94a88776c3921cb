/*
 * The true states. Each of value, satisfaction, trust and loyalty has a level of its own and an
 * Ornstein–Uhlenbeck drift with a time constant of 150 days on the logit scale; value feeds satisfaction,
 * satisfaction feeds trust, all three feed loyalty. Failures lower satisfaction and, more, trust; that fades
 * with half-lives of 60 and 120 days, and amends take back at most 80 % of it.
 */
#include "person.h"

enum { VALUE, SATISFACTION, TRUST, LOYALTY };

#define KEEP_DAY  INT64_C(1041609) /* e^(-1/150) in 2^-20 */
#define STEP_DAY  INT64_C(120677)  /* sqrt(1 - e^(-2/150)): keeps the variance of the drift */
#define FADE_60   INT64_C(1036532) /* 2^(-1/60) */
#define FADE_120  INT64_C(1042537) /* 2^(-1/120) */
#define GONE_LOSS (5 * ONE)        /* what leaving for good takes from loyalty, on the logit scale */

/* Deviations of level and drift. */
static const fixed level_deviation[4] = {MILLI(400), MILLI(200), MILLI(300), MILLI(350)};
static const fixed drift_deviation[4] = {MILLI(650), MILLI(850), MILLI(600), MILLI(500)};
static const fixed mean[4] = {MILLI(400), MILLI(750), MILLI(600), MILLI(200)};

static void publish(struct person *p)
{
	fixed v = p->level[VALUE] + p->drift[VALUE];
	fixed s = p->level[SATISFACTION] + p->drift[SATISFACTION] - p->hurt_satisfaction;
	fixed t = p->level[TRUST] + p->drift[TRUST] - p->hurt_trust;
	fixed l = p->level[LOYALTY] + p->drift[LOYALTY] - p->gone;

	s += times(MILLI(400), v);
	t += times(MILLI(450), s);
	l += times(MILLI(350), s) + times(MILLI(350), t) + times(MILLI(250), v);
	p->value = logistic(mean[VALUE] + v);
	p->satisfaction = logistic(mean[SATISFACTION] + s);
	p->trust = logistic(mean[TRUST] + t);
	p->loyalty = logistic(mean[LOYALTY] + l);
}

void latent_begin(struct person *p)
{
	int i;

	for (i = 0; i < 4; i++) {
		p->level[i] = times(level_deviation[i], chance_normal(&p->chance));
		p->drift[i] = times(drift_deviation[i], chance_normal(&p->chance));
	}
	publish(p);
}

void latent_step(struct person *p)
{
	int i;

	for (i = 0; i < 4; i++) {
		fixed push = times(STEP_DAY, chance_normal(&p->chance));

		p->drift[i] = times(KEEP_DAY, p->drift[i]) + times(drift_deviation[i], push);
	}
	p->hurt_satisfaction = times(FADE_60, p->hurt_satisfaction);
	p->hurt_trust = times(FADE_120, p->hurt_trust);
	/* Some leave for good, those with little loyalty sooner: 0.04 % a day at none. */
	if (p->alive && chance_is(&p->chance, times(ONE * 4 / 10000, ONE - p->loyalty))) {
		p->alive = 0;
		p->gone = GONE_LOSS;
	}
	publish(p);
}

void latent_failure(struct person *p, fixed severity)
{
	p->hurt_satisfaction += times(MILLI(700), severity);
	p->hurt_trust += times(ONE, severity);
}

void latent_amends(struct person *p, fixed severity, fixed quality)
{
	fixed repair = times(MILLI(800), times(severity, quality));

	p->hurt_satisfaction = clamp(p->hurt_satisfaction - times(MILLI(700), repair), 0, 20 * ONE);
	p->hurt_trust = clamp(p->hurt_trust - repair, 0, 20 * ONE);
}
