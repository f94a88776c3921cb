/* The facts of the committed journal in order, erased ones without their content. */
#include "store/ledger_state.h"

#include <string.h>

struct loy__fact_reader {
	loy_store *store;
	loy__journal_reader *reader;
	loy__tagging tagging;
	uint8_t gone[LOY__GONE_SIZE];
};

/* Numbers of a store's own records count up from the announcement of their life: reading begins where one is sure. */
loy_status loy__fact_reader_create(loy__fact_reader **out, loy_store *store, loy_error *error)
{
	loy__fact_reader *reader = loy__alloc_zero(&store->memory, sizeof(*reader));
	loy_status status;

	*out = NULL;
	if (reader == NULL)
		return loy__fail(error, LOY_ENOMEM, "out of memory");
	reader->store = store;
	status = loy__journal_reader_create(&reader->reader, store->ledger->journal, 1, error);
	if (status != LOY_OK) {
		loy__free(&store->memory, reader, sizeof(*reader));
		return status;
	}
	*out = reader;
	return LOY_OK;
}

void loy__fact_reader_destroy(loy__fact_reader *reader)
{
	loy__journal_reader_destroy(reader->reader);
	loy__free(&reader->store->memory, reader, sizeof(*reader));
}

int loy__fact_erased(const loy_store *store, const loy__fact *fact, loy__glance *glance)
{
	const loy__erasures *erasures = &store->ledger->erasures;

	if (erasures->index.live == 0 || fact->type == LOY_RECORD_ERASE || fact->type == LOY_RECORD_GONE)
		return 0;
	loy__ref_hash(store, &glance->who);
	if (loy__erasures_until(erasures, glance->who.hash) >= glance->time)
		return 1;
	if (fact->type != LOY_RECORD_ALIAS || (glance->whole.number == 0 && glance->whole.length == 0))
		return 0;
	loy__ref_hash(store, &glance->whole);
	return loy__erasures_until(erasures, glance->whole.hash) >= glance->time;
}

size_t loy__fact_bury(loy__fact *fact, const loy__glance *glance, uint8_t *gone)
{
	loy__writer w;

	loy__writer_over(&w, gone, LOY__GONE_SIZE);
	if (glance->high != 0 || glance->low != 0) {
		loy__write_u64(&w, glance->high);
		loy__write_u64(&w, glance->low);
	}
	fact->type = LOY_RECORD_GONE;
	fact->variant = fact->again = 0;
	fact->body = gone;
	fact->size = w.size;
	return w.size;
}

loy_status loy__fact_reader_next(loy__fact_reader *reader, loy__fact *out, loy_error *error)
{
	loy__record_view view;
	loy__glance glance;
	loy_status status;

	for (;;) {
		status = loy__journal_reader_next(reader->reader, &view, error);
		if (status != LOY_OK)
			return status;
		if (!loy__fact_from_record(&reader->tagging, &view, out))
			continue;
		status = loy__fact_look(out, &glance, error);
		if (status != LOY_OK)
			return status;
		if (loy__fact_erased(reader->store, out, &glance))
			(void)loy__fact_bury(out, &glance, reader->gone);
		return LOY_OK;
	}
}

loy_status loy__ledger_event_at(loy_store *store, uint64_t position, loy_event *out, loy_error *error)
{
	loy__journal_reader *reader;
	loy__tagging tagging = {0, 0};
	loy__record_view view;
	loy__glance glance;
	loy__fact fact;
	loy_status status = loy__journal_reader_create(&reader, store->ledger->journal, position, error);

	if (status != LOY_OK)
		return status;
	status = loy__journal_reader_next(reader, &view, error);
	if (status == LOY_OK &&
	    (!loy__fact_from_record(&tagging, &view, &fact) ||
	     (fact.type != LOY_RECORD_EVENT && fact.type != LOY_RECORD_RETRACT) ||
	     loy__fact_glance(&fact, &glance) != LOY_OK || loy__fact_erased(store, &fact, &glance)))
		status = loy__fail(error, LOY_ENOTFOUND, "there is no event at this place of the journal");
	if (status == LOY_OK)
		status = loy__fact_event(&fact, out, error);
	loy__journal_reader_destroy(reader);
	return status;
}
