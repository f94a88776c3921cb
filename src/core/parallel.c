/* Threads: POSIX, Windows, or none. */
#include "core/parallel.h"

#if defined(LOY_NO_THREADS)
typedef int thread_handle;
#elif defined(_WIN32)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN 1 /* no sockets, whose names, */
#endif
#include <windows.h>
#undef near /* nor words of 16-bit days: in the single file they would reach our own */
#undef far
typedef HANDLE thread_handle;
#else
#include <pthread.h>
typedef pthread_t thread_handle;
#endif

struct job {
	void (*work)(uint32_t part, uint32_t parts, void *user);
	void *user;
	uint32_t parts;
};

/* What one thread does first; lives on the stack of the thread that started it, which joins it. */
struct link {
	const struct job *job;
	uint32_t part;
};

static void run_from(const struct link *link);

#if defined(LOY_NO_THREADS)
static int start(thread_handle *handle, struct link *link)
{
	*handle = 0;
	(void)link;
	return 0;
}

static void join(thread_handle handle)
{
	(void)handle;
}
#elif defined(_WIN32)
static DWORD WINAPI thread_main(LPVOID argument)
{
	run_from(argument);
	return 0;
}

static int start(thread_handle *handle, struct link *link)
{
	*handle = CreateThread(NULL, 0, thread_main, link, 0, NULL);
	return *handle != NULL;
}

static void join(thread_handle handle)
{
	WaitForSingleObject(handle, INFINITE);
	CloseHandle(handle);
}
#else
static void *thread_main(void *argument)
{
	run_from(argument);
	return NULL;
}

static int start(thread_handle *handle, struct link *link)
{
	return pthread_create(handle, NULL, thread_main, link) == 0;
}

static void join(thread_handle handle)
{
	(void)pthread_join(handle, NULL); /* fails only for a handle that was never started */
}
#endif

/*
 * Each thread starts the next one, does its part and joins it: a chain needs no array of handles, whose
 * size would be the number of threads. Where the chain breaks, the last thread does the next part itself
 * and tries to go on from there.
 */
static void run_from(const struct link *link)
{
	const struct job *job = link->job;
	struct link next = *link;
	thread_handle handle;
	uint32_t part;
	int started = 0;

	for (part = link->part; part < job->parts && !started; part++) {
		next.part = part + 1;
		started = next.part < job->parts && start(&handle, &next);
		job->work(part, job->parts, job->user);
	}
	if (started)
		join(handle);
}

loy_status loy__parallel(uint32_t threads, void (*work)(uint32_t part, uint32_t parts, void *user),
                         void *user)
{
	struct job job = {work, user, threads != 0 ? threads : 1};
	struct link first = {&job, 0};

	if (work == NULL)
		return LOY_EINVAL;
	if (threads > LOY__THREADS_MAX)
		return LOY_ELIMIT;
	run_from(&first);
	return LOY_OK;
}
