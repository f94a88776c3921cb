/*
 * SQLite doing what a store does with purchases, where it is installed: each event is kept under its identity, and its
 * customer's sums are brought up to date. Else a peer that does nothing.
 */
#ifndef LOY_BENCH_PEER_H
#define LOY_BENCH_PEER_H

#include "purchases.h"

#if defined(LOY_HAVE_SQLITE)
#include <sqlite3.h>
#endif

#define DATABASE FOLDER ".db"

static inline void remove_database(void)
{
	unlink(DATABASE);
	unlink(DATABASE "-wal");
	unlink(DATABASE "-shm");
}

struct peer {
#if defined(LOY_HAVE_SQLITE)
	sqlite3 *db;
	sqlite3_stmt *event, *customer;
#else
	int none;
#endif
};

#if defined(LOY_HAVE_SQLITE)
static inline void sql(sqlite3 *db, const char *text)
{
	need(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static inline void prepare(const struct peer *peer, const char *text, sqlite3_stmt **out)
{
	need(sqlite3_prepare_v2(peer->db, text, -1, out, NULL) == SQLITE_OK, text);
}

static inline void peer_open(struct peer *peer, const char *path)
{
	need(sqlite3_open(path, &peer->db) == SQLITE_OK, "sqlite3_open");
	sql(peer->db, "PRAGMA journal_mode=WAL"); /* memory has none */
	sql(peer->db, "PRAGMA synchronous=FULL");
	sql(peer->db, "CREATE TABLE event(device INTEGER, sequence INTEGER, customer INTEGER, time INTEGER, "
	              "amount INTEGER, PRIMARY KEY(device, sequence)) WITHOUT ROWID");
	sql(peer->db, "CREATE TABLE customer(id INTEGER PRIMARY KEY, count INTEGER, sum INTEGER, squares "
	              "INTEGER, first INTEGER, last INTEGER)");
	prepare(peer, "INSERT INTO event VALUES(?, ?, ?, ?, ?)", &peer->event);
	prepare(peer,
	        "INSERT INTO customer VALUES(?1, 1, ?2, ?2 * ?2, ?3, ?3) ON CONFLICT(id) DO UPDATE SET count "
	        "= count + 1, sum = sum + ?2, squares = squares + ?2 * ?2, first = min(first, ?3), last = "
	        "max(last, ?3)",
	        &peer->customer);
}

static inline void peer_record(const struct peer *peer, const struct work *w, uint64_t first, uint64_t count)
{
	uint64_t i;

	sql(peer->db, "BEGIN");
	for (i = first; i < first + count; i++) {
		sqlite3_bind_int64(peer->event, 1, (sqlite3_int64)device);
		sqlite3_bind_int64(peer->event, 2, (sqlite3_int64)w->sequence[i]);
		sqlite3_bind_int64(peer->event, 3, (sqlite3_int64)w->customer[i]);
		sqlite3_bind_int64(peer->event, 4, w->time[i]);
		sqlite3_bind_int64(peer->event, 5, w->amount[i]);
		need(sqlite3_step(peer->event) == SQLITE_DONE, "insert");
		sqlite3_reset(peer->event);
		sqlite3_bind_int64(peer->customer, 1, (sqlite3_int64)w->customer[i]);
		sqlite3_bind_int64(peer->customer, 2, w->amount[i]);
		sqlite3_bind_int64(peer->customer, 3, w->time[i]);
		need(sqlite3_step(peer->customer) == SQLITE_DONE, "upsert");
		sqlite3_reset(peer->customer);
	}
	sql(peer->db, "COMMIT");
}

static inline void peer_close(struct peer *peer)
{
	sqlite3_finalize(peer->event);
	sqlite3_finalize(peer->customer);
	sqlite3_close(peer->db);
}
#else
static inline void peer_open(struct peer *peer, const char *path)
{
	(void)path;
	peer->none = 1;
}

static inline void peer_record(const struct peer *peer, const struct work *w, uint64_t first, uint64_t count)
{
	(void)peer;
	(void)w;
	(void)first;
	(void)count;
}

static inline void peer_close(struct peer *peer)
{
	(void)peer;
}
#endif

#endif
