/*
 * A directory of Windows. The path is made absolute once and written in the form that knows neither a longest path nor
 * names of devices, so that a later change of the current directory, deep folders and a file called "con" do no harm.
 *
 * The lock is a file opened without sharing: the kernel gives it back when the process dies.
 */
#include "store/files.h"

#if defined(LOY__FILES_WINDOWS)
#include <limits.h>
#include <string.h>
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN 1 /* no sockets, whose names, */
#endif
#include <windows.h>
#undef near /* nor words of 16-bit days: in the single file they would reach our own */
#undef far

/* One call moves at most this much: sizes have 32 bits. */
#define STEP_MAX ((size_t)1 << 30)

/* Scanners open files for moments: a refusal is believed after this many attempts, 63 ms in all. */
#define ATTEMPTS 7u

/* ERROR_DISK_QUOTA_EXCEEDED, which not every SDK names. */
#define QUOTA_EXCEEDED 1295

#define PREFIX        L"\\\\?\\"
#define PREFIX_LENGTH 4u

struct directory {
	loy__files_own own; /* first: loy_files_close() finds it there */
	loy_allocator memory;
	int read_only;
	WCHAR *path,
	        *other; /* full path with a backslash, room for a name behind it; the second for rename */
	size_t room;    /* of each */
	size_t length;  /* of the part before the name */
};

struct handle {
	HANDLE system;
	int read_only;
};

/* What RtlGenRandom is called in advapi32, which every Windows has and every linker knows. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG size);

static loy_status failed(DWORD error)
{
	switch (error) {
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
		return LOY_ENOTFOUND;
	case ERROR_ACCESS_DENIED:
		return LOY_EDENIED;
	case ERROR_NOT_ENOUGH_MEMORY:
	case ERROR_OUTOFMEMORY:
		return LOY_ENOMEM;
	case ERROR_DISK_FULL:
	case ERROR_HANDLE_DISK_FULL:
	case ERROR_FILE_TOO_LARGE:
	case QUOTA_EXCEEDED:
		return LOY_EFULL;
	default:
		return LOY_EIO;
	}
}

/* The same for calls that change something: a medium that cannot be written has not failed. */
static loy_status change_failed(DWORD error)
{
	return error == ERROR_WRITE_PROTECT ? LOY_EREADONLY : failed(error);
}

/* Whether to try again after GetLastError(): waits 1, 2, 4, … ms. */
static int try_again(DWORD error, unsigned attempt)
{
	if (error != ERROR_SHARING_VIOLATION && error != ERROR_LOCK_VIOLATION && error != ERROR_ACCESS_DENIED)
		return 0;
	if (attempt + 1 >= ATTEMPTS)
		return 0;
	Sleep((DWORD)1 << attempt);
	return 1;
}

/* The full path of a name of ours, in the buffer given. */
static const WCHAR *full(const struct directory *d, WCHAR *buffer, const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		buffer[d->length + i] = (WCHAR)name[i];
	buffer[d->length + i] = L'\0';
	return buffer;
}

static loy_status open_system(const struct directory *d, const char *name, uint32_t mode, HANDLE *out)
{
	static const DWORD creation[] = {0, OPEN_EXISTING, OPEN_EXISTING, CREATE_ALWAYS, OPEN_ALWAYS};
	DWORD rights = mode == LOY_OPEN_READ ? GENERIC_READ : GENERIC_READ | GENERIC_WRITE;
	DWORD sharing = mode == LOY_OPEN_LOCK ? 0 : FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	const WCHAR *path = full(d, d->path, name);
	unsigned attempt = 0;
	DWORD error;

	do {
		*out = CreateFileW(path, rights, sharing, NULL, creation[mode], FILE_ATTRIBUTE_NORMAL, NULL);
		if (*out != INVALID_HANDLE_VALUE)
			return LOY_OK;
		error = GetLastError();
		if (mode == LOY_OPEN_LOCK && error == ERROR_SHARING_VIOLATION)
			return LOY_ELOCKED;
	} while (try_again(error, attempt++));
	return mode == LOY_OPEN_READ ? failed(error) : change_failed(error);
}

