/*
 * What every implementation of files promises, asked of each: a directory in memory, one of the operating system, and
 * the medium of the tests that can be cut off.
 */
#include "support.h"
#include "fault_files.h"
#include "store/store.h"

/* One implementation: how it comes and goes. Each test gets an empty directory. */
struct kind {
	const char *name;
	loy_status (*open)(loy_files *out, const loy_allocator *memory);
	void (*close)(loy_files *files);
};

static loy_status memory_open(loy_files *out, const loy_allocator *memory)
{
	return loy_files_open_memory(out, 1, memory);
}

#define DIRECTORY "test_files.directory"

static int32_t first_name(const char *name, void *context)
{
	strcpy(context, name);
	return 1;
}

/* The build's own folder is where tests run; what an earlier run left is removed. */
static loy_status directory_open(loy_files *out, const loy_allocator *memory)
{
	loy_status status = loy_files_open_directory(out, DIRECTORY, strlen(DIRECTORY), 0, memory);
	char name[LOY_FILE_NAME_MAX + 1] = "";

	while (status == LOY_OK && out->list(out->user_data, first_name, name) == LOY_OK && name[0] != '\0') {
		assert_int_equal(out->remove(out->user_data, name), LOY_OK);
		name[0] = '\0';
	}
	return status;
}

static const struct kind in_directory = {"directory", directory_open, loy_files_close};
static const struct kind in_memory = {"memory", memory_open, loy_files_close};

static loy_status fault_files_open(loy_files *out, const loy_allocator *memory)
{
	(void)memory; /* the tests' own needs none of the library's */
	*out = fault_as_files(fault_create(1));
	return LOY_OK;
}

static void fault_files_close(loy_files *files)
{
	fault_destroy(files->user_data);
}

static const struct kind on_fault = {"fault", fault_files_open, fault_files_close};

static loy_files fresh(void **state)
{
	const struct kind *kind = *state;
	loy_files files = {.struct_size = sizeof(files)};
	loy_status status;

	status = kind->open(&files, NULL);
	if (status == LOY_ESTATE)
		skip(); /* no files on this target */
	assert_int_equal(status, LOY_OK);
	return files;
}

static void done(void **state, loy_files *files)
{
	const struct kind *kind = *state;

	kind->close(files);
}

static void *opened(const loy_files *f, const char *name, uint32_t mode)
{
	void *file = NULL;

	assert_int_equal(f->open(f->user_data, name, mode, &file), LOY_OK);
	assert_non_null(file);
	return file;
}

static void refused(const loy_files *f, const char *name, uint32_t mode, loy_status expected)
{
	void *file = NULL;

	assert_int_equal(f->open(f->user_data, name, mode, &file), expected);
	assert_null(file);
}

static void put(const loy_files *f, void *file, uint64_t offset, const char *text)
{
	assert_int_equal(f->write_at(f->user_data, file, offset, text, strlen(text)), LOY_OK);
}

static uint64_t size_of(const loy_files *f, void *file)
{
	uint64_t size = UINT64_MAX;

	assert_int_equal(f->size(f->user_data, file, &size), LOY_OK);
	return size;
}

/* The whole content of a file that is open. */
static void holds(const loy_files *f, void *file, const void *expected, size_t size)
{
	char content[256];
	size_t got = 0;

	assert_true(size < sizeof(content));
	assert_int_equal(size_of(f, file), size);
	assert_int_equal(f->read_at(f->user_data, file, 0, content, sizeof(content), &got), LOY_OK);
	assert_int_equal(got, size);
	assert_memory_equal(content, expected, size);
}

static void named_holds(const loy_files *f, const char *name, const char *expected)
{
	void *file = opened(f, name, LOY_OPEN_READ);

	holds(f, file, expected, strlen(expected));
	f->close(f->user_data, file);
}

static void make(const loy_files *f, const char *name, const char *text)
{
	void *file = opened(f, name, LOY_OPEN_CREATE);

	put(f, file, 0, text);
	assert_int_equal(f->sync(f->user_data, file), LOY_OK);
	f->close(f->user_data, file);
}

struct listing {
	int count, until;
	char names[8][LOY_FILE_NAME_MAX + 1];
};

