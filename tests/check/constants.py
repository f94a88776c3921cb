#!/usr/bin/env python3
"""Print every public constant, and the size and field offsets of every public struct, as the compiler has them.

tests/abi/constants.txt keeps what was published: a value that changes breaks programs that are already built.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import tree

# Differ from release to release by design.
CHANGING = re.compile(r"LOY_VERSION_|\w+_COUNT$")
DECLARATION_MACROS = {"LOY_API", "LOY_BEGIN_DECLS", "LOY_END_DECLS"}


def preprocessed(compiler, flags):
    source = "#include <loyalty.h>\n"
    run = lambda *more: subprocess.run([compiler, *flags, *more, "-E", "-x", "c", "-"], input=source, text=True,
                                       capture_output=True, check=True).stdout
    return run("-P"), run("-dM")


def constants(text, macros):
    """Names of integer macros without parameters, and of enum constants."""
    names = set()
    for name in re.findall(r"^#define (LOY_[A-Z0-9_]+) (?=[-(0-9A-Z])[^\n]*$", macros, re.MULTILINE):
        names.add(name)
    for body in re.findall(r"\benum\b[^{;]*\{([^}]*)\}", text):
        names.update(re.findall(r"(?:^|,)\s*(LOY_\w+)", body))
    return sorted(n for n in names - DECLARATION_MACROS if not CHANGING.match(n) and not n.endswith("_H"))


def structs(text):
    """(struct, fields) of each struct with a body."""
    for tag, body in re.findall(r"\bstruct (loy_\w+)\s*\{([^}]*)\}", text):
        fields = []
        for line in body.split(";"):
            pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", line)
            if pointer:
                fields.append(pointer.group(1))
            else:
                fields += re.findall(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?=,|$)", line.strip())
        yield tag, fields


def program(names, shapes):
    lines = ["#include <loyalty.h>", "#include <inttypes.h>", "#include <stdio.h>", "int main(void)", "{"]
    for name in names:
        lines.append(f'\tprintf("{name} %" PRId64 "\\n", (int64_t)({name}));')
    for tag, fields in shapes:
        lines.append(f'\tprintf("struct {tag} size %u\\n", (unsigned)sizeof(struct {tag}));')
        for field in fields:
            lines.append(f'\tprintf("struct {tag}.{field} at %u\\n", (unsigned)offsetof(struct {tag}, {field}));')
    return "\n".join([*lines, "\treturn 0;", "}", ""])


def measured(compiler):
    flags = [f"-I{tree.ROOT / 'include'}", "-DLOY_STATIC"]
    text, macros = preprocessed(compiler, flags)
    names = []
    for name in constants(text, macros):  # a macro may be text or no constant at all: keep those that are numbers
        body = re.search(rf"^#define {name} (.*)$", macros, re.MULTILINE)
        if not body or re.fullmatch(r"[-+*()0-9A-Za-z_ <>|u]+", body.group(1)):
            names.append(name)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "constants.c"
        source.write_text(program(names, list(structs(text))))
        subprocess.run([compiler, *flags, str(source), "-o", str(source.with_suffix(""))], check=True)
        return subprocess.run([str(source.with_suffix(""))], capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cc", default="cc", help="C compiler")
    parser.add_argument("--compare", type=pathlib.Path, help="file to compare with instead of printing")
    arguments = parser.parse_args()
    now = measured(arguments.cc)
    if not arguments.compare:
        sys.stdout.write(now)
        return
    split = lambda text: dict(line.rsplit(" ", 1) for line in text.splitlines())
    found, kept = split(now), split(arguments.compare.read_text())
    flaws = [f"{name}: was {value}, is {found.get(name, 'gone')}: that breaks programs already built"
             for name, value in sorted(kept.items()) if found.get(name) != value]
    flaws += [f"{name}: new; add it with `sh tests/abi/update`" for name in sorted(found.keys() - kept.keys())]
    tree.finish(flaws, f"{len(found)} values compared")


if __name__ == "__main__":
    main()
