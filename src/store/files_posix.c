/*
 * A directory of a POSIX system. All names are looked up below one descriptor of the directory, so it may be moved
 * while it is in use, and a later chdir() changes nothing.
 *
 * The lock belongs to the open file description, not to the process: opening the store twice in one process is
 * noticed, closing some other descriptor of the file does not give the lock away, and the kernel releases it when the
 * process dies. Linux has such locks as F_OFD_SETLK; flock() elsewhere (and on kernels before 3.15) is the same.
 */
#if defined(                                                                                                 \
        __linux__) /* glibc and musl show nothing but ISO C otherwise; the single-file build says it at its start */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1 /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#endif
#if !defined(_FILE_OFFSET_BITS)
#define _FILE_OFFSET_BITS 64 /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#endif
#endif
#include "store/files.h"

#if defined(LOY__FILES_POSIX)
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat() */
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/random.h>
#endif

/* Records of customers: nobody but the owner and, where the umask allows it, the group may read them. */
#define FILE_RIGHTS      0660
#define DIRECTORY_RIGHTS 0770

/* One call moves at most this much: Linux stops at 2 GiB anyway, and ssize_t may have 32 bits. */
#define STEP_MAX ((size_t)1 << 30)

struct directory {
	loy__files_own own; /* first: loy_files_close() finds it there */
	loy_allocator memory;
	int descriptor;
	int read_only;
};

struct handle {
	int descriptor;
	int read_only;
};

static loy_status failed(int error)
{
	switch (error) {
	case ENOENT:
		return LOY_ENOTFOUND;
	case ENOMEM:
		return LOY_ENOMEM;
	case EACCES:
	case EPERM:
		return LOY_EDENIED;
	case ENOSPC:
	case EFBIG:
#if defined(EDQUOT)
	case EDQUOT:
#endif
		return LOY_EFULL;
	default:
		return LOY_EIO;
	}
}

/* The same for calls that change something: a medium that cannot be written has not failed. */
static loy_status change_failed(int error)
{
	return error == EROFS ? LOY_EREADONLY : failed(error);
}

/* Largest offset the system can be asked for; off_t has 32 bits where the single-file build came too late to say. */
static uint64_t offset_max(void)
{
	return sizeof(off_t) >= 8 ? (uint64_t)INT64_MAX : (uint64_t)INT32_MAX;
}

static int open_again(int directory, const char *name, int flags)
{
	int descriptor;

	do
		descriptor = openat(directory, name, flags | O_CLOEXEC | O_NOCTTY, FILE_RIGHTS);
	while (descriptor < 0 && errno == EINTR);
	return descriptor;
}

static loy_status lock(int descriptor)
{
#if defined(F_OFD_SETLK)
	struct flock whole;

	memset(&whole, 0, sizeof(whole)); /* from the start to the end; l_pid must be 0 */
	whole.l_type = F_WRLCK;
	whole.l_whence = SEEK_SET;
	if (fcntl(descriptor, F_OFD_SETLK, &whole) == 0)
		return LOY_OK;
	if (errno != EINVAL)
		return errno == EAGAIN || errno == EACCES ? LOY_ELOCKED : LOY_EIO;
#endif
	while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? LOY_ELOCKED : LOY_EIO;
	}
	return LOY_OK;
}

static loy_status directory_open(void *user_data, const char *name, uint32_t mode, void **file)
{
	static const int flags[] = {0, O_RDONLY, O_RDWR, O_RDWR | O_CREAT | O_TRUNC, O_RDWR | O_CREAT};
	struct directory *d = user_data;
	loy_status status = LOY_OK;
	struct handle *handle;

	if (file == NULL)
		return LOY_EINVAL;
	*file = NULL;
	if (!loy__file_name_valid(name) || mode < LOY_OPEN_READ || mode > LOY_OPEN_LOCK)
		return LOY_EINVAL;
	if (d->read_only && mode != LOY_OPEN_READ)
		return LOY_EREADONLY;
	handle = loy__alloc(&d->memory, sizeof(*handle));
	if (handle == NULL)
		return LOY_ENOMEM;
	handle->read_only = mode == LOY_OPEN_READ;
	handle->descriptor = open_again(d->descriptor, name, flags[mode]);
	if (handle->descriptor < 0)
		status = handle->read_only ? failed(errno) : change_failed(errno);
	else if (mode == LOY_OPEN_LOCK)
		status = lock(handle->descriptor);
	if (status == LOY_OK) {
		*file = handle;
		return LOY_OK;
	}
	if (handle->descriptor >= 0)
		(void)close(handle->descriptor);
	loy__free(&d->memory, handle, sizeof(*handle));
	return status;
}

static void directory_close(void *user_data, void *file)
{
	const struct directory *d = user_data;
	struct handle *handle = file;

	/* Its error would be about what was never synced; and after EINTR Linux has closed it all the same. */
	(void)close(handle->descriptor);
	loy__free(&d->memory, handle, sizeof(*handle));
}