static int32_t note(const char *name, void *context)
{
	struct listing *l = context;

	assert_true(l->count < 8);
	assert_true(strlen(name) <= LOY_FILE_NAME_MAX);
	strcpy(l->names[l->count++], name);
	return l->count == l->until;
}

/* The names in the directory, sorted, with a blank after each. */
static void lists(const loy_files *f, const char *expected)
{
	struct listing l = {0, -1, {{0}}};
	char all[8 * (LOY_FILE_NAME_MAX + 2)] = "";
	int i;

	assert_int_equal(f->list(f->user_data, note, &l), LOY_OK);
	qsort(l.names, (size_t)l.count, sizeof(l.names[0]), (int (*)(const void *, const void *))strcmp);
	for (i = 0; i < l.count; i++)
		strcat(strcat(all, l.names[i]), " ");
	assert_string_equal(all, expected);
}

/* ---- tests ---- */

static void is_whole(void **state)
{
	loy_files f = fresh(state), copy;

	assert_int_equal(f.struct_size, sizeof(f));
	assert_int_equal(loy__files_adopt(&copy, &f), LOY_OK);
	assert_ptr_equal(copy.user_data, f.user_data);
	done(state, &f);
}

static void opens_what_is_there(void **state)
{
	loy_files f = fresh(state);
	void *file;

	lists(&f, "");
	refused(&f, "a", LOY_OPEN_READ, LOY_ENOTFOUND);
	refused(&f, "a", LOY_OPEN_WRITE, LOY_ENOTFOUND);
	lists(&f, "");
	make(&f, "a", "first");
	named_holds(&f, "a", "first");
	file = opened(&f, "a", LOY_OPEN_WRITE);
	put(&f, file, 5, " second");
	holds(&f, file, "first second", 12);
	put(&f, file, 0, "FIRST");
	f.close(f.user_data, file);
	named_holds(&f, "a", "FIRST second");
	file = opened(&f, "a", LOY_OPEN_CREATE);
	holds(&f, file, "", 0);
	f.close(f.user_data, file);
	named_holds(&f, "a", "");
	lists(&f, "a ");
	done(state, &f);
}

static void refuses_names_that_are_none(void **state)
{
	static const char longest[] = "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789-012";
	static const char *const bad[] = {
	        "",         ".",   "..",  "a/b",
	        "a\\b",     "A",   "a.b", "a b",
	        "\xc3\xa9", "a_b", "a:b", "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789-0123"};
	loy_files f = fresh(state);
	size_t i;

	assert_int_equal(strlen(longest), LOY_FILE_NAME_MAX);
	make(&f, longest, "x");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused(&f, bad[i], LOY_OPEN_CREATE, LOY_EINVAL);
		refused(&f, bad[i], LOY_OPEN_READ, LOY_EINVAL);
		assert_int_equal(f.rename(f.user_data, longest, bad[i]), LOY_EINVAL);
		assert_int_equal(f.rename(f.user_data, bad[i], "b"), LOY_EINVAL);
		assert_int_equal(f.remove(f.user_data, bad[i]), LOY_EINVAL);
	}
	refused(&f, "a", 0, LOY_EINVAL);
	refused(&f, NULL, LOY_OPEN_CREATE, LOY_EINVAL);
	assert_int_equal(f.open(f.user_data, "a", LOY_OPEN_CREATE, NULL), LOY_EINVAL);
	refused(&f, "a", LOY_OPEN_LOCK + 1, LOY_EINVAL);
	assert_int_equal(f.remove(f.user_data, longest), LOY_OK);
	lists(&f, "");
	done(state, &f);
}