static loy_status windows_open(void *user_data, const char *name, uint32_t mode, void **file)
{
	struct directory *d = user_data;
	struct handle *handle;
	loy_status status;

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
	status = open_system(d, name, mode, &handle->system);
	if (status == LOY_OK)
		*file = handle;
	else
		loy__free(&d->memory, handle, sizeof(*handle));
	return status;
}

static void windows_close(void *user_data, void *file)
{
	const struct directory *d = user_data;
	struct handle *handle = file;

	(void)CloseHandle(handle->system);
	loy__free(&d->memory, handle, sizeof(*handle));
}

/* One call's part of a transfer, with the place to read or write in `place`. */
static DWORD step_at(uint64_t offset, size_t left, OVERLAPPED *place)
{
	memset(place, 0, sizeof(*place));
	place->Offset = (DWORD)(offset & UINT32_MAX);
	place->OffsetHigh = (DWORD)(offset >> 32);
	return (DWORD)(left < STEP_MAX ? left : STEP_MAX);
}

static loy_status windows_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                               size_t *got)
{
	const struct handle *handle = file;
	uint8_t *to = buffer;
	size_t done = 0;

	(void)user_data;
	while (done < size && offset + done >= offset && offset + done <= (uint64_t)INT64_MAX) {
		OVERLAPPED place;
		DWORD step = step_at(offset + done, size - done, &place), moved = 0;

		if (!ReadFile(handle->system, to + done, step, &moved, &place)) {
			if (GetLastError() != ERROR_HANDLE_EOF)
				return failed(GetLastError());
			break;
		}
		if (moved == 0)
			break;
		done += moved;
	}
	*got = done;
	return LOY_OK;
}

static loy_status windows_write(void *user_data, void *file, uint64_t offset, const void *buffer, size_t size)
{
	const struct handle *handle = file;
	const uint8_t *from = buffer;
	size_t done = 0;

	(void)user_data;
	if (handle->read_only)
		return LOY_EREADONLY;
	if (size > 0 && offset > (uint64_t)INT64_MAX - size)
		return LOY_EFULL;
	while (done < size) {
		OVERLAPPED place;
		DWORD step = step_at(offset + done, size - done, &place), moved = 0;

		if (!WriteFile(handle->system, from + done, step, &moved, &place))
			return change_failed(GetLastError());
		if (moved == 0)
			return LOY_EIO; /* no progress and no reason: not a medium to trust */
		done += moved;
	}
	return LOY_OK;
}

static loy_status windows_size(void *user_data, void *file, uint64_t *size)
{
	const struct handle *handle = file;
	LARGE_INTEGER found;

	(void)user_data;
	if (!GetFileSizeEx(handle->system, &found))
		return failed(GetLastError());
	*size = (uint64_t)found.QuadPart;
	return LOY_OK;
}

static loy_status windows_resize(void *user_data, void *file, uint64_t size)
{
	const struct handle *handle = file;
	FILE_END_OF_FILE_INFO end;

	(void)user_data;
	if (handle->read_only)
		return LOY_EREADONLY;
	if (size > (uint64_t)INT64_MAX)
		return LOY_EFULL;
	end.EndOfFile.QuadPart = (LONGLONG)size;
	if (SetFileInformationByHandle(handle->system, FileEndOfFileInfo, &end, sizeof(end)))
		return LOY_OK;
	/* Sizes no volume can have are refused as arguments. */
	return GetLastError() == ERROR_INVALID_PARAMETER ? LOY_EFULL : change_failed(GetLastError());
}

static loy_status windows_sync(void *user_data, void *file)
{
	const struct handle *handle = file;

	(void)user_data;
	if (handle->read_only || FlushFileBuffers(handle->system))
		return LOY_OK;
	return failed(GetLastError());
}

/*
 * Windows promises nothing of the kind. NTFS writes changes of directories to its own journal in order, moves are
 * written through, and flushing the directory's handle, where that is allowed, is all that can be added.
 */
