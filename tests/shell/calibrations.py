"""Cases of shell.py about learning weights: calibrate."""
import json
import random

from common import check, equal

__all__ = ["case_calibrate", "case_calibrate_refusals"]


def case_calibrate(shell):
    events = shell.coffee(customers=500, days=400)
    text, told = shell.run("calibrate", events)
    check("satisfaction calibrated on " in text, f"the origin does not say what was fitted on: {text[:600]}")
    check("loss" in told, f"nothing is told of the fits: {told}")
    model = shell.write("mine.model", text)
    checked = shell.run("model", "check", model)[0]
    check("retail" in checked, checked)
    # The calibrated model scores the same events, and otherwise than before.
    before = shell.rows("score", events)
    after = shell.rows("score", events, "--model", model)
    equal([r["customer"] for r in before], [r["customer"] for r in after], "customers")
    check(any(a["satisfaction"] != b["satisfaction"] for a, b in zip(after, before)), "scores did not move")
    # A report: fits are better than what they started from, on customers left out as well.
    report = json.loads(shell.run("calibrate", events, "--folds", "3", "--half-lives", "0.1", "--format", "json")[0])
    equal(report["model"], "retail", "model")
    rows = {row["construct"]: row for row in report["constructs"]}
    for name in ["value", "satisfaction", "trust", "attitudinal", "behavioural", "loyalty"]:
        row = rows[name]
        check(row["loss"] < row["was"], f"{name}: {row}")
        check(row["answers"] > row["left_out"] > 0, f"{name}: {row}")
    for name in ["satisfaction", "behavioural"]:
        check(rows[name]["left_out_loss"] < rows[name]["left_out_was"], f"left out: {rows[name]}")
    parts = [w for w in report["weights"] if w["weight"] == "part"]
    check(abs(sum(w["is"] for w in parts) - 1) < 1e-9, f"the mix does not add up: {parts}")
    table = shell.run("calibrate", events, "--format", "table")[0].splitlines()
    equal(table[0].split()[:3], ["construct", "answers", "customers"], "head of the table")
    # Rows in any order, in any number of files, some sent twice: the same bits.
    lines = events.read_text().splitlines(keepends=True)
    rest = lines[1:] + lines[5:60]
    random.Random(5).shuffle(rest)
    shell.write("a.csv", lines[0] + "".join(rest[:len(rest) // 3]))
    shell.write("b.csv", lines[0] + "".join(rest[len(rest) // 3:]))
    equal(shell.run("calibrate", "b.csv", "a.csv")[0], text, "the model of shuffled files")
    # Half-lives: the least loss wins, and the model has them.
    text, told = shell.run("calibrate", events, "--half-lives", "0.2,1", "--target", "satisfaction=csat")
    losses = {float(line.split("times ")[1].split(":")[0]): float(line.rsplit(" ", 1)[1])
              for line in told.splitlines() if "half-lives times" in line}
    equal(sorted(losses), [0.2, 1.0], "factors tried")
    best = min(losses, key=losses.get)
    check(f"channel complaint: half_life {365 * best:g}d" in text, f"half-lives are not those with the least loss: {losses}")


def case_calibrate_refusals(shell):
    events = shell.coffee(customers=20, days=180)
    for arguments, code, expected in [
            ([], 2, "needs a file of events"),
            ([events, "--target", "satisfaction"], 2, "is not CONSTRUCT=INSTRUMENT"),
            ([events, "--target", "satisfaction=wishes"], 2, "is not CONSTRUCT=INSTRUMENT"),
            ([events, "--target", "satisfaction=csat:x"], 2, "is not CONSTRUCT=INSTRUMENT"),
            ([events, "--target", "happiness=csat"], 2, "no such construct"),
            ([events, "--half-lives", "1,,2"], 2, "factors from 0.01 to 100"),
            ([events, "--half-lives", "0"], 2, "factors from 0.01 to 100"),
            ([events, "--folds", "1"], 2, "2 or more"),
            ([events, "--horizon", "0"], 2, "horizon"),
            ([events, "--target", "trust=csat:77"], 1, "no observation"),
            ([events, "--model", "none.model"], 3, "none.model")]:
        out, told = shell.run("calibrate", *arguments, code=code)
        equal(out, "", f"{arguments}: output")
        check(expected in told, f"{arguments}: {told}")
    shell.write("quiet.csv", "customer,kind,time,amount\nA,purchase,2024-01-01,100\n")
    told = shell.run("calibrate", "quiet.csv", code=1)[1]
    check("--target says" in told, told)
    shell.write("empty.csv", "customer,kind,time,amount\n")
    told = shell.run("calibrate", "empty.csv", code=1)[1]
    check("no event to learn from" in told, told)
