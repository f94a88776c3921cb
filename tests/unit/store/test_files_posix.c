/*
 * A directory of a POSIX system beyond the contract of test_files.c: other processes, rights, and calls that are
 * interrupted, do half of the work or fail, each by standing in for the system (Linux with glibc).
 */
#define _GNU_SOURCE       1
#define _FILE_OFFSET_BITS 64
#include "support.h"
#include "store/store.h"

#if defined(LOY__FILES_POSIX)
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH "test_files_posix.directory"

static loy_status open_path(loy_files *out, const char *path, int32_t read_only)
{
	memset(out, 0, sizeof(*out));
	out->struct_size = sizeof(*out);
	return loy_files_open_directory(out, path, strlen(path), read_only, NULL);
}

static void *opened(const loy_files *f, const char *name, uint32_t mode)
{
	void *file = NULL;

	assert_int_equal(f->open(f->user_data, name, mode, &file), LOY_OK);
	return file;
}

static loy_status try_open(const loy_files *f, const char *name, uint32_t mode)
{
	void *file = NULL;
	loy_status status = f->open(f->user_data, name, mode, &file);

	if (file != NULL)
		f->close(f->user_data, file);
	return status;
}

/* An empty directory with one file "a" of ten digits, open as `file`. */
struct fixture {
	loy_files f;
	void *file;
};

static int remove_one(void)
{
	DIR *stream = opendir(PATH);
	const struct dirent *entry;
	int found = 0;

	while (stream != NULL && !found && (entry = readdir(stream)) != NULL) {
		char path[512];

		(void)snprintf(path, sizeof(path), PATH "/%s", entry->d_name);
		found = entry->d_name[0] != '.' && remove(path) == 0;
	}
	if (stream != NULL)
		closedir(stream);
	return found;
}

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return -1;
	while (remove_one())
		;
	assert_int_equal(open_path(&x->f, PATH, 0), LOY_OK);
	x->file = opened(&x->f, "a", LOY_OPEN_CREATE);
	assert_int_equal(x->f.write_at(x->f.user_data, x->file, 0, "0123456789", 10), LOY_OK);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	x->f.close(x->f.user_data, x->file);
	loy_files_close(&x->f);
	free(x);
	return 0;
}

static void paths(void **state)
{
	loy_files f = {.struct_size = sizeof(f)};

	(void)state;
	assert_int_equal(open_path(&f, "", 0), LOY_EINVAL);
	f.struct_size = sizeof(f);
	assert_int_equal(loy_files_open_directory(&f, NULL, 3, 0, NULL), LOY_EINVAL);
	assert_int_equal(loy_files_open_directory(&f, "a\0b", 3, 0, NULL), LOY_EINVAL);
	assert_int_equal(open_path(&f, "no/such/folder", 0), LOY_ENOTFOUND);
	assert_int_equal(open_path(&f, PATH "/none", 1), LOY_ENOTFOUND);
	assert_int_equal(open_path(&f, PATH "/a", 0), LOY_EIO); /* a file */
	assert_null(f.user_data);
	/* Only `length` bytes are the path. */
	f.struct_size = sizeof(f);
	assert_int_equal(loy_files_open_directory(&f, PATH "/none", strlen(PATH), 1, NULL), LOY_OK);
	assert_int_equal(try_open(&f, "a", LOY_OPEN_READ), LOY_OK);
	loy_files_close(&f);
}

static void read_only_changes_nothing(void **state)
{
	struct fixture *x = *state;
	loy_files f;

	(void)x;
	assert_int_equal(open_path(&f, PATH, 1), LOY_OK);
	assert_int_equal(try_open(&f, "a", LOY_OPEN_READ), LOY_OK);
	assert_int_equal(try_open(&f, "a", LOY_OPEN_WRITE), LOY_EREADONLY);
	assert_int_equal(try_open(&f, "b", LOY_OPEN_CREATE), LOY_EREADONLY);
	assert_int_equal(try_open(&f, "lock", LOY_OPEN_LOCK), LOY_EREADONLY);
	assert_int_equal(f.rename(f.user_data, "a", "b"), LOY_EREADONLY);
	assert_int_equal(f.remove(f.user_data, "a"), LOY_EREADONLY);
	assert_int_equal(f.sync_directory(f.user_data), LOY_OK);
	loy_files_close(&f);
}

static int32_t count_names(const char *name, void *context)
{
	assert_string_equal(name, "a");
	++*(int *)context;
	return 0;
}

