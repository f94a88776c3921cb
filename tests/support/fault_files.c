/* Files over the medium of fault_medium.c: operations, their faults, images. */
#include "support.h"
#include <inttypes.h>
#include "fault_files.h"
#include "fault_medium.h"
#include "store/files.h"

#define FAULTS 4u
#define KINDS  12u

struct armed {
	struct fault fault;
	uint64_t seen; /* operations of its kinds since arming */
};

struct fault_files {
	struct medium medium;
	struct pool pool;
	struct roughness how;
	loy__random chance;  /* what faults do */
	loy__random entropy; /* what the store is given */
	uint64_t count[KINDS], happened, room;
	uint32_t boot; /* handles of an earlier one are dead */
	int cut;
	uint32_t faults;
	struct armed armed[FAULTS];
	uint32_t watched;
	void (*watch)(uint32_t kind, void *user);
	void *watch_user;
	struct handle *free_handles;
	uint8_t handles[FILES]; /* open ones of this boot, by node */
	uint32_t names;
	char name[NAMES][LOY_FILE_NAME_MAX + 1];
};

struct fault_image {
	struct medium medium;
	loy__random entropy;
};

struct handle {
	struct handle *next_free;
	uint32_t boot, mode;
	uint16_t node;
};

/* ---- what befalls an operation ---- */

static unsigned bit_of(uint32_t kind)
{
	unsigned bit = 0;

	while ((kind >> bit) != 1)
		bit++;
	return bit;
}

/* Count an operation; the fault that strikes it, or NULL. */
static const struct fault *strike(struct fault_files *d, uint32_t kind)
{
	const struct fault *hit = NULL;
	uint32_t i;

	if ((d->watched & kind) != 0)
		d->watch(kind, d->watch_user);
	d->count[bit_of(kind)]++;
	for (i = 0; i < d->faults; i++) {
		struct armed *a = &d->armed[i];
		uint64_t number;

		if ((a->fault.kinds & kind) == 0)
			continue;
		number = a->seen++;
		if (hit == NULL && (number == a->fault.at || (a->fault.forever && number > a->fault.at)))
			hit = &a->fault;
	}
	d->happened += hit != NULL;
	if (hit != NULL && hit->action == FAULT_CUT)
		d->cut = 1;
	return hit;
}

static loy_status status_of(const struct fault *f)
{
	return f->action == FAULT_CUT || f->status == 0 ? LOY_EIO : f->status;
}

/* Whether an operation that was struck does nothing at all. */
static int refused(const struct fault *f)
{
	return f != NULL && (f->action == FAULT_FAIL || f->action == FAULT_SHORT);
}

/* What an operation that was done returns: one that was cut never comes back with a success. */
static loy_status done(const struct fault *f)
{
	return f != NULL && f->action == FAULT_CUT ? LOY_EIO : LOY_OK;
}

/* ---- names and handles ---- */

static uint16_t name_number(struct fault_files *d, const char *name)
{
	uint32_t i;

	for (i = 0; i < d->names; i++) {
		if (strcmp(d->name[i], name) == 0)
			return (uint16_t)i;
	}
	if (d->names == NAMES)
		fail_msg("more than %u names", NAMES);
	strcpy(d->name[d->names], name);
	return (uint16_t)d->names++;
}

static struct node *node_named(struct fault_files *d, const char *name)
{
	int at = names_find(&d->medium.seen, name_number(d, name));

	return at >= 0 ? &d->medium.node[d->medium.seen.entry[at].node] : NULL;
}

/* The file of a handle; NULL when the power or the process is gone. */
static struct node *node_of(struct fault_files *d, const struct handle *h)
{
	return d->cut || h->boot != d->boot ? NULL : &d->medium.node[h->node];
}

static uint64_t used_bytes(const struct fault_files *d)
{
	const struct names *seen = &d->medium.seen;
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < seen->count; i++)
		bytes += d->medium.node[seen->entry[i].node].seen.size;
	return bytes;
}

/* How much longer files may become. */
static uint64_t room_left(const struct fault_files *d)
{
	uint64_t used = d->room != UINT64_MAX ? used_bytes(d) : 0;

	return used < d->room ? d->room - used : 0;
}

/* ---- operations ---- */

