#!/usr/bin/env python3
"""Tests of the command-line shell and of the programs in examples/: shell.py OPTIONS CASE, see --help.

Each case is a function case_<name>; ctest runs them one by one. Exit 0: passed, 1: failed, 77: skipped.
"""
import argparse
import collections
import csv
import hashlib
import io
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys
import tempfile

from common import HEADLINE, TINY, Failed, Shell, Skipped, check, equal
from calibrations import *  # noqa: F403
from lifetimes import *  # noqa: F403
from stores import *  # noqa: F403

# ---- what commands print ----

def case_help(shell):
    out, _ = shell.run("help")
    for command in ["score", "explain", "change", "what-if", "profile", "model"]:
        check(command in out, f"the overview does not name {command}")
        text, _ = shell.run(command, "--help")
        equal(shell.run("help", command)[0], text, "help in two ways")
        check(text.startswith(f"loyalty {command}") and "loyalty " + command in text[20:], f"no example for {command}")
    for topic in ["columns", "fields", "where", "exit"]:
        check(len(shell.run("help", topic)[0]) > 400, f"help on {topic} teaches little")
    check("purchase" in shell.run("help", "fields")[0], "fields do not list kinds")
    _, told = shell.run("help", "nonsense", code=2)
    for topic in told.split("topics are ")[1].split():
        check(len(shell.run("help", topic)[0]) > 100, f"{topic} is no topic")
    for command in ["judge", "nps", "csat", "servqual", "items"]:
        check(command in told.split(), f"help does not know of {command}")
    check("no command" in shell.run("nonsense", code=2)[1], "an unknown command is not named")
    check(shell.run("version")[0].startswith("loyalty 1."), "version")
    for wrong in [["score"], ["score", "x.csv", "--tpo", "3"], ["score", "x.csv", "--top", "none"],
                  ["score", "x.csv", "--top", "3", "--bottom", "3"], ["score", "x.csv", "--by", "trust"],
                  ["score", "x.csv", "--at"], ["score", "x.csv", "--at", "2025-13-01"], ["score", "x.csv", "-x"],
                  ["score", "x.csv", "--format", "xml"], ["score", "x.csv", "--where", "loyalty~3"],
                  ["score", "x.csv", "--where", "love>3"], ["score", "x.csv", "--construct", "love"],
                  ["score", "x.csv", "--strict=yes"], ["explain", "x.csv"], ["profile", "x.csv"],
                  ["what-if", "x.csv", "--customer", "ann"], ["what-if", "x.csv", "--event", "kind=visit"],
                  ["change", "x.csv", "--customer", "a"], ["model"], ["model", "check"],
                  ["score", "x.csv", "--separator", "ab"], ["score", "x.csv", "--columns", "amuont=x"],
                  ["change", "x.csv", "--customer", "a", "--from", "2025-02-01", "--to", "2025-01-01"]]:
        shell.write("x.csv", TINY)
        check(shell.run(*wrong, code=2)[1].startswith("loyalty: "), f"{wrong} tells nothing")


def case_score(shell):
    events = shell.coffee()
    plain, told = shell.run("score", events, "--at", "2025-01-20", "--format", "csv")
    check("recorded" in told and "duplicates" in told, f"the summary is missing: {told}")
    rows = list(csv.DictReader(io.StringIO(plain)))
    equal(list(rows[0]), ["customer"] + HEADLINE, "columns")
    check(40 <= len(rows) <= 60 and rows == sorted(rows, key=lambda r: r["customer"]), "customers in order")
    for row in rows:
        for name in HEADLINE:
            check(row[name] == "" or 0.0 <= float(row[name]) <= 100.0, f"{row}")
    # JSON and CSV hold the same doubles; the table rounds them.
    document = json.loads(shell.run("score", events, "--at", "2025-01-20", "--format", "json")[0])
    equal([(c["customer"], *(c[n] for n in HEADLINE)) for c in document["customers"]],
          [(r["customer"], *(float(r[n]) if r[n] else None for n in HEADLINE)) for r in rows], "json and csv")
    lines = shell.run("score", events, "--at", "2025-01-20")[0].splitlines()
    equal(len(lines), len(rows) + 1, "lines of the table")
    for line, row in zip(lines[1:], rows):
        equal(line.split(), [row["customer"]] + [f"{float(row[n]):.1f}" if row[n] else "-" for n in HEADLINE], "table")
    # Standard input, threads, quiet.
    data = pathlib.Path(events).read_bytes()
    equal(shell.run("score", "-", "--at", "2025-01-20", "--format", "csv", stdin=data)[0], plain, "standard input")
    for threads in ["1", "3", "8"]:
        equal(shell.run("score", events, "--at", "2025-01-20", "--format", "csv", "--threads", threads)[0], plain, "threads")
    equal(shell.run("score", events, "--at", "2025-01-20", "--format", "csv", "--quiet"), (plain, ""), "quiet")
    check("%" in shell.run("score", events, "--progress")[1], "progress was asked for")
    # Without --at: the newest event.
    newest = max(r["time"] for r in csv.DictReader(open(events)))
    equal(shell.run("score", events, "--format", "csv")[0], shell.run("score", events, "--at", newest, "--format", "csv")[0],
          "the newest event's time")


