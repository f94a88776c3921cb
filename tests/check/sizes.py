#!/usr/bin/env python3
"""The fixed top level, sizes of files, functions and lines, and marks of unfinished work."""
import re

import tree

TOP_LEVEL = {"include", "src", "tests", "examples", "cmake", "pkgconfig", "CMakeLists.txt", "README.md", "LICENSE",
             ".gitignore", ".clang-format", ".ci"}
FILE_LINES = 1000  # src/, tests/ and examples/; tables of data apart
HEADER_LINES = 400  # public headers
FUNCTION_LINES = 60  # between the braces, in src/ and examples/
COLUMNS = 120  # .clang-format breaks code at 110; comments and tables may go a little further
TAB = 8
# Files that are tables of numbers or text from one end to the other.
DATA = re.compile(r"(_table\.[ch]|_data\.[ch]|/models/[^/]+\.c)$")
MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD|not implemented|unimplemented)\b|\bstub(bed|s)?\b", re.IGNORECASE)
PLACE = re.compile(r"(^|[\s\"'=(:])/(home|root|work|Users)/\w")
TEXT = {".c", ".h", ".py", ".sh", ".txt", ".cmake", ".md", ".in", ".map", ".go", ".mod", ".toml", ".cfg", ""}
# These name the marks in order to look for them, or hold generated or foreign data.
EXEMPT = {"tests/check/sizes.py"}


def columns(line):
    return len(line.expandtabs(TAB))


def functions(lines):
    """(line number, name, length of the body) of each function: braces in the first column, as the style has it."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{" and number > 1 and lines[number - 2].rstrip().endswith(")"):
            start = number
        elif line == "}" and start is not None:
            head = start - 2
            while head > 0 and lines[head][:1] in ("\t", " "):
                head -= 1
            name = re.search(r"(\w+)\s*\(", lines[head])
            yield start, name.group(1) if name else "?", number - start - 1
            start = None


def flaws_of_c(path, lines):
    place = path.parts[0]
    limit = HEADER_LINES if place == "include" else FILE_LINES
    if len(lines) > limit and not DATA.search(str(path)):
        yield f"{path}: {len(lines)} lines, at most {limit}"
    for number, line in enumerate(lines, 1):
        if columns(line) > COLUMNS and not DATA.search(str(path)):
            yield f"{path}:{number}: {columns(line)} columns, at most {COLUMNS}"
    if place in ("src", "examples"):
        for number, name, length in functions(lines):
            if length > FUNCTION_LINES:
                yield f"{path}:{number}: {name} has {length} lines, at most {FUNCTION_LINES}"


def flaws_of_text(path, lines):
    for number, line in enumerate(lines, 1):
        if MARK.search(line):
            yield f"{path}:{number}: a mark of unfinished work: {line.strip()[:60]}"
        if PLACE.search(line):
            yield f"{path}:{number}: a folder of one machine: {line.strip()[:60]}"
        if line != line.rstrip() and path.suffix != ".md":
            yield f"{path}:{number}: blanks at the end of the line"


def main():
    flaws, count = [], 0
    for path in tree.tracked():
        if path.parts[0] not in TOP_LEVEL:
            flaws.append(f"{path}: {path.parts[0]} does not belong to the top level")
        if path.suffix not in TEXT or str(path) in EXEMPT or {"corpus", "files"} & set(path.parts):
            continue
        lines = (tree.ROOT / path).read_text(errors="replace").splitlines()
        count += 1
        flaws += flaws_of_text(path, lines)
        if path.suffix in (".c", ".h"):
            flaws += flaws_of_c(path, lines)
    tree.finish(flaws, f"{count} files looked at")


if __name__ == "__main__":
    main()