static loy_status directory_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                                 size_t *got)
{
	const struct handle *handle = file;
	uint8_t *to = buffer;
	size_t done = 0;

	(void)user_data;
	while (done < size && offset + done >= offset && offset + done <= offset_max()) {
		size_t step = size - done < STEP_MAX ? size - done : STEP_MAX;
		ssize_t moved = pread(handle->descriptor, to + done, step, (off_t)(offset + done));

		if (moved == 0)
			break;
		if (moved > 0)
			done += (size_t)moved;
		else if (errno != EINTR)
			return failed(errno);
	}
	*got = done;
	return LOY_OK;
}

static loy_status directory_write(void *user_data, void *file, uint64_t offset, const void *buffer,
                                  size_t size)
{
	const struct handle *handle = file;
	const uint8_t *from = buffer;
	size_t done = 0;

	(void)user_data;
	if (handle->read_only)
		return LOY_EREADONLY;
	if (size > 0 && (size > offset_max() || offset > offset_max() - size))
		return LOY_EFULL;
	while (done < size) {
		size_t step = size - done < STEP_MAX ? size - done : STEP_MAX;
		ssize_t moved = pwrite(handle->descriptor, from + done, step, (off_t)(offset + done));

		if (moved > 0)
			done += (size_t)moved;
		else if (moved == 0)
			return LOY_EIO; /* no progress and no reason: not a medium to trust */
		else if (errno != EINTR)
			return change_failed(errno);
	}
	return LOY_OK;
}

static loy_status directory_size(void *user_data, void *file, uint64_t *size)
{
	const struct handle *handle = file;
	struct stat facts;

	(void)user_data;
	if (fstat(handle->descriptor, &facts) != 0)
		return failed(errno);
	if (facts.st_size < 0)
		return LOY_EIO;
	*size = (uint64_t)facts.st_size;
	return LOY_OK;
}

static loy_status directory_resize(void *user_data, void *file, uint64_t size)
{
	const struct handle *handle = file;

	(void)user_data;
	if (handle->read_only)
		return LOY_EREADONLY;
	if (size > offset_max())
		return LOY_EFULL;
	while (ftruncate(handle->descriptor, (off_t)size) != 0) {
		if (errno != EINTR)
			return change_failed(errno);
	}
	return LOY_OK;
}

/* A failure is final: the kernel may have forgotten what it could not write, and the next fsync() would succeed. */
static loy_status directory_sync(void *user_data, void *file)
{
	const struct handle *handle = file;
	int result;

	(void)user_data;
	do {
#if defined(F_FULLFSYNC) /* fsync() of Apple's systems leaves bytes in the drive's own memory */
		result = fcntl(handle->descriptor, F_FULLFSYNC);
		if (result != 0 && errno != EINTR && errno != EIO)
			result = fsync(handle->descriptor); /* not every file system has it */
#elif defined(_POSIX_SYNCHRONIZED_IO) && _POSIX_SYNCHRONIZED_IO > 0
		result = fdatasync(handle->descriptor);
#else
		result = fsync(handle->descriptor);
#endif
	} while (result != 0 && errno == EINTR);
	return result == 0 ? LOY_OK : failed(errno);
}

/* Some file systems have no such thing and say EINVAL: their directories are as safe as they ever get. */
static loy_status sync_descriptor(int descriptor)
{
	while (fsync(descriptor) != 0) {
		if (errno == EINVAL)
			break;
		if (errno != EINTR)
			return failed(errno);
	}
	return LOY_OK;
}

static loy_status directory_sync_directory(void *user_data)
{
	const struct directory *d = user_data;

	return d->read_only ? LOY_OK : sync_descriptor(d->descriptor);
}

static loy_status directory_rename(void *user_data, const char *from, const char *to)
{
	const struct directory *d = user_data;

	if (!loy__file_name_valid(from) || !loy__file_name_valid(to))
		return LOY_EINVAL;
	if (d->read_only)
		return LOY_EREADONLY;
	return renameat(d->descriptor, from, d->descriptor, to) == 0 ? LOY_OK : change_failed(errno);
}

static loy_status directory_remove(void *user_data, const char *name)
{
	const struct directory *d = user_data;

	if (!loy__file_name_valid(name))
		return LOY_EINVAL;
	if (d->read_only)
		return LOY_EREADONLY;
	return unlinkat(d->descriptor, name, 0) == 0 ? LOY_OK : change_failed(errno);
}