def case_rank(shell):
    events = shell.coffee()
    rows = shell.rows("score", events, "--intervals")
    for row in rows:
        for name in HEADLINE:
            if row[name]:
                check(float(row[name + "_low"]) <= float(row[name]) <= float(row[name + "_high"]), f"interval of {row}")
    known = [r for r in rows if r["loyalty"]]
    best = sorted(known, key=lambda r: (-float(r["loyalty"]), r["customer"]))[:7]
    equal(shell.rows("score", events, "--intervals", "--top", "7"), best, "top 7")
    known = [r for r in rows if r["trust"]]
    worst = sorted(known, key=lambda r: (float(r["trust"]), r["customer"]))[:5]
    equal(shell.rows("score", events, "--intervals", "--bottom", "5", "--by", "trust"), worst, "bottom 5")
    some = [r for r in rows if r["satisfaction"] and float(r["satisfaction"]) < 70]
    check(0 < len(some) < len(rows), "the condition divides the customers")
    equal(shell.rows("score", events, "--intervals", "--where", "satisfaction<70"), some, "where")
    once = {e["event"]: e for e in csv.DictReader(open(events))}.values()
    everything = collections.Counter(e["customer"] for e in once)
    purchases = collections.Counter(e["customer"] for e in once if e["kind"] == "purchase")
    equal([r["customer"] for r in shell.rows("score", events, "--where", "count[purchase]>=10", "--where", "events > 40")],
          sorted(c for c in everything if purchases[c] >= 10 and everything[c] > 40), "counts")
    one = shell.rows("score", events, "--construct", "trust", "--construct", "satisfaction")
    equal(list(one[0]), ["customer", "trust", "satisfaction"], "chosen constructs")
    check(len(shell.rows("score", events, "--top", "1000")) == len(rows), "more than there are")
    equal(shell.rows("score", events, "--where", "net_spend[EUR]>99999999"), [], "nobody")
    for field, kind in [("last_time[purchase]", "time"), ("span_sum[delivery]", "duration"), ("events", "number")]:
        _, told = shell.run("score", events, "--where", f"{field}<2025-13-01", code=2)
        check(f"the value is not a {kind}" in told, told)


def case_order(shell):
    """Shuffled rows, split files and repeated rows give the same bytes."""
    events = shell.coffee(40)
    header, *rows = events.read_text().splitlines(keepends=True)
    expected = shell.run("score", events, "--at", "2025-02-01", "--format", "json")[0]
    generator = random.Random(5)
    for turn in range(5):
        generator.shuffle(rows)
        cut = generator.randrange(len(rows))
        first, second = shell.write("a.csv", header + "".join(rows[:cut])), shell.write("b.csv", header + "".join(rows[cut:]))
        equal(shell.run("score", first, second, "--at", "2025-02-01", "--format", "json")[0], expected, f"shuffle {turn}")
        equal(shell.run("score", second, events, first, "--at", "2025-02-01", "--format", "json")[0], expected, "repeated")
    customer = rows[0].split(",")[1]
    profiles = [shell.run("profile", *files, "--customer", customer, "--format", "json")[0]
                for files in [[events], [first, second], [second, first]]]
    check(profiles[0] == profiles[1] == profiles[2], "profiles differ")


def case_explain(shell):
    events = shell.coffee()
    for customer in [r["customer"] for r in shell.rows("score", events)][:15]:
        card = json.loads(shell.run("explain", events, "--customer", customer, "--format", "json")[0])
        check(card["customer"] == customer and card["events"] > 0, "who and how much")
        names = [c["name"] for c in card["constructs"]]
        check(set(HEADLINE) <= set(names), f"constructs {names}")
        for construct in card["constructs"]:
            parts = [c["points"] for c in construct["contributions"]]
            # Exact by promise: the parts are multiples of 2^-40 and are printed so that they read back the same.
            equal(construct["baseline"] + sum(parts), construct["mean"], f"{customer} {construct['name']}")
            equal(construct["value"], None if construct["state"] == "unknown" else construct["mean"], "value")
            check(construct["low"] <= construct["mean"] <= construct["high"], "interval")
        rows = shell.rows("explain", events, "--customer", customer, "--construct", "loyalty")
        loyalty = next(c for c in card["constructs"] if c["name"] == "loyalty")
        equal([(r["line"], float(r["points"])) for r in rows[1:]],
              [("baseline", loyalty["baseline"])] + [(c["source"], c["points"]) for c in loyalty["contributions"]], "csv")
        # What the table prints adds up in its own digits.
        table = shell.run("explain", events, "--customer", customer)[0]
        sections = [s for s in table.split("\n\n") if s.split()[0] in HEADLINE and "unknown" not in s]
        for section in sections:
            head, *lines = section.splitlines()
            value = round(float(head.split()[1].rstrip(",")) * 100)
            points = [round(float(line.split()[0]) * 100) for line in lines if line.strip()[0] in "+-0123456789"]
            equal(sum(points), value, f"the printed lines of {section}")
    shell.run("explain", events, "--customer", "nobody", code=1)
    shell.run("explain", events, "--customer", customer, "--at", "2001-01-01", code=1)
    shell.run("explain", events, "--customer", customer, "--construct", "love", code=2)


