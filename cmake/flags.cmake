# Compiler flags as interface libraries: loy_flags (the same bits everywhere), loy_warnings, loy_instrument, and for the
# library alone loy_counted, or loy_counted_alone for programs that start no threads.
include(CheckCSourceCompiles)

add_library(loy_flags INTERFACE)
add_library(loy_warnings INTERFACE)
add_library(loy_instrument INTERFACE)
add_library(loy_counted INTERFACE)
add_library(loy_counted_alone INTERFACE)

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
	# No fused multiply-add: it rounds once where the source rounds twice.
	target_compile_options(loy_flags INTERFACE -ffp-contract=off "-ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=")
	check_c_source_compiles("
		#if !defined(__i386__)
		#error not 32-bit x86
		#endif
		int main(void) { return 0; }" LOY_TARGET_I386)
	if(LOY_TARGET_I386)
		target_compile_options(loy_flags INTERFACE -msse2 -mfpmath=sse)
	endif()
	target_compile_options(loy_warnings INTERFACE
		-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual
		-Wundef -Wvla -Wformat=2 -Wdouble-promotion)
	# Callers' threads may be small (128 KiB with musl): no frame beyond 1 KiB. Unoptimised frames say nothing.
	if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT LOY_SANITIZE AND NOT LOY_COVERAGE)
		target_compile_options(loy_warnings INTERFACE $<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:-Wstack-usage=1024>)
	endif()
	if(LOY_WERROR)
		target_compile_options(loy_warnings INTERFACE -Werror)
	endif()
elseif(MSVC)
	target_compile_options(loy_flags INTERFACE /fp:precise)
	target_compile_options(loy_warnings INTERFACE /W4)
endif()

if(LOY_SANITIZE)
	target_compile_options(loy_instrument INTERFACE
		"-fsanitize=${LOY_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer $<$<CONFIG:Debug>:-O1>)
	target_link_options(loy_instrument INTERFACE "-fsanitize=${LOY_SANITIZE}")
endif()
if(LOY_FUZZ)
	target_compile_options(loy_instrument INTERFACE
		-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
		"-fsanitize-coverage-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/ignore.txt")
	target_link_options(loy_instrument INTERFACE -fsanitize=address,undefined)
endif()
if(LOY_COVERAGE)
	# Only the library is counted. Atomic counters: threads that count at once would leave gcov negative branches.
	# They take most of the time, so programs without threads have others.
	foreach(counted IN ITEMS loy_counted loy_counted_alone)
		target_compile_options(${counted} INTERFACE --coverage -O0 -g)
	endforeach()
	target_compile_options(loy_counted INTERFACE -fprofile-update=atomic)
	target_compile_definitions(loy_instrument INTERFACE LOY_COVERAGE)
	target_link_options(loy_instrument INTERFACE --coverage)
endif()
target_link_libraries(loy_flags INTERFACE loy_instrument)
