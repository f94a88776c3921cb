#!/usr/bin/env python3
"""Which room looks into which: one way only, through doors only, nothing but the allowed system headers."""
import re

import tree

# Headers of a room that others may include: its door, and these.
EXTRA_DOORS = {"core/parallel.h", "numeric/buying.h", "numeric/moments.h", "numeric/optimise.h",
               "model/score.h"}
# Room of each public header that is not named after its room.
PUBLIC_ROOM = {"base": "core", "event": "profile", "scorecard": "model", "files": "store", "journal": "store",
               "sync": "store", "privacy": "store", "survival": "lifetime", "cox": "lifetime",
               "transactions": "lifetime", "moments": "numeric", "paths": "calibrate", "pls": "calibrate",
               "bootstrap": "calibrate", "predict": "calibrate", "groups": "calibrate", "sem": "calibrate", "regression": "calibrate", "calibration": "calibrate",
               "survey": "insight", "items": "insight"}
SYSTEM = {"float.h", "limits.h", "math.h", "stddef.h", "stdint.h", "stdlib.h", "string.h"}
# System headers that only these files may use.
SYSTEM_EXTRA = {"src/core/parallel.c": {"pthread.h", "windows.h"},
                "src/core/crew.c": {"pthread.h", "windows.h"},
                "src/core/crc.c": {"immintrin.h", "arm_acle.h"},
                # The directory of the operating system; <stdio.h> is where POSIX declares renameat().
                "src/store/files_posix.c": {"dirent.h", "errno.h", "fcntl.h", "stdio.h", "unistd.h", "sys/file.h",
                                            "sys/random.h", "sys/stat.h", "sys/types.h"},
                "src/store/files_windows.c": {"windows.h"}}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def public_room(header):
    stem = header[len("loyalty/"):-len(".h")]
    return PUBLIC_ROOM.get(stem, stem)


def flaws_of_source(path):
    room = path.parts[1]
    allowed = SYSTEM | SYSTEM_EXTRA.get(str(path), set())
    for mark, name in INCLUDE.findall((tree.ROOT / path).read_text()):
        if mark == "<" and name.startswith("loyalty/"):
            other = public_room(name)
            if other not in tree.ROOMS:
                yield f"{path}: <{name}> belongs to no room known to tests/check/rooms.py"
            elif other != room and other not in tree.MAY_SEE[room]:
                yield f"{path}: room {room} must not see <{name}> of room {other}"
        elif mark == "<":
            if name not in allowed:
                yield f"{path}: system header <{name}> is not allowed"
        elif "/" not in name:
            if not (tree.ROOT / path.parent / name).exists():
                yield f"{path}: \"{name}\" is not beside it"
        else:
            other = name.split("/")[0]
            if other == room:
                continue
            if other not in tree.MAY_SEE[room]:
                yield f"{path}: room {room} must not look into {other} (\"{name}\")"
            elif name != f"{other}/{other}.h" and name not in EXTRA_DOORS:
                yield f"{path}: \"{name}\" is not a door of {other}"


def flaws_of_lists():
    """The order of the rooms is written in three places: they must agree."""
    build = re.search(r"set\(LOY_ROOMS ([a-z ]+)\)", (tree.ROOT / "CMakeLists.txt").read_text()).group(1).split()
    single = re.search(r"^ROOMS = \[([^\]]+)\]", (tree.ROOT / "cmake/amalgamate.py").read_text(), re.MULTILINE)
    if build != tree.ROOMS:
        yield f"CMakeLists.txt has the rooms {build}, not {tree.ROOMS}"
    if re.findall(r"\w+", single.group(1)) != tree.ROOMS:
        yield "cmake/amalgamate.py has other rooms"
    for folder in sorted(p.name for p in (tree.ROOT / "src").iterdir() if p.is_dir()):
        if folder not in tree.ROOMS:
            yield f"src/{folder} is no room"
        elif not (tree.ROOT / "src" / folder / f"{folder}.h").exists():
            yield f"src/{folder} has no door {folder}.h"


def flaws_of_public():
    named, missing = tree.public_headers()
    for header in missing:
        yield f"include/loyalty.h does not include <{header}>"
    for i, header in enumerate(named):
        for mark, name in INCLUDE.findall((tree.ROOT / "include" / header).read_text()):
            if name in ("stddef.h", "stdint.h") and mark == "<":
                continue
            if mark != "<" or name not in named[:i]:
                yield f"include/{header}: includes {name}, which is not a public header before it in loyalty.h"


def main():
    sources = tree.files("src/*/*.[ch]")
    flaws = [flaw for path in sources for flaw in flaws_of_source(path)]
    flaws += [*flaws_of_lists(), *flaws_of_public()]
    tree.finish(flaws, f"{len(sources)} files of src/ looked at")


if __name__ == "__main__":
    main()