static loy_status windows_sync_directory(void *user_data)
{
	const struct directory *d = user_data;
	HANDLE system;

	if (d->read_only)
		return LOY_OK;
	system = CreateFileW(full(d, d->path, ""), GENERIC_WRITE,
	                     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
	                     FILE_FLAG_BACKUP_SEMANTICS, NULL);
	if (system != INVALID_HANDLE_VALUE) {
		(void)FlushFileBuffers(system);
		(void)CloseHandle(system);
	}
	return LOY_OK;
}

static loy_status windows_rename(void *user_data, const char *from, const char *to)
{
	const struct directory *d = user_data;
	unsigned attempt = 0;
	DWORD error;

	if (!loy__file_name_valid(from) || !loy__file_name_valid(to))
		return LOY_EINVAL;
	if (d->read_only)
		return LOY_EREADONLY;
	(void)full(d, d->path, from);
	(void)full(d, d->other, to);
	do {
		if (MoveFileExW(d->path, d->other, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
			return LOY_OK;
		error = GetLastError();
	} while (try_again(error, attempt++));
	return change_failed(error);
}

static loy_status windows_remove(void *user_data, const char *name)
{
	const struct directory *d = user_data;
	unsigned attempt = 0;
	DWORD error;

	if (!loy__file_name_valid(name))
		return LOY_EINVAL;
	if (d->read_only)
		return LOY_EREADONLY;
	do {
		if (DeleteFileW(full(d, d->path, name)))
			return LOY_OK;
		error = GetLastError();
	} while (try_again(error, attempt++));
	return change_failed(error);
}

/* A name of ours from one of the system's; 0 when it is none. */
static int narrow(const WCHAR *wide, char *name)
{
	size_t i;

	for (i = 0; wide[i] != L'\0'; i++) {
		if (i == LOY_FILE_NAME_MAX || wide[i] > 127)
			return 0;
		name[i] = (char)wide[i];
	}
	name[i] = '\0';
	return loy__file_name_valid(name);
}

/* In a frame of its own: what the system finds is large. */
static LOY__NOINLINE loy_status windows_list(void *user_data,
                                             int32_t (*each)(const char *name, void *context), void *context)
{
	const struct directory *d = user_data;
	char name[LOY_FILE_NAME_MAX + 1];
	WIN32_FIND_DATAW found;
	HANDLE search = FindFirstFileW(full(d, d->path, "*"), &found);
	DWORD error = ERROR_NO_MORE_FILES;

	if (search == INVALID_HANDLE_VALUE)
		return GetLastError() == ERROR_FILE_NOT_FOUND ? LOY_OK : failed(GetLastError());
	for (;;) {
		if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 &&
		    narrow(found.cFileName, name) && each(name, context) != 0)
			break;
		if (!FindNextFileW(search, &found)) {
			error = GetLastError();
			break;
		}
	}
	(void)FindClose(search);
	return error == ERROR_NO_MORE_FILES ? LOY_OK : failed(error);
}

static loy_status windows_entropy(void *user_data, void *buffer, size_t size)
{
	uint8_t *out = buffer;
	size_t done, step;

	(void)user_data;
	for (done = 0; done < size; done += step) {
		step = size - done < STEP_MAX ? size - done : STEP_MAX;
		if (!SystemFunction036(out + done, (ULONG)step))
			return LOY_EIO;
	}
	return LOY_OK;
}

static void free_paths(const struct directory *d)
{
	loy__free(&d->memory, d->path, d->room * sizeof(WCHAR));
	loy__free(&d->memory, d->other, d->room * sizeof(WCHAR));
}

static void windows_release(loy__files_own *own)
{
	struct directory *d = (struct directory *)(void *)own;
	loy_allocator memory = d->memory;

	free_paths(d);
	loy__free(&memory, d, sizeof(*d));
}

/* Make d->path and d->other of a terminated path; whatever comes back, free_paths() is the caller's. */
static loy_status make_paths(struct directory *d, const WCHAR *given)
{
	DWORD need = GetFullPathNameW(given, 0, NULL, NULL), length;

	if (need == 0)
		return failed(GetLastError());
	/* Before: the prefix. Behind: a backslash and a name; the terminator is counted in `need`. */
	d->room = PREFIX_LENGTH + (size_t)need + 1 + LOY_FILE_NAME_MAX;
	d->path = loy__alloc(&d->memory, d->room * sizeof(WCHAR));
	d->other = loy__alloc(&d->memory, d->room * sizeof(WCHAR));
	if (d->path == NULL || d->other == NULL)
		return LOY_ENOMEM;
	length = GetFullPathNameW(given, need, d->other, NULL);
	if (length == 0 || length >= need)
		return LOY_EIO;
	if (length > 1 && d->other[1] == L':') { /* a drive; others, such as \\server, stay as they are */
		memcpy(d->path, PREFIX, PREFIX_LENGTH * sizeof(WCHAR));
		d->length = PREFIX_LENGTH;
	}
	memcpy(d->path + d->length, d->other, length * sizeof(WCHAR));
	d->length += length;
	if (d->path[d->length - 1] != L'\\')
		d->path[d->length++] = L'\\';
	d->path[d->length] = L'\0';
	memcpy(d->other, d->path, d->length * sizeof(WCHAR));
	return LOY_OK;
}

/* Make the directory when it is missing, and see that it is one. */
static loy_status make_directory(const struct directory *d)
{
	DWORD error = ERROR_SUCCESS, attributes;

	if (!d->read_only && !CreateDirectoryW(d->path, NULL))
		error = GetLastError();
	if (error == ERROR_PATH_NOT_FOUND)
		return LOY_ENOTFOUND;
	attributes = GetFileAttributesW(d->path); /* whatever went wrong: is there one now? */
	if (attributes == INVALID_FILE_ATTRIBUTES) {
		if (error == ERROR_WRITE_PROTECT || error == ERROR_ACCESS_DENIED)
			return change_failed(error);
		return failed(GetLastError());
	}
	return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? LOY_OK : LOY_EIO;
}

/* Fill in all of `d` that depends on the path. */
static loy_status open_path(struct directory *d, const char *path, size_t length)
{
	int wide_length = length <= (size_t)INT_MAX ? (int)length : 0;
	int need = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, wide_length, NULL, 0);
	size_t bytes = ((size_t)need + 1) * sizeof(WCHAR);
	WCHAR *wide;
	loy_status status;

	if (need <= 0)
		return LOY_EINVAL;
	wide = loy__alloc(&d->memory, bytes);
	if (wide == NULL)
		return LOY_ENOMEM;
	(void)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, wide_length, wide, need);
	wide[need] = L'\0';
	status = make_paths(d, wide);
	loy__free(&d->memory, wide, bytes);
	if (status == LOY_OK)
		status = make_directory(d);
	if (status != LOY_OK)
		free_paths(d);
	return status;
}

