/**
 * @file loyalty/paths.h
 * @brief What is supposed to measure and to cause what: the specification of a path model, as text or piece by piece.
 *
 * A `loy_paths` is a list of terms in the syntax that lavaan made common (Rosseel 2012), of which this is a subset:
 *
 *     Satisfaction =~ sat1 + sat2 + sat3       # measured by (reflective)
 *     Image <~ img1 + img2                     # composed of (composite, formative)
 *     Loyalty ~ b*Satisfaction + c*Image       # regressed on; b, c are labels, a number fixes the coefficient
 *     Loyalty ~ Satisfaction:Image             # product (moderation); "." does the same as ":" between constructs
 *     sat1 ~~ sat2                             # covariance, of one with itself: variance
 *     Image ~ a*Quality
 *     indirect := a*c                          # defined: + - * / ^ ( ) numbers, labels, exp log sqrt
 *
 * Statements may stand in any order and be spread over lines as in model texts (src/model/README.md): a statement
 * ends with its line unless the line ends in an operator; `;` ends one too; `#` and `!` start a comment. A name is
 * `[A-Za-z_][A-Za-z0-9_.]*`, at most 63 bytes; what a construct is made of may be constructs (higher order). `NA*x`
 * frees what would be fixed. `x ~ 1` is an intercept.
 *
 * Threads: one object may be changed by one thread at a time; reading is safe from many while nobody changes it.
 */
#ifndef LOYALTY_PATHS_H
#define LOYALTY_PATHS_H

#include <loyalty/base.h>

LOY_BEGIN_DECLS

typedef struct loy_paths loy_paths;

/** Most bytes of a variable's, label's or definition's name. */
#define LOY_VARIABLE_NAME_MAX 63
/** Most variables (items, constructs, products), terms and definitions. */
#define LOY_VARIABLES_MAX   1024
#define LOY_TERMS_MAX       8192
#define LOY_DEFINITIONS_MAX 256

/** The relation a term states. */
enum {
	LOY_TERM_MEASURED = 1,  /**< left =~ right: construct and its indicator. */
	LOY_TERM_COMPOSED = 2,  /**< left <~ right: composite and its part. */
	LOY_TERM_REGRESSED = 3, /**< left ~ right: outcome and predictor. */
	LOY_TERM_COVARIES = 4,  /**< left ~~ right. */
	LOY_TERM_INTERCEPT = 5  /**< left ~ 1; right is left. */
};

/** What a variable is. */
enum {
	LOY_VARIABLE_ITEM = 0,      /**< Observed: a column of the data. */
	LOY_VARIABLE_CONSTRUCT = 1, /**< Stands left of =~ or <~. */
	LOY_VARIABLE_PRODUCT = 2    /**< of two variables. */
};

/** How a coefficient of a term is treated. */
enum {
	LOY_TERM_DEFAULT = 0, /**< As the method has it: free, but for what sets scales. */
	LOY_TERM_FIXED = 1,   /**< At `value`. */
	LOY_TERM_FREED = 2    /**< `NA*`: free where it would be fixed. */
};

typedef struct loy_term {
	uint32_t struct_size;  /**< sizeof(loy_term) in the caller's build. */
	uint32_t relation;     /**< LOY_TERM_MEASURED, … */
	uint32_t left, right;  /**< Variables. */
	uint32_t treatment;    /**< LOY_TERM_DEFAULT, … */
	uint32_t line, column; /**< Where it stands in the text, from 1; 0 when it was built. */
	uint32_t reserved;
	double value; /**< Of a fixed coefficient, else 0. */
	const char *
	        label; /**< Terminated; NULL: none. Equal labels: equal coefficients. Lives as long as the paths. */
} loy_term;

typedef struct loy_variable {
	uint32_t struct_size;   /**< sizeof(loy_variable) in the caller's build. */
	uint32_t kind;          /**< LOY_VARIABLE_ITEM, … */
	uint32_t first, second; /**< Variables a product is made of; else 0. */
	const char *name;       /**< Terminated; "a:b" of a product. Lives as long as the paths. */
} loy_variable;

/** Empty paths, to be built. NULL @p memory: malloc. @return LOY_OK, LOY_EINVAL or LOY_ENOMEM. */
LOY_API loy_status loy_paths_create(loy_paths **out, const loy_allocator *memory);
/**
 * From text of @p length bytes (at most LOY_MODEL_TEXT_MAX). @return as loy_model_create(), with line, column, byte and
 * what was expected in @p error; LOY_ECYCLE names the cycle.
 */
LOY_API loy_status loy_paths_parse(loy_paths **out, const char *text, size_t length,
                                   const loy_allocator *memory, loy_error *error);
/** Release. NULL is allowed. Never fails. */
LOY_API void loy_paths_destroy(loy_paths *paths);
/** Canonical text: parsing it gives equal paths. @return LOY_OK, LOY_EINVAL or LOY_EBUFFER with *needed. */
LOY_API loy_status loy_paths_print(const loy_paths *paths, char *buffer, size_t capacity, size_t *needed);

/**
 * Add a term: names are terminated; new ones become variables, "a:b" a product. @p label may be NULL; @p value counts
 * when @p treatment is LOY_TERM_FIXED. @return LOY_OK, LOY_EINVAL, LOY_EUTF8, LOY_ESYNTAX (not a name), LOY_ENAME (the
 * term is there already; an indicator of itself), LOY_ERANGE (value not finite), LOY_ELIMIT or LOY_ENOMEM, with
 * nothing changed.
 */
LOY_API loy_status loy_paths_add(loy_paths *paths, uint32_t relation, const char *left, const char *right,
                                 uint32_t treatment, double value, const char *label, loy_error *error);
/**
 * Define a quantity (`name := expression`) by labels and earlier definitions. @p error has positions in the
 * text. @return LOY_OK, LOY_EINVAL, LOY_EUTF8, LOY_ESYNTAX, LOY_ENAME, LOY_ELIMIT or LOY_ENOMEM: unchanged.
 */
LOY_API loy_status loy_paths_define(loy_paths *paths, const char *name, const char *expression,
                                    loy_error *error);
/**
 * Look at the whole: there are terms, every label of a definition exists, no variable "X.Z" would be read as a product
 * of constructs X and Z, and neither regressions nor constructs made of constructs form a cycle (LOY_ECYCLE, named).
 * Texts are checked when parsed; estimators check what they are given.
 * @return LOY_OK, LOY_EINVAL, LOY_ESYNTAX (no terms), LOY_ENAME, LOY_ECYCLE or LOY_ENOMEM.
 */
LOY_API loy_status loy_paths_check(const loy_paths *paths, loy_error *error);

LOY_API uint32_t loy_paths_variable_count(const loy_paths *paths);
/** LOY_ENOTFOUND beyond the last. Variables come in the order of their first mention. */
LOY_API loy_status loy_paths_get_variable(const loy_paths *paths, uint32_t index, loy_variable *out);
LOY_API loy_status loy_paths_find_variable(const loy_paths *paths, const char *name, size_t length,
                                           uint32_t *index);
LOY_API uint32_t loy_paths_term_count(const loy_paths *paths);
LOY_API loy_status loy_paths_get_term(const loy_paths *paths, uint32_t index, loy_term *out);
LOY_API uint32_t loy_paths_definition_count(const loy_paths *paths);
/** Name and expression (canonical) of a definition; live as long as the paths. LOY_ENOTFOUND beyond the last. */
LOY_API loy_status loy_paths_get_definition(const loy_paths *paths, uint32_t index, const char **name,
                                            const char **expression);

LOY_END_DECLS
#endif
