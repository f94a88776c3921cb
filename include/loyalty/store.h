/**
 * @file loyalty/store.h
 * @brief A store is a customer base: profiles by customer, and the identities of the events they hold.
 *
 * A store lives in memory, or on a directory of files where every event that was acknowledged survives
 * (loy_store_open(); `loyalty/journal.h` says how it lives there, `loyalty/sync.h` how stores exchange
 * events, `loyalty/privacy.h` erasure, consent and export). The calls are the same. Recording an event finds
 * or creates its customer, refuses what it has seen before and adds the event to the customer's profile.
 *
 * Order: rows of a store are its customers, those with numbers first, ascending, then those with keys,
 * ascending bytewise. Row numbers hold until customers are added or erased. Results do not depend on the
 * order of recording, on the number of threads or on how work was split.
 *
 * Identity: by default each event's 128-bit identity and 64-bit digest are remembered for as long as the
 * store lives (about 9 bytes an event when devices count, loy_event_set_sequence(), else about 30). The same
 * identity with the same content is LOY_EDUPLICATE, with other content LOY_ECONFLICT: the first stays. Events
 * without identity are always recorded. Callers that vouch for their events may switch the check off
 * (LOY_STORE_TRUSTED).
 *
 * Stores on files find the contents of identities that devices count up in their journal, and keep next to
 * nothing of them in memory; of several contents of an identity they keep all and count the one with the
 * smallest digest, whichever came first.
 *
 * Statuses of stores on files: any call may return LOY_EIO (files that failed before), and each that changes
 * something LOY_EREADONLY (opened for reading), LOY_EFULL, LOY_EIO or LOY_EDAMAGED (what is known already
 * cannot be read back). This is not said again with each.
 *
 * Threads: one thread changes a store at a time and nobody reads meanwhile; between changes any number of
 * threads may read (the calls that take a const store). Calls with a `threads` option start that many and
 * join them before they return; the caller's allocator is used by the calling thread only.
 */
#ifndef LOYALTY_STORE_H
#define LOYALTY_STORE_H

#include <loyalty/files.h>
#include <loyalty/scorecard.h>

LOY_BEGIN_DECLS

typedef struct loy_store loy_store;

/** Flags of a store. */
enum {
	/** Do not remember event identities: the caller never records an event twice. In memory only. */
	LOY_STORE_TRUSTED = 1,
	/** Open existing files for reading; nothing is written, not even what recovery finds. */
	LOY_STORE_READ_ONLY = 2,
	/** Accept files whose profiles follow another schema: they are built again from the events. */
	LOY_STORE_REBUILD = 4,
	/** Keep no hash chain over the journal (see loy_store_verify()). Chosen when the files are made. */
	LOY_STORE_UNCHAINED = 8,
	/** Pad each commit to 4096 bytes: for media that may damage a sector they are rewriting. */
	LOY_STORE_PADDED = 16
};

/** When what was recorded is on the medium. */
enum {
	LOY_DURABLE_EACH = 0,  /**< Each call that records or changes returns after the sync. */
	LOY_DURABLE_GROUP = 1, /**< After group_events, group_microseconds (loy_store_tick()) or a commit. */
	LOY_DURABLE_CALLER = 2 /**< When the caller commits. */
};

