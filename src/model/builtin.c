/*
 * The built-in models: texts made of shared pieces, one for each trade, and the figures of review papers.
 */
#include "model/builtin_parts.h"
#include "model/model.h"

#include <string.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings" /* C11 promises 4095 bytes only; compilers give far more */
#endif

static const char retail_text[] =
	"# Shops, coffee chains, online trade: many small purchases, a few weeks apart.\n"
	"model retail \"Shops, coffee chains and online trade\"\n"
	LOY__PART_ORIGIN
	"\t\"The delivery curve was fitted to 3,916 public reviews.\"\n"
	LOY__PART_CHANNELS("half_life 365d, fast 60d, share 0.3", "half_life 365d, fast 90d, share 0.5",
                           "half_life 270d, fast 90d, share 0.3")
	LOY__PART_RULES("steps 3d 1, 14d 0.5, else 0")
	LOY__PART_CONSTRUCTS
	LOY__PART_RELATIONS("0.3", "0.25*knee(satisfaction) + 0.25*trust + 0.15*value",
                            "(0.7, 0)*purchase + (0.2, 0.5)*membership",
                            "weight 0.8, gap 45d, strength 2, limit 6",
                            "0.45*behavioural + 0.35*attitudinal + 0.2*emotional")
	LOY__PART_READINGS;

static const char hospitality_text[] =
	"# Hotels, travel, restaurants for occasions: rare, intense, personal. Stays lie half a year apart, so all\n"
	"# memories are longer; contact is close, so value strengthens quality more; the worst hour of a stay is what\n"
	"# people tell (peak and end: Alaybek et al. 2022), and feelings weigh more in loyalty.\n"
	"model hospitality \"Hotels, travel and restaurants\"\n"
	LOY__PART_ORIGIN
	"\t\"Half-lives scaled from retail by the usual gap between stays.\"\n"
	LOY__PART_CHANNELS("half_life 730d, fast 120d, share 0.4", "half_life 730d, fast 240d, share 0.5",
                           "half_life 540d, fast 120d, share 0.3")
	"worst: half_life 365d of complaint + slip\n"
	LOY__PART_RULES("steps 1h 1, 24h 0.5, else 0         # the guest is still in the house")
	LOY__PART_CONSTRUCTS
	LOY__PART_RELATIONS("0.5", "0.3*knee(satisfaction) + 0.25*trust + 0.15*value",
                            "(0.8, 0)*purchase + (0.2, 0.5)*membership",
                            "weight 0.6, gap 180d, strength 2, limit 4",
                            "0.35*behavioural + 0.35*attitudinal + 0.3*emotional")
	"worst satisfaction: weight 0.4\n"
	LOY__PART_READINGS;

static const char subscription_text[] =
	"# Telecoms, media, software by the month: a purchase is a payment or renewal. It comes by itself until\n"
	"# somebody cancels, so it says little and its absence says much; use of the service (visits, engagement) is\n"
	"# behaviour too, and leaving is the strongest word of all.\n"
	"model subscription \"Subscriptions: telecoms, media, software\"\n"
	LOY__PART_ORIGIN
	"\t\"Half-lives scaled from retail by the usual month between payments.\"\n"
	LOY__PART_CHANNELS("half_life 365d, fast 60d, share 0.3", "half_life 180d, fast 45d, share 0.5",
                           "half_life 270d, fast 90d, share 0.3")
	LOY__PART_RULES("steps 1d 1, 3d 0.5, else 0")
	LOY__PART_CONSTRUCTS
	LOY__PART_RELATIONS("0.3", "0.25*knee(satisfaction) + 0.25*trust + 0.2*value",
                            "(0.25, 0)*purchase + (0.3, 0)*engagement + (0.6, 4)*membership",
                            "weight 1.5, gap 31d, strength 4, limit 4",
                            "0.5*behavioural + 0.35*attitudinal + 0.15*emotional")
	LOY__PART_READINGS;

static const char b2b_service_text[] =
	"# Services for firms: few customers, long relations, close contact. Trust carries the attitude, promises and\n"
	"# bills are what it is made of; orders come by the quarter; feelings count for less.\n"
	"model b2b_service \"Services for firms\"\n"
	LOY__PART_ORIGIN
	"\t\"Half-lives scaled from retail by the usual gap between orders.\"\n"
	LOY__PART_CHANNELS("half_life 730d, fast 120d, share 0.3", "half_life 730d, fast 180d, share 0.5",
                           "half_life 540d, fast 180d, share 0.3")
	LOY__PART_RULES("steps 5d 1, 15d 0.5, else 0")
	LOY__PART_CONSTRUCTS
	LOY__PART_RELATIONS("0.5", "0.2*knee(satisfaction) + 0.35*trust + 0.15*value",
                            "(0.9, 0)*purchase + (0.3, 0.8)*membership",
                            "weight 0.8, gap 91d, strength 2, limit 4",
                            "0.4*behavioural + 0.45*attitudinal + 0.15*emotional")
	LOY__PART_READINGS;