static void foreign_files_are_left_alone(void **state)
{
	struct fixture *x = *state;
	FILE *foreign = fopen(PATH "/Read.Me", "w");
	int names = 0;

	assert_non_null(foreign);
	fclose(foreign);
	assert_int_equal(x->f.list(x->f.user_data, count_names, &names), LOY_OK);
	assert_int_equal(names, 1);
	assert_int_equal(access(PATH "/Read.Me", F_OK), 0);
}

static void strangers_cannot_read(void **state)
{
	struct stat facts;
	mode_t old = umask(0);
	struct fixture *x = *state;

	assert_int_equal(try_open(&x->f, "b", LOY_OPEN_CREATE), LOY_OK);
	umask(old);
	assert_int_equal(stat(PATH "/b", &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0660);
}

static void the_working_directory_may_change(void **state)
{
	struct fixture *x = *state;
	int here = open(".", O_RDONLY | O_DIRECTORY);
	loy_status made;

	assert_true(here >= 0);
	assert_int_equal(chdir("/"), 0);
	made = try_open(&x->f, "b", LOY_OPEN_CREATE);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_int_equal(made, LOY_OK);
	assert_int_equal(access(PATH "/b", F_OK), 0);
}

/* What another process gets for the lock; it keeps it until killed when `stay` is set. */
static loy_status in_another_process(int stay, pid_t *child)
{
	unsigned char byte = 99;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*child = fork();
	assert_true(*child >= 0);
	if (*child == 0) {
		void *file = NULL;
		loy_files f;
		loy_status status = open_path(&f, PATH, 0);

		if (status == LOY_OK)
			status = f.open(f.user_data, "lock", LOY_OPEN_LOCK, &file);
		byte = (unsigned char)status;
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		while (stay)
			pause();
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return byte;
}

static void reap(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
}

static void locks_hold_between_processes(void **state)
{
	struct fixture *x = *state;
	void *lock = opened(&x->f, "lock", LOY_OPEN_LOCK), *again = NULL;
	pid_t child;

	assert_int_equal(in_another_process(0, &child), LOY_ELOCKED);
	reap(child);
	/* Closing another descriptor of the same file does not give it away, as fcntl()'s older locks would. */
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_READ), LOY_OK);
	assert_int_equal(in_another_process(0, &child), LOY_ELOCKED);
	reap(child);
	x->f.close(x->f.user_data, lock);
	assert_int_equal(in_another_process(1, &child), LOY_OK);
	assert_int_equal(x->f.open(x->f.user_data, "lock", LOY_OPEN_LOCK, &again), LOY_ELOCKED);
	assert_int_equal(kill(child, SIGKILL), 0);
	reap(child);
	lock = opened(&x->f, "lock", LOY_OPEN_LOCK);
	x->f.close(x->f.user_data, lock);
}

