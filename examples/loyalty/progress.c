/* Progress, and the three things the C library does not know: terminals, processors and sizes of files. */
#define _POSIX_C_SOURCE 200809L
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <windows.h>
#elif defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#include <unistd.h>
#define HAS_POSIX 1
#endif

static int error_is_terminal(void)
{
#if defined(_WIN32)
	return _isatty(_fileno(stderr));
#elif defined(HAS_POSIX)
	return isatty(STDERR_FILENO);
#else
	return 0;
#endif
}

void progress_start(struct progress *progress, const char *what, int asked, int quiet)
{
	progress->terminal = error_is_terminal();
	progress->shown = !quiet && (asked || progress->terminal);
	progress->dirty = 0;
	progress->percent = -1;
	progress->what = what;
}

void progress_tell(struct progress *progress, uint64_t done, uint64_t total, const char *unit)
{
	int percent = total != 0 ? (int)(100.0 * (double)done / (double)total) : -1;

	if (!progress->shown ||
	    (total != 0 && percent / 5 == progress->percent / 5 && progress->percent >= 0))
		return;
	progress->percent = percent;
	(void)fprintf(stderr, "%s%s: %" PRIu64 " %s", progress->terminal ? "\r" : "", progress->what, done,
	              unit);
	if (total != 0)
		(void)fprintf(stderr, ", %d %%", percent);
	(void)fputs(progress->terminal ? "   " : "\n", stderr);
	(void)fflush(stderr);
	progress->dirty = progress->terminal;
}

void progress_stop(struct progress *progress)
{
	if (progress->dirty)
		(void)fprintf(stderr, "\r%*s\r", 78, "");
	progress->dirty = 0;
}

int32_t progress_callback(uint64_t done, uint64_t total, void *user_data)
{
	progress_tell(user_data, done, total, "customers");
	return 0;
}

long processor_count(void)
{
	long count = 1;

#if defined(_WIN32)
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	count = (long)info.dwNumberOfProcessors;
#elif defined(HAS_POSIX) && defined(_SC_NPROCESSORS_ONLN)
	count = sysconf(_SC_NPROCESSORS_ONLN);
#endif
	return count < 1 ? 1 : count > 256 ? 256 : count;
}

uint64_t file_size(const char *path)
{
#if defined(HAS_POSIX)
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
		return (uint64_t)status.st_size;
#else
	(void)path;
#endif
	return 0;
}

void binary_streams(void)
{
#if defined(_WIN32)
	(void)_setmode(_fileno(stdin), _O_BINARY);
	(void)_setmode(_fileno(stdout), _O_BINARY);
#endif
}