/** Creation options. Zero the struct and set struct_size. */
typedef struct loy_store_options {
	uint32_t struct_size;   /**< sizeof(loy_store_options) in the caller's build. */
	uint32_t flags;         /**< LOY_STORE_… */
	uint64_t customers;     /**< Room made at once for this many customers (no growth until then). */
	uint64_t events;        /**< Room made at once for this many event identities. */
	uint64_t profile_bytes; /**< Bytes of profiles made at once; 0: as they come. */
	uint64_t memory_limit;  /**< Most bytes the store may hold; LOY_ELIMIT beyond. 0: no limit. */
	/* What follows is for stores on files. */
	const loy_files *files;      /**< Where the files are; NULL: the path. Copied; user_data outlives the
					  store. */
	uint64_t files_limit;        /**< Most bytes of files; LOY_EFULL beyond. 0: no limit. Beside them
					  lies, while erased content is taken out of one, its copy. */
	uint64_t segment_bytes;      /**< Of one journal file: 64 KiB to 64 MiB, a multiple of 4096; 0: 4 MiB.
					  */
	uint32_t durability;         /**< LOY_DURABLE_… */
	uint32_t group_events;       /**< Group commit: most events that wait; 0: 1000. */
	int64_t group_microseconds;  /**< Group commit: longest wait by the clock passed to loy_store_tick();
					  0: 50,000. */
	/**
	 * 16 secret bytes: numbers and keys of customers are replaced on their way in by keyed hashes
	 * (SipHash-1-3, 64 bits for numbers, 128 for keys), so files, bundles and memory hold pseudonyms
	 * only. Every later opening, and every store that exchanges events, needs the same bytes: LOY_EINVAL
	 * otherwise. NULL: none.
	 */
	const uint8_t *pseudonym_key;
	loy_progress progress;       /**< Told while opening takes long; cancelling ends it with
					  LOY_ECANCELLED. */
	void *user_data;             /**< For progress. */
	uint32_t threads;            /**< Opening: 2 or more look at profiles on another thread while the
					  caller's reads the snapshot, and the result is the same; 0 means 1.
					  At most 256. Takes some megabytes more meanwhile. */
	uint32_t reserved;
} loy_store_options;

/**
 * Create an empty store in memory, for events of @p model's schema; the model must outlive it.
 * Options for stores on files must be zero. @return LOY_OK, LOY_EINVAL, LOY_ENOMEM or LOY_ELIMIT.
 */
LOY_API loy_status loy_store_create(loy_store **out, const loy_model *model, const loy_store_options *options,
                                    const loy_allocator *memory);
/**
 * Release a store. NULL is allowed. Never fails; a store on files gives its lock back and keeps what was
 * committed, so who groups commits calls loy_store_commit() before and looks at its status.
 */
LOY_API void loy_store_destroy(loy_store *store);

/** Figures of a store. */
typedef struct loy_store_stats {
	uint32_t struct_size; /**< sizeof(loy_store_stats) in the caller's build. */
	uint32_t reserved;
	uint64_t customers;     /**< Customers with a profile. */
	uint64_t events;        /**< Events recorded, less those taken back; merging adds the other's. Those
				     erased since count until profiles are made from the journal without
				     them. */
	uint64_t duplicates;    /**< Events refused as duplicates. */
	uint64_t conflicts;     /**< Events refused as conflicts. */
	uint64_t memory;        /**< Bytes held from the allocator. */
	uint64_t profile_bytes; /**< Of these, in the profiles of customers. */
	uint64_t identity_bytes;/**< Of these, in event identities. */
	/* Of stores on files; else 0. */
	uint64_t pending;        /**< Records accepted and not yet committed. */
	uint64_t records;        /**< Records of the journal: events, erasures, aliases, …, those pending
				      included. */
	uint64_t erased_events;  /**< Of these, events whose content was erased. */
	uint64_t erased_customers;/**< Erasures in force. */
	uint64_t aliases;        /**< Customers that are part of another. */
	uint64_t open_conflicts; /**< Identities with more than one content. */
	uint64_t journal_bytes;  /**< Of all journal files. */
	uint64_t snapshot_bytes; /**< Of the snapshots kept. */
	uint64_t snapshot_records;/**< Records the newest snapshot holds: opening replays the others. */
} loy_store_stats;
/** @return LOY_OK, LOY_EINVAL or LOY_EIO (files that failed before). */
LOY_API loy_status loy_store_get_stats(const loy_store *store, loy_store_stats *out);
/** The model the store was created with. NULL for NULL. */
LOY_API const loy_model *loy_store_model(const loy_store *store);