static void reads_what_there_is(void **state)
{
	loy_files f = fresh(state);
	char buffer[8] = "-------";
	size_t got = 99;
	void *file;

	make(&f, "a", "0123456789");
	file = opened(&f, "a", LOY_OPEN_READ);
	assert_int_equal(f.read_at(f.user_data, file, 8, buffer, 4, &got), LOY_OK);
	assert_int_equal(got, 2);
	assert_memory_equal(buffer, "89-----", 7);
	assert_int_equal(f.read_at(f.user_data, file, 10, buffer, 4, &got), LOY_OK);
	assert_int_equal(got, 0);
	assert_int_equal(f.read_at(f.user_data, file, UINT64_C(1) << 40, buffer, 4, &got), LOY_OK);
	assert_int_equal(got, 0);
	assert_int_equal(f.read_at(f.user_data, file, UINT64_MAX - 1, buffer, 4, &got), LOY_OK);
	assert_int_equal(got, 0);
	assert_int_equal(f.read_at(f.user_data, file, 0, buffer, 0, &got), LOY_OK);
	assert_int_equal(got, 0);
	assert_memory_equal(buffer, "89-----", 7);
	assert_int_equal(loy__files_read(&f, file, 3, buffer, 7), LOY_OK);
	assert_memory_equal(buffer, "3456789", 7);
	assert_int_equal(loy__files_read(&f, file, 4, buffer, 7), LOY_EDAMAGED);
	f.close(f.user_data, file);
	done(state, &f);
}

static void lengthens_with_zeros(void **state)
{
	loy_files f = fresh(state);
	void *file = opened(&f, "a", LOY_OPEN_CREATE);

	put(&f, file, 3, "abc");
	holds(&f, file, "\0\0\0abc", 6);
	assert_int_equal(f.resize(f.user_data, file, 8), LOY_OK);
	holds(&f, file, "\0\0\0abc\0\0", 8);
	assert_int_equal(f.resize(f.user_data, file, 4), LOY_OK);
	holds(&f, file, "\0\0\0a", 4);
	put(&f, file, 6, "z"); /* what was cut off does not come back */
	holds(&f, file, "\0\0\0a\0\0z", 7);
	assert_int_equal(f.write_at(f.user_data, file, 20, "", 0), LOY_OK);
	holds(&f, file, "\0\0\0a\0\0z", 7);
	assert_int_equal(f.resize(f.user_data, file, 0), LOY_OK);
	assert_int_equal(f.resize(f.user_data, file, 2), LOY_OK);
	holds(&f, file, "\0\0", 2);
	assert_int_equal(f.sync(f.user_data, file), LOY_OK);
	f.close(f.user_data, file);
	done(state, &f);
}

static void refuses_sizes_no_file_has(void **state)
{
	loy_files f = fresh(state);
	void *file = opened(&f, "a", LOY_OPEN_CREATE);
	char byte = 'x';

	put(&f, file, 0, "abc");
	assert_int_equal(f.resize(f.user_data, file, UINT64_MAX), LOY_EFULL);
	assert_int_equal(f.write_at(f.user_data, file, UINT64_MAX, &byte, 1), LOY_EFULL);
	assert_int_equal(f.write_at(f.user_data, file, UINT64_MAX - 1, &byte, 1), LOY_EFULL);
	holds(&f, file, "abc", 3);
	f.close(f.user_data, file);
	done(state, &f);
}

static void writes_nothing_through_a_reader(void **state)
{
	loy_files f = fresh(state);
	void *file;

	make(&f, "a", "abc");
	file = opened(&f, "a", LOY_OPEN_READ);
	assert_int_equal(f.write_at(f.user_data, file, 0, "x", 1), LOY_EREADONLY);
	assert_int_equal(f.resize(f.user_data, file, 0), LOY_EREADONLY);
	holds(&f, file, "abc", 3);
	f.close(f.user_data, file);
	done(state, &f);
}

/* A store gives files back before it removes them; it is readers of other processes that go on with the old ones. */
static void a_file_without_a_name_lives_on(void **state)
{
	loy_files f = fresh(state);
	size_t got = 0;
	char byte = 0;
	void *file;

#if defined(_WIN32) /* where it may keep its name as long as it is open */
	if (*state == &in_directory) {
		done(state, &f);
		skip();
	}
#endif
	make(&f, "a", "abc");
	file = opened(&f, "a", LOY_OPEN_READ);
	assert_int_equal(f.remove(f.user_data, "a"), LOY_OK);
	refused(&f, "a", LOY_OPEN_READ, LOY_ENOTFOUND);
	assert_int_equal(f.read_at(f.user_data, file, 1, &byte, 1, &got), LOY_OK);
	assert_int_equal(byte, 'b');
	f.close(f.user_data, file);
	done(state, &f);
}

