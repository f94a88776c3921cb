#!/usr/bin/env python3
"""Symbols of the built libraries: what is exported, what is imported, what is writable."""
import argparse
import re
import subprocess

import tree

# All that the library may ask of its platform.
LIBC = {"malloc", "realloc", "free", "memchr", "memcmp", "memcpy", "memmove", "memset", "strlen", "strcmp", "strncmp"}
LIBM = {"sqrt", "fabs", "floor", "ceil", "trunc", "fmod", "frexp", "ldexp", "copysign"}
BY_OBJECT = {"parallel.c.o": {"pthread_create", "pthread_join"},
             "crew.c.o": {"pthread_mutex_init", "pthread_mutex_lock", "pthread_mutex_unlock", "pthread_mutex_destroy",
                          "pthread_cond_init", "pthread_cond_wait", "pthread_cond_broadcast", "pthread_cond_destroy"},
             # The files of a directory: nothing else in the library reaches beyond memory.
             "files_posix.c.o": {"openat", "close", "read", "pread", "pwrite", "fstat", "ftruncate", "fsync", "fdatasync",
                                 "renameat", "unlinkat", "mkdir", "fdopendir", "readdir", "closedir", "getrandom",
                                 "__errno_location", "fcntl", "flock",
                                 # the names of glibc with 64-bit offsets
                                 "openat64", "pread64", "pwrite64", "fstat64", "ftruncate64", "readdir64", "fcntl64"}}
# What compilers call on their own: position independence, 64-bit division on 32-bit targets, stack protection,
# what the processor at hand has.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_|__stack_chk_fail\w*|__tls_get_addr|__(u?div|u?mod|u?divmod|mul|ash[lr]|lshr)"
                      r"[dt]i[34]|__cpu_model|__aeabi_\w+|__popcountdi2|__c[lt]zdi2|__bswap[ds]i2|__x86\.get_pc_thunk\.\w+")
WRITABLE = {".data", ".bss", ".tdata", ".tbss", "*COM*", "COMMON"}


def nm(*arguments):
    out = subprocess.run(["nm", *arguments], capture_output=True, check=True, text=True).stdout
    return out.splitlines()


def by_object(archive):
    """(object, letter, name) of each symbol of an archive."""
    for line in nm("-A", archive):
        match = re.match(r".*:([^:]+\.o):\s*[0-9a-f]*\s+(\w)\s+(\S+)$", line)
        if match:
            yield match.groups()


def flaws_of_exports(shared):
    exported = {line.split()[-1].split("@")[0] for line in nm("-D", "--defined-only", shared)
                if line.split()[-2] in "TBDRVW"}
    declared = tree.api_functions()
    listed = set((tree.ROOT / "tests/abi/symbols.txt").read_text().split())
    for name in sorted(exported - declared):
        yield f"{name}: exported, but in no public header"
    for name in sorted(declared - exported):
        yield f"{name}: in a public header, but not exported"
    for name in sorted(listed - exported):
        yield f"{name}: in tests/abi/symbols.txt, but gone: that breaks programs already built"
    for name in sorted(exported - listed):
        yield f"{name}: new; add it with `sh tests/abi/update`"


def flaws_of_archive(archive):
    symbols = list(by_object(archive))
    defined = {name for _, letter, name in symbols if letter.isupper() and letter != "U"}
    for name in sorted(defined):
        if not re.match(r"loy_[a-z0-9_]", name) and not name.startswith("__x86.get_pc_thunk"):
            yield f"{name}: seen by whoever links the archive, but without our prefix"
    public = tree.api_functions()
    for name in sorted(defined):
        if re.match(r"loy_[a-z0-9]", name) and name not in public:
            yield f"{name}: looks public, but is in no public header"
    for place, letter, name in symbols:
        if letter != "U" or name in defined or COMPILER.fullmatch(name):
            continue
        if name not in LIBC | LIBM | BY_OBJECT.get(place, set()):
            yield f"{place}: {name} is not on the list of what the library may import"
    for line in nm("--format=sysv", archive):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and any(fields[6] == w or fields[6].startswith(w + ".") for w in WRITABLE):
            if not fields[6].startswith(".data.rel.ro"):  # constants that hold addresses: read-only once loaded
                yield f"{fields[0]}: writable data in {fields[6]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", help="the shared library")
    parser.add_argument("--static", help="the static library")
    parser.add_argument("--list", metavar="SHARED", help="only print the exported names of this library")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(sorted(line.split()[-1].split("@")[0] for line in nm("-D", "--defined-only", arguments.list)
                               if line.split()[-2] in "TBDRVW")))
        return
    flaws = []
    if arguments.static:
        flaws += flaws_of_archive(arguments.static)
    if arguments.shared:
        flaws += flaws_of_exports(arguments.shared)
    tree.finish(flaws, f"{len(tree.api_functions())} functions declared")


if __name__ == "__main__":
    main()