/**
 * Record one event. @return LOY_OK; LOY_EDUPLICATE or LOY_ECONFLICT (not recorded); what loy_profile_record()
 * returns; LOY_EINVAL also for an event without a customer; LOY_ELIMIT (memory_limit). On failure nothing
 * has changed but the counts of duplicates and conflicts. On files also LOY_EERASED (only the identity is kept),
 * LOY_EREADONLY, LOY_EFULL, LOY_EIO and LOY_EDAMAGED; and LOY_ECONFLICT means there that the event was kept
 * beside the other, and is the one that counts if its digest is the smaller.
 */
LOY_API loy_status loy_store_record(loy_store *store, const loy_event *event, loy_error *error);
/**
 * Take an event back (loy_profile_retract()); its identity stays known, so it cannot be recorded again. A
 * store in memory keeps no events: whether this one was recorded, or taken back before, is for the caller
 * to know. Stores on files know what was taken back (LOY_EDUPLICATE) where events have identities. @return
 * as loy_store_record(), or LOY_ENOTFOUND: no such customer.
 */
LOY_API loy_status loy_store_retract(loy_store *store, const loy_event *event, loy_error *error);

/** Options of batch calls. Zero the struct and set struct_size; NULL means the defaults. */
typedef struct loy_batch_options {
	uint32_t struct_size;  /**< sizeof(loy_batch_options) in the caller's build. */
	uint32_t threads;      /**< Threads to record, score and rank with, the caller's included; 0 means 1.
				    At most 256. The result does not depend on them. */
	int64_t latest_time;   /**< Recording: later events are refused with LOY_EFUTURE; 0: none are. */
	loy_progress progress; /**< Called now and then; NULL: never. */
	void *user_data;       /**< For progress. */
	/**
	 * Scoring, ranking: customers whose latest consent event does not grant this LOY_PURPOSE_… have
	 * scores like those of nobody at all (unknown) and meet no filter; 0: consent is not asked for.
	 */
	uint32_t purpose;
	uint32_t reserved;
} loy_batch_options;

/** What became of a batch. */
typedef struct loy_batch_result {
	uint32_t struct_size; /**< sizeof(loy_batch_result) in the caller's build. */
	uint32_t reserved;
	uint64_t recorded;
	uint64_t duplicates;
	uint64_t conflicts;
	uint64_t refused;      /**< Rows with any other status. */
	int64_t first_refused; /**< First such row; -1 if none. */
} loy_batch_result;

/**
 * Record a table of events. A row that fails does not stop the others; its status goes to
 * row_status[row] (NULL allowed) and the first failure that is neither duplicate nor conflict to @p error.
 * Which rows are recorded, and their statuses, are as if they came one after the other; in long tables of
 * integers the rows of a customer are recorded together, which makes no other difference than this: after
 * LOY_ENOMEM or LOY_ELIMIT the rows that were recorded need not be the first ones. After these and
 * LOY_ECANCELLED the rows that were tried are as their statuses say, and those not tried have the call's
 * status; sending the whole table again is safe when events carry identities.
 *
 * Such tables, of more than 8,192 rows, of stores in memory are recorded on as many threads as
 * loy_batch_options says, at most 8; new customers and all events but purchases by the calling thread, which
 * is also the only one that asks for memory. Others are recorded on the calling thread.
 *
 * The first call makes room for a block of rows (some 40 KiB) that is kept. Tables of 512 rows and more take 44
 * bytes a row until the call returns, of 131,072 rows at a time or of as many as an eighth of what the store
 * holds has room for, but no more than an eighth of what the limit leaves, and 280 KiB a thread where there are
 * several; or they do without. In stores on files the journal has the rows that were recorded, in their order;
 * tables of 16 rows and more take some 25 to 45 KiB.
 * @return LOY_OK, LOY_EINVAL (columns), LOY_ENOMEM, LOY_ELIMIT or LOY_ECANCELLED; on files also LOY_EREADONLY,
 * LOY_EFULL or LOY_EIO.
 */
LOY_API loy_status loy_store_record_columns(loy_store *store, const loy_column *columns, uint32_t column_count,
                                            uint64_t rows, const loy_batch_options *options, loy_status *row_status,
                                            loy_batch_result *result, loy_error *error);

