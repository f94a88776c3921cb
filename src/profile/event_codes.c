/* The registry of the names that codes have: instruments, emotions, kinds of engagement, states, purposes. */
#include "profile/profile.h"

#include <string.h>

typedef struct known_code {
	uint8_t field;
	uint8_t code;
	char name[16];
} known_code;

static const known_code known_codes[] = {
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CSAT, "csat"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_NPS, "nps"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_CES, "ces"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SERVQUAL_EXPECTATION, "expectation"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SERVQUAL_PERCEPTION, "perception"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_SATISFACTION, "satisfaction"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_TRUST, "trust"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_VALUE, "value"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_LOYALTY, "loyalty"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_EMOTION, "emotion"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_REVIEW, "review"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_BENEFIT, "benefit"},
        {LOY_FIELD_INSTRUMENT, LOY_INSTRUMENT_COST, "cost"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_SATISFACTION, "satisfaction"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_DELIGHT, "delight"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_TRUST, "trust"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_DISSATISFACTION, "dissatisfaction"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_FEAR, "fear"},
        {LOY_FIELD_EMOTION, LOY_EMOTION_ANGER, "anger"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_CONTENT, "content"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SOCIAL, "social"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SERVICE, "service"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_SHOPPING, "shopping"},
        {LOY_FIELD_ENGAGEMENT, LOY_ENGAGEMENT_COMMUNITY, "community"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_JOINED, "joined"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_RENEWED, "renewed"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_PAUSED, "paused"},
        {LOY_FIELD_STATE, LOY_MEMBERSHIP_LEFT, "left"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_SERVICE, "service"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_ANALYTICS, "analytics"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_MARKETING, "marketing"},
        {LOY_FIELD_PURPOSE, LOY_PURPOSE_PROFILING, "profiling"},
};

loy_status loy_code_find(uint32_t field, const char *name, size_t length, uint32_t *code)
{
	size_t i;

	if (name == NULL || code == NULL)
		return LOY_EINVAL;
	for (i = 0; i < LOY__COUNT(known_codes); i++) {
		const known_code *known = &known_codes[i];

		if (known->field == field && strlen(known->name) == length &&
		    memcmp(known->name, name, length) == 0) {
			*code = known->code;
			return LOY_OK;
		}
	}
	return LOY_ENOTFOUND;
}

const char *loy_code_name(uint32_t field, uint32_t code)
{
	size_t i;

	for (i = 0; i < LOY__COUNT(known_codes); i++) {
		if (known_codes[i].field == field && known_codes[i].code == code)
			return known_codes[i].name;
	}
	return NULL;
}
