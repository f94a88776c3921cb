/*
 * The pieces of text that the built-in models share; builtin.c alone includes it.
 *
 * What differs between trades is an argument: half-lives, the usual gap between purchases, mixes, moderation.
 * Figures marked "provisional" have a sourced sign and an unsourced size; calibration replaces them.
 */
#ifndef LOY_MODEL_BUILTIN_PARTS_H
#define LOY_MODEL_BUILTIN_PARTS_H

/* A text that each model ends in its own way. */
#define LOY__PART_ORIGIN                                                                                     \
	"origin \"Defaults: signs and structure from the literature named in the comments, sizes are \" +\n" \
	"\t\"provisional until calibrated. \" +\n"

/*
 * Channels. `memory`: the two half-lives of most evidence; `buying`: those of purchases; `asking`: of survey
 * answers, which age faster than what they are about.
 */
#define LOY__PART_CHANNELS(memory, buying, asking)                                                           \
	"\n"                                                                                                 \
	"# --- Channels: slow memory, fast memory, weight of the fast one when scores are read ---\n"        \
	"dimensions tangibles, reliability, responsiveness, assurance, empathy\n"                            \
	"channel purchase: " buying "  # each purchase, visit paid or renewal\n"                             \
	"channel price: " memory "  # discounts, prices against list prices\n"                               \
	"channel reward: " memory "  # rewards given\n"                                                      \
	"channel quality: " memory "  # stars, ratings of products and stays\n"                              \
	"channel fulfilment: " memory "  # deliveries against their promise\n"                               \
	"channel support: " memory "  # speed and ease of help\n"                                            \
	"channel complaint: " memory "  # complaints and grave failures\n"                                   \
	"channel slip: " memory "  # small failures, which friends of the house forgive\n"                   \
	"channel recovery: " memory "  # how well complaints were resolved\n"                                \
	"channel returns: " memory "\n"                                                                      \
	"channel promise: " memory "  # promises kept and broken\n"                                          \
	"channel billing: " memory "  # right and wrong bills\n"                                             \
	"channel sentiment: " memory "  # what texts say, measured outside\n"                                \
	"channel advocacy: " memory "  # referrals\n"                                                        \
	"channel engagement: " memory "  # visits, content, community, offers taken\n"                       \
	"channel membership: " memory "  # joined, renewed, left\n"                                          \
	"channel emotion: half_life 540d, fast 90d, share 0.3  # bonds and grudges outlast transactions\n"   \
	"channel delight: half_life 60d, fast 14d, share 0.3  # intense and brief\n"                         \
	"channel tangibles: " asking "  # the five SERVQUAL dimensions\n"                                    \
	"channel reliability: " asking "\n"                                                                  \
	"channel responsiveness: " asking "\n"                                                               \
	"channel assurance: " asking "\n"                                                                    \
	"channel empathy: " asking "\n"                                                                      \
	"channel value_balance: " asking "  # perceived benefits and costs\n"                                \
	"channel survey_satisfaction: " asking "\n"                                                          \
	"channel survey_trust: " asking "\n"                                                                 \
	"channel survey_value: " asking "\n"                                                                 \
	"channel survey_attitude: " asking "\n"                                                              \
	"channel survey_emotion: " asking "\n"

/*
 * From events to evidence. `closing` is the curve of the time a case takes. Consents, offers merely shown to
 * somebody and promises just made are no evidence: nobody is scored for a choice about privacy.
 */