static void a_limit_on_sizes_is_no_failure(void **state)
{
	struct fixture *x = *state;
	struct rlimit before, limit;
	char block[4096] = {0};

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 8192;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(x->f.write_at(x->f.user_data, x->file, 4096, block, sizeof(block)), LOY_OK);
	assert_int_equal(x->f.write_at(x->f.user_data, x->file, 8192, block, sizeof(block)), LOY_EFULL);
	assert_int_equal(x->f.resize(x->f.user_data, x->file, 8193), LOY_EFULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(x->f.write_at(x->f.user_data, x->file, 8192, block, sizeof(block)), LOY_OK);
}

/* ---- standing in for the system ---- */

#if defined(__GLIBC__)
/* What the next call of a name does instead of its work: fail with `error`, or, with error 0, return `result`. */
static struct trick {
	const char *call;
	int error;
	long result;
	int skip; /* let so many go through before */
} trick, second;
static struct trick struck; /* the one being played */

static int tricked(const char *call)
{
	struct trick *t = trick.call != NULL && strcmp(trick.call, call) == 0 ? &trick : &second;

	if (t->call == NULL || strcmp(t->call, call) != 0 || t->skip-- > 0)
		return 0;
	struck = *t;
	t->call = NULL;
	errno = struck.error;
	return 1;
}

static long outcome(void)
{
	return struck.error != 0 ? -1 : struck.result;
}

static void play(const char *call, int error, long result)
{
	struct trick t = {call, error, result, 0};

	trick = t;
}

/* All tricks must have been played. */
static void played(void)
{
	assert_null(trick.call);
	assert_null(second.call);
}

int __real_openat64(int directory, const char *path, int flags, ...);
int __wrap_openat64(int directory, const char *path, int flags, mode_t mode);
int __wrap_openat64(int directory, const char *path, int flags, mode_t mode)
{
	return tricked("openat") ? (int)outcome() : __real_openat64(directory, path, flags, mode);
}

ssize_t __real_pread64(int descriptor, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread64(int descriptor, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread64(int descriptor, void *buffer, size_t size, off_t offset)
{
	if (tricked("pread")) {
		if (outcome() <= 0)
			return outcome();
		size = (size_t)outcome();
	}
	return __real_pread64(descriptor, buffer, size, offset);
}

ssize_t __real_pwrite64(int descriptor, const void *buffer, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int descriptor, const void *buffer, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int descriptor, const void *buffer, size_t size, off_t offset)
{
	if (tricked("pwrite")) {
		if (outcome() <= 0)
			return outcome();
		size = (size_t)outcome();
	}
	return __real_pwrite64(descriptor, buffer, size, offset);
}

ssize_t __real_read(int descriptor, void *buffer, size_t size);
ssize_t __wrap_read(int descriptor, void *buffer, size_t size);
ssize_t __wrap_read(int descriptor, void *buffer, size_t size)
{
	if (tricked("read")) {
		if (outcome() <= 0)
			return outcome();
		size = (size_t)outcome();
	}
	return __real_read(descriptor, buffer, size);
}

ssize_t __real_getrandom(void *buffer, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags)
{
	if (tricked("getrandom")) {
		if (outcome() <= 0)
			return outcome();
		size = (size_t)outcome();
	}
	return __real_getrandom(buffer, size, flags);
}

int __real_fstat64(int descriptor, struct stat *facts);
int __wrap_fstat64(int descriptor, struct stat *facts);
int __wrap_fstat64(int descriptor, struct stat *facts)
{
	int result = tricked("fstat") ? -2 : __real_fstat64(descriptor, facts);

	if (result != -2)
		return result;
	if (struck.error != 0)
		return -1;
	facts->st_size = -1;
	return 0;
}

int __real_ftruncate64(int descriptor, off_t size);
int __wrap_ftruncate64(int descriptor, off_t size);
int __wrap_ftruncate64(int descriptor, off_t size)
{
	return tricked("ftruncate") ? (int)outcome() : __real_ftruncate64(descriptor, size);
}

int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor)
{
	return tricked("fsync") ? (int)outcome() : __real_fsync(descriptor);
}

int __real_fdatasync(int descriptor);
int __wrap_fdatasync(int descriptor);
int __wrap_fdatasync(int descriptor)
{
	return tricked("fdatasync") ? (int)outcome() : __real_fdatasync(descriptor);
}

int __real_renameat(int from_directory, const char *from, int to_directory, const char *to);
int __wrap_renameat(int from_directory, const char *from, int to_directory, const char *to);
int __wrap_renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	return tricked("renameat") ? (int)outcome() : __real_renameat(from_directory, from, to_directory, to);
}

int __real_unlinkat(int directory, const char *name, int flags);
int __wrap_unlinkat(int directory, const char *name, int flags);
int __wrap_unlinkat(int directory, const char *name, int flags)
{
	return tricked("unlinkat") ? (int)outcome() : __real_unlinkat(directory, name, flags);
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
	return tricked("mkdir") ? (int)outcome() : __real_mkdir(path, mode);
}

int __real_fcntl64(int descriptor, int command, void *argument);
int __wrap_fcntl64(int descriptor, int command, void *argument);
int __wrap_fcntl64(int descriptor, int command, void *argument)
{
	return tricked("fcntl") ? (int)outcome() : __real_fcntl64(descriptor, command, argument);
}

int __real_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation)
{
	return tricked("flock") ? (int)outcome() : __real_flock(descriptor, operation);
}

DIR *__real_fdopendir(int descriptor);
DIR *__wrap_fdopendir(int descriptor);
DIR *__wrap_fdopendir(int descriptor)
{
	return tricked("fdopendir") ? NULL : __real_fdopendir(descriptor);
}

struct dirent *__real_readdir64(DIR *stream);
struct dirent *__wrap_readdir64(DIR *stream);
struct dirent *__wrap_readdir64(DIR *stream)
{
	return tricked("readdir") ? NULL : __real_readdir64(stream);
}

