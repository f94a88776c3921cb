"""What the checks share: the rooms, the files of the tree, C text without comments, and how a check ends."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Room: the rooms it may look into. The upper five do not look into one another.
LOWER = ["core", "numeric", "profile", "model"]
UPPER = ["store", "calibrate", "lifetime", "insight", "programme"]
ROOMS = LOWER + UPPER
MAY_SEE = {room: LOWER[:i] for i, room in enumerate(LOWER)} | {room: LOWER for room in UPPER}

COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def files(*patterns):
    """Files of the tree that match, as paths relative to its root, without anything built."""
    found = set()
    for pattern in patterns:
        found.update(p.relative_to(ROOT) for p in ROOT.glob(pattern) if p.is_file())
    return sorted(p for p in found if p.parts[0] != "build" and "__pycache__" not in p.parts)


def tracked():
    """All files under version control, or all files of the known folders in a copy without it."""
    try:
        out = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, check=True).stdout.decode()
        listed = [pathlib.Path(name) for name in out.split("\0") if name]
        return sorted(p for p in listed if (ROOT / p).is_file())
    except (OSError, subprocess.CalledProcessError):
        return files("*", ".ci/*", "cmake/**/*", "examples/**/*", "include/**/*", "pkgconfig/*", "src/**/*",
                     "tests/**/*")


def without_comments(text):
    """C text with comments and literals blanked, line numbers kept."""
    return COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()) if m.group()[0] == "/" else '""', text)


def public_headers():
    """Public headers in the umbrella's order (relative to include/), and those the umbrella does not name."""
    umbrella = (ROOT / "include/loyalty.h").read_text()
    named = re.findall(r"^#include <(loyalty/\w+\.h)>", umbrella, re.MULTILINE)
    there = [f"loyalty/{p.name}" for p in files("include/loyalty/*.h")]
    return named, [h for h in there if h not in named and h != "loyalty/experimental.h"]


def api_functions():
    """Names declared LOY_API in the public headers."""
    names = set()
    for path in files("include/loyalty/*.h"):
        text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", without_comments((ROOT / path).read_text()), flags=re.MULTILINE)
        for statement in re.findall(r"\bLOY_API\b([^;{]*)", text):
            match = re.search(r"\b(\w+)\s*\(", statement)
            if match:
                names.add(match.group(1))
    return names


def finish(flaws, summary):
    """Print the flaws and leave: 1 when there are any."""
    for flaw in flaws:
        print(flaw)
    print(f"{len(flaws)} flaws; {summary}")
    sys.exit(1 if flaws else 0)
