/* The medium: shared pages, unsynced changes, and what a power cut makes of them. */
#include "support.h"
#include "fault_medium.h"

/* ---- pages ---- */

#define SLAB_PAGES 256u
struct slab {
	struct slab *next;
	struct page page[SLAB_PAGES];
};

static void *must(void *block)
{
	if (block == NULL) {
		(void)fputs("fault_medium: out of memory\n", stderr);
		exit(3);
	}
	return block;
}

static struct page *page_take(struct pool *pool)
{
	struct page *page = pool->free;

	if (page == NULL) {
		struct slab *slab = must(malloc(sizeof(*slab)));
		uint32_t i;

		slab->next = pool->slabs;
		pool->slabs = slab;
		for (i = 0; i < SLAB_PAGES; i++) {
			slab->page[i].next_free = pool->free;
			pool->free = &slab->page[i];
		}
		page = pool->free;
	}
	pool->free = page->next_free;
	page->holders = 1;
	return page;
}

static void page_drop(struct pool *pool, struct page *page)
{
	if (page != NULL && --page->holders == 0) {
		page->next_free = pool->free;
		pool->free = page;
	}
}

void pool_release(struct pool *pool)
{
	while (pool->slabs != NULL) {
		struct slab *slab = pool->slabs;

		pool->slabs = slab->next;
		free(slab);
	}
	pool->free = NULL;
}

/* ---- tables of pages ---- */

static void table_drop(struct pool *pool, struct table *table)
{
	uint32_t i;

	if (table == NULL || --table->holders > 0)
		return;
	for (i = 0; i < table->count; i++)
		page_drop(pool, table->page[i]);
	free(table);
}

/* Make a table one's own, with `count` pages. */
static void table_own(struct pool *pool, struct content *c, uint32_t count)
{
	struct table *old = c->table, *own;
	uint32_t i, before = old != NULL ? old->count : 0, kept = before < count ? before : count;

	if (old != NULL && old->holders == 1 && before == count)
		return;
	if (old != NULL && old->holders == 1) {
		for (i = count; i < before; i++)
			page_drop(pool, old->page[i]);
		own = must(realloc(old, sizeof(*own) + count * sizeof(own->page[0])));
	} else {
		own = must(malloc(sizeof(*own) + count * sizeof(own->page[0])));
		for (i = 0; i < kept; i++) {
			own->page[i] = old->page[i];
			if (own->page[i] != NULL)
				own->page[i]->holders++;
		}
		table_drop(pool, old);
	}
	for (i = kept; i < count; i++)
		own->page[i] = NULL;
	own->holders = 1;
	own->count = count;
	c->table = own;
}

static uint8_t *page_own(struct pool *pool, struct content *c, uint32_t number, int keep)
{
	struct page *old = c->table->page[number], *own = old;

	if (old == NULL || old->holders > 1) {
		own = page_take(pool);
		if (keep && old != NULL)
			memcpy(own->bytes, old->bytes, PAGE);
		else if (keep)
			memset(own->bytes, 0, PAGE);
		page_drop(pool, old);
		c->table->page[number] = own;
	}
	return own->bytes;
}

static uint32_t pages_for(uint64_t size)
{
	return (uint32_t)((size + PAGE - 1) / PAGE);
}

/* bytes NULL: zeros. */
void content_write(struct pool *pool, struct content *c, uint64_t offset, const uint8_t *bytes, uint64_t size)
{
	uint64_t done = 0;

	if (size == 0)
		return;
	if (offset + size > c->size)
		c->size = offset + size;
	table_own(pool, c, pages_for(c->size));
	while (done < size) {
		uint32_t number = (uint32_t)((offset + done) / PAGE),
		         start = (uint32_t)((offset + done) % PAGE);
		uint64_t part = size - done < PAGE - start ? size - done : PAGE - start;

		if (bytes != NULL) {
			memcpy(page_own(pool, c, number, part < PAGE) + start, bytes + done, (size_t)part);
		} else if (part == PAGE) {
			page_drop(pool, c->table->page[number]);
			c->table->page[number] = NULL;
		} else if (c->table->page[number] != NULL) {
			memset(page_own(pool, c, number, 1) + start, 0, (size_t)part);
		}
		done += part;
	}
}

void content_resize(struct pool *pool, struct content *c, uint64_t size)
{
	if (size == c->size)
		return;
	if (size < c->size && size % PAGE != 0) {
		uint32_t last = pages_for(size) - 1;

		table_own(pool, c, pages_for(c->size));
		if (c->table->page[last] != NULL)
			memset(page_own(pool, c, last, 1) + size % PAGE, 0, (size_t)(PAGE - size % PAGE));
	}
	table_own(pool, c, pages_for(size));
	c->size = size;
}