def case_change(shell):
    events = shell.coffee()
    ends = ["--from", "2024-09-01", "--to", "2025-01-15"]
    for customer in [r["customer"] for r in shell.rows("score", events)][:12]:
        change = json.loads(shell.run("change", events, "--customer", customer, *ends, "--format", "json")[0])
        equal([c["name"] for c in change["constructs"]], HEADLINE, "headline")
        for construct in change["constructs"]:
            equal(construct["before"] + sum(line["points"] for line in construct["lines"]), construct["after"], "sum")
            check(all(line["reason"] in ("time", "evidence") for line in construct["lines"]), "reasons")
        for date, key in [("2024-09-01", "before"), ("2025-01-15", "after")]:
            scores = [r for r in shell.rows("score", events, "--at", date) if r["customer"] == customer]
            for construct in change["constructs"]:
                if scores and scores[0][construct["name"]]:
                    equal(float(scores[0][construct["name"]]), construct[key], f"{key} of {construct['name']}")
        table = shell.run("change", events, "--customer", customer, *ends)[0]
        for section in table.split("\n\n")[1:]:
            head, *lines = section.splitlines()
            before, after = (round(float(word) * 100) for word in (head.split()[1], head.split()[3]))
            points = [round(float(line.split()[0]) * 100) for line in lines if line.strip()[0] in "+-"]
            equal(before + sum(points), after, f"printed {section}")
    # Another model at the same time: nothing but the model can have changed anything.
    same = ["--from", "2025-01-15", "--to", "2025-01-15", "--to-model", "hospitality"]
    change = json.loads(shell.run("change", events, "--customer", customer, *same, "--format", "json")[0])
    lines = [line for construct in change["constructs"] for line in construct["lines"]]
    check(lines and all(line["reason"] == "model" for line in lines), f"reasons {lines[:3]}")
    # A model of another schema: what it does not read at all is one line, and a score it lacks is told.
    same[-1] = "literature"
    out, told = shell.run("change", events, "--customer", customer, *same, "--format", "json")
    change = json.loads(out)
    equal([c["name"] for c in change["constructs"]], ["satisfaction", "value", "loyalty"], "scores of both models")
    check("trust: only the first model has it" in told, told)
    card = json.loads(shell.run("explain", events, "--customer", customer, "--at", same[1], "--format", "json")[0])
    parts = {c["name"]: sum(p["points"] for p in c["contributions"] if p["source"] not in ("missed purchases", "worst episode"))
             for c in card["constructs"]}  # of channels: these two would be lines of their own
    for construct in change["constructs"]:
        lines = {line["source"]: line["points"] for line in construct["lines"]}
        equal(lines.get("what only the first model reads", 0), -parts[construct["name"]], f"gone of {construct['name']}")
        equal(construct["before"] + sum(lines.values()), construct["after"], "sum")
    _, told = shell.run("change", events, "--customer", customer, *same, "--construct", "trust", code=2)
    check("literature has no construct 'trust'; it has innovation, " in told, told)
    alone = shell.write("alone.loy", "model alone\nchannel a: half_life 9d, fast 3d\non visit: a 1\nlone =~ 1*a\nheadline lone\n")
    _, told = shell.run("change", events, "--customer", customer, *same[:-1], alone, code=2)
    check("share no headline score" in told, told)
    rows = shell.rows("change", events, "--customer", customer, *ends)
    equal(list(rows[0]), ["construct", "before", "after", "reason", "source", "points"], "csv")
    shell.run("change", events, "--customer", "nobody", *ends, code=1)


def case_balance(shell):
    """Perceived value as a ratio and as a difference, where both sides were asked for."""
    head = "customer,kind,time,instrument,item,value,scale_min,scale_max\n"
    answer = "ann,survey_answer,2025-01-01,{},1,{},0,10\n"
    balances = {}
    for name, rows in [("both", [("benefit", 8), ("cost", 4)]), ("free", [("benefit", 8), ("cost", 0)]),
                       ("half", [("benefit", 8)])]:
        path = shell.write("asked.csv", head + "".join(answer.format(*row) for row in rows))
        card = json.loads(shell.run("explain", path, "--customer", "ann", "--format", "json")[0])
        balances[name] = card.get("value_balance")
        check(("perceived benefits 80" in shell.run("explain", path, "--customer", "ann")[0]) == (name != "half"), name)
    both, free = balances["both"], balances["free"]
    expected = {"benefit": 0.8, "cost": 0.4, "ratio": 2, "ratio_score": 200 / 3, "difference": 0.4, "difference_score": 70}
    # Each is a few roundings from the decimals.
    check(all(abs(both[k] - v) < 1e-12 * (1 + v) for k, v in expected.items()) and set(both) == set(expected), f"{both}")
    equal([free[k] for k in ("ratio", "ratio_score", "difference_score")], [None, 100, 90], "nothing it costs")
    equal(balances["half"], None, "costs were not asked for")


def case_what_if(shell):
    """The scores foretold are those that recording the events then gives, and the lines add up to the difference."""
    tiny = shell.write("tiny.csv", TINY)
    at = ["--at", "2025-03-02"]
    complaint = "kind=complaint, severity=0.8, time=2025-03-01"
    bought = "kind = 'purchase'; amount = 450, currency = EUR, category = \"hot, black\""
    foretold = json.loads(shell.run("what-if", tiny, "--customer", "bob", "--event", complaint, "--event", bought, *at,
                                    "--format", "json")[0])
    more = shell.write("more.csv", "customer,kind,time,amount,currency,category,severity\n"
                       "bob,complaint,2025-03-01,,,,0.8\nbob,purchase,2025-03-02,450,EUR,\"hot, black\",\n")
    cards = [json.loads(shell.run("explain", *files, "--customer", "bob", *at, "--format", "json")[0])
             for files in ([tiny], [tiny, more])]
    for side, card in zip(("before", "after"), cards):
        for construct, known in zip(foretold["constructs"], card["constructs"]):
            equal({k: known[k] for k in construct[side]}, construct[side], f"{side}: {construct['name']}")
        equal({s["name"]: s[side] for s in foretold["stagings"]}, {s["name"]: s["stage"] for s in card["stagings"]}, side)
    for construct in foretold["constructs"]:
        moved = sum(line["points"] for line in construct["lines"])
        equal(construct["before"]["mean"] + moved, construct["after"]["mean"], f"lines of {construct['name']}")
        sizes = [abs(line["points"]) for line in construct["lines"]]
        equal(sizes, sorted(sizes, reverse=True), "largest first")
    arguments = ["what-if", tiny, "--customer", "bob", "--event", complaint, "--event", bought, *at]
    rows = shell.rows(*arguments)
    equal([(r["construct"], r["source"], float(r["points"])) for r in rows if r["source"]],
          [(c["name"], line["source"], line["points"]) for c in foretold["constructs"] for line in c["lines"]], "csv")
    equal([r["construct"] for r in rows if not r["source"]], [c["name"] for c in foretold["constructs"] if not c["lines"]],
          "scores that do not move")
    table = shell.run(*arguments, "--construct", "trust")[0]
    head, *lines = table.split("\n\n")[1].splitlines()
    before, after = (round(float(word.rstrip(",")) * 100) for word in (head.split()[1], head.split()[3]))
    equal(before + sum(round(float(line.split()[0]) * 100) for line in lines if line.strip()[0] in "+-"), after, "table")
    table = shell.run("what-if", tiny, "--customer", "cem", "--event", "kind=complaint")[0]
    check("satisfaction 67.00 (unknown) -> " in table and "value stays unknown" in table, table)
    shell.run("import", "shop", tiny)
    equal(json.loads(shell.run("what-if", "shop", *arguments[2:], "--format", "json")[0]), foretold, "of a store")
    equal(shell.rows("score", tiny), shell.rows("score", "shop", "--at", "2025-03-01"), "nothing was recorded")
    for event, words in [("complaint", "--event:1:1: no field is called 'complaint'"), ("", "is empty"),
                         ("kind=complain", "kind: 'complain' is no kind of event"), ("kind=visit, depth=2", "depth`: 0 to 1"),
                         ("kind=complaint, severity=much", "severity: 'much' is not a number"),
                         ("kind=purchase", "amount: a field this kind of event cannot do without"),
                         ("kind=visit, customer=ann", "the customer is --customer's"),
                         ("kind=visit, time=2025-06-01", "time: it lies after the time of the scores"),
                         ("kind=visit, kind=contact", "never used"), ("kind=visit, skip=1", "it gives no event"),
                         ("kind=visit severity=1", "--event:1:12: expected ,"), ("amount=3", "the 'kind'")]:
        told = shell.run("what-if", tiny, "--customer", "bob", "--event", event, code=2)[1]
        check(words in told, f"{event!r}: {told}")
    shell.run("what-if", tiny, "--customer", "bob", "--event", "kind=visit, identity=auto, reference=r1")
    shell.run("what-if", tiny, "--customer", "nobody", "--event", "kind=visit", code=1)


