/*
 * A directory in memory. A file is one growing array of bytes; the directory is an array of pointers to them, looked
 * through one by one, because a store has few. As on POSIX, a file that is removed or replaced while it is open lives
 * on until it is closed.
 */
#include "store/files.h"
#include "numeric/numeric.h"

#include <string.h>

struct content {
	char name[LOY_FILE_NAME_MAX + 1];
	uint8_t *bytes;
	size_t size, capacity;
	uint32_t handles;
	int named;  /* in the directory */
	int locked; /* by the one handle there is */
};

struct handle {
	struct content *content;
	uint32_t mode;
};

struct directory {
	loy__files_own own; /* first: loy_files_close() finds it there */
	loy_allocator memory;
	loy__random random;
	struct content **files;
	size_t count, capacity;
};

/* Where a name is in the directory; count when it is not there. */
static size_t find(const struct directory *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		if (strcmp(d->files[i]->name, name) == 0)
			break;
	}
	return i;
}

static void free_content(const struct directory *d, struct content *content)
{
	loy__free(&d->memory, content->bytes, content->capacity);
	loy__free(&d->memory, content, sizeof(*content));
}

/* Take a name out of the directory. */
static void drop(struct directory *d, size_t at)
{
	struct content *content = d->files[at];

	d->files[at] = d->files[--d->count];
	content->named = 0;
	if (content->handles == 0)
		free_content(d, content);
}

/* A new, empty file; NULL when out of memory. */
static struct content *add(struct directory *d, const char *name)
{
	void *array = d->files;
	loy_status status =
	        loy__grow(&d->memory, &array, &d->capacity, d->count + 1, sizeof(struct content *), SIZE_MAX);
	struct content *content = NULL;

	d->files = array;
	if (status == LOY_OK)
		content = loy__alloc_zero(&d->memory, sizeof(*content));
	if (content == NULL)
		return NULL;
	memcpy(content->name, name, strlen(name));
	content->named = 1;
	d->files[d->count++] = content;
	return content;
}

static loy_status memory_open(void *user_data, const char *name, uint32_t mode, void **file)
{
	struct directory *d = user_data;
	struct content *content = NULL;
	struct handle *handle;
	size_t at;

	if (file == NULL)
		return LOY_EINVAL;
	*file = NULL;
	if (!loy__file_name_valid(name) || mode < LOY_OPEN_READ || mode > LOY_OPEN_LOCK)
		return LOY_EINVAL;
	at = find(d, name);
	if (at < d->count)
		content = d->files[at];
	else if (mode == LOY_OPEN_READ || mode == LOY_OPEN_WRITE)
		return LOY_ENOTFOUND;
	if (content != NULL && mode == LOY_OPEN_LOCK && content->locked)
		return LOY_ELOCKED;
	handle = loy__alloc(&d->memory,
	                    sizeof(*handle)); /* first: after it nothing fails but making the file */
	if (handle != NULL && content == NULL)
		content = add(d, name);
	if (handle == NULL || content == NULL) {
		loy__free(&d->memory, handle, sizeof(*handle));
		return LOY_ENOMEM;
	}
	if (mode == LOY_OPEN_CREATE)
		content->size = 0;
	if (mode == LOY_OPEN_LOCK)
		content->locked = 1;
	content->handles++;
	handle->content = content;
	handle->mode = mode;
	*file = handle;
	return LOY_OK;
}

static void memory_close(void *user_data, void *file)
{
	struct directory *d = user_data;
	struct handle *handle = file;
	struct content *content = handle->content;

	if (handle->mode == LOY_OPEN_LOCK)
		content->locked = 0;
	loy__free(&d->memory, handle, sizeof(*handle));
	if (--content->handles == 0 && !content->named)
		free_content(d, content);
}

static loy_status memory_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                              size_t *got)
{
	const struct handle *handle = file;
	const struct content *content = handle->content;
	size_t left = offset < content->size ? content->size - (size_t)offset : 0;

	(void)user_data;
	*got = size < left ? size : left;
	if (*got > 0)
		memcpy(buffer, content->bytes + (size_t)offset, *got);
	return LOY_OK;
}

/* Make a file `size` bytes long, with zeros in what is new. */
static loy_status set_size(struct directory *d, struct content *content, uint64_t size)
{
	void *bytes = content->bytes;
	loy_status status;

	if (size > SIZE_MAX / 2)
		return LOY_EFULL;
	status = loy__grow(&d->memory, &bytes, &content->capacity, (size_t)size, 1, SIZE_MAX);
	if (status != LOY_OK)
		return status;
	content->bytes = bytes;
	if (size > content->size)
		memset(content->bytes + content->size, 0, (size_t)size - content->size);
	content->size = (size_t)size;
	return LOY_OK;
}