/* Every call that may be interrupted or do a part goes on where it was. */
static void half_work_is_finished(void **state)
{
	struct fixture *x = *state;
	char buffer[16] = "";
	uint8_t noise[32] = {0};
	uint64_t size;
	size_t got;
	int i;

	for (i = 0; i < 2; i++) {
		play("pwrite", i == 0 ? EINTR : 0, 3);
		assert_int_equal(x->f.write_at(x->f.user_data, x->file, 0, "abcdefghij", 10), LOY_OK);
		played();
		play("pread", i == 0 ? EINTR : 0, 4);
		assert_int_equal(x->f.read_at(x->f.user_data, x->file, 0, buffer, 10, &got), LOY_OK);
		played();
		assert_int_equal(got, 10);
		assert_string_equal(buffer, "abcdefghij");
		play("getrandom", i == 0 ? EINTR : 0, 5);
		assert_int_equal(x->f.entropy(x->f.user_data, noise, sizeof(noise)), LOY_OK);
		played();
	}
	play("ftruncate", EINTR, 0);
	assert_int_equal(x->f.resize(x->f.user_data, x->file, 5), LOY_OK);
	played();
	assert_int_equal(x->f.size(x->f.user_data, x->file, &size), LOY_OK);
	assert_int_equal(size, 5);
	play("fdatasync", EINTR, 0);
	assert_int_equal(x->f.sync(x->f.user_data, x->file), LOY_OK);
	played();
	play("fsync", EINTR, 0);
	assert_int_equal(x->f.sync_directory(x->f.user_data), LOY_OK);
	played();
	play("openat", EINTR, 0);
	assert_int_equal(try_open(&x->f, "a", LOY_OPEN_READ), LOY_OK);
	played();
}

static const struct meaning {
	int error;
	loy_status reading, changing;
} meanings[] = {{EIO, LOY_EIO, LOY_EIO},           {ENOENT, LOY_ENOTFOUND, LOY_ENOTFOUND},
                {ENOMEM, LOY_ENOMEM, LOY_ENOMEM},  {ENOSPC, LOY_EFULL, LOY_EFULL},
                {EDQUOT, LOY_EFULL, LOY_EFULL},    {EFBIG, LOY_EFULL, LOY_EFULL},
                {EROFS, LOY_EIO, LOY_EREADONLY},   {EACCES, LOY_EDENIED, LOY_EDENIED},
                {EPERM, LOY_EDENIED, LOY_EDENIED}, {EMFILE, LOY_EIO, LOY_EIO}};

static void errors_have_a_meaning(void **state)
{
	struct fixture *x = *state;
	const loy_files *f = &x->f;
	char buffer[4];
	uint64_t size;
	int names = 0;
	size_t i, got;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

#define MEANS(name, call, expected)                                                                          \
	play(name, m->error, 0);                                                                             \
	assert_int_equal(call, m->expected);                                                                 \
	played()
		MEANS("openat", try_open(f, "a", LOY_OPEN_READ), reading);
		MEANS("openat", try_open(f, "a", LOY_OPEN_WRITE), changing);
		MEANS("openat", try_open(f, "b", LOY_OPEN_CREATE), changing);
		MEANS("pread", f->read_at(f->user_data, x->file, 0, buffer, 4, &got), reading);
		MEANS("pwrite", f->write_at(f->user_data, x->file, 0, "abc", 3), changing);
		MEANS("fstat", f->size(f->user_data, x->file, &size), reading);
		MEANS("ftruncate", f->resize(f->user_data, x->file, 3), changing);
		MEANS("fdatasync", f->sync(f->user_data, x->file), reading);
		MEANS("fsync", f->sync_directory(f->user_data), reading);
		MEANS("renameat", f->rename(f->user_data, "a", "b"), changing);
		MEANS("unlinkat", f->remove(f->user_data, "a"), changing);
		MEANS("openat", f->list(f->user_data, count_names, &names), reading);
		MEANS("fdopendir", f->list(f->user_data, count_names, &names), reading);
		MEANS("readdir", f->list(f->user_data, count_names, &names), reading);
#undef MEANS
	}
	assert_int_equal(names, 0);
	play("pwrite", 0, 0); /* neither progress nor a reason */
	assert_int_equal(f->write_at(f->user_data, x->file, 0, "abc", 3), LOY_EIO);
	play("fstat", 0, 0);
	assert_int_equal(f->size(f->user_data, x->file, &size), LOY_EIO);
	play("fsync", EINVAL, 0); /* a file system without synced directories */
	assert_int_equal(f->sync_directory(f->user_data), LOY_OK);
	played();
}