static void add_resize(struct node *node, uint64_t size)
{
	struct change *c = change_create(CHANGE_RESIZE, 0);

	c->size_after = size;
	change_add(&node->changes, c);
}

static struct handle *handle_take(struct fault_files *d, uint16_t node, uint32_t mode)
{
	struct handle *h = d->free_handles;

	if (h == NULL)
		h = malloc(sizeof(*h));
	else
		d->free_handles = h->next_free;
	if (h == NULL)
		fail_msg("out of memory");
	h->boot = d->boot;
	h->node = node;
	h->mode = mode;
	d->handles[node]++;
	return h;
}

/* A new file, or an old one emptied. */
static void create(struct fault_files *d, uint16_t name, int at)
{
	struct medium *m = &d->medium;
	struct change *c;

	if (at >= 0) {
		struct node *node = &m->node[m->seen.entry[at].node];

		add_resize(node, 0);
		content_resize(&d->pool, &node->seen, 0);
		return;
	}
	c = change_create(CHANGE_LINK, 0);
	c->name = name;
	c->gone = NAMES;
	c->node = medium_node(&d->pool, m, d->handles);
	names_link(&m->seen, name, c->node);
	change_add(&m->changes, c);
}

static loy_status fault_open(void *user_data, const char *name, uint32_t mode, void **file)
{
	struct fault_files *d = user_data;
	const struct fault *f;
	uint16_t number;
	uint32_t kind;
	int at;

	if (file == NULL)
		return LOY_EINVAL;
	*file = NULL;
	if (!loy__file_name_valid(name) || mode < LOY_OPEN_READ || mode > LOY_OPEN_LOCK)
		return LOY_EINVAL;
	if (d->cut)
		return LOY_EIO;
	number = name_number(d, name);
	at = names_find(&d->medium.seen, number);
	kind = mode == LOY_OPEN_CREATE || (mode == LOY_OPEN_LOCK && at < 0) ? FAULT_CREATE : FAULT_OPEN;
	f = strike(d, kind);
	if (refused(f))
		return status_of(f);
	if (at < 0 && kind == FAULT_OPEN)
		return LOY_ENOTFOUND;
	if (at < 0 && room_left(d) == 0)
		return LOY_EFULL;
	if (mode == LOY_OPEN_LOCK && at >= 0 && d->medium.node[d->medium.seen.entry[at].node].locked)
		return LOY_ELOCKED;
	if (kind == FAULT_CREATE)
		create(d, number, at);
	if (done(f) != LOY_OK)
		return LOY_EIO;
	at = names_find(&d->medium.seen, number);
	*file = handle_take(d, d->medium.seen.entry[at].node, mode);
	if (mode == LOY_OPEN_LOCK)
		d->medium.node[d->medium.seen.entry[at].node].locked = 1;
	return LOY_OK;
}

static void fault_close(void *user_data, void *file)
{
	struct fault_files *d = user_data;
	struct handle *h = file;

	if (h->boot == d->boot) {
		d->handles[h->node]--;
		if (h->mode == LOY_OPEN_LOCK)
			d->medium.node[h->node].locked = 0;
	}
	h->next_free = d->free_handles;
	d->free_handles = h;
}

static loy_status fault_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                             size_t *got)
{
	struct fault_files *d = user_data;
	const struct node *node = node_of(d, file);
	const struct fault *f;
	uint64_t left;

	if (node == NULL)
		return LOY_EIO;
	f = strike(d, FAULT_READ);
	if (refused(f) || done(f) != LOY_OK)
		return status_of(f);
	left = offset < node->seen.size ? node->seen.size - offset : 0;
	*got = size < left ? size : (size_t)left;
	content_read(&node->seen, offset, buffer, *got);
	return LOY_OK;
}

