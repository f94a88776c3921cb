"""Cases of shell.py about stores on files: the shell's commands, and the till that is killed at work."""
import json
import os
import random
import re
import signal
import subprocess
import time

from common import TINY, Skipped, check, equal

__all__ = ["case_store_scores", "case_store_upkeep", "case_store_erase", "case_store_sync", "case_store_refusals",
           "case_store_failing", "case_till_store", "case_till_killed"]
AT = "2025-04-01"


def contents(folder):
    """All bytes of a store's files."""
    return b"".join(p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file())


def figures(shell, store, command="stats"):
    return json.loads(shell.run(command, store, "--format", "json")[0])


def case_store_scores(shell):
    """A store says what its events say, at any date, and taking them in again changes nothing."""
    events = shell.coffee()
    told = shell.run("import", "shop", events)[1]
    check("recorded" in told, f"the summary is missing: {told}")
    customer = min(row["customer"] for row in shell.rows("score", events, "--at", "2024-03-01"))
    for at in ["2025-01-20", "2025-07-01"]:
        for arguments in [["score", "{}", "--intervals"], ["score", "{}", "--top", "5", "--where", "events>3"],
                          ["explain", "{}", "--customer", customer], ["profile", "{}", "--customer", customer]]:
            of = [shell.run(*[a.format(what) for a in arguments], "--at", at, "--format", "json", "--quiet")[0]
                  for what in (events, "shop")]
            if arguments[0] == "profile":  # a store does not keep the texts that codes were made of
                of = [json.loads(text)["hash"] for text in of]
            equal(of[1], of[0], f"{arguments} of a store and of its events")
    moved = ["--customer", customer, "--from", "2025-02-01", "--to", "2025-09-01", "--format", "csv", "--quiet"]
    equal(shell.run("change", "shop", *moved)[0], shell.run("change", events, *moved)[0], "change")
    check(len(shell.rows("score", "shop")) >= 40, "scores as of now")
    before = figures(shell, "shop")
    shell.run("import", "shop", events)
    after = figures(shell, "shop")
    equal([after[k] for k in ("events", "customers", "records")], [before[k] for k in ("events", "customers", "records")],
          "figures after taking everything in again")
    # Customers a program has by number are # and digits.
    shell.run("till", program=shell.options.till)
    number = shell.rows("score", "till")[0]["customer"]
    check(re.fullmatch("#[1-9][0-9]*", number), f"customer {number!r}")
    for command in [["explain"], ["profile"], ["what-if", "--event", "kind=visit"],
                    ["change", "--from", "1990-01-01", "--to", "now"]]:
        check(f"customer {number}" in shell.run(command[0], "till", "--customer", number, *command[1:])[0], command[0])
    shell.run("explain", "till", "--customer", number + "0", code=1)
    shell.run("explain", "till", "--customer", number + "x", code=1)
    # Another order, another number of commands, the same state.
    lines = events.read_text().splitlines(keepends=True)
    rest = lines[1:]
    random.Random(5).shuffle(rest)
    half = len(rest) // 2
    shell.write("one.csv", lines[0] + "".join(rest[:half]))
    shell.write("two.csv", lines[0] + "".join(rest[half:]))
    shell.run("import", "other", "two.csv")
    shell.run("import", "other", "one.csv", "two.csv")
    states = [line.split()[0] for line in shell.run("sync", "shop", "other")[0].splitlines()]
    equal(states[0], states[1], "states")


def case_store_upkeep(shell):
    events = shell.coffee()
    shell.run("import", "shop", events)
    one = figures(shell, "shop")
    checked = figures(shell, "shop", "verify")
    equal(checked["wrong_customers"], 0, "wrong profiles")
    equal(checked["records"], one["records"], "records")
    check(re.fullmatch("[0-9a-f]{64}", checked["chain_head"]), "the head of the chain")
    check(re.search(rf"^records +{one['records']}$", shell.run("stats", "shop")[0], re.MULTILINE), "table")
    check("figure,value" in shell.run("stats", "shop", "--format", "csv")[0], "csv")
    shell.run("compact", "shop")
    two = figures(shell, "shop")
    equal(two["snapshot_records"], two["records"], "records in the snapshot")
    equal(figures(shell, "shop", "verify")["chain_head"], checked["chain_head"], "the chain's head after compaction")
    # Flip a bit in the middle of the journal's content.
    path = min((p for p in (shell.work / "shop").iterdir() if p.name.startswith("jnl-")), key=lambda p: p.name)
    data = bytearray(path.read_bytes())
    data[5000] ^= 16
    path.write_bytes(data)
    _, told = shell.run("verify", "shop", code=3)
    check(path.name in told, f"the damaged file is not named: {told}")