def case_profile(shell):
    tiny = shell.write("tiny.csv", TINY)
    rows = {(r["field"], r["key"]): r["value"] for r in shell.rows("profile", tiny, "--customer", "bob")}
    for key, value in {("events", ""): "3", ("count", "complaint"): "1", ("net_spend", "EUR"): "1200",
                       ("last_time", "resolution"): "2025-01-08T00:00:00Z", ("purchase_squares", "EUR"): "1440000",
                       ("first_purchase_day", ""): "2025-01-05", ("open_cases", ""): "0"}.items():
        equal(rows.get(key), value, f"{key}")
    document = json.loads(shell.run("profile", tiny, "--customer", "bob", "--format", "json")[0])
    equal([(f["field"], f["key"]) for f in document["fields"]], list(rows), "json and csv")
    check(len(document["hash"]) == 32, "hash")
    # As of a date: later events are not there.
    rows = shell.rows("profile", tiny, "--customer", "ann", "--at", "2025-01-15")
    equal([r["value"] for r in rows if r["field"] == "events"], ["1"], "events up to the date")
    check("net_spend" in shell.run("profile", tiny, "--customer", "ann")[0], "table")
    shell.run("profile", tiny, "--customer", "zoe", code=1)


def case_model(shell):
    listed = json.loads(shell.run("model", "list", "--format", "json")[0])
    names = [m["name"] for m in listed]
    check("retail" == names[0] and {"hospitality", "subscription", "b2b_service", "literature"} <= set(names), f"{names}")
    for name, entry in zip(names, listed):
        text, _ = shell.run("model", "print", name)
        path = shell.write(name + ".loy", text)
        equal(shell.run("model", "print", path)[0], text, "canonical text prints itself")
        check(entry["fingerprint"] in shell.run("model", "check", path)[0], "fingerprint survives printing")
        source = shell.write(name + "_source.loy", shell.run("model", "print", name, "--source")[0])
        check(entry["fingerprint"] in shell.run("model", "check", source)[0], "and comments")
        for row in shell.rows("model", "effects", name):
            check(abs(float(row["direct"]) + float(row["indirect"]) - float(row["total"])) < 1e-12, f"{row}")
    one = shell.rows("model", "effects", "retail", "satisfaction", "loyalty")
    check(len(one) == 1 and float(one[0]["total"]) > 0, f"{one}")
    equal(shell.rows("model", "effects", "retail", "loyalty", "satisfaction")[0]["total"], "0", "no way back")
    shell.run("model", "effects", "retail", "love", code=2)
    shell.run("model", "print", shell.work / "absent.loy", code=3)
    bad = shell.write("bad.loy", "model mine \"Mine\"\nchannel fulfilment: half_life 365d, fast 60d\n"
                                 "construct satisfaction: mean 0.7, strength 4, spread 1, limit 60\n"
                                 "satisfaction =~ 2*fulfillment\n")
    _, told = shell.run("model", "check", bad, code=1)
    check(f"{bad}:4:" in told and "fulfillment" in told, f"the place of the flaw: {told}")
    tiny = shell.write("tiny.csv", TINY)
    check(f"{bad}:4:" in shell.run("score", tiny, "--model", bad, code=3)[1], "a bad model in another command")
    equal(shell.run("score", tiny, "--model", shell.work / "retail.loy", "--format", "csv")[0],
          shell.run("score", tiny, "--format", "csv")[0], "a model from its own text")


# ---- what is wrong with files ----