#define LOY__PART_RULES(closing)                                                                             \
	"\n"                                                                                                 \
	"# --- Events as evidence: on KIND if CONDITIONS: CHANNEL VALUE weight WEIGHT ---\n"                 \
	"# Actual against promised: early gains little, late costs much (Oliver 1980); fitted to 3,916 reviews.\n" \
	"curve delivery: delay neutral 0.757, gain 0.429, loss_ratio 7.53, gain_scale 3.82d, loss_scale 5.71d\n" \
	"curve reply: steps 4h 1, 24h 0.5, else 0\n"                                                         \
	"curve closing: " closing "\n"                                                                       \
	"on purchase: purchase 1\n"                                                                          \
	"on purchase if discount > 0: price 1 weight 0.2\n"                                                  \
	"on price: price share(list_amount, amount) weight 0.3\n"                                            \
	"on price if severity > 0: promise 0 weight severity  # a hidden fee breaks a promise\n"             \
	"on return: returns 0\n"                                                                             \
	"on delivery: fulfilment delay(delivery)\n"                                                          \
	"on promise_kept: promise 1\n"                                                                       \
	"on promise_broken: promise 0 weight severity\n"                                                     \
	"on complaint: complaint 0 weight severity\n"                                                        \
	"on service_failure if severity < 0.3: slip 0 weight severity\n"                                     \
	"on service_failure if severity >= 0.3: complaint 0 weight severity\n"                               \
	"on service_failure if severity unset: complaint 0 weight 0.5\n"                                     \
	"on first_response: support elapsed(reply)\n"                                                        \
	"on resolution: support elapsed(closing) weight 0.5\n"                                               \
	"on resolution: recovery quality weight severity\n"                                                  \
	"on resolution if quality unset: recovery 0.5 weight 0.5 * severity\n"                               \
	"on contact: support quality\n"                                                                      \
	"on billing: billing quality\n"                                                                      \
	"on billing if severity > 0: billing 0 weight severity\n"                                            \
	"on reward: reward 1 weight 0.5\n"                                                                   \
	"on offer_taken: engagement 1 weight 0.3\n"                                                          \
	"on visit: engagement 1 weight 0.2 * depth\n"                                                        \
	"on engagement: engagement 1 weight 0.4 * depth\n"                                                   \
	"on engagement if engagement = community: engagement 1 weight 0.6 * depth\n"                         \
	"on referral_made: advocacy 1\n"                                                                     \
	"on referral_converted: advocacy 1 weight 0.5\n"                                                     \
	"on membership if state = joined: membership 1\n"                                                    \
	"on membership if state = renewed: membership 1\n"                                                   \
	"on membership if state = paused: membership 0 weight 0.3\n"                                         \
	"on membership if state = left: membership 0\n"                                                      \
	"# Reviews nobody asked for come from the extremes: they weigh less than answers to invited surveys.\n" \
	"on review: quality scale weight 0.7\n"                                                              \
	"on review: sentiment signed(sentiment) weight confidence\n"                                         \
	"on emotion if emotion = satisfaction: emotion 1 weight intensity * confidence\n"                    \
	"on emotion if emotion = delight: delight 1 weight 2 * intensity * confidence\n"                     \
	"on emotion if emotion = trust: emotion 1 weight intensity * confidence\n"                           \
	"on emotion if emotion = dissatisfaction: emotion 0 weight intensity * confidence\n"                 \
	"on emotion if emotion = fear: emotion 0 weight 0.8 * intensity * confidence\n"                      \
	"on emotion if emotion = anger: emotion 0 weight 1.5 * intensity * confidence\n"                     \
	"on survey_answer if instrument = csat: survey_satisfaction scale\n"                                 \
	"on survey_answer if instrument = satisfaction: survey_satisfaction scale\n"                         \
	"on survey_answer if instrument = trust: survey_trust scale\n"                                       \
	"on survey_answer if instrument = value: survey_value scale\n"                                       \
	"on survey_answer if instrument = loyalty: survey_attitude scale\n"                                  \
	"on survey_answer if instrument = nps: survey_attitude scale\n"                                      \
	"on survey_answer if instrument = emotion: survey_emotion scale\n"                                   \
	"on survey_answer if instrument = ces: support scale  # 100 % is least effort\n"                     \
	"on survey_answer if instrument = review: quality scale\n"                                           \
	"on survey_answer if instrument = benefit: value_balance scale\n"                                    \
	"on survey_answer if instrument = cost: value_balance reversed\n"                                    \
	"on survey_answer if instrument = perception and item = tangibles: tangibles scale\n"                \
	"on survey_answer if instrument = perception and item = reliability: reliability scale\n"            \
	"on survey_answer if instrument = perception and item = responsiveness: responsiveness scale\n"      \
	"on survey_answer if instrument = perception and item = assurance: assurance scale\n"                \
	"on survey_answer if instrument = perception and item = empathy: empathy scale\n"

