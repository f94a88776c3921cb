#include "support.h"

static char *join(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);

	if (path == NULL)
		fail_msg("out of memory");
	snprintf(path, size, "%s/%s", folder, name);
	return path;
}

char *shared_or_skip(const char *name)
{
	const char *folder = getenv("LOY_SHARED_DATA");
	char *path;
	FILE *file;

	if (folder == NULL || folder[0] == '\0')
		folder = LOY_SHARED_DIR;
	path = join(folder, name);
	file = folder[0] != '\0' ? fopen(path, "rb") : NULL;
	if (file == NULL) {
		free(path);
		print_message("             shared file %s is absent: test skipped\n", name);
		skip();
	}
	fclose(file);
	return path;
}

struct csv *shared_csv_or_skip(const char *name)
{
	char *path = shared_or_skip(name);
	struct csv *csv = csv_open(path);

	free(path);
	return csv;
}

char *source_path(const char *name)
{
	return join(LOY_SOURCE_DIR, name);
}
