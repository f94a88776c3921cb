#!/usr/bin/env python3
"""Make the single-file build: loyalty.h from the public headers, loyalty.c from the rooms.

Names that are local to a file may be the same in two files (static functions, struct tags, macros). In one
translation unit they would collide, so those that do are renamed in the text of the file that owns them: everywhere
but as members of structs, which share their names with functions without harm.
"""
import argparse
import pathlib
import re
import sys

ROOMS = ["core", "numeric", "profile", "model", "store", "calibrate", "lifetime", "insight", "programme"]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<(loyalty(?:/[a-z_]+)?\.h)>)')

TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'  # comments and literals: dropped
  | (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark>[{}()\[\];,=*])
  """, re.VERBOSE | re.DOTALL | re.MULTILINE)


def tokens(text):
    """Words and marks of C text, and the names its directives define."""
    found, macros = [], set()
    for match in TOKEN.finditer(text):
        if match.group("directive"):
            define = re.match(r"\s*#\s*define\s+(\w+)", match.group("directive"))
            if define:
                macros.add(define.group(1))
        elif match.group("word") or match.group("mark"):
            found.append(match.group())
    return found, macros


def statements(words):
    """Cut tokens into file-scope statements; the inside of braces, parentheses and brackets is a nested list."""
    stack, done = [[]], []
    for word in words:
        if word in "{([":
            inner = [word]
            stack[-1].append(inner)
            stack.append(inner)
        elif word in "})]":
            stack.pop()
            # A function body ends its statement; an initialiser or a struct goes on to its semicolon.
            outer = stack[-1]
            if len(stack) == 1 and word == "}" and len(outer) > 1 and isinstance(outer[-2], list):
                if outer[-2][0] == "(":
                    done.append(outer[:])
                    outer.clear()
        elif word == ";" and len(stack) == 1:
            done.append(stack[0][:])
            stack[0].clear()
        else:
            stack[-1].append(word)
    return done


def is_name(word):
    return isinstance(word, str) and (word[0].isalpha() or word[0] == "_")


def declared_name(statement):
    """The name a static declaration or a typedef introduces."""
    last = None
    for word in statement:
        if isinstance(word, list):
            if word[0] == "(" and last is not None and last not in ("__attribute__",):
                inner = [w for w in word if is_name(w)]
                return inner[0] if word[1:2] == ["*"] and inner else last
            if word[0] == "[":
                return last
        elif word in ("=", ","):
            return last
        else:
            last = word if is_name(word) else last
    return last


def local_names(text):
    """Names of file scope that no other file may see: (renamable, macros)."""
    words, macros = tokens(text)
    names = set()
    for statement in statements(words):
        for i, word in enumerate(statement):
            if word in ("struct", "union", "enum") and i + 1 < len(statement):
                body = next((w for w in statement[i + 1:i + 3] if isinstance(w, list) and w[0] == "{"), None)
                if body is not None or len(statement) == 2:
                    if is_name(statement[i + 1]):
                        names.add(statement[i + 1])
                if body is not None and word == "enum":
                    names.update(w for before, w in zip(body, body[1:]) if before in ("{", ",") and is_name(w))
                if isinstance(body, list) and word != "enum":
                    continue
        if statement and statement[0] in ("static", "typedef"):
            name = declared_name(statement[1:])
            if name is not None:
                names.add(name)
    keep = lambda name: not name.lower().startswith("loy_") and name not in ("_GNU_SOURCE", "_FILE_OFFSET_BITS")
    return {n for n in names if keep(n)}, {m for m in macros if keep(m)}


LEXEME = re.compile(r"""
    (?P<skip>/\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | ^[ \t]*\#[ \t]*include[^\n]* | \s+)
  | (?P<word>[A-Za-z_]\w*) | (?P<number>\.?\d[\w.]*) | (?P<mark>-> | \.\.\. | .)
  """, re.VERBOSE | re.DOTALL | re.MULTILINE)
# Local names that headers of the system declare as something else.
FOREIGN = {"close", "index", "link", "open", "read", "stat", "time", "unlink", "write"}


def is_member(before, after):
    """Whether a word inside a struct's braces is the name of a member, by its neighbours."""
    if before in ("struct", "union", "enum", "["):
        return False
    return not (after == "*" or re.match(r"[A-Za-z_]", after))


def renamed(text, names, stem):
    """The text with these names made unique, members left alone."""
    lexemes = [m for m in LEXEME.finditer(text)]
    solid = [i for i, m in enumerate(lexemes) if not m.group("skip")]
    out = [m.group() for m in lexemes]
    bodies = []  # of each open brace: whether it is a struct's
    for place, i in enumerate(solid):
        word = out[i]
        before = lexemes[solid[place - 1]].group() if place > 0 else ""
        after = lexemes[solid[place + 1]].group() if place + 1 < len(solid) else ""
        if word == "{":
            earlier = lexemes[solid[place - 2]].group() if place > 1 else ""
            bodies.append(before in ("struct", "union") or earlier in ("struct", "union"))
        elif word == "}" and bodies:
            bodies.pop()
        elif word in names and before not in (".", "->") and not (bodies and bodies[-1] and is_member(before, after)):
            out[i] = stem + word
    return "".join(out)


class Single:
    """One output file: text with its own includes resolved once each."""

    def __init__(self, root):
        self.root, self.seen, self.out = root, set(), []

    def add(self, path, text=None):
        if path in self.seen:
            return
        self.seen.add(path)
        depth = 0
        for line in (text or (self.root / path).read_text()).splitlines():
            if re.match(r"\s*#\s*if", line):
                depth += 1
            elif re.match(r"\s*#\s*endif", line):
                depth -= 1
            match = INCLUDE.match(line)
            if not match:
                self.out.append(line)
            elif match.group(2):
                self.public(match.group(2))
            else:
                # In a header, depth 1 is its include guard.
                if depth > (1 if path.endswith(".h") else 0):
                    sys.exit(f"{path}: an internal include inside #if")
                self.internal(path, match.group(1))

    def internal(self, path, name):
        beside = pathlib.PurePosixPath(path).parent / name
        self.add(str(beside) if (self.root / beside).exists() else "src/" + name)

    def public(self, name):
        self.add("include/" + name)


class Source(Single):
    def public(self, name):
        """Every public header is in loyalty.h, which comes first."""


def header(root, version):
    single = Single(root)
    single.out += [f"/* libloyalty {version}: all public headers in one. Generated; the sources are in include/. */",
                   "#if !defined(LOY_STATIC) && !defined(LOY_BUILDING)",
                   "#define LOY_STATIC /* the single-file build is compiled into its user */",
                   "#endif"]
    single.add("include/loyalty.h")
    return "\n".join(single.out) + "\n"


def source(root, version):
    files = [str(p.relative_to(root)) for room in ROOMS for p in sorted((root / "src" / room).glob("*.c"))]
    headers = [str(p.relative_to(root)) for p in sorted((root / "src").glob("*/*.h"))]
    local = {path: local_names((root / path).read_text()) for path in files + headers}
    owners = {}
    for path, (names, macros) in local.items():
        for name in names | macros:
            owners.setdefault(name, set()).add(path)
    single = Source(root)
    single.out += [f"/* libloyalty {version} in one file. Generated; the sources are in src/.",
                   " * Compile with -std=c11 -ffp-contract=off (on 32-bit x86 also -msse2 -mfpmath=sse); link -lm and threads. */",
                   "#if defined(__GNUC__) && !defined(__clang__) && !defined(__STRICT_ANSI__)",
                   "#pragma GCC optimize(\"fp-contract=off\")",
                   "#endif",
                   "/* Files need more of the C library than ISO C, with large offsets: before the first header. */",
                   "#if defined(__linux__) && !defined(_GNU_SOURCE)",
                   "#define _GNU_SOURCE 1",
                   "#endif",
                   "#if defined(__linux__) && !defined(_FILE_OFFSET_BITS)",
                   "#define _FILE_OFFSET_BITS 64",
                   "#endif",
                   '#include "loyalty.h"']
    for path in files:
        names, macros = local[path]
        mine = {n for n in names if len(owners[n]) > 1 or n in FOREIGN}
        stem = "loy__" + re.sub(r"\W", "_", path[len("src/"):-len(".c")]) + "_"
        text = (root / path).read_text()
        # Headers first: they are everybody's.
        for line in text.splitlines():
            match = INCLUDE.match(line)
            if match and match.group(1):
                single.internal(path, match.group(1))
        single.out.append(f"/* ---- {path} ---- */")
        single.add(path, renamed(text, mine, stem))
        single.out += [f"#undef {name}" for name in sorted(macros)]
    return "\n".join(single.out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, help="folder to write loyalty.c and loyalty.h to")
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent,
                        help="root of the source tree (default: the one this script is in)")
    arguments = parser.parse_args()
    root = arguments.source
    base = (root / "include/loyalty/base.h").read_text()
    version = ".".join(re.search(rf"#define LOY_VERSION_{part}\s+(\d+)", base).group(1)
                       for part in ("MAJOR", "MINOR", "PATCH"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "loyalty.h").write_text(header(root, version))
    (arguments.out / "loyalty.c").write_text(source(root, version))


if __name__ == "__main__":
    main()