/* Within the size. */
void content_read(const struct content *c, uint64_t offset, uint8_t *out, uint64_t size)
{
	uint64_t done = 0;

	while (done < size) {
		uint32_t number = (uint32_t)((offset + done) / PAGE),
		         start = (uint32_t)((offset + done) % PAGE);
		uint64_t part = size - done < PAGE - start ? size - done : PAGE - start;

		if (c->table->page[number] != NULL)
			memcpy(out + done, c->table->page[number]->bytes + start, (size_t)part);
		else
			memset(out + done, 0, (size_t)part);
		done += part;
	}
}

void content_share(struct pool *pool, struct content *c, const struct content *from)
{
	struct table *old = c->table;

	if (from->table != NULL)
		from->table->holders++;
	*c = *from;
	table_drop(pool, old);
}

/* ---- changes ---- */

struct change *change_create(uint32_t type, uint64_t bytes)
{
	struct change *change = must(malloc(sizeof(*change) + (size_t)bytes));

	memset(change, 0, sizeof(*change));
	change->type = type;
	change->holders = 1;
	return change;
}

void change_add(struct change **latest, struct change *change)
{
	change->before = *latest; /* what the list held is now held by the change */
	*latest = change;
}

void changes_drop(struct change **latest)
{
	struct change *change = *latest;

	while (change != NULL && --change->holders == 0) {
		struct change *before = change->before;

		free(change);
		change = before;
	}
	*latest = NULL;
}

static void changes_share(struct change **to, struct change *from)
{
	if (from != NULL)
		from->holders++;
	*to = from;
}

/* The changes, oldest first, in an array of the caller's to free; NULL when there are none. */
static struct change **in_order(struct change *latest, uint32_t *count)
{
	struct change **all, *c;
	uint32_t n = 0;

	for (c = latest; c != NULL; c = c->before)
		n++;
	*count = n;
	if (n == 0)
		return NULL;
	all = must(malloc(n * sizeof(struct change *)));
	for (c = latest; c != NULL; c = c->before)
		all[--n] = c;
	return all;
}

/* ---- names ---- */

int names_find(const struct names *names, uint16_t name)
{
	uint32_t i;

	for (i = 0; i < names->count; i++) {
		if (names->entry[i].name == name)
			return (int)i;
	}
	return -1;
}

void names_unlink(struct names *names, uint16_t name)
{
	int at = names_find(names, name);

	if (at >= 0)
		names->entry[at] = names->entry[--names->count];
}

void names_link(struct names *names, uint16_t name, uint16_t node)
{
	int at = names_find(names, name);

	if (at < 0) {
		if (names->count == FILES)
			fail_msg("more than %u files", FILES);
		at = (int)names->count++;
	}
	names->entry[at].name = name;
	names->entry[at].node = node;
}

/* A change of names: the name it had goes only if it still means this file. */
static void names_apply(struct names *names, const struct change *c)
{
	int gone;

	if (c->type == CHANGE_UNLINK) {
		names_unlink(names, c->name);
		return;
	}
	gone = c->gone < NAMES ? names_find(names, c->gone) : -1;
	if (gone >= 0 && names->entry[gone].node == c->node)
		names_unlink(names, c->gone);
	names_link(names, c->name, c->node);
}

/* ---- media ---- */

static void node_clear(struct pool *pool, struct node *node)
{
	table_drop(pool, node->seen.table);
	table_drop(pool, node->kept.table);
	changes_drop(&node->changes);
	memset(node, 0, sizeof(*node));
}

void medium_clear(struct pool *pool, struct medium *m)
{
	uint32_t i;

	for (i = 0; i < m->nodes; i++)
		node_clear(pool, &m->node[i]);
	changes_drop(&m->changes);
	m->nodes = 0;
	m->seen.count = m->kept.count = 0;
}

void medium_copy(struct pool *pool, struct medium *to, const struct medium *from)
{
	uint32_t i;

	medium_clear(pool, to);
	to->seen = from->seen;
	to->kept = from->kept;
	changes_share(&to->changes, from->changes);
	to->nodes = from->nodes;
	for (i = 0; i < from->nodes; i++) {
		to->node[i] = from->node[i];
		if (to->node[i].seen.table != NULL)
			to->node[i].seen.table->holders++;
		if (to->node[i].kept.table != NULL)
			to->node[i].kept.table->holders++;
		changes_share(&to->node[i].changes, from->node[i].changes);
	}
}