static void one_handle_sees_what_another_wrote(void **state)
{
	loy_files f = fresh(state);
	void *a = opened(&f, "a", LOY_OPEN_CREATE), *b = opened(&f, "a", LOY_OPEN_READ);

	put(&f, a, 0, "abc");
	holds(&f, b, "abc", 3);
	f.close(f.user_data, a);
	holds(&f, b, "abc", 3);
	f.close(f.user_data, b);
	done(state, &f);
}

static void renames(void **state)
{
	loy_files f = fresh(state);

	assert_int_equal(f.rename(f.user_data, "a", "b"), LOY_ENOTFOUND);
	make(&f, "a", "old");
	assert_int_equal(f.rename(f.user_data, "a", "b"), LOY_OK);
	refused(&f, "a", LOY_OPEN_READ, LOY_ENOTFOUND);
	named_holds(&f, "b", "old");
	make(&f, "c", "new");
	assert_int_equal(f.rename(f.user_data, "c", "b"), LOY_OK);
	named_holds(&f, "b", "new");
	lists(&f, "b ");
	assert_int_equal(f.rename(f.user_data, "b", "b"), LOY_OK);
	assert_int_equal(f.rename(f.user_data, "b", "a-longer-name"), LOY_OK);
	assert_int_equal(f.rename(f.user_data, "a-longer-name", "z"), LOY_OK);
	assert_int_equal(f.sync_directory(f.user_data), LOY_OK);
	named_holds(&f, "z", "new");
	lists(&f, "z ");
	done(state, &f);
}

static void removes(void **state)
{
	loy_files f = fresh(state);

	assert_int_equal(f.remove(f.user_data, "a"), LOY_ENOTFOUND);
	make(&f, "a", "1");
	make(&f, "b", "2");
	make(&f, "c", "3");
	assert_int_equal(f.remove(f.user_data, "a"), LOY_OK);
	assert_int_equal(f.sync_directory(f.user_data), LOY_OK);
	lists(&f, "b c ");
	named_holds(&f, "c", "3");
	refused(&f, "a", LOY_OPEN_READ, LOY_ENOTFOUND);
	done(state, &f);
}

static void lists_until_told_to_stop(void **state)
{
	loy_files f = fresh(state);
	struct listing l = {0, 2, {{0}}};

	make(&f, "a", "1");
	make(&f, "b", "2");
	make(&f, "c", "3");
	assert_int_equal(f.list(f.user_data, note, &l), LOY_OK);
	assert_int_equal(l.count, 2);
	lists(&f, "a b c ");
	done(state, &f);
}

static void locks_once(void **state)
{
	loy_files f = fresh(state);
	void *lock = opened(&f, "lock", LOY_OPEN_LOCK);

	refused(&f, "lock", LOY_OPEN_LOCK, LOY_ELOCKED);
	refused(&f, "lock", LOY_OPEN_LOCK, LOY_ELOCKED); /* a refusal does not give the lock away */
	lists(&f, "lock ");
	f.close(f.user_data, lock);
	lock = opened(&f, "lock", LOY_OPEN_LOCK);
	put(&f, lock, 0, "me");
	refused(&f, "lock", LOY_OPEN_LOCK, LOY_ELOCKED);
	f.close(f.user_data, lock);
	lock = opened(&f, "lock", LOY_OPEN_LOCK);
	holds(&f, lock, "me", 2); /* taking a lock empties nothing */
	f.close(f.user_data, lock);
	done(state, &f);
}

static void entropy_differs(void **state)
{
	loy_files f = fresh(state);
	uint8_t a[32] = {0}, b[32] = {0};

	assert_int_equal(f.entropy(f.user_data, a, sizeof(a)), LOY_OK);
	assert_int_equal(f.entropy(f.user_data, b, sizeof(b)), LOY_OK);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, a + 16, 16);
	assert_int_equal(f.entropy(f.user_data, a, 0), LOY_OK);
	done(state, &f);
}

