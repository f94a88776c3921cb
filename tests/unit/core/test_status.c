#include "support.h"

#include "core/core.h"

static void statuses_keep_their_values(void **state)
{
	/* Published values: a change here breaks every host that stored or compared one. */
	static const struct {
		loy_status status;
		int value;
		const char *name;
	} pinned[] = {
	        {LOY_OK, 0, "LOY_OK"},
	        {LOY_EINVAL, 1, "LOY_EINVAL"},
	        {LOY_ENOMEM, 2, "LOY_ENOMEM"},
	        {LOY_ERANGE, 3, "LOY_ERANGE"},
	        {LOY_EOVERFLOW, 4, "LOY_EOVERFLOW"},
	        {LOY_ETIME, 5, "LOY_ETIME"},
	        {LOY_EUTF8, 6, "LOY_EUTF8"},
	        {LOY_ELIMIT, 7, "LOY_ELIMIT"},
	        {LOY_EBUFFER, 8, "LOY_EBUFFER"},
	        {LOY_ENOTFOUND, 9, "LOY_ENOTFOUND"},
	        {LOY_EUNKNOWN, 10, "LOY_EUNKNOWN"},
	        {LOY_EFORMAT, 11, "LOY_EFORMAT"},
	        {LOY_ECHECKSUM, 12, "LOY_ECHECKSUM"},
	        {LOY_EVERSION, 13, "LOY_EVERSION"},
	        {LOY_ESCHEMA, 14, "LOY_ESCHEMA"},
	        {LOY_ESYNTAX, 15, "LOY_ESYNTAX"},
	        {LOY_ENAME, 16, "LOY_ENAME"},
	        {LOY_ECYCLE, 17, "LOY_ECYCLE"},
	        {LOY_EDUPLICATE, 18, "LOY_EDUPLICATE"},
	        {LOY_ECONFLICT, 19, "LOY_ECONFLICT"},
	        {LOY_EFUTURE, 20, "LOY_EFUTURE"},
	        {LOY_ECANCELLED, 21, "LOY_ECANCELLED"},
	        {LOY_ESTATE, 22, "LOY_ESTATE"},
	        {LOY_ETHREAD, 23, "LOY_ETHREAD"},
	        {LOY_EIO, 24, "LOY_EIO"},
	        {LOY_EFULL, 25, "LOY_EFULL"},
	        {LOY_ELOCKED, 26, "LOY_ELOCKED"},
	        {LOY_EREADONLY, 27, "LOY_EREADONLY"},
	        {LOY_EDAMAGED, 28, "LOY_EDAMAGED"},
	        {LOY_EERASED, 29, "LOY_EERASED"},
	        {LOY_ECONSENT, 30, "LOY_ECONSENT"},
	        {LOY_EDENIED, 31, "LOY_EDENIED"},
	};
	size_t i;

	(void)state;
	assert_int_equal(LOY__COUNT(pinned), LOY_STATUS_COUNT);
	for (i = 0; i < LOY__COUNT(pinned); i++) {
		assert_int_equal(pinned[i].status, pinned[i].value);
		assert_string_equal(loy_status_name(pinned[i].status), pinned[i].name);
		assert_true(strlen(loy_status_text(pinned[i].status)) > 5);
	}
	assert_string_equal(loy_status_text(LOY_ENOMEM), "out of memory");
	assert_string_equal(loy_status_text(LOY_ECONFLICT),
	                    "an event with this identity but other content is known already");
	assert_string_equal(loy_status_name(-1), "LOY_?");
	assert_string_equal(loy_status_name(LOY_STATUS_COUNT), "LOY_?");
	assert_string_equal(loy_status_text(-1), loy_status_text(LOY_STATUS_COUNT));
}

static void version_is_that_of_the_headers(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%d.%d.%d", LOY_VERSION_MAJOR, LOY_VERSION_MINOR, LOY_VERSION_PATCH);
	assert_string_equal(loy_version(), text);
	assert_int_equal(loy_version_number(), LOY_VERSION_NUMBER);
}

