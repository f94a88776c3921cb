/*
 * Tills for tests of stores that exchange events: stores on files in memory that are opened, closed, copied and
 * restored, and bundles on their way between them.
 */
#ifndef LOY_TESTS_TILLS_H
#define LOY_TESTS_TILLS_H

#include "stores.h"

/* Bytes of a bundle, a version vector or a page; the caller frees `data`. */
struct bytes {
	uint8_t *data;
	size_t size;
};
/* A sink that appends to a struct bytes. */
int32_t bytes_keep(const void *data, size_t size, void *bytes);

/* Files of a directory, as they were. */
struct files_copy {
	uint32_t count;
	struct {
		char name[LOY_FILE_NAME_MAX + 1];
		struct bytes content;
	} file[64];
};
void files_save(const loy_files *files, struct files_copy *copy);
/* Make the directory hold these files and no others. */
void files_restore(const loy_files *files, const struct files_copy *copy);
void files_free(struct files_copy *copy);
/* How many files hold these bytes somewhere. */
unsigned files_holding(const loy_files *files, const void *bytes, size_t size);

struct till {
	loy_files files;
	const loy_model *model;
	uint32_t flags, durability;
	const uint8_t *pseudonym_key;
	loy_store *store; /* NULL while closed */
};
/* Files from `seed` and a store on them. */
void till_create(struct till *till, const loy_model *model, uint64_t seed);
void till_open(struct till *till);
void till_close(struct till *till);
void till_destroy(struct till *till);
struct bytes till_vector(const struct till *till);
/* What a store with version vector `since` lacks; returns `complete`. */
uint32_t till_export(const struct till *till, const struct bytes *since, uint64_t limit, struct bytes *bundle);
loy_import_result till_import(struct till *till, const struct bytes *bundle);
/* All that `from` has and `to` has not. */
void till_send(const struct till *from, struct till *to);
/* Compaction to its end. */
void till_compact(struct till *till);

#endif
