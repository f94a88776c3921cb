/* What a first user writes: it must build against the installed library in every way of getting it. */
#include <loyalty.h>
#include <stdio.h>
#include <string.h>

static int check(int good, const char *what)
{
	if (!good)
		fprintf(stderr, "consumer: %s\n", what);
	return good ? 0 : 1;
}

int main(void)
{
	int64_t time = 0;
	uint64_t high = 0, low = 0;
	uint32_t code = 0;
	char text[64];
	size_t needed = 0;
	int flaws = 0;

	flaws += check(loy_version_number() == LOY_VERSION_NUMBER,
	               "library and headers are of different versions");
	flaws += check(strcmp(loy_status_name(LOY_ENOMEM), "LOY_ENOMEM") == 0, "status name");
	flaws += check(loy_time_parse("2024-02-29T12:00Z", 17, 0, &time) == LOY_OK, "time");
	flaws += check(loy_time_print(time, text, sizeof(text), &needed) == LOY_OK, "time printed");
	flaws += check(strcmp(text, "2024-02-29T12:00:00Z") == 0, "time printed differs");
	flaws += check(loy_code_from_text("coffee", 6, &code) == LOY_OK && code == 0x57224ef2u, "code");
	flaws += check(loy_identity_from_key("receipt 4711", 12, &high, &low) == LOY_OK && high != 0,
	               "identity");
	if (flaws == 0)
		printf("libloyalty %s works\n", loy_version());
	return flaws;
}