/** Number of customers, that is rows. 0 for NULL. */
LOY_API uint64_t loy_store_count(const loy_store *store);
/**
 * Put the rows in order after changes, so that const calls can use them. Calls that take a row or score all
 * return LOY_ESTATE when customers were added or erased since. Sorts in place and asks for no memory.
 * @return LOY_OK or LOY_EINVAL.
 */
LOY_API loy_status loy_store_sort(loy_store *store);
/**
 * Row of a customer, by number or key. @return LOY_OK, LOY_EINVAL, LOY_ESTATE (not sorted) or LOY_ENOTFOUND.
 */
LOY_API loy_status loy_store_find(const loy_store *store, uint64_t customer, uint64_t *row);
LOY_API loy_status loy_store_find_key(const loy_store *store, const char *key, size_t length, uint64_t *row);
/**
 * Who a row is: *customer is 0 for a customer with a key, *key_length 0 for one with a number. Text is copied.
 * @return LOY_OK, LOY_EBUFFER, or here and in what follows by row LOY_EINVAL (also for rows there are not),
 * LOY_ESTATE (not sorted) or LOY_EIO (files that failed before).
 */
LOY_API loy_status loy_store_customer(const loy_store *store, uint64_t row, uint64_t *customer, char *key,
                                      size_t capacity, size_t *key_length);
/** Numbers of @p count rows from @p first; customers with keys give 0. */
LOY_API loy_status loy_store_customers(const loy_store *store, uint64_t first, uint64_t count, uint64_t *customers);
/**
 * Keys of @p count rows from @p first, laid out as LOY_COLUMN_TEXT has them: the bytes of all, without zeroes
 * between, in @p text, those of row first + i from offsets[i] to offsets[i + 1]. @p offsets has count + 1
 * elements; customers with numbers have no bytes. *needed gets the bytes of all. LOY_EBUFFER: nothing is written.
 */
LOY_API loy_status loy_store_keys(const loy_store *store, uint64_t first, uint64_t count, char *text,
                                  size_t capacity, size_t *needed, int64_t *offsets);
/**
 * One profile field of @p count rows from @p first, as loy_profile_get() gives it: values[i] of row first +
 * i, and in row_status[i] (NULL allowed) LOY_OK or LOY_EUNKNOWN, the value then being 0. @return LOY_OK,
 * LOY_EINVAL (also for a field or key that cannot be asked), LOY_ETIME or LOY_ESTATE.
 */
LOY_API loy_status loy_store_values(const loy_store *store, uint32_t field, uint64_t key, int64_t time,
                                    uint64_t first, uint64_t count, loy_value *values, loy_status *row_status);
/** Copy the profile of a row into the caller's. LOY_ESCHEMA or LOY_ENOMEM: unchanged. */
LOY_API loy_status loy_store_profile(const loy_store *store, uint64_t row, loy_profile *out);
/**
 * Copy a customer's profile without a row, hence without LOY_ESTATE. Here and in what follows @p customer
 * is the number, or 0 when the key is meant. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND, LOY_ESCHEMA or
 * LOY_ENOMEM: unchanged.
 */
LOY_API loy_status loy_store_profile_of(const loy_store *store, uint64_t customer, const char *key, size_t length,
                                        loy_profile *out);
/**
 * Merge a profile into a customer's, creating the customer when needed: an empty profile only creates. Event
 * identities are not touched, so the same profile merged again counts again.
 * @return LOY_OK, LOY_EINVAL, LOY_ELIMIT (a key too long, memory_limit), LOY_EUTF8, LOY_ESCHEMA,
 * LOY_EOVERFLOW, LOY_ENOMEM, or LOY_EERASED on files.
 */
LOY_API loy_status loy_store_merge_profile(loy_store *store, uint64_t customer, const char *key, size_t length,
                                           const loy_profile *profile);