def case_errors(shell):
    head = "event,customer,kind,time,amount,severity\n"
    for body, place, words in [
            ("a,x,purchase,2025-01-01,12.5,\n", "2:25", "whole number of minor units"),
            ("a,x,purchase,2025-01-01,12a,\n", "2:25", "not a number"),
            ("a,x,purchase,2025-01-32,12,\n", "2:14", "not a time"),
            ("a,x,purchase,1825-01-01,12,\n", "2:14", "1900 to 2199"),
            ("a,x,purchase,,12,\n", "2:14", "time: is empty"),
            ("a,,purchase,2025-01-01,12,\n", "2:3", "customer: is empty"),
            ("a,x,pruchase,2025-01-01,12,\n", "2:5", "'pruchase' is no kind"),
            ("a,x,,2025-01-01,12,\n", "2:5", "kind: is empty"),
            ("a,x,purchase,2025-01-01,,\n", "2:25", "amount"),
            ("a,x,complaint,2025-01-01,,1.5\n", "2:27", "outside the range of `severity`: 0 to 1"),
            ("a,x,visit,2025-01-01,9999999999999999999,\n", "2:22", "too large"),
            ("a,x,visit,2025-01-01\n", "2:1", "4 cells, the header has 6"),
            ("a,x,visit,2025-01-01,,,\n", "2:1", "7 cells, the header has 6"),
            ("ok,x,visit,2025-01-01,,\n\n\nb,\"x\"y,visit,2025-01-01,,\n", "5:6", "after a closing quote"),
            ("b,x\"y,visit,2025-01-01,,\n", "2:4", "quote inside a cell"),
            ("b,\"two\nlines\",visit,never,,\n", "3:14", "not a time"),
            ("b,x,visit,2025-01-01,,\rc\n", "2:24", "carriage return"),
            ("b,x,vi\0sit,2025-01-01,,\n", "2:7", "zero byte"),
            ("b,x" + "y" * 300 + ",visit,2025-01-01,,\n", "2:3", "255 bytes"),
            (b"b,\xff\xfe,visit,2025-01-01,,\n", "2:3", "UTF-8"),
            ("b,x,visit,2025-01-01,,\nb,x,visit,2025-01-02,,\n", "3:5", "other content")]:
        data = head.encode() + (body if isinstance(body, bytes) else body.encode()) + b"z,last,visit,2025-01-03,,\n"
        path = shell.write("bad.csv", data)
        out, told = shell.run("score", path, "--format", "csv")
        check(f"{path}:{place}: " in told and words in told, f"{body!r}: expected {place} and '{words}' in {told}")
        check("last" in out, f"{body!r}: reading went on: {out}")
        _, told = shell.run("score", path, "--strict", code=3)
        check(f"{path}:{place}: " in told and "scores" not in told, f"strict: {told}")
    for data, place, words in [(head + "b,\"x,visit,2025-01-01,,\n", "2:3", "never closed"),
                               (head + "b," + "x" * (1 << 20), "2:3", "longer than 1 MiB"),
                               ("", "", "empty"), ("event,who,kind,time\n", "", "'customer'"),
                               ("kind,customer,kind,time\n", "", "more than one column")]:
        path = shell.write("fatal.csv", data)
        _, told = shell.run("score", path, code=3)
        check((place == "" or f"{path}:{place}: " in told) and words in told, f"{data[:60]!r}: {told}")
    shell.run("score", shell.work / "absent.csv", code=3)
    # What is not read is told: a column whose name is misspelt would else change scores in silence.
    path = shell.write("odd.csv", "customer,kind,time,severty,amout\nx,complaint,2025-01-01,0.1,5\n")
    check(f"{path}:1: not read: 'severty', 'amout'" in shell.run("score", path)[1], "columns that are no fields")
    equal(shell.run("score", path, "--quiet")[1], "", "quiet")
    check("--separator" in shell.run("score", shell.write("semi.csv", "customer;kind;time\n"), code=3)[1], "separators")
    check("retail hospitality" in shell.run("score", path, "--model", "retial", code=3)[1], "models that are built in")
    many = shell.write("many.csv", head + "a,x,visit,never,,\n" * 40 + "b,x,visit,2025-01-01,,\n")
    _, told = shell.run("score", many)
    equal(told.count("not a time"), 10, "flaws told one by one")
    check("and 30 more" in told and "40 refused" in told, told)
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            done = subprocess.run([shell.options.loyalty, "model", "list"], stdout=full, stderr=subprocess.PIPE)
        equal(done.returncode, 4, "a full disk")


def case_csv(shell):
    """The same table in every form RFC 4180 allows and some it does not mention."""
    expected = shell.run("score", shell.write("plain.csv", TINY), "--format", "json")[0]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in TINY.splitlines())
    for name, text in [("crlf", TINY.replace("\n", "\r\n")), ("mark", "\ufeff" + TINY), ("quoted", quoted),
                       ("blank lines", TINY.replace("\n", "\n\n")), ("no last line end", TINY[:-1])]:
        equal(shell.run("score", shell.write("form.csv", text), "--format", "json")[0], expected, name)
    semicolons = shell.write("form.csv", TINY.replace(",", ";"))
    equal(shell.run("score", semicolons, "--separator", ";", "--format", "json")[0], expected, "semicolons")
    tabs = shell.write("form.csv", TINY.replace(",", "\t"))
    equal(shell.run("score", tabs, "--separator", "tab", "--format", "json")[0], expected, "tabs")
    # Names that need quotes go in and come out the same, in CSV and in JSON.
    names = ['plain', 'with, comma', 'with "quotes"', 'two\nlines', 'crème brûlée', 'tab\there', '\x1b[31mred']
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["customer", "kind", "time"])
    writer.writerows([[name, "visit", "2025-01-01"] for name in names])
    path = shell.write("names.csv", table.getvalue())
    in_order = sorted(names, key=lambda n: n.encode())
    equal([r["customer"] for r in shell.rows("score", path)], in_order, "csv")
    document = json.loads(shell.run("score", path, "--format", "json")[0])
    equal([c["customer"] for c in document["customers"]], in_order, "json")
    check("\x1b" not in shell.run("score", path)[0], "a terminal must not obey a file")


# ---- mappings ----

