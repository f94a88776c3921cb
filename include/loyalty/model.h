/**
 * @file loyalty/model.h
 * @brief A model says how events become evidence and evidence becomes scores; it is text you can read.
 *
 * A `loy_model` is made from text (the syntax is in src/model/README.md; it follows lavaan's habits where it
 * can: `~` for paths, `=~` for indicators, `<~` for composites, `:` for interaction) or from one of the
 * built-in models. It is immutable. Printing gives canonical text: parsing that gives an equal model with an
 * equal fingerprint.
 *
 * A model owns its schema (channels, half-lives, event-to-evidence rules); profiles and stores made with the
 * schema must be destroyed before the model. Two models whose schema parts are equal have equal schema
 * fingerprints and can score the same profiles.
 *
 * Threads: immutable, so any number of threads may use one model at a time.
 */
#ifndef LOYALTY_MODEL_H
#define LOYALTY_MODEL_H

#include <loyalty/profile.h>

LOY_BEGIN_DECLS

typedef struct loy_model loy_model;

/** Most constructs of a model. */
#define LOY_CONSTRUCTS_MAX 24
/** Most bytes of a model text. */
#define LOY_MODEL_TEXT_MAX 262144
/** Bytes of a name (construct, channel, curve, stage): 1 to this. */
#define LOY_NAME_MAX 31

/**
 * Make a model from text in @p out (NULL on failure); the caller destroys it. @p memory is copied; NULL: malloc.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOMEM, or with line, column, byte and what was expected in @p error:
 * LOY_EUTF8, LOY_ESYNTAX, LOY_ENAME (undeclared or declared twice), LOY_ERANGE (a number outside its range),
 * LOY_ECYCLE (the message names the cycle), LOY_ELIMIT.
 */
LOY_API loy_status loy_model_create(loy_model **out, const char *text, size_t length, const loy_allocator *memory,
                                    loy_error *error);
/**
 * Make a built-in model by name: "retail", "hospitality", "subscription", "b2b_service", "literature".
 * @return LOY_OK, LOY_EINVAL, LOY_ENOMEM or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_model_create_builtin(loy_model **out, const char *name, const loy_allocator *memory);
/** Release a model. NULL is allowed. Never fails. */
LOY_API void loy_model_destroy(loy_model *model);
/** Number of built-in models, and the name of each (the first is the default). Static text; NULL beyond. */
LOY_API uint32_t loy_model_builtin_count(void);
LOY_API const char *loy_model_builtin_name(uint32_t index);
/** Text of a built-in model with its comments; static, terminated. NULL when there is none. */
LOY_API const char *loy_model_builtin_text(const char *name);

/** Canonical text (comments are not kept). @return LOY_OK, LOY_EINVAL or LOY_EBUFFER with *needed. */
LOY_API loy_status loy_model_print(const loy_model *model, char *buffer, size_t capacity, size_t *needed);
/**
 * 128-bit fingerprint of the canonical text (SipHash-1-3, zero key): equal models, equal fingerprints.
 * @return LOY_OK or LOY_EINVAL.
 */
LOY_API loy_status loy_model_fingerprint(const loy_model *model, uint64_t *high, uint64_t *low);
/** The schema of a model, for profiles; lives as long as the model. NULL for NULL. */
LOY_API const loy_schema *loy_model_schema(const loy_model *model);
/** Name and title of a model; "" when the text gives none. Live as long as the model. NULL for NULL. */
LOY_API const char *loy_model_name(const loy_model *model);
LOY_API const char *loy_model_title(const loy_model *model);
/** Where its figures come from, as its text says: what it was fitted on. Otherwise as the name. */
LOY_API const char *loy_model_origin(const loy_model *model);

/**
 * Notes the parser took: weights that did not add up to 1 and were divided by their sum, and other things a
 * reader should know. Texts live as long as the model; NULL beyond the count. line is where it stands.
 */
LOY_API uint32_t loy_model_note_count(const loy_model *model);
LOY_API const char *loy_model_note(const loy_model *model, uint32_t index, uint32_t *line);

/** Number of constructs, in order of evaluation (a construct comes after all it depends on). */
LOY_API uint32_t loy_model_construct_count(const loy_model *model);
/** Name of a construct; NULL beyond. Lives as long as the model. */
LOY_API const char *loy_model_construct_name(const loy_model *model, uint32_t construct);
/** Index of a construct by name. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_model_construct_find(const loy_model *model, const char *name, size_t length,
                                            uint32_t *construct);
/**
 * The sum that a composite's weights were divided by; 1 for other constructs. @return LOY_OK, LOY_EINVAL or
 * LOY_ENOTFOUND.
 */
LOY_API loy_status loy_model_weight_sum(const loy_model *model, uint32_t construct, double *sum);

/** One construct as a model sees it (read-only view for reports and calibration). */
typedef struct loy_construct_info {
	uint32_t struct_size; /**< sizeof(loy_construct_info) in the caller's build. */
	uint32_t composite;      /**< 1 when it is a weighted mean of others, 0 when it has a prior and evidence. */
	double mean;             /**< Prior mean, 0–1. This and what follows up to spread is 0 for composites. */
	double strength;         /**< Prior strength: evidence that weighs as much as the prior. */
	double spread;           /**< Scale from evidence to effective observations, for the interval only. */
	double limit;            /**< Most effective observations, for the interval only. Of a composite: how many
	                          *   its parts together are worth as an observation of it; 0: any number. */
	uint32_t indicator_count;
	uint32_t path_count;     /**< Paths into it. */
} loy_construct_info;
/** @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND. */
LOY_API loy_status loy_model_construct_info(const loy_model *model, uint32_t construct, loy_construct_info *out);
/**
 * Positive and negative evidence weight of a channel for a construct; 0 and 0 when it is no indicator. Outputs
 * may be NULL. @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_model_indicator(const loy_model *model, uint32_t construct, uint32_t channel, double *positive,
                                       double *negative);

/**
 * Path effects of @p from on @p to for B the matrix of path coefficients (composite weights included):
 * direct B, total (I - B)^-1 - I, indirect = total - direct (Bollen 1987). Interactions and response curves
 * are left out: these are the effects of the linear part. Outputs may be NULL.
 * @return LOY_OK, LOY_EINVAL or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_model_effects(const loy_model *model, uint32_t from, uint32_t to, double *direct,
                                     double *indirect, double *total);

LOY_END_DECLS
#endif
