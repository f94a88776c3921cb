/*
 * Files on a medium that can be cut off, fill up, fail and lie: a model of a disk and of the operating system's cache
 * above it, in memory, repeatable from its seed.
 *
 * What a process sees is the cache. What a power cut leaves is the medium plus any part of what was not synced: of
 * unsynced writes any subset in any order, each 512-byte sector of a written range old, new, torn inside, zeros or
 * garbage; sizes old, new or between; of unsynced creates, renames and removes any subset. Bytes beside a written
 * range stay as they were, unless UNSAFE_SECTORS is set. Only sync() and sync_directory() make things sure.
 *
 * A test of crashes:
 *
 *	struct fault_files *disk = fault_create(seed);
 *	loy_files files = fault_as_files(disk);
 *	fault_arm(disk, &(struct fault){.kinds = FAULT_CHANGES, .at = n, .action = FAULT_CUT});
 *	… work until it fails; destroy the store …
 *	fault_crash(disk, seed + n);
 *	… open the store again, on the same files …
 *
 * To cut one run at every operation, watch it: fault_watch() calls a function before each operation, which keeps
 * fault_save() images; later each is restored, cut with as many seeds as one likes, and recovered.
 */
#ifndef LOY_TESTS_FAULT_FILES_H
#define LOY_TESTS_FAULT_FILES_H

#include <loyalty/files.h>

struct fault_files;
struct fault_image;

/* Kinds of operations; faults and counters take sums of them. */
enum {
	FAULT_OPEN = 1,    /* of what is there: reading, writing, locking */
	FAULT_CREATE = 2,  /* of a new file, or emptying one */
	FAULT_READ = 4,
	FAULT_WRITE = 8,
	FAULT_SIZE = 16,
	FAULT_RESIZE = 32,
	FAULT_SYNC = 64,
	FAULT_RENAME = 128,
	FAULT_REMOVE = 256,
	FAULT_SYNC_DIRECTORY = 512,
	FAULT_LIST = 1024,
	FAULT_ENTROPY = 2048,
	FAULT_ALL = 4095,
	/* What leaves traces: cutting before any other operation is cutting before the next one of these. */
	FAULT_CHANGES = FAULT_CREATE | FAULT_WRITE | FAULT_RESIZE | FAULT_SYNC | FAULT_RENAME | FAULT_REMOVE |
	                FAULT_SYNC_DIRECTORY
};

/* What happens at an operation. */
enum {
	FAULT_FAIL = 1, /* returns `status` and does nothing; a sync keeps or drops what was unsynced, by chance */
	FAULT_SHORT,    /* a write that writes a part and returns `status`; others as FAULT_FAIL */
	FAULT_CUT,      /* the power fails inside it: it may have happened in part, all later ones return LOY_EIO */
	FAULT_LOSE,     /* a lie: returns LOY_OK; a write never reaches the medium, a sync syncs nothing */
	FAULT_MISDIRECT /* a lie: returns LOY_OK; a write reaches another place of the same file on the medium */
};

struct fault {
	uint32_t kinds;    /* operations it may hit */
	uint32_t action;
	uint64_t at;       /* the how many'th operation of these kinds after arming, from 0 */
	int forever;       /* that one and all later ones of these kinds */
	loy_status status; /* 0 is LOY_EIO */
};

struct fault_files *fault_create(uint64_t seed);
void fault_destroy(struct fault_files *disk);
loy_files fault_as_files(struct fault_files *disk);

/* Add a fault, at most four at a time; the first that matches an operation happens. */
void fault_arm(struct fault_files *disk, const struct fault *fault);
void fault_disarm(struct fault_files *disk);
/* Operations of these kinds so far. */
uint64_t fault_count(const struct fault_files *disk, uint32_t kinds);
/* Faults that happened since arming. */
uint64_t fault_happened(const struct fault_files *disk);
/* Bytes all files together may have; UINT64_MAX is the default. What is over it is refused with LOY_EFULL. */
void fault_room(struct fault_files *disk, uint64_t bytes);
/* A cut may leave garbage in all of a 4096-byte block of which a part was being written. */
void fault_unsafe_sectors(struct fault_files *disk, int unsafe);
/* Cuts leave whole operations or nothing, in order: for counting rather than tormenting. */
void fault_gentle(struct fault_files *disk, int gentle);

/* The power fails, now or where FAULT_CUT struck, and comes back: handles and locks are gone, faults disarmed. */
void fault_crash(struct fault_files *disk, uint64_t seed);
/* The process is killed: handles and locks are gone, the cache stays. Faults are disarmed. */
void fault_kill(struct fault_files *disk);
/* 1 between a FAULT_CUT that happened and fault_crash(). */
int fault_is_cut(const struct fault_files *disk);

/* Keep all there is, what is unsynced included, and go back to it: handles and locks are gone then. */
struct fault_image *fault_save(struct fault_files *disk);
void fault_restore(struct fault_files *disk, const struct fault_image *image);
void fault_forget(struct fault_files *disk, struct fault_image *image);
/* Call `watch` before each operation of these kinds. It may save, and nothing else. NULL ends it. */
void fault_watch(struct fault_files *disk, uint32_t kinds, void (*watch)(uint32_t kind, void *user), void *user);

/* ---- damage, and looking at bytes; in cache and on the medium ---- */

/* Size of a file; UINT64_MAX when there is none. */
uint64_t fault_file_size(const struct fault_files *disk, const char *name);
/* Names in the directory, by number from 0; NULL after the last. */
const char *fault_file_name(const struct fault_files *disk, uint32_t number);
uint8_t fault_file_byte(const struct fault_files *disk, const char *name, uint64_t at);
void fault_file_flip(struct fault_files *disk, const char *name, uint64_t at, uint8_t bits);
void fault_file_cut(struct fault_files *disk, const char *name, uint64_t size);

#endif
