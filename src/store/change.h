/* A change being prepared: facts that change what others mean. Only change.c, contest.c and regroup.c include this. */
#ifndef LOY_STORE_CHANGE_H
#define LOY_STORE_CHANGE_H

#include "store/ledger_state.h"

/* What becomes of a row. */
struct loy__revised_row {
	loy__ref who;
	loy__record *record; /* the row's from then on */
	uint8_t *key;        /* block for a new row */
	int drop;
	int fresh; /* the record was made for this change */
};

typedef struct loy__revision {
	loy_store *store;
	struct loy__ledger *ledger;
	int64_t *raised;        /* for each that waits: the time of an erasure before, when it was raised */
	size_t raised_count;    /* of those that wait, looked at */
	size_t statements;      /* before */
	loy__contents contents; /* those of before, while the new ones are the ledger's */
	int swapped;
	int contested; /* there are contents among those that wait */
	loy__agains agains;
	struct loy__revised_row *row;
	size_t rows, row_capacity;
	uint32_t parties; /* elements of the arrays of parties; 0: groups stay as they are */
	uint32_t *root, *scratch;
	uint8_t *grouped, *touched;
	struct loy__own {
		loy__record *record; /* what is its own sum then; borrowed */
		int exists;
	} * own;
} loy__revision;

/* A fact that waits: whoever let it wait has had a glance at it, so this one cannot fail. */
static inline loy__fact loy__waiting_look(const loy__waiting *w, loy__glance *glance)
{
	loy__fact fact = {.type = w->type, .position = w->position, .body = w->body, .size = w->size};

	(void)loy__fact_glance(&fact, glance);
	return fact;
}
/* contest.c: which contents count then; fills in `settled` of what waits and marks whom that concerns. */
loy_status loy__revision_contents(loy__revision *change, loy_error *error);
/* Somebody is made again. */
loy_status loy__revision_again(loy__revision *change, const uint64_t hash[2]);
/* regroup.c: who is part of whom then, and what rows become. */
loy_status loy__revision_groups(loy__revision *change, loy_error *error);
void loy__revision_install_groups(loy__revision *change);
/* change.c: plan what becomes of a row; the record is borrowed unless `fresh`. */
loy_status loy__revision_row(loy__revision *change, const loy__ref *who, loy__record *record, int drop,
                             int fresh);
loy__customer *loy__revision_find_row(const loy__revision *change, const loy__ref *who,
                                      loy__customers **table, uint32_t *entry);

#endif