#define LOY__PART_ITEM(name, item)                                                                           \
	"channel " name ": half_life 270d, fast 90d, share 0.3\n"                                            \
	"on survey_answer if instrument = 1000 and item = " item ": " name " scale\n"
#define LOY__PART_NODE(name, channel)                                                                        \
	"construct " name ": mean 0.5, strength 4, spread 1, limit 60\n" name " =~ 3*" channel "\n"

static const char literature_text[] =
	"# Figures that review papers on customer loyalty print. No traceable study stands behind them: they are here\n"
	"# to be compared with, to be replaced, and as tests; they are not facts. Answers to items 1 to 12 of survey\n"
	"# instrument 1000 feed the constructs, one item each.\n"
	"model literature \"Figures of review papers\"\n"
	"origin \"Review papers on customer loyalty, read as cut-off previews; no traceable study stands behind \" +\n"
	"\t\"any figure. Path coefficients said to be of a survey of 500, regression weights of 1,000, \" +\n"
	"\t\"shares of contribution that add up to 135 %. For comparison and tests, not facts.\"\n"
	"\n"
	LOY__PART_ITEM("asked_innovation", "1")
	LOY__PART_ITEM("asked_satisfaction", "2")
	LOY__PART_ITEM("asked_brand", "3")
	LOY__PART_ITEM("asked_loyalty", "4")
	LOY__PART_ITEM("asked_service_quality", "5")
	LOY__PART_ITEM("asked_culture", "6")
	LOY__PART_ITEM("asked_employees", "7")
	LOY__PART_ITEM("asked_quality", "8")
	LOY__PART_ITEM("asked_value", "9")
	LOY__PART_ITEM("asked_crm", "10")
	LOY__PART_ITEM("asked_environment", "11")
	LOY__PART_ITEM("asked_technology", "12")
	"\n"
	LOY__PART_NODE("innovation", "asked_innovation")
	LOY__PART_NODE("satisfaction", "asked_satisfaction")
	LOY__PART_NODE("brand", "asked_brand")
	LOY__PART_NODE("loyalty", "asked_loyalty")
	LOY__PART_NODE("service_quality", "asked_service_quality")
	LOY__PART_NODE("culture", "asked_culture")
	LOY__PART_NODE("employees", "asked_employees")
	LOY__PART_NODE("quality", "asked_quality")
	LOY__PART_NODE("value", "asked_value")
	LOY__PART_NODE("crm", "asked_crm")
	LOY__PART_NODE("environment", "asked_environment")
	LOY__PART_NODE("technology", "asked_technology")
	"\n"
	"# Path model. The total effect of innovation on loyalty is 0.35*0.42 + 0.28*0.31 = 0.2338; the paper's 0.73\n"
	"# adds 0.42 and 0.31, which is no effect of anything.\n"
	"satisfaction ~ 0.35*innovation\n"
	"brand ~ 0.28*innovation\n"
	"loyalty ~ 0.42*satisfaction + 0.31*brand\n"
	"# Regression weights, read as shares of importance: they happen to add up to 1.\n"
	"by_regression <~ 0.35*service_quality + 0.28*innovation + 0.22*culture + 0.15*employees\n"
	"# Contributions to loyalty in percent: 40, 35, 25, 20, 10 and 5, which is 135. Divided by that.\n"
	"by_contribution <~ 0.4*quality + 0.35*value + 0.25*brand + 0.2*crm + 0.1*environment + 0.05*technology\n"
	"headline satisfaction, value, brand, loyalty\n";

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

static const char builtin_names[][16] = {"retail", "hospitality", "subscription", "b2b_service", "literature"};

uint32_t loy_model_builtin_count(void)
{
	return (uint32_t)LOY__COUNT(builtin_names);
}

const char *loy_model_builtin_name(uint32_t index)
{
	return index < LOY__COUNT(builtin_names) ? builtin_names[index] : NULL;
}

const char *loy_model_builtin_text(const char *name)
{
	uint32_t i = 0;

	if (name == NULL)
		return NULL;
	while (i < LOY__COUNT(builtin_names) && strcmp(name, builtin_names[i]) != 0)
		i++;
	switch (i) {
	case 0:
		return retail_text;
	case 1:
		return hospitality_text;
	case 2:
		return subscription_text;
	case 3:
		return b2b_service_text;
	case 4:
		return literature_text;
	default:
		return NULL;
	}
}

loy_status loy_model_create_builtin(loy_model **out, const char *name, const loy_allocator *memory)
{
	const char *text = loy_model_builtin_text(name);

	if (out == NULL)
		return LOY_EINVAL;
	*out = NULL;
	if (name == NULL)
		return LOY_EINVAL;
	if (text == NULL)
		return LOY_ENOTFOUND;
	return loy_model_create(out, text, strlen(text), memory, NULL);
}