/**
 * Merge another store of the same schema, both in memory: profiles are added and event identities united.
 * Profiles are sums, so an event held by both would count twice: LOY_EDUPLICATE, and no change, when the two
 * share an identity (or when one of them is trusted and the other is not: LOY_ESTATE). Stores on files
 * exchange events instead, which knows no such limits (loy_store_import()): LOY_ESTATE. @return also LOY_OK,
 * LOY_EINVAL (a store and itself), LOY_ESCHEMA, LOY_EOVERFLOW, LOY_ENOMEM or LOY_ELIMIT: no change.
 */
LOY_API loy_status loy_store_merge(loy_store *store, const loy_store *from);
/**
 * Forget a customer: profile, number and key. Identities of its events stay known, so nothing comes back. In
 * a store on files this is an erasure as of LOY_TIME_MAX, see loy_store_erase_until() in `loyalty/privacy.h`.
 * @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND; on files LOY_ENOMEM or LOY_ELIMIT too.
 */
LOY_API loy_status loy_store_erase(loy_store *store, uint64_t customer, const char *key, size_t length);
/**
 * 128-bit hash of all customers and profiles in order: equal stores, equal hashes. @return LOY_OK, LOY_EINVAL,
 * LOY_ESTATE (not sorted), LOY_EIO (files that failed before) or LOY_ENOMEM.
 */
LOY_API loy_status loy_store_hash(const loy_store *store, uint64_t *high, uint64_t *low);

/**
 * Score one row (loy_scorecard_evaluate() without a copy). Consent is not asked for: whoever scores one
 * customer for a purpose asks loy_store_consent() before. @return as loy_scorecard_evaluate(), LOY_ESTATE (not
 * sorted) or LOY_EIO (files that failed before).
 */
LOY_API loy_status loy_store_evaluate(const loy_store *store, uint64_t row, loy_scorecard *card, int64_t time);
/**
 * Score rows @p first to first + count - 1 into the caller's columns (element 0 is row first). The model may
 * be any of the store's schema. @return LOY_OK, LOY_EINVAL, LOY_ENOTFOUND (no such construct), LOY_ETIME,
 * LOY_ESCHEMA, LOY_ESTATE (not sorted), LOY_ENOMEM, LOY_ECANCELLED; after that the columns are partly
 * written.
 */
LOY_API loy_status loy_store_score(const loy_store *store, const loy_model *model, int64_t time, uint64_t first,
                                   uint64_t count, const loy_score_column *columns, uint32_t column_count,
                                   const loy_batch_options *options);

/** Comparisons of filters. */
enum { LOY_LESS = 1, LOY_LESS_EQUAL = 2, LOY_EQUAL = 3, LOY_NOT_EQUAL = 4, LOY_GREATER_EQUAL = 5, LOY_GREATER = 6 };
/** Most conditions of one call. */
#define LOY_FILTERS_MAX 16
/** One condition; a customer must meet all. A customer for whom it is unknown does not meet it. */
typedef struct loy_filter {
	uint32_t struct_size; /**< sizeof(loy_filter) in the caller's build. */
	uint32_t field;       /**< LOY_PROFILE_…, or 0 to compare a score. */
	uint64_t key;         /**< Key of the field. */
	uint32_t construct;   /**< Construct to compare when field is 0. */
	uint32_t comparison;  /**< LOY_LESS, … */
	double value;         /**< Compared with the field (as a double) or with the score (points). */
} loy_filter;
/**
 * The rows that meet all filters, ranked by the value of @p construct at @p time, highest first (lowest first
 * when @p descending is 0); ties by row; customers whose score is unknown come last. At most @p capacity rows
 * go to @p rows (and their values to @p values, NULL allowed); *found gets how many meet the filters.
 * Filters have one struct_size and lie that far apart. After LOY_ECANCELLED the outputs are partly written.
 * @return as loy_store_score(), but LOY_EINVAL for constructs there are not and for a filter that cannot be
 * asked.
 */
LOY_API loy_status loy_store_rank(const loy_store *store, const loy_model *model, uint32_t construct, int64_t time,
                                  int32_t descending, const loy_filter *filters, uint32_t filter_count,
                                  uint64_t *rows, double *values, uint64_t capacity, uint64_t *found,
                                  const loy_batch_options *options);

LOY_END_DECLS
#endif