def case_store_erase(shell):
    shell.write("tiny.csv", TINY)
    shell.run("import", "shop", "tiny.csv")
    document = json.loads(shell.run("export", "shop", "--customer", "bob", "--at", AT)[0])
    check(json.dumps(document).count("bob") >= 1, "the customer's name")
    check(b"bob" in contents(shell.work / "shop"), "the key is in the files")
    shell.run("export", "shop", "before.bundle")
    shell.run("erase", "shop", "bob")
    shell.run("compact", "shop")
    check(b"bob" not in contents(shell.work / "shop"), "the key is still in the files")
    check(b"ann" in contents(shell.work / "shop"), "others stay")
    shell.run("export", "shop", "--customer", "bob", code=1)
    equal([r["customer"] for r in shell.rows("score", "shop", "--at", AT)], ["ann", "cem"], "customers")
    shell.run("verify", "shop")
    # Erasure wins over what arrives late, in whatever form.
    shell.run("import", "shop", "tiny.csv")
    shell.run("import", "shop", "before.bundle")
    shell.run("compact", "shop")
    check(b"bob" not in contents(shell.work / "shop"), "late events brought the key back")
    equal([r["customer"] for r in shell.rows("score", "shop", "--at", AT)], ["ann", "cem"], "customers")
    # … and travels.
    shell.run("import", "other", "tiny.csv")
    shell.run("sync", "other", "shop")
    equal([r["customer"] for r in shell.rows("score", "other", "--at", AT)], ["ann", "cem"], "customers elsewhere")
    # Up to a date only: a new life begins after it.
    shell.run("erase", "shop", "ann", "--until", "2025-01-15")
    equal(shell.rows("profile", "shop", "--customer", "ann", "--at", AT)[0]["value"], "1", "events after the erasure")