static void failures_fill_the_detail(void **state)
{
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	assert_int_equal(loy__fail(NULL, LOY_ERANGE, "x"), LOY_ERANGE);
	assert_int_equal(loy__fail(&error, LOY_ERANGE, "too large"), LOY_ERANGE);
	assert_int_equal(error.code, LOY_ERANGE);
	assert_int_equal(error.row, -1);
	assert_int_equal(error.byte, -1);
	assert_int_equal(error.line, 0);
	assert_string_equal(error.message, "too large");
	assert_int_equal(loy__fail_row(&error, LOY_ETIME, 41, 3, "late"), LOY_ETIME);
	assert_int_equal(error.row, 41);
	assert_int_equal(error.field, 3);
	assert_int_equal(loy__fail_byte(&error, LOY_EFORMAT, 17, "short"), LOY_EFORMAT);
	assert_int_equal(error.byte, 17);
	assert_int_equal(error.row, -1);
	assert_int_equal(error.field, 0);
	assert_int_equal(loy__fail_text(&error, LOY_ESYNTAX, 2, 5, 30, "expected '~'"), LOY_ESYNTAX);
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 5);
	assert_int_equal(error.byte, 30);
	assert_int_equal(error.struct_size, sizeof(error));
	assert_int_equal(loy__fail_row(NULL, LOY_ETIME, 1, 1, "x"), LOY_ETIME);
	assert_int_equal(loy__fail_byte(NULL, LOY_ETIME, 1, "x"), LOY_ETIME);
	assert_int_equal(loy__fail_text(NULL, LOY_ETIME, 1, 1, 1, "x"), LOY_ETIME);
	assert_int_equal(loy__fail_name(NULL, LOY_ENAME, "x", "y", 1), LOY_ENAME);
}

static void a_struct_too_small_is_left_alone(void **state)
{
	loy_error error;

	(void)state;
	memset(&error, 0x11, sizeof(error));
	error.struct_size = sizeof(error) - 1;
	assert_int_equal(loy__fail(&error, LOY_ERANGE, "x"), LOY_ERANGE);
	assert_int_equal(error.message[0], 0x11);
	assert_int_equal(error.code, 0x11111111);
}

static void long_messages_are_cut_between_characters(void **state)
{
	char message[400];
	loy_error error = {.struct_size = sizeof(error)};

	(void)state;
	memset(message, 'a', sizeof(message));
	message[399] = '\0';
	memcpy(message + LOY_ERROR_MESSAGE_SIZE - 2, "\xC3\xA4",
	       2); /* one byte too many for its second half */
	assert_int_equal(loy__fail(&error, LOY_ERANGE, message), LOY_ERANGE);
	assert_int_equal(strlen(error.message), LOY_ERROR_MESSAGE_SIZE - 2);
	assert_true(loy__utf8_valid(error.message, strlen(error.message)));
}

static void names_are_quoted_and_made_safe(void **state)
{
	char name[400], message[LOY_ERROR_MESSAGE_SIZE];
	loy_error error = {.struct_size = sizeof(error)};
	size_t i;

	(void)state;
	loy__fail_name(&error, LOY_ENAME, "unknown name", "trusty", 5);
	assert_string_equal(error.message, "unknown name: 'trust'");
	loy__fail_name(&error, LOY_ENAME, "unknown name", "a\n\xFF", 3);
	assert_string_equal(error.message, "unknown name: 'a?\?'");
	loy__fail_name(&error, LOY_ENAME, "unknown name", "", 0);
	assert_string_equal(error.message, "unknown name: ''");
	for (i = 0; i < sizeof(name); i += 2)
		memcpy(name + i, "\xC3\xA4", 2);
	loy__fail_name(&error, LOY_ENAME, "unknown name", name, sizeof(name));
	assert_true(strlen(error.message) >= LOY_ERROR_MESSAGE_SIZE - 2);
	assert_true(loy__utf8_valid(error.message, strlen(error.message)));
	assert_int_equal(error.message[strlen(error.message) - 1], '\'');
	memset(message, 'm', sizeof(message));
	message[sizeof(message) - 3] = '\0';
	loy__fail_name(&error, LOY_ENAME, message, name, sizeof(name));
	assert_string_equal(error.message, message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(statuses_keep_their_values),
	        cmocka_unit_test(version_is_that_of_the_headers),
	        cmocka_unit_test(failures_fill_the_detail),
	        cmocka_unit_test(a_struct_too_small_is_left_alone),
	        cmocka_unit_test(long_messages_are_cut_between_characters),
	        cmocka_unit_test(names_are_quoted_and_made_safe),
	};

	return cmocka_run_group_tests_name("core/status", tests, NULL, NULL);
}