static int all_zeros(const uint8_t *bytes, size_t size)
{
	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static void write_now(struct fault_files *d, struct node *node, uint64_t offset, const uint8_t *bytes,
                      size_t size, const struct fault *f)
{
	int zeros = all_zeros(bytes, size);
	struct change *c;

	if (size == 0)
		return;
	content_write(&d->pool, &node->seen, offset, zeros ? NULL : bytes, size);
	if (f != NULL && f->action == FAULT_LOSE)
		return;
	c = change_create(CHANGE_WRITE, zeros ? 0 : size);
	c->offset = offset;
	if (f != NULL && f->action == FAULT_MISDIRECT && node->seen.size > size) {
		c->offset = loy__random_below(&d->chance, node->seen.size - size) & ~(uint64_t)(SECTOR - 1);
		if (c->offset == offset)
			c->offset += SECTOR;
	}
	c->size = size;
	c->size_after = node->seen.size;
	c->zeros = zeros;
	if (!zeros)
		memcpy(c->bytes, bytes, size);
	change_add(&node->changes, c);
}

static loy_status fault_write(void *user_data, void *file, uint64_t offset, const void *buffer, size_t size)
{
	struct fault_files *d = user_data;
	struct node *node = node_of(d, file);
	const struct fault *f;
	uint64_t longer;

	if (((const struct handle *)file)->mode == LOY_OPEN_READ)
		return LOY_EREADONLY;
	if (node == NULL)
		return LOY_EIO;
	f = strike(d, FAULT_WRITE);
	if (f != NULL && f->action == FAULT_FAIL)
		return status_of(f);
	if (size > 0 && (offset > UINT32_MAX || size > UINT32_MAX))
		return LOY_EFULL;
	longer = size > 0 && offset + size > node->seen.size ? offset + size - node->seen.size : 0;
	if (f != NULL && f->action == FAULT_SHORT) {
		write_now(d, node, offset, buffer, (size_t)loy__random_below(&d->chance, size + 1), f);
		return status_of(f);
	}
	if (longer > 0 && longer > room_left(d)) { /* what there is room for is written, as systems do */
		uint64_t fits = size - longer + room_left(d);

		if (offset <= node->seen.size)
			write_now(d, node, offset, buffer, (size_t)loy__random_below(&d->chance, fits + 1),
			          f);
		return LOY_EFULL;
	}
	write_now(d, node, offset, buffer, size, f);
	return done(f);
}

static loy_status fault_size(void *user_data, void *file, uint64_t *size)
{
	struct fault_files *d = user_data;
	const struct node *node = node_of(d, file);
	const struct fault *f;

	if (node == NULL)
		return LOY_EIO;
	f = strike(d, FAULT_SIZE);
	if (refused(f) || done(f) != LOY_OK)
		return status_of(f);
	*size = node->seen.size;
	return LOY_OK;
}

static loy_status fault_resize(void *user_data, void *file, uint64_t size)
{
	struct fault_files *d = user_data;
	struct node *node = node_of(d, file);
	const struct fault *f;

	if (((const struct handle *)file)->mode == LOY_OPEN_READ)
		return LOY_EREADONLY;
	if (node == NULL)
		return LOY_EIO;
	f = strike(d, FAULT_RESIZE);
	if (refused(f))
		return status_of(f);
	if (size > UINT32_MAX || (size > node->seen.size && size - node->seen.size > room_left(d)))
		return LOY_EFULL;
	if (f == NULL || f->action != FAULT_LOSE)
		add_resize(node, size);
	content_resize(&d->pool, &node->seen, size);
	return done(f);
}

static loy_status fault_sync(void *user_data, void *file)
{
	struct fault_files *d = user_data;
	struct node *node = node_of(d, file);
	const struct fault *f;

	if (node == NULL)
		return LOY_EIO;
	f = strike(d, FAULT_SYNC);
	if (refused(f)) {
		/* The cache shows the new bytes, takes them for written, and forgets them. */
		medium_tear(&d->pool, node, &d->how, &d->chance);
		return status_of(f);
	}
	if (f == NULL) /* cut, or a lie: nothing becomes sure */
		medium_sync(&d->pool, node);
	return done(f);
}

static loy_status fault_rename(void *user_data, const char *from, const char *to)
{
	struct fault_files *d = user_data;
	struct names *seen = &d->medium.seen;
	const struct fault *f;
	struct change *c;
	int at;

	if (!loy__file_name_valid(from) || !loy__file_name_valid(to))
		return LOY_EINVAL;
	if (d->cut)
		return LOY_EIO;
	f = strike(d, FAULT_RENAME);
	if (refused(f))
		return status_of(f);
	at = names_find(seen, name_number(d, from));
	if (at < 0)
		return LOY_ENOTFOUND;
	if (strcmp(from, to) == 0)
		return LOY_OK;
	c = change_create(CHANGE_LINK, 0);
	c->name = name_number(d, to);
	c->gone = name_number(d, from);
	c->node = seen->entry[at].node;
	names_unlink(seen, c->gone);
	names_link(seen, c->name, c->node);
	change_add(&d->medium.changes, c);
	return done(f);
}

static loy_status fault_remove(void *user_data, const char *name)
{
	struct fault_files *d = user_data;
	const struct fault *f;
	struct change *c;

	if (!loy__file_name_valid(name))
		return LOY_EINVAL;
	if (d->cut)
		return LOY_EIO;
	f = strike(d, FAULT_REMOVE);
	if (refused(f))
		return status_of(f);
	if (node_named(d, name) == NULL)
		return LOY_ENOTFOUND;
	c = change_create(CHANGE_UNLINK, 0);
	c->name = name_number(d, name);
	names_unlink(&d->medium.seen, c->name);
	change_add(&d->medium.changes, c);
	return done(f);
}

/* A failure leaves all as it was: systems stop at the first error in a directory, they do not forget it. */
static loy_status fault_sync_directory(void *user_data)
{
	struct fault_files *d = user_data;
	const struct fault *f;

	if (d->cut)
		return LOY_EIO;
	f = strike(d, FAULT_SYNC_DIRECTORY);
	if (refused(f))
		return status_of(f);
	if (f == NULL)
		medium_sync_names(&d->medium);
	return done(f);
}

static loy_status fault_list(void *user_data, int32_t (*each)(const char *name, void *context), void *context)
{
	struct fault_files *d = user_data;
	const struct names *seen = &d->medium.seen;
	const struct fault *f;
	uint32_t i;

	if (d->cut)
		return LOY_EIO;
	f = strike(d, FAULT_LIST);
	if (refused(f) || done(f) != LOY_OK)
		return status_of(f);
	for (i = 0; i < seen->count; i++) {
		if (each(d->name[seen->entry[i].name], context) != 0)
			break;
	}
	return LOY_OK;
}

static loy_status fault_entropy(void *user_data, void *buffer, size_t size)
{
	struct fault_files *d = user_data;
	const struct fault *f;
	uint8_t *out = buffer;
	size_t i;

	if (d->cut)
		return LOY_EIO;
	f = strike(d, FAULT_ENTROPY);
	if (refused(f) || done(f) != LOY_OK)
		return status_of(f);
	for (i = 0; i < size; i++)
		out[i] = (uint8_t)(loy__random_next(&d->entropy) >> 56);
	return LOY_OK;
}

/* ---- the test's side ---- */

struct fault_files *fault_create(uint64_t seed)
{
	struct fault_files *d = calloc(1, sizeof(*d));

	if (d == NULL)
		fail_msg("out of memory");
	d->room = UINT64_MAX;
	loy__random_init(&d->chance, seed);
	loy__random_init(&d->entropy, loy__mix64(seed) + 1);
	return d;
}

void fault_destroy(struct fault_files *d)
{
	medium_clear(&d->pool, &d->medium);
	pool_release(&d->pool);
	while (d->free_handles != NULL) {
		struct handle *h = d->free_handles;

		d->free_handles = h->next_free;
		free(h);
	}
	free(d);
}

loy_files fault_as_files(struct fault_files *d)
{
	loy_files files = {.struct_size = sizeof(files),
	                   .open = fault_open,
	                   .close = fault_close,
	                   .read_at = fault_read,
	                   .write_at = fault_write,
	                   .size = fault_size,
	                   .resize = fault_resize,
	                   .sync = fault_sync,
	                   .rename = fault_rename,
	                   .remove = fault_remove,
	                   .sync_directory = fault_sync_directory,
	                   .list = fault_list,
	                   .entropy = fault_entropy,
	                   .user_data = d};

	return files;
}

void fault_arm(struct fault_files *d, const struct fault *fault)
{
	if (d->faults == FAULTS)
		fail_msg("more than %u faults", FAULTS);
	d->armed[d->faults].fault = *fault;
	d->armed[d->faults++].seen = 0;
}

void fault_disarm(struct fault_files *d)
{
	d->faults = 0;
	d->happened = 0;
}

uint64_t fault_count(const struct fault_files *d, uint32_t kinds)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		if ((kinds >> i & 1) != 0)
			sum += d->count[i];
	}
	return sum;
}