loy_status loy_files_open_directory(loy_files *out, const char *path, size_t length, int32_t read_only,
                                    const loy_allocator *memory)
{
	loy_files files = {.open = windows_open,
	                   .close = windows_close,
	                   .read_at = windows_read,
	                   .write_at = windows_write,
	                   .size = windows_size,
	                   .resize = windows_resize,
	                   .sync = windows_sync,
	                   .rename = windows_rename,
	                   .remove = windows_remove,
	                   .sync_directory = windows_sync_directory,
	                   .list = windows_list,
	                   .entropy = windows_entropy};
	struct directory fresh = {.read_only = read_only != 0};
	loy_status status = loy__files_room(out);
	struct directory *d;

	if (status == LOY_OK && (path == NULL || length == 0 || memchr(path, '\0', length) != NULL))
		status = LOY_EINVAL;
	if (status == LOY_OK)
		status = loy__memory_adopt(&fresh.memory, memory);
	if (status != LOY_OK)
		return status;
	d = loy__alloc(&fresh.memory, sizeof(*d));
	if (d == NULL)
		return LOY_ENOMEM;
	status = open_path(&fresh, path, length);
	if (status != LOY_OK) {
		loy__free(&fresh.memory, d, sizeof(*d));
		return status;
	}
	fresh.own.release = windows_release;
	*d = fresh;
	files.user_data = d;
	loy__files_give(out, &files);
	return LOY_OK;
}
#endif
