/* Runs a fuzz target over files instead of invented input: arguments are the files. At least one is needed. */
#include "fuzz.h"

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long end;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(1);
	}
	*size = (size_t)end;
	/* Exactly as large as the input, so that reading beyond it shows under the address sanitizer. */
	data = malloc(*size != 0 ? *size : 1);
	if (data == NULL || fread(data, 1, *size, file) != *size) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	return data;
}

int main(int count, char **arguments)
{
	int i;

	if (count < 2) {
		fprintf(stderr, "replay: no files\n");
		return 1;
	}
	for (i = 1; i < count; i++) {
		size_t size, part;
		uint8_t *data = read_file(arguments[i], &size);

		(void)LLVMFuzzerTestOneInput(data, size);
		for (part = 0; part < size && part < 4096; part += 1 + size / 64) { /* every seed cut short as well */
			uint8_t *copy = malloc(part != 0 ? part : 1);

			FUZZ_CHECK(copy != NULL);
			memcpy(copy, data, part);
			(void)LLVMFuzzerTestOneInput(copy, part);
			free(copy);
		}
		free(data);
	}
	printf("%d files replayed\n", count - 1);
	return 0;
}