uint64_t fault_happened(const struct fault_files *d)
{
	return d->happened;
}

void fault_room(struct fault_files *d, uint64_t bytes)
{
	d->room = bytes;
}

void fault_unsafe_sectors(struct fault_files *d, int unsafe)
{
	d->how.unsafe_sectors = unsafe;
}

void fault_gentle(struct fault_files *d, int gentle)
{
	d->how.gentle = gentle;
}

/* No handle is worth anything any more. */
static void lose_handles(struct fault_files *d)
{
	uint32_t i;

	d->boot++;
	memset(d->handles, 0, sizeof(d->handles));
	for (i = 0; i < d->medium.nodes; i++)
		d->medium.node[i].locked = 0;
	d->cut = 0;
	fault_disarm(d);
}

void fault_crash(struct fault_files *d, uint64_t seed)
{
	loy__random chance;

	loy__random_init(&chance, seed);
	loy__random_init(&d->entropy, loy__random_next(&chance));
	lose_handles(d);
	medium_crash(&d->pool, &d->medium, &d->how, &chance);
	d->chance = chance;
}

void fault_kill(struct fault_files *d)
{
	lose_handles(d);
}

int fault_is_cut(const struct fault_files *d)
{
	return d->cut;
}

struct fault_image *fault_save(struct fault_files *d)
{
	struct fault_image *image = malloc(sizeof(*image));