static loy_status directory_list(void *user_data, int32_t (*each)(const char *name, void *context),
                                 void *context)
{
	const struct directory *d = user_data;
	/* Opened anew, because a stream takes its descriptor with it, and two of one description share a position. */
	int descriptor = open_again(d->descriptor, ".", O_RDONLY | O_DIRECTORY);
	DIR *stream = descriptor >= 0 ? fdopendir(descriptor) : NULL;
	const struct dirent *entry;
	int error;

	if (stream == NULL) {
		error = errno;
		if (descriptor >= 0)
			(void)close(descriptor);
		return failed(error);
	}
	do {
		errno = 0;               /* the end and an error look the same otherwise */
		entry = readdir(stream); /* NOLINT(concurrency-mt-unsafe): nobody else has this stream */
		error = errno;
	} while (entry != NULL &&
	         (!loy__file_name_valid(entry->d_name) || each(entry->d_name, context) == 0));
	(void)closedir(stream);
	return entry == NULL && error != 0 ? failed(error) : LOY_OK;
}

/* The device, for systems without a call. */
static loy_status read_device(uint8_t *out, size_t size)
{
	int descriptor = open_again(AT_FDCWD, "/dev/urandom", O_RDONLY);
	size_t done = 0;

	if (descriptor < 0)
		return LOY_EIO;
	while (done < size) {
		ssize_t moved = read(descriptor, out + done, size - done);

		if (moved > 0)
			done += (size_t)moved;
		else if (moved == 0 || errno != EINTR)
			break;
	}
	(void)close(descriptor);
	return done == size ? LOY_OK : LOY_EIO;
}

static loy_status directory_entropy(void *user_data, void *buffer, size_t size)
{
	uint8_t *out = buffer;
	size_t done = 0;

	(void)user_data;
#if defined(                                                                                                 \
        __linux__) /* unlike the device, it waits until a system that has just started has anything to give */
	while (done < size) {
		ssize_t moved = getrandom(out + done, size - done, 0);

		if (moved > 0)
			done += (size_t)moved;
		else if (errno != EINTR)
			break;
	}
#endif
	return done == size ? LOY_OK : read_device(out + done, size - done);
}

static void directory_release(loy__files_own *own)
{
	struct directory *d = (struct directory *)(void *)own;
	loy_allocator memory = d->memory;

	(void)close(d->descriptor);
	loy__free(&memory, d, sizeof(*d));
}

/* A directory that was made, now or before a crash, is on the medium only when the one it lies in was synced. */
static loy_status sync_parent(int descriptor)
{
	int parent = open_again(descriptor, "..", O_RDONLY | O_DIRECTORY);
	loy_status status;

	if (parent < 0)
		return errno == EACCES ? LOY_OK : failed(errno); /* whoever may not read it cannot sync it */
	status = sync_descriptor(parent);
	(void)close(parent);
	return status;
}

/* Make the directory when it is missing, and open it. */
static loy_status open_path(struct directory *d, const char *path)
{
	loy_status made = LOY_OK, status = LOY_OK;

	if (!d->read_only && mkdir(path, DIRECTORY_RIGHTS) != 0 && errno != EEXIST)
		made = change_failed(errno);
	/* Where nothing can be made there may yet be a directory. */
	if (made != LOY_OK && made != LOY_EREADONLY && made != LOY_EDENIED)
		return made;
	d->descriptor = open_again(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	if (d->descriptor < 0)
		return errno == ENOENT && made != LOY_OK ? made : failed(errno);
	if (!d->read_only)
		status = sync_parent(d->descriptor);
	if (status != LOY_OK)
		(void)close(d->descriptor);
	return status;
}

loy_status loy_files_open_directory(loy_files *out, const char *path, size_t length, int32_t read_only,
                                    const loy_allocator *memory)
{
	loy_files files = {.open = directory_open,
	                   .close = directory_close,
	                   .read_at = directory_read,
	                   .write_at = directory_write,
	                   .size = directory_size,
	                   .resize = directory_resize,
	                   .sync = directory_sync,
	                   .rename = directory_rename,
	                   .remove = directory_remove,
	                   .sync_directory = directory_sync_directory,
	                   .list = directory_list,
	                   .entropy = directory_entropy};
	struct directory fresh = {.read_only = read_only != 0};
	loy_status status = loy__files_room(out);
	struct directory *d = NULL;
	char *terminated = NULL;

	if (status == LOY_OK && (path == NULL || length == 0 || memchr(path, '\0', length) != NULL))
		status = LOY_EINVAL;
	if (status == LOY_OK)
		status = loy__memory_adopt(&fresh.memory, memory);
	if (status != LOY_OK)
		return status;
	d = loy__alloc(&fresh.memory, sizeof(*d));
	terminated = length < SIZE_MAX ? loy__alloc(&fresh.memory, length + 1) : NULL;
	if (d == NULL || terminated == NULL) {
		status = LOY_ENOMEM;
	} else {
		memcpy(terminated, path, length);
		terminated[length] = '\0';
		status = open_path(&fresh, terminated);
	}
	loy__free(&fresh.memory, terminated, length + 1);
	if (status != LOY_OK) {
		loy__free(&fresh.memory, d, sizeof(*d));
		return status;
	}
	fresh.own.release = directory_release;
	*d = fresh;
	files.user_data = d;
	loy__files_give(out, &files);
	return LOY_OK;
}
#endif