/* Give back the files that nobody can come to any more. */
static void collect(struct pool *pool, struct medium *m, const uint8_t *held)
{
	uint8_t reached[FILES];
	const struct change *c;
	uint32_t i;

	memcpy(reached, held, sizeof(reached));
	for (i = 0; i < m->seen.count; i++)
		reached[m->seen.entry[i].node] = 1;
	for (i = 0; i < m->kept.count; i++)
		reached[m->kept.entry[i].node] = 1;
	for (c = m->changes; c != NULL; c = c->before) {
		if (c->type == CHANGE_LINK)
			reached[c->node] = 1;
	}
	for (i = 0; i < m->nodes; i++) {
		if (!reached[i] && m->node[i].used)
			node_clear(pool, &m->node[i]);
	}
}

uint16_t medium_node(struct pool *pool, struct medium *m, const uint8_t *held)
{
	uint32_t i;

	if (m->nodes == FILES)
		collect(pool, m, held);
	for (i = 0; i < m->nodes && m->node[i].used; i++)
		;
	if (i == FILES)
		fail_msg("more than %u files", FILES);
	if (i == m->nodes)
		memset(&m->node[m->nodes++], 0, sizeof(m->node[i]));
	m->node[i].used = 1;
	return (uint16_t)i;
}

void medium_sync(struct pool *pool, struct node *node)
{
	uint32_t count, i;
	struct change **all = in_order(node->changes, &count);

	for (i = 0; i < count; i++) {
		const struct change *c = all[i];

		if (c->type == CHANGE_WRITE)
			content_write(pool, &node->kept, c->offset, c->zeros ? NULL : c->bytes, c->size);
		else
			content_resize(pool, &node->kept, c->size_after);
	}
	free(all);
	changes_drop(&node->changes);
	content_resize(pool, &node->kept, node->seen.size); /* it differs after a failed sync */
}

void medium_sync_names(struct medium *m)
{
	m->kept = m->seen;
	changes_drop(&m->changes);
}

/* ---- cuts ---- */

/* How much of what was not synced there is: a choice for each file, so that one file may be ahead of another. */
enum style { NOTHING, EVERYTHING, IN_ORDER, SUBSET, SECTORS };

static enum style style_of(const struct roughness *how, loy__random *chance)
{
	static const uint8_t rough[8] = {NOTHING, EVERYTHING, IN_ORDER, IN_ORDER,
	                                 SUBSET,  SECTORS,    SECTORS,  SECTORS};

	if (how->gentle)
		return IN_ORDER;
	return (enum style)rough[loy__random_next(chance) >> 61];
}

static void garbage(uint8_t *out, uint64_t size, loy__random *chance)
{
	uint64_t i, bits;

	for (i = 0; i + 8 <= size; i += 8) {
		bits = loy__random_next(chance);
		memcpy(out + i, &bits, 8);
	}
	bits = loy__random_next(chance);
	memcpy(out + i, &bits, (size_t)(size - i));
}

/* Piece [from, to) of what is written, within a sector, or many sectors of one large write. */
static void land_piece(struct pool *pool, struct content *kept, const struct change *c, uint64_t from,
                       uint64_t to, const struct roughness *how, loy__random *chance)
{
	const uint8_t *bytes = c->zeros ? NULL : c->bytes + (from - c->offset);
	uint64_t bits = loy__random_next(chance), at = from + (bits >> 8) % (to - from);
	uint8_t noise[SECTOR];

	switch (bits & 7) {
	case 0:
	case 1: /* old */
		return;
	case 2: /* torn: the start is new */
		content_write(pool, kept, from, bytes, at - from);
		return;
	case 3: /* torn: the end is new */
		content_write(pool, kept, at, bytes != NULL ? bytes + (at - from) : NULL, to - at);
		return;
	case 4:
		content_write(pool, kept, from, NULL, to - from);
		return;
	case 5:
		if (how->unsafe_sectors) { /* all of the block */
			from &= ~(uint64_t)(BLOCK - 1);
			to = (to + BLOCK - 1) & ~(uint64_t)(BLOCK - 1);
		}
		for (at = from; at < to; at += SECTOR) {
			uint64_t size = to - at < SECTOR ? to - at : SECTOR;

			garbage(noise, size, chance);
			content_write(pool, kept, at, noise, size);
		}
		return;
	default: /* new */
		content_write(pool, kept, from, bytes, to - from);
	}
}

