"""Cases of shell.py about lifetime models: fit, predict, clv, track."""
import csv
import datetime
import io
import json
import math
import random
import xml.etree.ElementTree

from common import check, equal

__all__ = ["case_lifetime_fit", "case_lifetime_predict", "case_lifetime_track", "case_lifetime_inputs",
           "case_lifetime_refusals", "case_lifetime_cdnow", "case_lifetime_regular", "case_lifetime_covariates"]
END = "2024-12-31"


def sales(shell):
    """Transactions of 300 customers of the bundled kind."""
    return shell.coffee(customers=300, days=500)


def fitted(shell, events, name, *more):
    """Fit and keep the model's text; returns its file."""
    text, told = shell.run("lifetime", "fit", events, "--end", END, *more)
    check("log-likelihood" in told, f"the fit tells nothing of itself: {told}")
    check(text.startswith("lifetime 1\n") and len(text) < 1000, "the model's text")
    return shell.write(name, text)


def case_lifetime_fit(shell):
    events = sales(shell)
    best = {}
    for family in ["mbg-nbd", "bg-nbd", "pareto-nbd", "mbg-cnbd-k"]:
        document = json.loads(shell.run("lifetime", "fit", events, "--end", END, "--family", family, "--format", "json")[0])
        equal(document["family"], family, "family")
        check(document["status"] in ("converged", "boundary"), f"{family}: {document['status']}")
        check(document["gradient_norm"] < 1e-6, f"{family}: the gradient is {document['gradient_norm']}")
        check(all(p["value"] > 0 for p in document["parameters"]), f"{family}: {document['parameters']}")
        best[family] = document["log_likelihood"]
    check(len(set(best.values())) >= 3, f"families are different models: {best}")
    table = shell.run("lifetime", "fit", events, "--end", END, "--format", "table")[0].splitlines()
    equal(table[0].split(), ["parameter", "value", "standard_error"], "head of the table")
    equal([line.split()[0] for line in table[1:3]], ["r", "alpha"], "parameters")
    # Rows in any order, in any number of files: the same bits.
    once = fitted(shell, events, "once.txt").read_text()
    lines = events.read_text().splitlines(keepends=True)
    rest = lines[1:]
    random.Random(3).shuffle(rest)
    shell.write("a.csv", lines[0] + "".join(rest[:len(rest) // 3]))
    shell.write("b.csv", lines[0] + "".join(rest[len(rest) // 3:]))
    equal(shell.run("lifetime", "fit", "b.csv", "a.csv", "--end", END)[0], once, "the fit of shuffled files")


def case_lifetime_predict(shell):
    events = sales(shell)
    model = fitted(shell, events, "buying.txt")
    spend = fitted(shell, events, "spend.txt", "--family", "gamma-gamma")
    asked = ["--end", END, "--fitted", model, "--horizon", "26"]
    rows = shell.rows("lifetime", "predict", events, *asked, "--spend", spend, "--intervals")
    check(len(rows) > 200, f"{len(rows)} customers")
    for row in rows:
        for name in ["alive", "purchases", "spend"]:
            low, value, high = (float(row[name + end]) for end in ("_low", "", "_high"))
            check(low <= value <= high, f"interval of {name}: {row}")
        check(0 <= float(row["alive"]) <= 1 and float(row["t_x"]) <= float(row["T"]), f"{row}")
    plain, told = shell.run("lifetime", "predict", events, *asked, "--format", "csv")
    equal([r["alive"] for r in csv.DictReader(io.StringIO(plain))], [r["alive"] for r in rows], "the same without intervals")
    total = float(told.split("purchases of all: ")[1].split()[0])
    check(abs(total - sum(float(r["purchases"]) for r in rows)) < 0.01, "the total is the sum")
    worth = shell.rows("lifetime", "clv", events, *asked, "--spend", spend, "--discount", "0.1")
    for row, other in zip(worth, rows):
        check(float(row["discounted"]) <= float(other["purchases"]) * 1.0000001, "discounting lowers")
        expected = float(row["discounted"]) * float(row["spend"])
        check(abs(float(row["value"]) - expected) <= 1e-9 * expected, f"value: {row}")


def case_lifetime_track(shell):
    events = sales(shell)
    model = fitted(shell, events, "buying.txt")
    rows = shell.rows("lifetime", "track", events, "--end", END, "--fitted", model)
    actual, expected = ([float(r[name]) for r in rows] for name in ("actual", "expected"))
    check(actual == sorted(actual) and expected == sorted(expected), "both grow")
    equal({r["part"] for r in rows}, {"fitted", "ahead"}, "parts")
    last = max(i for i, r in enumerate(rows) if r["part"] == "fitted")
    check(abs(expected[last] / actual[last] - 1) < 0.1, f"{expected[last]} expected, {actual[last]} actual")
    plot = shell.run("lifetime", "track", events, "--end", END, "--fitted", model, "--format", "svg")[0]
    root = xml.etree.ElementTree.fromstring(plot)
    lines = [e.get("d") for e in root.iter("{http://www.w3.org/2000/svg}path") if e.get("class") in ("actual", "expected")]
    equal(sorted(d.count("L") for d in lines)[-2:], [len(rows), len(rows)], "points of the two lines")
    equal(len(shell.rows("lifetime", "track", events, "--end", END, "--fitted", model, "--periods", "12")), 12, "periods")


def case_lifetime_inputs(shell):
    """Events, summaries and stores give one model."""
    events = sales(shell)
    direct = fitted(shell, events, "direct.txt").read_text()
    model = shell.work / "direct.txt"
    rows = shell.rows("lifetime", "predict", events, "--end", END, "--fitted", model, "--horizon", "1")
    shell.write("summary.csv", "customer,x,t_x,T\n" + "".join(f"{r['customer']},{r['x']},{r['t_x']},{r['T']}\n" for r in rows))
    equal(shell.run("lifetime", "fit", "summary.csv")[0], direct, "a fit on summaries")
    shell.run("import", "shop", events)
    of_store = shell.rows("lifetime", "predict", "shop", "--end", END, "--fitted", model, "--horizon", "1")
    # The same, but for customers who brought everything of a day back: profiles do not know the days of returns.
    same = sum(a == b for a, b in zip(of_store, sorted(rows, key=lambda r: r["customer"])))
    check(len(of_store) == len(rows) and same >= 0.9 * len(rows), f"{same} of {len(rows)} rows agree")
    contracts = "x,T\n" + "".join("1,%d\n" % t for t in (1, 1, 1, 1, 2, 2, 3, 4)) + "0,5\n" * 9
    shell.write("contracts.csv", contracts)
    for family in ["sbg", "bdw"]:
        document = json.loads(shell.run("lifetime", "fit", "contracts.csv", "--family", family, "--unit", "month",
                                        "--format", "json")[0])
        equal(document["customers"], 17, "contracts")
        terms = shell.write(family + ".txt", shell.run("lifetime", "fit", "contracts.csv", "--family", family, "--unit", "month")[0])
        rows = shell.rows("lifetime", "predict", "contracts.csv", "--fitted", terms, "--horizon", "3")
        for row in rows:  # contracts that ended are not renewed
            chances = float(row["retention"]), float(row["renewals"]) / 3
            check(chances == (0, 0) if row["x"] == "1" else all(0 < c < 1 for c in chances), row)
    check("t_x" in shell.run("lifetime", "predict", "contracts.csv", "--fitted", model, "--horizon", "3", code=3)[1],
          "a model of purchases needs t_x")


def case_lifetime_refusals(shell):
    shell.write("bad.csv", "x,t_x,T\n1,2,3\n2,9,3\n")
    shell.write("half.csv", "x,t_x,T\n1.5,2,3\n")
    shell.write("text.csv", "x,t_x,T\n1,2,\n")
    shell.write("ok.csv", "x,t_x,T\n1,2,3\n0,0,3\n2,2,3\n")
    check("customer 2" in shell.run("lifetime", "fit", "bad.csv", code=3)[1], "the row is named")
    check("half.csv:2" in shell.run("lifetime", "fit", "half.csv", code=3)[1], "the line is named")
    check("text.csv:2" in shell.run("lifetime", "fit", "text.csv", code=3)[1], "the line is named")
    for wrong in [["lifetime"], ["lifetime", "guess", "ok.csv"], ["lifetime", "fit"], ["lifetime", "fit", "ok.csv", "--family", "x"],
                  ["lifetime", "fit", "ok.csv", "--unit", "fortnight"], ["lifetime", "fit", "ok.csv", "--ridge", "-1"],
                  ["lifetime", "predict", "ok.csv", "--horizon", "3"], ["lifetime", "predict", "ok.csv", "--fitted", "m"],
                  ["lifetime", "clv", "ok.csv", "--fitted", "m", "--horizon", "3"], ["lifetime", "track", "ok.csv"],
                  ["lifetime", "fit", "ok.csv", "--covariates", "age"],
                  ["lifetime", "predict", "ok.csv", "--fitted", "m", "--horizon", "3", "--holdout", "2025-01-01"]]:
        check(shell.run(*wrong, code=2)[1].startswith("loyalty: "), f"{wrong} tells nothing")
    shell.run("lifetime", "predict", "ok.csv", "--fitted", "none.txt", "--horizon", "3", code=3)
    shell.write("model.txt", "lifetime 1\nmodel weibull 1\n")
    check("model.txt:2" in shell.run("lifetime", "predict", "ok.csv", "--fitted", "model.txt", "--horizon", "3", code=3)[1],
          "the line of the model is named")
    # Nobody ever left, and nobody came back: a named boundary, or a reason; never a number out of nowhere.
    shell.write("loyal.csv", "x,t_x,T\n" + "".join(f"{n},{n},{n}.1\n" for n in range(5, 60)))
    told = shell.run("lifetime", "fit", "loyal.csv")[1]
    check("limit model is: no drop-out" in told, told)
    shell.write("once.csv", "x,t_x,T\n" + "0,0,9\n" * 20)
    check("no fit" in shell.run("lifetime", "fit", "once.csv", code=1)[1], "one-time buyers only")
    check(len(shell.run("help", "lifetime")[0]) > 1500, "help on lifetime teaches little")


def case_lifetime_cdnow(shell):
    """The published estimates, from the published data, in one command."""
    data = shell.shared("cdnow_sample_transactions.csv")
    columns = "customer=customer_id, time=date, kind='purchase', amount=amount*100"
    document = json.loads(shell.run("lifetime", "fit", data, "--columns", columns, "--end", "1997-09-30", "--family", "bg-nbd",
                                    "--format", "json")[0])
    check(abs(document["log_likelihood"] + 9582.429207) < 1e-5, document)
    for found, published in zip(document["parameters"], [0.243, 4.414, 0.793, 2.426]):
        check(abs(found["value"] - published) < 6e-4, f"{found}, published {published}")
    # Week by week as in the literature: what was expected from one's own fit.
    path = shell.shared("../reference/btyd/cdnow_sample_tracking.csv")
    model = shell.write("buying.txt", shell.run("lifetime", "fit", data, "--columns", columns, "--end", "1997-09-30")[0])
    rows = shell.rows("lifetime", "track", data, "--columns", columns, "--end", "1997-09-30", "--fitted", model)
    with open(path) as reference:
        for row, published in zip(rows, csv.DictReader(reference), strict=True):
            equal(row["actual"], published["actual_cumulative"], f"week {row['period']}")
            expected = float(published["expected_cumulative_mbgnbd"])
            check(abs(float(row["expected"]) - expected) < 1e-5 * expected, f"week {row['period']}: {row['expected']}, {expected}")
    # And the errors of a holdout, from transactions and from summaries.
    told = shell.run("lifetime", "predict", data, "--columns", columns, "--end", "1997-09-30", "--fitted", model,
                     "--holdout", "1998-06-30", "--format", "csv")[1]
    with open(shell.shared("../reference/btyd/cdnow_sample_holdout_metrics.csv")) as reference:
        published = {row["model"]: row for row in csv.DictReader(reference)}["mbgnbd"]
    compare_errors(told, published)
    compare_errors(shell.run("lifetime", "predict", shell.shared("cdnow_sample_summary.csv"), "--fitted", model, "--horizon", 39,
                             "--format", "csv")[1], published)


def compare_errors(told, published):
    """What `predict` tells of a holdout, to the last digit it tells; both are rounded."""
    check(f"{published.get('actual_holdout') or published['actual_holdout_repeat']} purchases came" in told, told)
    for name, column in [("mean absolute error", "mae"), ("root mean square error", "rmse"), ("correlation", "pearson_r")]:
        found = float(told.split(name + " ")[1].split()[0].strip(","))
        check(abs(found - float(published[column])) < 1e-5, f"{name}: {found}, published {published[column]}")


def case_lifetime_regular(shell):
    """Customers who buy in rhythm, as a log of purchases: the rhythm is found, and predicts better."""
    draw = random.Random(11)
    first = datetime.date(2023, 1, 2)
    lines = ["customer,kind,time,amount"]
    for customer in range(1500):
        rate, leave = draw.gammavariate(3, 1 / 9), draw.betavariate(0.8, 6)
        day = draw.uniform(0, 60)
        while day < 728:
            lines.append(f"c{customer},purchase,{first + datetime.timedelta(int(day))},100")
            if draw.random() < leave:
                break
            day += 7 * draw.gammavariate(3, 1 / (3 * rate))
    log = shell.write("rhythm.csv", "\n".join(lines) + "\n")
    dates = ["--end", "2023-12-31"]
    found, errors = {}, {}
    for family in ["mbg-nbd", "mbg-cnbd-k"]:
        document = json.loads(shell.run("lifetime", "fit", log, *dates, "--family", family, "--format", "json")[0])
        found[family] = document["log_likelihood"]
        model = fitted_as(shell, log, dates, family)
        told = shell.run("lifetime", "predict", log, *dates, "--fitted", model, "--holdout", "2024-12-29", "--format", "csv")[1]
        errors[family] = float(told.split("mean absolute error ")[1].split(",")[0])
    equal(document["k"], 3, "the k they were drawn with")
    check(found["mbg-cnbd-k"] > found["mbg-nbd"] + 500, found)
    check(errors["mbg-cnbd-k"] < errors["mbg-nbd"], errors)
    for k in [2, 4]:
        other = json.loads(shell.run("lifetime", "fit", log, *dates, "--family", "mbg-cnbd-k", "--k", k, "--format", "json")[0])
        check(other["log_likelihood"] < found["mbg-cnbd-k"], f"k = {k}")
    # The log-likelihood as the literature has it, from the estimates: with intervals, without x!.
    values = {p["parameter"]: p["value"] for p in document["parameters"]}
    equal(round(published_likelihood(log, 3, values), 5), round(found["mbg-cnbd-k"], 5), "log-likelihood")
    # Summaries say the same when they have the intervals, and rows may stand for many.
    rows = histories(log)
    text = "x,t_x,T,litt,weight\n" + "".join(f"{x},{t_x!r},{T!r},{litt!r},2\n" for x, t_x, T, litt in rows)
    twice = json.loads(shell.run("lifetime", "fit", shell.write("twice.csv", text), "--family", "mbg-cnbd-k", "--format", "json")[0])
    equal((twice["k"], twice["customers"]), (3, 3000), "weighted summaries")
    check(abs(twice["log_likelihood"] / 2 - found["mbg-cnbd-k"]) < 1e-6, twice)
    bare = shell.write("bare.csv", "".join(",".join(line.split(",")[:3]) + "\n" for line in text.splitlines()))
    check("log_intervals" in shell.run("lifetime", "fit", bare, "--family", "mbg-cnbd-k", code=3)[1], "what is missing is named")


def fitted_as(shell, log, dates, family):
    return shell.write(family + ".txt", shell.run("lifetime", "fit", log, *dates, "--family", family)[0])


def histories(log, end=datetime.date(2023, 12, 31)):
    """(x, t_x, T, sum of log intervals) in weeks, counted here."""
    days = {}
    for row in csv.DictReader(log.read_text().splitlines()):
        day = datetime.date.fromisoformat(row["time"])
        if day <= end:
            days.setdefault(row["customer"], set()).add(day)
    rows = []
    for bought in map(sorted, days.values()):
        weeks = [(day - bought[0]).days / 7 for day in bought]
        rows.append((len(weeks) - 1, weeks[-1], (end - bought[0]).days / 7,
                     sum(math.log(b - a) for a, b in zip(weeks, weeks[1:]))))
    return rows


def published_likelihood(log, k, p):
    """MBG/CNBD-k, Platzer & Reutterer (2016), equation by equation."""
    r, alpha, a, b = p["r"], p["alpha"], p["a"], p["b"]
    beta = lambda u, v: math.lgamma(u) + math.lgamma(v) - math.lgamma(u + v)
    total = 0.0
    for x, t_x, T, litt in histories(log):
        n = r + k * x
        total += (k - 1) * litt - x * math.lgamma(k) + beta(a, b + x + 1) - beta(a, b)
        total += math.lgamma(n) - math.lgamma(r) + r * math.log(alpha) - n * math.log(alpha + T)
        gone = a / (b + x) * math.exp(n * math.log((alpha + T) / (alpha + t_x)))
        there = sum(math.exp(math.lgamma(n + j) - math.lgamma(n) - math.lgamma(j + 1)) * ((T - t_x) / (alpha + T)) ** j
                    for j in range(k))
        total += math.log(gone + there)
    return total


def case_lifetime_covariates(shell):
    """Columns of summaries that act on buying and leaving: published errors of the holdout."""
    base = shell.shared("../reference/btyd/sim_store_summary.csv").read_text().splitlines()
    more = shell.shared("sim_store_covariates.csv").read_text().splitlines()
    names = more[0].split(",")
    table = shell.write("store.csv", "".join(f"{a},{b}\n" for a, b in zip(base, (",".join(m.split(",")[1:]) for m in more))))
    given = ["--covariates", ",".join(names[1:])]
    text, told = shell.run("lifetime", "fit", table, "--family", "pareto-nbd", *given)
    check("log-likelihood -40056.843119" in told, told)
    model = shell.write("static.txt", text)
    out = ["--fitted", model, "--horizon", 52, "--format", "csv"]
    with open(shell.shared("../reference/btyd/sim_store_metrics.csv")) as reference:
        published = {row["model"]: row for row in csv.DictReader(reference)}["pnbd_static"]
    compare_errors(shell.run("lifetime", "predict", table, *out, *given)[1], published)
    check("covariate" in shell.run("lifetime", "predict", table, *out, code=3)[1], "a model of covariates needs them")
    check("'height'" in shell.run("lifetime", "fit", table, "--covariates", "height", code=2)[1], "the column is named")