	if (image == NULL)
		fail_msg("out of memory");
	image->medium.nodes = 0;
	image->medium.changes = NULL;
	medium_copy(&d->pool, &image->medium, &d->medium);
	image->entropy = d->entropy;
	return image;
}

void fault_restore(struct fault_files *d, const struct fault_image *image)
{
	medium_copy(&d->pool, &d->medium, &image->medium);
	d->entropy = image->entropy;
	lose_handles(d);
}

void fault_forget(struct fault_files *d, struct fault_image *image)
{
	medium_clear(&d->pool, &image->medium);
	free(image);
}

void fault_watch(struct fault_files *d, uint32_t kinds, void (*watch)(uint32_t kind, void *user), void *user)
{
	d->watched = watch != NULL ? kinds : 0;
	d->watch = watch;
	d->watch_user = user;
}

/* ---- damage ---- */

static struct node *must_be_there(struct fault_files *d, const char *name)
{
	struct node *node = node_named(d, name);

	if (node == NULL)
		fail_msg("there is no file %s", name);
	return node;
}

static const struct node *look(const struct fault_files *d, const char *name)
{
	uint32_t i;

	for (i = 0; i < d->medium.seen.count; i++) {
		if (strcmp(d->name[d->medium.seen.entry[i].name], name) == 0)
			return &d->medium.node[d->medium.seen.entry[i].node];
	}
	return NULL;
}

uint64_t fault_file_size(const struct fault_files *d, const char *name)
{
	const struct node *node = look(d, name);

	return node != NULL ? node->seen.size : UINT64_MAX;
}

const char *fault_file_name(const struct fault_files *d, uint32_t number)
{
	const struct names *seen = &d->medium.seen;

	return number < seen->count ? d->name[seen->entry[number].name] : NULL;
}

uint8_t fault_file_byte(const struct fault_files *d, const char *name, uint64_t at)
{
	const struct node *node = look(d, name);
	uint8_t byte = 0;

	if (node == NULL || at >= node->seen.size)
		fail_msg("there is no byte %" PRIu64 " of %s", at, name);
	content_read(&node->seen, at, &byte, 1);
	return byte;
}

void fault_file_flip(struct fault_files *d, const char *name, uint64_t at, uint8_t bits)
{
	struct node *node = must_be_there(d, name);
	uint8_t byte = (uint8_t)(fault_file_byte(d, name, at) ^ bits);

	content_write(&d->pool, &node->seen, at, &byte, 1);
	if (at < node->kept.size)
		content_write(&d->pool, &node->kept, at, &byte, 1);
}

void fault_file_cut(struct fault_files *d, const char *name, uint64_t size)
{
	struct node *node = must_be_there(d, name);

	if (size < node->seen.size)
		content_resize(&d->pool, &node->seen, size);
	if (size < node->kept.size)
		content_resize(&d->pool, &node->kept, size);
}