static loy_status memory_write(void *user_data, void *file, uint64_t offset, const void *buffer, size_t size)
{
	const struct handle *handle = file;
	struct content *content = handle->content;

	if (handle->mode == LOY_OPEN_READ)
		return LOY_EREADONLY;
	if (size == 0)
		return LOY_OK;
	if (offset > UINT64_MAX - size)
		return LOY_EFULL;
	if (offset + size > content->size) {
		loy_status status = set_size(user_data, content, offset + size);

		if (status != LOY_OK)
			return status;
	}
	memcpy(content->bytes + (size_t)offset, buffer, size);
	return LOY_OK;
}

static loy_status memory_size(void *user_data, void *file, uint64_t *size)
{
	const struct handle *handle = file;

	(void)user_data;
	*size = handle->content->size;
	return LOY_OK;
}

static loy_status memory_resize(void *user_data, void *file, uint64_t size)
{
	const struct handle *handle = file;

	if (handle->mode == LOY_OPEN_READ)
		return LOY_EREADONLY;
	return set_size(user_data, handle->content, size);
}

/* Memory is all there is: what was written is as safe as it will ever be. */
static loy_status memory_sync(void *user_data, void *file)
{
	(void)user_data;
	(void)file;
	return LOY_OK;
}

static loy_status memory_sync_directory(void *user_data)
{
	(void)user_data;
	return LOY_OK;
}

static loy_status memory_rename(void *user_data, const char *from, const char *to)
{
	struct directory *d = user_data;
	struct content *content;
	size_t at;

	if (!loy__file_name_valid(from) || !loy__file_name_valid(to))
		return LOY_EINVAL;
	at = find(d, from);
	if (at == d->count)
		return LOY_ENOTFOUND;
	if (strcmp(from, to) == 0)
		return LOY_OK;
	content = d->files[at];
	at = find(d, to);
	if (at < d->count)
		drop(d, at);
	memset(content->name, 0, sizeof(content->name));
	memcpy(content->name, to, strlen(to));
	return LOY_OK;
}

static loy_status memory_remove(void *user_data, const char *name)
{
	struct directory *d = user_data;
	size_t at;

	if (!loy__file_name_valid(name))
		return LOY_EINVAL;
	at = find(d, name);
	if (at == d->count)
		return LOY_ENOTFOUND;
	drop(d, at);
	return LOY_OK;
}

static loy_status memory_list(void *user_data, int32_t (*each)(const char *name, void *context),
                              void *context)
{
	const struct directory *d = user_data;
	size_t i;

	for (i = 0; i < d->count; i++) {
		if (each(d->files[i]->name, context) != 0)
			break;
	}
	return LOY_OK;
}

static loy_status memory_entropy(void *user_data, void *buffer, size_t size)
{
	struct directory *d = user_data;
	uint8_t *out = buffer;
	size_t i;

	/* One byte a number, the same on every target. */
	for (i = 0; i < size; i++)
		out[i] = (uint8_t)(loy__random_next(&d->random) >> 56);
	return LOY_OK;
}

static void memory_release(loy__files_own *own)
{
	struct directory *d = (struct directory *)(void *)own;
	loy_allocator memory = d->memory;

	while (d->count > 0)
		drop(d, d->count - 1);
	loy__free(&memory, d->files, d->capacity * sizeof(struct content *));
	loy__free(&memory, d, sizeof(*d));
}

loy_status loy_files_open_memory(loy_files *out, uint64_t seed, const loy_allocator *memory)
{
	loy_files files = {.open = memory_open,
	                   .close = memory_close,
	                   .read_at = memory_read,
	                   .write_at = memory_write,
	                   .size = memory_size,
	                   .resize = memory_resize,
	                   .sync = memory_sync,
	                   .rename = memory_rename,
	                   .remove = memory_remove,
	                   .sync_directory = memory_sync_directory,
	                   .list = memory_list,
	                   .entropy = memory_entropy};
	struct directory fresh = {0};
	loy_status status = loy__files_room(out);

	if (status == LOY_OK)
		status = loy__memory_adopt(&fresh.memory, memory);
	if (status != LOY_OK)
		return status;
	fresh.own.release = memory_release;
	loy__random_init(&fresh.random, seed);
	files.user_data = loy__alloc(&fresh.memory, sizeof(fresh));
	if (files.user_data == NULL)
		return LOY_ENOMEM;
	memcpy(files.user_data, &fresh, sizeof(fresh));
	loy__files_give(out, &files);
	return LOY_OK;
}
