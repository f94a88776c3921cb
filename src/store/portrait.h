/*
 * Everything a store knows about one customer, as JSON. What there is to tell comes from the registries of profile
 * fields, event fields and the model, so that a field added there is exported too.
 *
 * portrait.c         the call; who, consents, profile
 * portrait_card.c    the scorecard
 * portrait_event.c   events, and who is part of whom
 */
#ifndef LOY_STORE_PORTRAIT_H
#define LOY_STORE_PORTRAIT_H

#include "store/json.h"
#include "store/ledger.h"

/* A number, or a key when it is 0. */
void loy__portray_who(loy__json *json, uint64_t number, const char *key, size_t length);
/* A kind of event. */
void loy__portray_kind(loy__json *json, const loy_schema *schema, uint64_t kind);
/* A currency: its three letters where it has them. */
void loy__portray_currency(loy__json *json, uint64_t code);
/* The scorecard of a record as of a time, by the store's model. LOY_ETIME, LOY_ENOMEM. */
loy_status loy__portray_card(loy__json *json, const loy_store *store, const loy__record *record,
                             int64_t time);
/* Of somebody who is part of nobody, in a store on files: who is part of them, until when they are erased … */
void loy__portray_parts(loy__json *json, const loy_store *store, const loy__ref *root);
/* … and the events of all of them. LOY_EIO, LOY_ENOMEM, LOY_EDAMAGED. */
loy_status loy__portray_events(loy__json *json, loy_store *store, const loy__ref *root, loy_error *error);

#endif