static void old_kernels_lock_as_well(void **state)
{
	struct fixture *x = *state;
	void *lock;

	play("fcntl", EINVAL, 0);
	lock = opened(&x->f, "lock", LOY_OPEN_LOCK);
	played();
	play("fcntl", EINVAL, 0);
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_ELOCKED);
	played();
	x->f.close(x->f.user_data, lock);
	play("fcntl", EACCES, 0);
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_ELOCKED);
	play("fcntl", ENOLCK, 0);
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_EIO);
	played();
	play("fcntl", EINVAL, 0);
	second = (struct trick){"flock", EINTR, 0, 0};
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_OK);
	played();
	play("fcntl", EINVAL, 0);
	second = (struct trick){"flock", ENOLCK, 0, 0};
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_EIO);
	played();
	assert_int_equal(try_open(&x->f, "lock", LOY_OPEN_LOCK), LOY_OK); /* given back each time */
}

/* The device stands in for a call that is missing; where neither is there, nothing is made up. */
static void entropy_has_a_second_source(void **state)
{
	struct fixture *x = *state;
	uint8_t noise[32] = {0}, none[32] = {0};

	play("getrandom", ENOSYS, 0);
	assert_int_equal(x->f.entropy(x->f.user_data, noise, sizeof(noise)), LOY_OK);
	played();
	assert_memory_not_equal(noise, none, sizeof(noise));
	play("getrandom", ENOSYS, 0);
	second = (struct trick){"read", 0, 7, 0};
	assert_int_equal(x->f.entropy(x->f.user_data, none, sizeof(none)), LOY_OK);
	played();
	assert_memory_not_equal(noise, none, sizeof(noise));
	play("getrandom", ENOSYS, 0);
	second = (struct trick){"read", EINTR, 0, 0};
	assert_int_equal(x->f.entropy(x->f.user_data, none, sizeof(none)), LOY_OK);
	played();
	play("getrandom", ENOSYS, 0);
	second = (struct trick){"read", 0, 0, 0}; /* the end, which it has not */
	assert_int_equal(x->f.entropy(x->f.user_data, none, sizeof(none)), LOY_EIO);
	played();
	play("getrandom", ENOSYS, 0);
	second = (struct trick){"openat", ENOENT, 0, 0};
	assert_int_equal(x->f.entropy(x->f.user_data, none, sizeof(none)), LOY_EIO);
	played();
}

static void opening_tells_what_is_wrong(void **state)
{
	loy_files f;

	(void)state;
	play("mkdir", EACCES, 0); /* it is there already: nothing needed to be made */
	assert_int_equal(open_path(&f, PATH, 0), LOY_OK);
	played();
	loy_files_close(&f);
	play("mkdir", EACCES, 0); /* it is not there because it may not be made */
	assert_int_equal(open_path(&f, PATH "/none", 0), LOY_EDENIED);
	play("mkdir", EROFS, 0);
	assert_int_equal(open_path(&f, PATH "/none", 0), LOY_EREADONLY);
	play("openat", EACCES, 0);
	assert_int_equal(open_path(&f, PATH, 0), LOY_EDENIED);
	play("mkdir", ENOSPC, 0);
	assert_int_equal(open_path(&f, PATH, 0), LOY_EFULL);
	play("openat", EMFILE, 0);
	assert_int_equal(open_path(&f, PATH, 0), LOY_EIO);
	played();
	play("fsync", EIO, 0); /* of the folder it lies in */
	assert_int_equal(open_path(&f, PATH, 0), LOY_EIO);
	played();
	trick = (struct trick){"openat", EACCES, 0, 1}; /* that folder may not be read: it cannot be synced */
	assert_int_equal(open_path(&f, PATH, 0), LOY_OK);
	played();
	loy_files_close(&f);
	trick = (struct trick){"openat", EMFILE, 0, 1};
	assert_int_equal(open_path(&f, PATH, 0), LOY_EIO);
	played();
}
#endif
#endif

int main(void)
{
#if defined(LOY__FILES_POSIX)
#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		HERE(paths),
		HERE(read_only_changes_nothing),
		HERE(foreign_files_are_left_alone),
		HERE(strangers_cannot_read),
		HERE(the_working_directory_may_change),
		HERE(locks_hold_between_processes),
		HERE(a_limit_on_sizes_is_no_failure),
#if defined(__GLIBC__)
		HERE(half_work_is_finished),
		HERE(errors_have_a_meaning),
		HERE(old_kernels_lock_as_well),
		HERE(entropy_has_a_second_source),
		HERE(opening_tells_what_is_wrong),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
#else
	return 0;
#endif
}