def case_store_sync(shell):
    events = shell.coffee().read_text().splitlines(keepends=True)
    head, rest = events[0], events[1:]
    for i in range(3):
        shell.write(f"part{i}.csv", head + "".join(rest[i::3]) + "".join(rest[:20]))
        shell.run("import", f"till{i}", f"part{i}.csv")
    # By bundles: everything, then what is lacking.
    shell.run("export", "till0", "all.bundle")
    shell.run("import", "office", "all.bundle", "all.bundle")
    shell.run("export", "office", "office.vector", "--vector")
    shell.run("export", "till1", "news.bundle", "--since", "office.vector")
    shell.run("import", "office", "news.bundle")
    shell.run("export", "till0", "nothing.bundle", "--since", "office.vector")
    check((shell.work / "nothing.bundle").stat().st_size < 400, "nothing new takes hardly a byte")
    # By visits, in both directions.
    for pair in [("office", "till2"), ("till0", "office"), ("till1", "office"), ("till2", "office")]:
        shell.run("sync", *pair)
    states = {shell.run("sync", "office", f"till{i}")[0].split()[k] for i in range(3) for k in (0, 2)}
    equal(len(states), 1, "number of different states")
    shell.write("whole.csv", "".join(events))
    equal(shell.run("score", "office", "--at", AT, "--format", "csv")[0],
          shell.run("score", "whole.csv", "--at", AT, "--format", "csv")[0], "scores")
    # A bundle that was cut or changed is refused whole.
    bundle = bytearray((shell.work / "all.bundle").read_bytes())
    shell.write("cut.bundle", bytes(bundle[:-7]))
    bundle[len(bundle) // 2] ^= 1
    shell.write("changed.bundle", bytes(bundle))
    for name in ["cut.bundle", "changed.bundle"]:
        check(name in shell.run("import", "fresh", name, code=3)[1], "the bundle is named")
    equal(figures(shell, "fresh")["records"], 0, "records of a store that refused")


def case_store_refusals(shell):
    shell.write("tiny.csv", TINY)
    shell.run("import", "shop", "tiny.csv")
    shell.run("compact", "shop")  # profiles are in a snapshot now
    for wrong in [["import", "shop"], ["export"], ["export", "a", "b", "c"], ["sync", "shop"], ["verify"], ["erase", "shop"],
                  ["compact"], ["stats"], ["stats", "shop", "more"], ["stats", "shop", "--format", "xml"],
                  ["erase", "shop", "bob", "--until", "soon"], ["stats", "shop", "--top", "3"]]:
        check(shell.run(*wrong, code=2)[1].startswith("loyalty: "), f"{wrong} tells nothing")
    for missing in [["stats", "nowhere"], ["verify", "nowhere"], ["export", "nowhere", "x"], ["import", "shop", "none.csv"],
                    ["export", "shop", "x", "--since", "none"], ["erase", "nowhere", "bob"], ["compact", "nowhere"],
                    ["sync", "nowhere", "shop"]]:
        shell.run(*missing, code=3)
    check(not (shell.work / "nowhere").exists(), "a store was made by something else than importing")
    _, told = shell.run("score", "shop", "--model", "literature", code=3)
    check("--rebuild" in told, "the way out is not told")
    shell.run("import", "shop", "tiny.csv", "--model", "hospitality", "--rebuild")
    of = [shell.run("score", what, "--model", "hospitality", "--at", AT, "--format", "csv")[0] for what in ("tiny.csv", "shop")]
    equal(of[1], of[0], "scores under another model")
    for topic in ["store", "import", "export", "sync", "verify", "erase", "compact", "stats"]:
        check(len(shell.run("help", topic)[0]) > 300, f"help on {topic} teaches little")


def case_store_failing(shell):
    """When the medium fails, the work ends with the first row that could not be kept, and says so."""
    rows = (f"{i},bob,purchase,2025-01-01,100\n" for i in range(100000))
    shell.write("many.csv", "event,customer,kind,time,amount\n" + "".join(rows))
    shell.run("import", "shop", "many.csv")
    shell.write("tiny.csv", TINY)
    shell.run("import", "ill", "tiny.csv")
    (shell.work / "ill" / "jnl-new").mkdir()  # where the next journal file would be made
    _, told = shell.run("import", "ill", "many.csv", code=4)
    check(told.count("jnl-new") == 1 and told.count("many.csv:") == 1, f"told row by row: {told}")
    equal(figures(shell, "ill")["events"], 6, "events, of which none was acknowledged in vain")
    (shell.work / "ill" / "jnl-new").rmdir()
    shell.run("import", "ill", "many.csv")
    shell.run("sync", "ill", "shop")


def case_till_store(shell):
    """The till's scorecard is the same with files beneath, and a second day adds to the first."""
    memory = shell.run(program=shell.options.till)[0].splitlines()
    files = shell.run("till", program=shell.options.till)[0].splitlines()
    equal(files, memory[:-1], "scorecard")  # the last line is about memory
    equal(figures(shell, "till")["events"], 3, "events of a day")
    shell.run("till", program=shell.options.till)
    equal(figures(shell, "till")["events"], 6, "events of two days")
    shell.run("nonsense", "twice", "over", program=shell.options.till, code=2)
    shell.run("--help", program=shell.options.till, code=2)
    check(not (shell.work / "--help").exists(), "a store that is called like an option")


def case_till_killed(shell):
    """Kill the till at work: every sale it printed is there, at most one more, and nothing else."""
    if os.name != "posix":
        raise Skipped("kill -9 is of POSIX: test skipped")
    kills = int(os.environ.get("LOY_TILL_KILLS", "25"))
    wait = random.Random(11)
    sold, longest = set(), 0.06
    for _ in range(kills):
        till = subprocess.Popen([shell.options.till, "till", "--sell", "1000000"], cwd=shell.work, stdout=subprocess.PIPE)
        time.sleep(wait.uniform(0.0, longest))
        till.send_signal(signal.SIGKILL)
        lines = till.communicate()[0].decode().split("\n")[:-1]  # what follows the last line end was not printed whole
        if not lines:
            longest = min(2.0, longest * 1.2)  # a machine with much else to do: longer lives
        sold.update(line.split()[1] for line in lines if line.startswith("sold "))
    events = figures(shell, "till")["events"]
    check(len(sold) <= events <= len(sold) + kills, f"{len(sold)} sales printed, {events} in the store, {kills} kills")
    check(len(sold) > kills, f"{len(sold)} sales in {kills} lives: the till hardly worked")
    equal(figures(shell, "till", "verify")["wrong_customers"], 0, "wrong profiles")
    document = json.loads(shell.run("export", "till", "--customer", "#4711")[0])
    there = {e["identity"] for e in document["events"]}
    check(sold <= there, f"{len(sold - there)} sales that were printed are lost")