def case_columns(shell):
    expected = shell.run("score", shell.write("tiny.csv", TINY), "--at", "2025-04-01", "--format", "json")[0]
    foreign = shell.write("foreign.csv", """no;"Customer ID";what;day;euro;tax;grade;state
e1;ann;sale;2025-01-01 11:00:00;4.00;0.50;;
e2;ann;sale;2025-02-01 11:00:00;5.5;;;
e3;bob;sale;20250105T;12;;;void
e3;bob;sale;2025-01-05 01:00;12;;;paid=yes;
e4;bob;moan;2025-01-06 01:00;;;80;
e5;bob;fixed;2025-01-08 01:00;;;80;
e6;cem;look;2025-03-01 01:00;;;;
e7;cem;log;2025-03-01 01:00;;;;
""".replace("paid=yes;", "paid=yes"))
    mapping = """# a shop of another land
customer = "Customer ID" else 'nobody'
time = day; zone = 1h
kind = what {sale: purchase, moan: complaint, fixed: resolution,
             look: visit, log: -}
skip = state {void: yes, *: -}
amount = euro * 100 + tax * 100 for purchase, currency = 'EUR' for purchase
severity = grade * 0.01 for complaint|resolution
quality = '90%' for resolution
identity = no
"""
    path = shell.write("foreign.map", mapping)
    options = ["--separator", ";", "--at", "2025-04-01", "--format", "json"]
    out, told = shell.run("score", foreign, "--columns", path, *options)
    equal(out, expected, "a mapped file")
    check("8 rows: 6 recorded, 2 left out by the mapping" in told, told)
    inline = " ".join(line for line in mapping.splitlines()[1:]).replace("'nobody' time", "'nobody', time")
    inline = ("customer=\"Customer ID\",time=day,zone=1h,kind=what{sale:purchase,moan:complaint,fixed:resolution,look:visit,"
              "log:-},skip=state{void:yes,*:-},amount=euro*100+tax*100 for purchase,currency='EUR' for purchase,"
              "severity=grade*0.01,quality='90%' for resolution,identity=no")
    equal(shell.run("score", foreign, "--columns", inline, *options)[0], expected, "inline")
    for text, place, words in [
            ("customer = a\nkind = b\ntiem = c", "3:1", "'tiem'"), ("customer a", "1:10", "expected ="),
            ("customer = a, amount = b * x", "1:28", "behind *"), ("kind = a {b purchase}", "1:21", "a case"),
            ("kind = a {b: c", "1:15", ", or }"), ("kind = 'a", "1:8", "not closed"), ("amount = a + b & c", "1:16", "one or the other"),
            ("amount = a b", "1:12", "end of the line"), ("time = a for purchase", "1:1", "same for all kinds"),
            ("amount = a + b {x: y}", "1:1", "cases look at"), ("amount = 'x' for", "1:17", "a kind of event")]:
        flawed = shell.write("flawed.map", text)
        _, told = shell.run("score", foreign, "--columns", flawed, "--separator", ";", code=3)
        check(f"{flawed}:{place}: " in told[:200] and words in told, f"{text!r}: {told}")
    for text, words in [("customer=nix,time=day,kind='visit'", "no column 'nix'; the file has no, Customer ID"),
                        ("customer=no,kind='visit'", "'time'"),
                        ("customer=no,time=day,kind='visit',amount=euro for sale", "no kind of event 'sale'"),
                        ("customer=no,time=day,kind='visit',kind=what", "never used")]:
        _, told = shell.run("score", foreign, "--columns", text, "--separator", ";", code=3)
        check(words in told, f"{text}: {told}")
    _, told = shell.run("score", foreign, "--columns", "customer=no,time=day,kind=what{sale:visit}", "--separator", ";")
    check("no case for 'moan'" in told, told)


def case_identity(shell):
    rows = "a,2025-01-01,5\na,2025-01-01,5\nb,2025-01-01,5\n"
    once, twice = shell.write("once.csv", "who,when,net\n" + rows), shell.write("twice.csv", "who,when,net\n" + rows * 2)
    base = "customer=who,time=when,kind='purchase',amount=net"

    def recorded(*arguments):
        _, told = shell.run("score", *arguments)
        words = told.split(" rows: ")[1].split()
        return int(words[0]), int(words[2]) if "duplicates" in told else 0

    equal(recorded(once, "--columns", base + ",identity=auto"), (3, 0), "repeated rows of a file count")
    equal(recorded(once, once, "--columns", base + ",identity=auto"), (3, 3), "a file read twice does not")
    equal(recorded(twice, "--columns", base + ",identity=auto"), (6, 0), "more repeats are more events")
    equal(recorded(once, twice, "--columns", base + ",identity=auto"), (6, 3), "a longer copy of a file adds what is new")
    equal(recorded(once, "--columns", base + ",identity=content"), (2, 1), "content alone")
    equal(recorded(once, once, "--columns", base), (6, 0), "without identity every row counts")
    equal(recorded(once, "--columns", base + ",identity=who & '/' & when"), (2, 1), "joined text")


def case_values(shell):
    """Numbers, times and codes in all their forms, through the profile."""
    mapping = ("customer='x',kind=k,time=t,zone=z*1min,amount=m*100 for purchase,currency='EUR' for purchase,"
               "delay=d*1h for delivery,value=v for review|survey_answer,scale_min=1 for survey_answer,scale_max=7 for survey_answer,"
               "instrument=i,item=n,category=c,granted=g,purpose='marketing' for consent,state=s,identity=auto")
    path = shell.write("values.csv", """k,t,z,m,d,v,i,n,c,g,s
purchase,2025-01-01T00:30:00,60,0.01,,,,,tea,,
purchase,20250102,0,1e2,,,,,12,,
purchase,2025-01-03T00:00+02:00,60,-3.5E-1,,,,,12345678901,,
delivery,2025-01-03,0,,-0.5,,,,,,
delivery,2025-01-04,0,,2.000000001,,,,,,
survey_answer,2025-01-05,0,,,5.5,trust,2,,,
survey_answer,2025-01-05,0,,,4,7,1,,,
survey_answer,2025-01-05,0,,,7,perception,responsiveness,,,
consent,2025-01-06,0,,,,,,,no,
membership,2025-01-07,0,,,,,,,,renewed
""")
    rows = {(r["field"], r["key"]): r["value"] for r in shell.rows("profile", path, "--columns", mapping, "--customer", "x")}
    for key, value in {("count", "purchase"): "3", ("purchased", "EUR"): str(1 + 10000 - 35),
                       ("first_time", "purchase"): "2024-12-31T23:30:00Z", ("last_time", "purchase"): "2025-01-02T22:00:00Z",
                       ("span_sum", "delivery"): str(-1800000000 + 7200000004), ("answer_sum", "trust/2"): "0.75",
                       ("answer_latest", "trust/1"): "0.5", ("answer_latest", "perception/responsiveness"): "1", ("state_value", "purpose:marketing"): "no",
                       ("state_value", "state:0"): "renewed", ("category_count", "tea"): "1", ("category_count", "12"): "1",
                       ("category_count", "12345678901"): "1"}.items():
        equal(rows.get(key), value, f"{key}")