/* All that can be done, with a status instead of an assertion: what was made before a failure is still there. */
static loy_status everything(const loy_files *f)
{
	void *file = NULL, *lock = NULL;
	uint64_t size;
	loy_status status = f->open(f->user_data, "a", LOY_OPEN_CREATE, &file);

	if (status == LOY_OK)
		status = f->write_at(f->user_data, file, 0, "0123456789", 10);
	if (status == LOY_OK)
		status = f->write_at(f->user_data, file, 1000, "0123456789", 10);
	if (status != LOY_OK && file != NULL) {
		assert_int_equal(f->size(f->user_data, file, &size), LOY_OK);
		assert_true(size == 0 || size == 10);
	}
	if (status == LOY_OK)
		status = f->resize(f->user_data, file, 5000);
	if (status == LOY_OK)
		status = f->open(f->user_data, "lock", LOY_OPEN_LOCK, &lock);
	if (lock != NULL)
		f->close(f->user_data, lock);
	if (file != NULL)
		f->close(f->user_data, file);
	if (status == LOY_OK)
		status = f->rename(f->user_data, "a", "b");
	if (status == LOY_OK)
		status = f->remove(f->user_data, "b");
	return status;
}

static void survives_every_failed_allocation(void **state)
{
	const struct kind *kind = *state;
	int forever;

	for (forever = 0; forever < 2; forever++) {
		loy_status status = LOY_ENOMEM;
		long n;

		for (n = 0; status == LOY_ENOMEM; n++) {
			struct faulty heap = {.until = n, .forever = forever};
			loy_allocator memory = faulty_allocator(&heap);
			loy_files f = {.struct_size = sizeof(f)};

			status = kind->open(&f, &memory);
			if (status == LOY_OK) {
				status = everything(&f);
				kind->close(&f);
			}
			assert_null(f.user_data);
			kind->close(&f); /* once more does no harm */
			assert_int_equal(heap.live, 0);
		}
		assert_int_equal(status, LOY_OK);
		assert_true(n > 1);
	}
}

static void refuses_a_struct_without_size(void **state)
{
	const struct kind *kind = *state;
	loy_files f = {0};

	assert_int_equal(kind->open(NULL, NULL), LOY_EINVAL);
	assert_int_equal(kind->open(&f, NULL), LOY_EINVAL);
	f.struct_size = sizeof(f) - 1;
	assert_int_equal(kind->open(&f, NULL), LOY_EINVAL);
	f.struct_size = UINT32_MAX;
	assert_int_equal(kind->open(&f, NULL), LOY_EINVAL);
	assert_null(f.user_data);
	kind->close(NULL);
}

static void refuses_half_an_allocator(void **state)
{
	const struct kind *kind = *state;
	loy_files f = {.struct_size = sizeof(f)};
	struct faulty heap = {.until = -1};
	loy_allocator memory = faulty_allocator(&heap);

	memory.resize = NULL;
	assert_int_equal(kind->open(&f, &memory), LOY_EINVAL);
	assert_null(f.user_data);
}

/* ---- tests of the host's side, of no kind ---- */

static void adopts_only_whole_structs(void **state)
{
	loy_files f = {.struct_size = sizeof(f)}, whole, out;
	struct {
		loy_files files;
		uint64_t later;
	} newer;

	(void)state;
	assert_int_equal(loy_files_open_memory(&f, 1, NULL), LOY_OK);
	assert_int_equal(loy__files_adopt(&out, NULL), LOY_EINVAL);
	whole = f;
#define WITHOUT(member, nothing)                                                                             \
	whole.member = nothing;                                                                              \
	assert_int_equal(loy__files_adopt(&out, &whole), LOY_EINVAL);                                        \
	whole = f
	WITHOUT(open, NULL);
	WITHOUT(close, NULL);
	WITHOUT(read_at, NULL);
	WITHOUT(write_at, NULL);
	WITHOUT(size, NULL);
	WITHOUT(resize, NULL);
	WITHOUT(sync, NULL);
	WITHOUT(rename, NULL);
	WITHOUT(remove, NULL);
	WITHOUT(sync_directory, NULL);
	WITHOUT(list, NULL);
	WITHOUT(entropy, NULL);
	WITHOUT(struct_size, 0);
	WITHOUT(struct_size, sizeof(f) - 1);
	WITHOUT(reserved, 1);
#undef WITHOUT
	memset(&newer, 0, sizeof(newer));
	newer.files = f;
	newer.files.struct_size = sizeof(newer);
	assert_int_equal(loy__files_adopt(&out, &newer.files), LOY_OK);
	newer.later = 1; /* an ability of a later version that we would not use */
	assert_int_equal(loy__files_adopt(&out, &newer.files), LOY_EINVAL);
	whole.user_data = NULL; /* the host's affair */
	assert_int_equal(loy__files_adopt(&out, &whole), LOY_OK);
	loy_files_close(&f);
	assert_null(f.open);
}

