/* Whether an event is complete, and what it says once its fields are read together. */
#include "profile/profile.h"

#define BIT(NAME) (UINT64_C(1) << LOY_FIELD_##NAME)
#define SCALE     (BIT(SCALE_MIN) | BIT(SCALE_MAX))

/* Fields that events of a kind cannot do without; README.md gives the reasons. */
static const uint64_t needed_fields[] = {
        [LOY_KIND_PURCHASE] = BIT(AMOUNT),
        [LOY_KIND_RETURN] = BIT(AMOUNT),
        [LOY_KIND_SURVEY_ANSWER] = BIT(INSTRUMENT) | BIT(VALUE),
        [LOY_KIND_EMOTION] = BIT(EMOTION),
        [LOY_KIND_OFFER_SHOWN] = BIT(OFFER),
        [LOY_KIND_OFFER_TAKEN] = BIT(OFFER),
        [LOY_KIND_PRICE] = BIT(AMOUNT),
        [LOY_KIND_MEMBERSHIP] = BIT(STATE),
        [LOY_KIND_CONSENT] = BIT(PURPOSE) | BIT(GRANTED),
};

/* The scale of the event's value: its own ends, else those its kind or instrument implies. 0 when one is not known. */
static int scale_of(const loy_event *event, int64_t *least, int64_t *greatest)
{
	int known = 1;

	*least = 0;
	*greatest = 0;
	if (event->kind == LOY_KIND_REVIEW) {
		*least = LOY_RATIO_ONE;
		*greatest = 5 * LOY_RATIO_ONE;
	} else if (event->kind == LOY_KIND_SURVEY_ANSWER && loy__event_has(event, LOY_FIELD_INSTRUMENT) &&
	           event->field[LOY_FIELD_INSTRUMENT] == LOY_INSTRUMENT_NPS) {
		*greatest = 10 * LOY_RATIO_ONE;
	} else {
		known = (event->present & SCALE) == SCALE;
	}
	if (loy__event_has(event, LOY_FIELD_SCALE_MIN))
		*least = event->field[LOY_FIELD_SCALE_MIN];
	if (loy__event_has(event, LOY_FIELD_SCALE_MAX))
		*greatest = event->field[LOY_FIELD_SCALE_MAX];
	return known;
}

int loy__event_share(const loy_event *event, int64_t *share)
{
	int64_t least, greatest, value, width, rest, quotient;
	int i;

	if (!loy__event_has(event, LOY_FIELD_VALUE) || !scale_of(event, &least, &greatest))
		return 0;
	value = event->field[LOY_FIELD_VALUE];
	if (least >= greatest || value < least || value > greatest)
		return 0;
	/* rest * 1e9 / width in three digits of a thousand: rest < width <= 2e15, so nothing leaves 64 bits. */
	width = greatest - least;
	rest = value - least;
	quotient = rest / width;
	rest %= width;
	for (i = 0; i < 3; i++) {
		rest *= 1000;
		quotient = quotient * 1000 + rest / width;
		rest %= width;
	}
	*share = quotient + (2 * rest >= width);
	return 1;
}

int loy__event_delay(const loy_event *event, int64_t *delay)
{
	int64_t actual = event->time;

	if (loy__event_has(event, LOY_FIELD_DELAY)) {
		*delay = event->field[LOY_FIELD_DELAY];
		return 1;
	}
	if (!loy__event_has(event, LOY_FIELD_PROMISED_TIME))
		return 0;
	if (loy__event_has(event, LOY_FIELD_ACTUAL_TIME))
		actual = event->field[LOY_FIELD_ACTUAL_TIME];
	*delay = actual - event->field[LOY_FIELD_PROMISED_TIME];
	return 1;
}

/* Where to report: the caller's detail, and the row of a batch or -1. */
typedef struct report {
	loy_error *error;
	int64_t row;
} report;

static loy_status flaw(const report *to, loy_status status, uint32_t field, const char *message)
{
	return loy__fail_row(to->error, status, to->row, field, message);
}

static loy_status missing(const report *to, uint64_t bits)
{
	uint32_t field = 1;

	while (((bits >> field) & 1) == 0)
		field++;
	return flaw(to, LOY_EINVAL, field, "a field this kind of event cannot do without is not set");
}