# ---- data outside the tree ----

def case_olist(shell):
    path = shell.shared("olist_events.csv")
    mapping = shell.source / "examples/mappings/olist.map"
    out, told = shell.run("score", path, "--columns", mapping, "--strict", "--format", "json")
    # 6,088 orders less 590 without items, 3,867 deliveries, 6,153 reviews; payments and shipping left out.
    check("27478 rows: 15518 recorded, 11960 left out by the mapping\n" in told, told)
    document = json.loads(out)
    check(len(document["customers"]) == 6002 - unseen(path), f"{len(document['customers'])} customers")
    again, told = shell.run("score", path, path, "--columns", mapping, "--strict", "--format", "json")
    check("15518 duplicates" in told and again == out, "reading it twice changes something")
    # One row by hand: the order of the README of the data.
    rows = {(r["field"], r["key"]): r["value"]
            for r in shell.rows("profile", path, "--columns", mapping, "--customer", "2f96790fba243100")}
    equal([rows[k] for k in [("purchased", "BRL"), ("span_sum", "delivery"), ("answer_latest", "review/0")]],
          ["14022", str(round(-44.39 * 86400 * 10**6)), "1"], "a customer's figures")


def unseen(path):
    """Customers of Olist of whom nothing is left after the mapping."""
    everybody, seen = set(), set()
    for row in csv.DictReader(open(path)):
        everybody.add(row["customer"])
        if row["type"] in ("delivered", "review") or (row["type"] == "order" and row["amount_cents"]):
            seen.add(row["customer"])
    return len(everybody) - len(seen)


def case_grocery(shell):
    path = shell.shared("grocery_coupon_events.csv")
    mapping = shell.source / "examples/mappings/grocery.map"
    out, told = shell.run("score", path, "--columns", mapping, "--strict", "--format", "json")
    check("83691 rows: 83691 recorded\n" in told, told)
    equal(len(json.loads(out)["customers"]), 2379, "households")
    again, told = shell.run("score", path, path, "--columns", mapping, "--format", "json")
    check("83691 duplicates" in told and again == out, "reading it twice changes something")
    lines = [r for r in csv.DictReader(open(path)) if r["customer"] == "304" and r["type"] == "purchase_line"]
    rows = {(r["field"], r["key"]): r["value"]
            for r in shell.rows("profile", path, "--columns", mapping, "--customer", "304")}
    equal(rows[("purchased", "USD")], str(sum(int(r["amount_cents"]) for r in lines)), "spend")
    equal(rows[("discounts", "USD")], str(sum(int(r["store_discount_cents"]) + int(r["coupon_cents"]) for r in lines)), "discounts")


# ---- the examples ----

def case_generate(shell):
    shell.run("--customers", "50", "--days", "200", "--seed", "3", shell.work, program=shell.options.generate)
    small = [hashlib.sha256((shell.work / name).read_bytes()).hexdigest() for name in ("events.csv", "truth.csv")]
    expected = (shell.source / "tests/shell/generate.sha256").read_text().split()
    equal(small, expected, "the bytes of a small set")
    first = [line for line in (shell.work / "events.csv").read_text().splitlines() if line.split(",")[1] == "C000007"]
    shell.run("--customers", "7", "--days", "200", "--seed", "3", shell.work, program=shell.options.generate)
    alone = [line for line in (shell.work / "events.csv").read_text().splitlines() if line.split(",")[1] == "C000007"]
    equal(alone, first, "a customer does not depend on the others")
    events = list(csv.DictReader(open(os.path.join(shell.options.coffee, "events.csv"))))
    check(len({e["event"] for e in events}) < len(events), "some events are sent twice")
    by_id = {}
    for event in events:
        check(by_id.setdefault(event["event"], event) == event, "a repeated event is the same")
    order = {e["event"]: i for i, e in reversed(list(enumerate(events)))}
    early = [e for e in events if e["kind"] == "return" and order[e["event"]] < order[e["reference"]]]
    check(early, "some returns arrive before their sale")
    check(any(a["time"] > b["time"] for a, b in zip(events, events[1:])), "some events are late")
    kinds = {e["kind"] for e in events}
    check({"purchase", "return", "complaint", "first_response", "resolution", "service_failure", "delivery", "promise_made",
           "promise_kept", "promise_broken", "survey_answer", "review", "referral_made", "referral_converted"} <= kinds, f"{kinds}")
    truths = list(csv.DictReader(open(os.path.join(shell.options.coffee, "truth.csv"))))
    check(all(0 <= float(t[k]) <= 1 for t in truths for k in HEADLINE), "truths are shares")
    check({t["bought_within_90_days"] for t in truths} == {"0", "1"}, "outcomes")
    _, told = shell.run("score", os.path.join(shell.options.coffee, "events.csv"), "--strict")
    check("refused" not in told and "conflict" not in told, f"the library takes every row: {told}")
    shell.run("--customers", "0", shell.work, code=2, program=shell.options.generate)