/* A write of which each sector has a fate of its own; of large ones, stretches of sectors. */
static void land_sectors(struct pool *pool, struct content *kept, const struct change *c,
                         const struct roughness *how, loy__random *chance)
{
	uint64_t end = c->offset + c->size, from = c->offset, step = SECTOR;

	while (c->size / step > 32)
		step *= 2;
	while (from < end) {
		uint64_t to = (from / step + 1) * step;

		if (to > end)
			to = end;
		land_piece(pool, kept, c, from, to, how, chance);
		from = to;
	}
}

static void land_whole(struct pool *pool, struct content *kept, const struct change *c)
{
	if (c->type == CHANGE_WRITE)
		content_write(pool, kept, c->offset, c->zeros ? NULL : c->bytes, c->size);
	else if (c->size_after < kept->size) /* cut off and longer again: zeros */
		content_write(pool, kept, c->size_after, NULL, kept->size - c->size_after);
}

static void shuffle(struct change **all, uint32_t count, loy__random *chance)
{
	uint32_t i;

	for (i = count; i > 1; i--) {
		uint32_t j = (uint32_t)loy__random_below(chance, i);
		struct change *c = all[i - 1];

		all[i - 1] = all[j];
		all[j] = c;
	}
}

static void land(struct pool *pool, struct content *kept, struct change **all, uint32_t count,
                 enum style style, const struct roughness *how, loy__random *chance)
{
	uint32_t i;

	if (style == SUBSET || style == SECTORS)
		shuffle(all, count, chance);
	for (i = 0; i < count; i++) {
		if (style == SECTORS && all[i]->type == CHANGE_WRITE)
			land_sectors(pool, kept, all[i], how, chance);
		else if (style != SECTORS || (loy__random_next(chance) >> 63) != 0)
			if (style != SUBSET || (loy__random_next(chance) >> 63) != 0)
				land_whole(pool, kept, all[i]);
	}
}

void medium_tear(struct pool *pool, struct node *node, const struct roughness *how, loy__random *chance)
{
	uint32_t count, landed;
	uint64_t size = node->kept.size;
	struct change **all;
	enum style style;

	if (node->changes == NULL && node->kept.size == node->seen.size)
		return;
	all = in_order(node->changes, &count);
	style = style_of(how, chance);
	landed = style == NOTHING ? 0 : count;
	if (style == IN_ORDER) { /* some, and a part of the next */
		landed = (uint32_t)loy__random_below(chance, (uint64_t)count + 1);
		if (landed > 0)
			size = all[landed - 1]->size_after;
	} else if (style == EVERYTHING) {
		size = node->seen.size;
	} else if (style != NOTHING) { /* any size the file had */
		uint64_t which = loy__random_below(chance, (uint64_t)count + 2);

		size = which == 0 ? size : which == 1 ? node->seen.size : all[which - 2]->size_after;
	}
	if (style == IN_ORDER && landed < count && all[landed]->type == CHANGE_WRITE && !how->gentle) {
		land(pool, &node->kept, all, landed, style, how, chance);
		land_sectors(pool, &node->kept, all[landed], how, chance);
		if (loy__random_next(chance) >> 63)
			size = all[landed]->size_after;
	} else {
		land(pool, &node->kept, all, landed, style, how, chance);
	}
	content_resize(pool, &node->kept, size);
	free(all);
	changes_drop(&node->changes);
}

/* Any part of the changes of names; each is atomic. */
static void tear_names(struct medium *m, const struct roughness *how, loy__random *chance)
{
	uint32_t count, i, landed;
	struct change **all = in_order(m->changes, &count);
	enum style style = style_of(how, chance);

	landed = style == NOTHING    ? 0
	         : style == IN_ORDER ? (uint32_t)loy__random_below(chance, count + 1)
	                             : count;
	for (i = 0; i < landed; i++) {
		if (style == EVERYTHING || style == IN_ORDER || (loy__random_next(chance) >> 63) != 0)
			names_apply(&m->kept, all[i]);
	}
	free(all);
	changes_drop(&m->changes);
}

void medium_crash(struct pool *pool, struct medium *m, const struct roughness *how, loy__random *chance)
{
	static const uint8_t held[FILES];
	uint32_t i;

	if (m->changes != NULL)
		tear_names(m, how, chance);
	m->seen = m->kept;
	collect(pool, m, held);
	for (i = 0; i < m->nodes; i++) {
		if (!m->node[i].used)
			continue;
		medium_tear(pool, &m->node[i], how, chance);
		content_share(pool, &m->node[i].seen, &m->node[i].kept);
		m->node[i].locked = 0;
	}
}
