"""What the cases of shell.py share: checks, the programs under test, a small set of events."""
import csv
import io
import os
import pathlib
import subprocess

HEADLINE = ["satisfaction", "trust", "value", "loyalty"]


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Failed(message)


def equal(found, expected, what):
    check(found == expected, f"{what}: expected {expected!r:.2000}, found {found!r:.2000}")


class Shell:
    """The programs under test, and a folder to work in."""

    def __init__(self, options, work):
        self.options, self.work = options, pathlib.Path(work)
        self.source = pathlib.Path(options.source)

    def run(self, *arguments, code=0, stdin=None, program=None):
        """Run the shell; its exit code must be `code`. Standard output and error, as text."""
        command = [program or self.options.loyalty, *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=300, cwd=self.work)
        out, err = done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode().replace("\r\n", "\n")
        check(done.returncode == code, f"{command}: exit code {done.returncode}, not {code}\n{out[-2000:]}\n{err[-2000:]}")
        return out, err

    def rows(self, *arguments, **more):
        """Run with --format csv and read the rows."""
        return list(csv.DictReader(io.StringIO(self.run(*arguments, "--format", "csv", **more)[0])))

    def write(self, name, text):
        path = self.work / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def coffee(self, customers=60, days=400):
        """A small bundled set of our own."""
        self.run("--customers", customers, "--days", days, self.work, program=self.options.generate)
        return self.work / "events.csv"

    def shared(self, name):
        folder = os.environ.get("LOY_SHARED_DATA") or self.options.shared
        path = pathlib.Path(folder) / "data" / name
        if not folder or not path.is_file():
            raise Skipped(f"{name} is absent: test skipped")
        return path


TINY = """event,customer,kind,time,amount,currency,severity,quality
e1,ann,purchase,2025-01-01T10:00:00Z,450,EUR,,
e2,ann,purchase,2025-02-01T10:00:00Z,550,EUR,,
e3,bob,purchase,2025-01-05,1200,EUR,,
e4,bob,complaint,2025-01-06,,,0.8,
e5,bob,resolution,2025-01-08,,,0.8,90%
e6,cem,visit,2025-03-01,,,,
"""