def case_crm(shell):
    """The CRM's batch of columns and the shell's single events give the same scores."""
    events = shell.coffee(80, 500)
    outputs = []
    for threads in ["1", "4"]:
        out, _ = shell.run(events, "crm.csv", "2025-03-01", threads, program=shell.options.crm)
        outputs.append((shell.work / "crm.csv").read_text())
    equal(outputs[0], outputs[1], "threads")
    later = sum(row["time"] > "2025-03-01T00:00:00Z" for row in csv.DictReader(open(events)))
    check(later > 0 and f"0 conflicts, {later} refused" in out, out)
    mine = shell.rows("score", events, "--at", "2025-03-01")
    theirs = list(csv.DictReader(open(shell.work / "crm.csv")))
    equal([r["customer"] for r in theirs], [r["customer"] for r in mine], "customers")
    for a, b in zip(theirs, mine):
        for name in HEADLINE:
            equal(a[name], f"{float(b[name]):.2f}" if b[name] else "", f"{name} of {a['customer']}")
    # Customers come back as they were written, rows without an identity all count, later events do not.
    shell.write("odd.csv", 'customer,time,kind,amount,event\n"a, ""b""",2025-01-01,purchase,5,\n'
                           '"a, ""b""",2025-01-02,purchase,6,\nc,2025-03-02,purchase,5,1\n')
    out, _ = shell.run("odd.csv", "crm.csv", "2025-03-01", program=shell.options.crm)
    check(out.startswith("2 events recorded, 0 duplicates, 0 conflicts, 1 refused; 1 customers"), out)
    equal([row["customer"] for row in csv.DictReader(open(shell.work / "crm.csv"))], ['a, "b"'], "customers")
    shell.run("absent.csv", "out.csv", code=1, program=shell.options.crm)


def case_survey(shell):
    """From survey to score on the bundled chain: paths are found, and the calibrated model is the better one."""
    coffee = [os.path.join(shell.options.coffee, name) for name in ["events.csv", "truth.csv"]]
    out, _ = shell.run(*coffee, program=shell.options.survey)
    paths = [[float(number) for number in line.split()[3:]] for line in out.splitlines() if " -> " in line]
    equal(len(paths), 5, "paths")
    # Five intervals of 95 %: that two miss the truth has a chance of one in fifty.
    check(sum(low <= true <= high for _, low, high, true in paths) >= 4, out)
    figures = {line[:15].strip(): [float(n) for n in line[15:].split()] for line in out.splitlines()[-5:]}
    for name in HEADLINE:
        before, after, held_before, held = figures[name]
        check(after < before, f"{name}: {out}")
        # Who has left for good, one in sixteen, has no loyalty, which no interval around a mean holds.
        check((0.80 if name == "loyalty" else 0.86) <= held <= 0.94, f"{name}: {out}")
        check(name != "loyalty" or held_before < 0.6, "the default model is too sure")
    before, after = figures["buying: loss"]
    check(after < 0.8 * before, out)
    shell.run("absent.csv", coffee[1], code=1, program=shell.options.survey)
    shell.run(coffee[0], "absent.csv", code=1, program=shell.options.survey)
    shell.run(coffee[0], coffee[0], code=1, program=shell.options.survey)
    shell.run(code=1, program=shell.options.survey)


def case_readme(shell):
    """The program the README opens with is examples/quickstart.c, compiles as printed and runs."""
    text = (shell.source / "README.md").read_text()
    code = text.split("```c\n")[1].split("```")[0]
    equal(code, (shell.source / "examples/quickstart.c").read_text(), "README.md and quickstart.c")
    check(len(code.splitlines()) <= 20, "it is a program of 20 lines")
    shell.write("printed.c", code)
    options = ["-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{shell.source}/include", "printed.c", shell.options.library]
    shell.run(*options, "-lm", "-pthread", "-o", "printed", program=shell.options.cc)
    out, _ = shell.run(program=str(shell.work / "printed"))
    equal(out, shell.run(program=shell.options.quickstart)[0], "compiled here and by the build")
    shown = text.split("prints\n\n```\n")[1].split("```")[0]
    equal(out, shown, "what the README says it prints")


def case_readme_shell(shell):
    """What the README shows of the shell and of its first program is what they print; --update writes it anew."""
    path = shell.source / "README.md"
    text = path.read_text()
    head, *blocks = text.split("```\n$ loyalty ")
    check(blocks, "the README shows the shell")
    for i, block in enumerate(blocks):
        command, _, rest = block.partition("\n")
        shown, _, rest = rest.partition("```")
        arguments = shlex.split(command)
        arguments = [os.path.join(shell.options.coffee, "events.csv") if a == "events.csv" else a for a in arguments]
        printed = shell.run(*arguments)[0]
        if not shell.options.update:
            equal(shown, printed, f"the README's `loyalty {command}` (build the target `readme` to renew it)")
        blocks[i] = f"{command}\n{printed}```{rest}"
    if shell.options.update:
        before, _, after = head.partition("prints\n\n```\n")
        head = before + "prints\n\n```\n" + shell.run(program=shell.options.quickstart)[0] + "```" + after.partition("```")[2]
        path.write_text("```\n$ loyalty ".join([head, *blocks]))


def case_run(shell):
    """examples/run from nothing."""
    script = shell.source / "examples/run"
    check("usage" in shell.run(script, "--help", program="sh")[0], "help")
    shell.run(script, "--nonsense", code=2, program="sh")
    out, _ = shell.run(script, "--no-install", "--build", shell.options.run_build, program="sh")
    check(out.count("\n$ loyalty ") == 3 and "expected of a customer" in out, out[-3000:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["loyalty", "generate", "crm", "survey", "quickstart", "till", "library", "source", "shared", "coffee", "cc", "run-build"]:
        parser.add_argument("--" + name, default="")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("case", choices=[name[5:] for name in globals() if name.startswith("case_")])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        try:
            globals()["case_" + options.case](Shell(options, work))
        except Skipped as skipped:
            print(skipped)
            sys.exit(77)
        except Failed as failed:
            print(f"{options.case}: {failed}")
            sys.exit(1)


if __name__ == "__main__":
    main()
