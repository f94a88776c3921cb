/* What fault_files.c and fault_medium.c share: contents by pages, and what of them is not synced. */
#ifndef LOY_TESTS_FAULT_MEDIUM_H
#define LOY_TESTS_FAULT_MEDIUM_H

#include "numeric/numeric.h"

#define SECTOR 512u
#define BLOCK  4096u /* what a medium without power-safe overwriting damages */
#define PAGE   1024u /* two sectors: cheap to copy */
#define FILES  48u   /* most files there are at a time, those without a name included */
#define NAMES  256u  /* most names ever used */

/* Pages and tables are shared by all that hold the same bytes, and copied when one of them writes. */
struct page {
	uint32_t holders;
	struct page *next_free;
	uint8_t bytes[PAGE];
};

struct table {
	uint32_t holders, count;
	struct page *page[]; /* NULL: zeros */
};

struct content {
	struct table *table; /* NULL: no pages */
	uint64_t size;       /* bytes beyond it are zeros in the pages */
};

/* An operation that is not synced; each holds the one before it. */
enum { CHANGE_WRITE = 1, CHANGE_RESIZE, CHANGE_LINK, CHANGE_UNLINK };
struct change {
	uint32_t holders, type;
	struct change *before;
	uint64_t offset;           /* of a write */
	uint64_t size, size_after; /* of what is written; of the file then, or what it was cut to */
	uint16_t name, gone, node; /* of a link: the name, the name it had or NAMES, the file; of an unlink: the name */
	int zeros;                 /* what is written is nothing but zeros: no bytes */
	uint8_t bytes[];
};

/* A file: what a process sees, what is on the medium, and what lies between. */
struct node {
	struct content seen, kept;
	struct change *changes; /* the latest */
	uint32_t used;
	uint32_t locked;
};

struct names {
	uint32_t count;
	struct {
		uint16_t name, node;
	} entry[FILES];
};

/* All of a medium. */
struct medium {
	struct names seen, kept;
	struct change *changes;
	uint32_t nodes; /* node[nodes …] were never used */
	struct node node[FILES];
};

struct pool {
	struct page *free;
	struct slab *slabs;
};

void pool_release(struct pool *pool);

void content_write(struct pool *pool, struct content *c, uint64_t offset, const uint8_t *bytes, uint64_t size);
void content_resize(struct pool *pool, struct content *c, uint64_t size);
void content_read(const struct content *c, uint64_t offset, uint8_t *out, uint64_t size);
/* c becomes what `from` is. */
void content_share(struct pool *pool, struct content *c, const struct content *from);

void change_add(struct change **latest, struct change *change);
struct change *change_create(uint32_t type, uint64_t bytes);
void changes_drop(struct change **latest);

void medium_copy(struct pool *pool, struct medium *to, const struct medium *from);
void medium_clear(struct pool *pool, struct medium *m);
/* A node nobody uses; `held` says whether a handle holds one. Fails the test when there is none. */
uint16_t medium_node(struct pool *pool, struct medium *m, const uint8_t *held);
int names_find(const struct names *names, uint16_t name);
/* Bind a name to a file, or to none. */
void names_link(struct names *names, uint16_t name, uint16_t node);
void names_unlink(struct names *names, uint16_t name);

/* All changes of a file reach the medium. */
void medium_sync(struct pool *pool, struct node *node);
void medium_sync_names(struct medium *m);

/* How rough a cut is. */
struct roughness {
	int unsafe_sectors, gentle;
};
/* A part of the changes of a file, by chance, reaches the medium; the rest is forgotten. */
void medium_tear(struct pool *pool, struct node *node, const struct roughness *how, loy__random *chance);
/* The power fails: what is seen is what is on the medium after that. */
void medium_crash(struct pool *pool, struct medium *m, const struct roughness *how, loy__random *chance);

#endif