static loy_status lying_read(void *user_data, void *file, uint64_t offset, void *buffer, size_t size,
                             size_t *got)
{
	(void)user_data;
	(void)file;
	(void)buffer;
	*got = size + 1;
	return offset == 0 ? LOY_OK : LOY_EDUPLICATE;
}

static void believes_no_nonsense_of_a_host(void **state)
{
	loy_files f = {.struct_size = sizeof(f), .read_at = lying_read};
	char buffer[4];
	loy_status s;

	(void)state;
	assert_int_equal(loy__files_read(&f, NULL, 0, buffer, 4), LOY_EIO);
	assert_int_equal(loy__files_read(&f, NULL, 1, buffer, 4), LOY_EIO);
	for (s = -1; s <= LOY_STATUS_COUNT; s++) {
		int known = s == LOY_OK || s == LOY_ENOMEM || s == LOY_ENOTFOUND || s == LOY_EFULL ||
		            s == LOY_ELOCKED || s == LOY_EREADONLY || s == LOY_EDENIED;

		assert_int_equal(loy__files_status(s), known ? s : LOY_EIO);
	}
}

static void memory_repeats_itself(void **state)
{
	loy_files f = {.struct_size = sizeof(f)}, g = {.struct_size = sizeof(g)};
	uint8_t a[64], b[64];

	(void)state;
	assert_int_equal(loy_files_open_memory(&f, 7, NULL), LOY_OK);
	assert_int_equal(loy_files_open_memory(&g, 7, NULL), LOY_OK);
	assert_int_equal(f.entropy(f.user_data, a, 64), LOY_OK);
	assert_int_equal(g.entropy(g.user_data, b, 64), LOY_OK);
	assert_memory_equal(a, b, 64);
	loy_files_close(&g);
	g.struct_size = sizeof(g);
	assert_int_equal(loy_files_open_memory(&g, 8, NULL), LOY_OK);
	assert_int_equal(g.entropy(g.user_data, b, 64), LOY_OK);
	assert_memory_not_equal(a, b, 64);
	loy_files_close(&g);
	loy_files_close(&f);
}

#define FOR(kind, test)                                                                                      \
	{                                                                                                    \
#kind "/" #test, test, NULL, NULL, (void *)(uintptr_t)&kind                                  \
	}
#define CONTRACT(kind)                                                                                       \
	FOR(kind, is_whole), FOR(kind, opens_what_is_there), FOR(kind, refuses_names_that_are_none),         \
	        FOR(kind, reads_what_there_is), FOR(kind, lengthens_with_zeros),                             \
	        FOR(kind, refuses_sizes_no_file_has), FOR(kind, writes_nothing_through_a_reader),            \
	        FOR(kind, a_file_without_a_name_lives_on), FOR(kind, one_handle_sees_what_another_wrote),    \
	        FOR(kind, renames), FOR(kind, removes), FOR(kind, lists_until_told_to_stop),                 \
	        FOR(kind, locks_once), FOR(kind, entropy_differs)
/* What the library's own kinds do with what they are given. */
#define OWN(kind)                                                                                            \
	FOR(kind, survives_every_failed_allocation), FOR(kind, refuses_a_struct_without_size),               \
	        FOR(kind, refuses_half_an_allocator)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CONTRACT(in_memory),
	        OWN(in_memory),
	        CONTRACT(in_directory),
	        OWN(in_directory),
	        CONTRACT(on_fault),
	        cmocka_unit_test(adopts_only_whole_structs),
	        cmocka_unit_test(believes_no_nonsense_of_a_host),
	        cmocka_unit_test(memory_repeats_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