static loy_status check_value(const loy_event *event, const report *to)
{
	int64_t value = event->field[LOY_FIELD_VALUE], least, greatest;

	if (!scale_of(event, &least, &greatest)) {
		if (loy__event_has(event, LOY_FIELD_SCALE_MIN))
			return flaw(to, LOY_EINVAL, LOY_FIELD_SCALE_MAX, "the scale has no upper end");
		if (loy__event_has(event, LOY_FIELD_SCALE_MAX))
			return flaw(to, LOY_EINVAL, LOY_FIELD_SCALE_MIN, "the scale has no lower end");
		return flaw(to, LOY_EINVAL, LOY_FIELD_SCALE_MAX, "the scale of the answer is not known");
	}
	if (least >= greatest) /* one end given against the other that is implied */
		return flaw(to, LOY_EINVAL,
		            loy__event_has(event, LOY_FIELD_SCALE_MAX) ? LOY_FIELD_SCALE_MAX
		                                                       : LOY_FIELD_SCALE_MIN,
		            "the scale ends before it begins");
	if (value < least || value > greatest)
		return flaw(to, LOY_ERANGE, LOY_FIELD_VALUE, "the value lies outside its scale");
	return LOY_OK;
}

static loy_status check_answer(const loy_event *event, const report *to)
{
	loy_status status = check_value(event, to);
	int64_t least, greatest;

	if (status != LOY_OK || event->field[LOY_FIELD_INSTRUMENT] != LOY_INSTRUMENT_NPS)
		return status;
	(void)scale_of(event, &least, &greatest);
	if (least != 0)
		return flaw(to, LOY_ERANGE, LOY_FIELD_SCALE_MIN, "the scale of NPS is 0 to 10");
	if (greatest != 10 * LOY_RATIO_ONE)
		return flaw(to, LOY_ERANGE, LOY_FIELD_SCALE_MAX, "the scale of NPS is 0 to 10");
	if (event->field[LOY_FIELD_VALUE] % LOY_RATIO_ONE != 0)
		return flaw(to, LOY_ERANGE, LOY_FIELD_VALUE, "an NPS answer is a whole number");
	return LOY_OK;
}

static loy_status check_review(const loy_event *event, const report *to)
{
	if (loy__event_has(event, LOY_FIELD_VALUE))
		return check_value(event, to);
	if (!loy__event_has(event, LOY_FIELD_SENTIMENT))
		return flaw(to, LOY_EINVAL, LOY_FIELD_VALUE, "a review has stars or a sentiment");
	return LOY_OK;
}

/* Tills that know returns as sales below 0 would add to what they take back. */
static loy_status check_return(const loy_event *event, const report *to)
{
	if (event->field[LOY_FIELD_AMOUNT] < 0)
		return flaw(to, LOY_ERANGE, LOY_FIELD_AMOUNT,
		            "the amount of a return is what it takes back: not below 0");
	return LOY_OK;
}

static loy_status check_event(const loy_event *event, const report *to)
{
	uint64_t lacking;

	if (event->kind == LOY_KIND_NONE)
		return flaw(to, LOY_EINVAL, LOY_FIELD_KIND, "the event has no kind and time");
	if ((event->present & SCALE) == SCALE &&
	    event->field[LOY_FIELD_SCALE_MIN] >= event->field[LOY_FIELD_SCALE_MAX])
		return flaw(to, LOY_EINVAL, LOY_FIELD_SCALE_MAX, "the scale ends before it begins");
	if (event->kind >=
	    LOY__COUNT(needed_fields)) /* not ours to judge: an own kind or one of a later version */
		return LOY_OK;
	lacking = needed_fields[event->kind] & ~event->present;
	if (lacking != 0)
		return missing(to, lacking);
	if (event->kind == LOY_KIND_PURCHASE)
		return LOY_OK;
	if (event->kind == LOY_KIND_RETURN)
		return check_return(event, to);
	if (event->line_count != 0)
		return flaw(to, LOY_EINVAL, LOY_FIELD_NONE, "only purchases and returns have lines");
	if (event->kind == LOY_KIND_SURVEY_ANSWER)
		return check_answer(event, to);
	if (event->kind == LOY_KIND_REVIEW)
		return check_review(event, to);
	return LOY_OK;
}

loy_status loy__event_check_row(const loy_event *event, int64_t row, loy_error *error)
{
	report to = {error, row};

	return check_event(event, &to);
}

loy_status loy_event_check(const loy_event *event, loy_error *error)
{
	if (event == NULL)
		return loy__fail(error, LOY_EINVAL, "an event is needed");
	return loy__event_check_row(event, -1, error);
}