/* Constructs with their priors and what they are measured by. Sizes are provisional, signs are sourced. */
#define LOY__PART_CONSTRUCTS                                                                                 \
	"\n"                                                                                                 \
	"# --- Constructs: prior mean and strength; scale and limit of the evidence for intervals ---\n"     \
	"construct service_quality: mean 0.65, strength 4, spread 1, limit 60\n"                             \
	"construct value: mean 0.6, strength 4, spread 1, limit 60\n"                                        \
	"construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"                                 \
	"construct trust: mean 0.65, strength 6, spread 1, limit 60\n"                                       \
	"construct emotional: mean 0.5, strength 4, spread 1, limit 60\n"                                    \
	"construct attitudinal: mean 0.55, strength 4, spread 1, limit 60\n"                                 \
	"construct behavioural: mean 0.5, strength 3, spread 1, limit 60\n"                                  \
	"# Evidence weights, (for, against): bad outweighs good, trust most of all (Slovic 1993).\n"         \
	"# Reliability and responsiveness matter most among the dimensions of service quality.\n"            \
	"service_quality =~ 1.5*reliability + 1.3*responsiveness + 1*assurance + 0.8*empathy + 0.6*tangibles +\n" \
	"\t(0.3, 0.6)*fulfilment + (0.3, 0.5)*support\n"                                                     \
	"value =~ 3*survey_value + 1.5*value_balance + (0.5, 0.8)*price + (0.6, 0.3)*reward + (0.4, 0.5)*quality +\n" \
	"\t(0, 0.4)*returns + (0, 0.5)*billing\n"                                                            \
	"satisfaction =~ 3*survey_satisfaction + (0.8, 1.2)*quality + (0.6, 1.2)*fulfilment + (0.4, 0.7)*support +\n" \
	"\t(0, 1.5)*complaint + (0, 1)*slip + (0.64, 0.3)*recovery + (0, 0.5)*returns\n"                     \
	"trust =~ 3*survey_trust + (0.4, 1)*promise + (0.2, 0.4)*fulfilment + (0.2, 0.3)*support +\n"        \
	"\t(0, 0.6)*complaint + (0, 0.4)*slip + (0.3, 0.2)*recovery + (0.1, 2)*billing\n"                    \
	"emotional =~ 3*survey_emotion + (1, 1.3)*sentiment + (1, 1.3)*emotion + (0.8, 0.4)*delight +\n"     \
	"\t(0.8, 0.5)*advocacy + (0.2, 0.2)*quality + (0, 0.4)*complaint + 0.1*reward + (0.2, 0)*engagement\n" \
	"attitudinal =~ 3*survey_attitude + (0.8, 0.5)*advocacy + (0.3, 0)*engagement + (0.5, 1)*membership\n"

/*
 * What rests on what. `moderation`: how much value strengthens the effect of quality, more where contact is
 * close; `trusting`: weight of trust in the attitude; `behaviour`: indicators of behaviour; `silence`: the
 * usual gap and weight of missed purchases; `mix`: the parts of loyalty.
 */
#define LOY__PART_RELATIONS(moderation, attitude, behaviour, silence, mix)                                   \
	"behavioural =~ " behaviour "\n"                                                                     \
	"\n"                                                                                                 \
	"# --- Paths: value and quality, satisfaction, trust, attitude, behaviour ---\n"                     \
	"satisfaction ~ 0.2*value + 0.2*service_quality\n"                                                   \
	"satisfaction ~ " moderation "*quality:value  # good quality pleases more where value is seen\n"     \
	"trust ~ 0.4*satisfaction\n"                                                                         \
	"emotional ~ 0.3*satisfaction + 0.2*trust\n"                                                         \
	"attitudinal ~ " attitude "\n"                                                                       \
	"behavioural ~ 0.3*attitudinal\n"                                                                    \
	"# Loyalty follows satisfaction slowly, faster above 65 %, slowly again near the top.\n"             \
	"response knee: 0 0, 0.65 0.55, 0.85 0.9, 1 1\n"                                                     \
	"loyalty <~ " mix "\n"                                                                               \
	"\n"                                                                                                 \
	"# --- Failures: friends forgive slips; a recovery repairs, and never makes failing attractive ---\n" \
	"damping slip: 0.5 by purchase at 5\n"                                                               \
	"recovery repairs complaint + slip\n"                                                                \
	"silence behavioural: purchase " silence "\n"

/* What is told besides scores. */
#define LOY__PART_READINGS                                                                                   \
	"\n"                                                                                                 \
	"# --- Readings ---\n"                                                                               \
	"benefit functional 0.4, emotional 0.25, social 0.15, experiential 0.2 # items 1 to 4 of instrument benefit\n" \
	"cost money 0.5, time 0.2, effort 0.15, risk 0.15  # items 1 to 4 of instrument cost\n"              \
	"# Oliver (1999): thinking, feeling, meaning to, doing.\n"                                           \
	"stages ladder: cognitive value|service_quality, affective satisfaction|emotional, conative attitudinal,\n" \
	"\taction behavioural; cut 0.6, probability 0.7\n"                                                   \
	"stages pyramid: awareness, cognition value|service_quality, preference satisfaction|trust,\n"       \
	"\tcommitment attitudinal|emotional, behaviour behavioural; cut 0.6, probability 0.7\n"              \
	"# Dick & Basu (1994): relative attitude by repeat patronage.\n"                                     \
	"loyalty_type: attitude 0.65*attitudinal + 0.35*emotional, behaviour behavioural, cut 0.55\n"        \
	"headline satisfaction, trust, value, loyalty\n"

#endif
