"""Cases of shell.py about learning from answers: calibrate, judge, fit-paths, nps, csat, servqual, items."""
import json
import random
import xml.etree.ElementTree

from common import check, equal

__all__ = ["case_calibrate", "case_calibrate_refusals", "case_fit_paths", "case_fit_paths_page",
           "case_fit_paths_refusals", "case_nps", "case_csat", "case_servqual", "case_items",
           "case_judge"]


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


PATHS = """# what leads to what
Quality =~ q1 + q2 + q3
Satisfaction =~ s1 + s2 + s3
Loyalty =~ l1 + l2
Satisfaction ~ Quality
Loyalty ~ Satisfaction + Quality
"""


def answers(shell, rows=200, holes=False):
    """Invented answers on a scale of 1 to 10."""
    draw = random.Random(4)
    lines = ["id,q1,q2,q3,s1,s2,s3,l1,l2,w"]
    for i in range(rows):
        quality = draw.gauss(0, 1)
        satisfaction = 0.7 * quality + draw.gauss(0, 0.7)
        loyalty = 0.6 * satisfaction + 0.2 * quality + draw.gauss(0, 0.7)
        cells = [str(min(10, max(1, round(6 + 1.5 * state + draw.gauss(0, 1)))))
                 for state in [quality] * 3 + [satisfaction] * 3 + [loyalty] * 2]
        if holes and i % 20 == 0:
            cells[i // 20 % 8] = ["", "NA", "-99"][i // 20 % 3]
        lines.append(f"R{i}," + ",".join(cells) + f",{1 + i % 3}")
    return shell.write("holes.csv" if holes else "answers.csv", "\n".join(lines) + "\n")


def case_fit_paths(shell):
    model, data = shell.write("index.paths", PATHS), answers(shell)
    common = [model, data, "--scale", "1,10", "--resamples", "200"]
    report = json.loads(shell.run("fit-paths", *common, "--format", "json")[0])
    equal((report["respondents"], report["converged"]), (200, 1), "respondents")
    paths = {(p["from"], p["to"]): p for p in report["paths"]}
    equal(len(paths), 3, "paths")
    for p in paths.values():
        check(p["low"] <= p["path"] <= p["high"] and 0 <= p["p"] <= 1, f"{p}")
    check(0.4 < paths["Quality", "Satisfaction"]["path"] < 0.8, f"{paths}")
    totals = {(e["from"], e["to"]): e for e in report["total_effects"]}
    chains = {c["chain"]: c["effect"] for c in report["specific_indirect_effects"]}
    equal(list(chains), ["Quality -> Satisfaction -> Loyalty"], "chains")
    check(abs(totals["Quality", "Loyalty"]["indirect"] - chains["Quality -> Satisfaction -> Loyalty"]) < 1e-12, "indirect")
    for c in report["constructs"]:
        check(c["index_low"] <= c["index"] <= c["index_high"] and 0 < c["index"] < 100, f"{c}")
    equal({r["construct"] for r in report["importance_and_performance"]}, {"Quality", "Satisfaction"}, "the map")
    # Threads change no bit, another seed does.
    one = shell.run("fit-paths", *common, "--threads", "1")[0]
    equal(shell.run("fit-paths", *common, "--threads", "3")[0], one, "threads")
    check(shell.run("fit-paths", *common, "--seed", "2")[0] != one, "the seed changes nothing")
    check("discriminant validity" in one and "specific indirect effects" in one, one[:300])
    # Missing answers: rows left out, or means; survey weights; other settings.
    holes = answers(shell, holes=True)
    options = ["--missing-code", "-99", "--format", "json"]
    equal(json.loads(shell.run("fit-paths", model, holes, *options)[0])["respondents"], 190, "complete rows")
    mean = json.loads(shell.run("fit-paths", model, holes, "--missing", "mean", *options)[0])
    check(abs(mean["paths"][0]["path"] - report["paths"][0]["path"]) < 0.05, "means stand in")
    for more in [["--weight", "w"], ["--scheme", "centroid"], ["--mode", "B"], ["--consistent"]]:
        other = json.loads(shell.run("fit-paths", model, data, "--format", "json", *more)[0])
        difference = abs(other["paths"][0]["path"] - report["paths"][0]["path"])
        check(difference < 0.3 and (difference > 0 or more[-1] == "centroid"), f"{more}: {other['paths'][0]}")
    # Out of sample: better than the mean, and each respondent can be a fold.
    for folds in ["10", "0"]:
        predicted = json.loads(shell.run("fit-paths", model, data, "--folds", folds, "--format", "json")[0])["prediction"]
        equal([p["item"] for p in predicted], ["s1", "s2", "s3", "l1", "l2"], "items predicted")
        check(all(0 < p["q2_predict"] < 1 and p["mae"] <= p["rmse"] for p in predicted), f"{predicted}")
    told = shell.run("fit-paths", model, data, "--folds", "1", code=1)[1]
    check("--folds" in told, told)
    # Into the product: a scoring model with these paths, which scores events.
    text, told = shell.run("fit-paths", model, data, "--scale", "1,10", "--into", "retail")
    check("from partial least squares on 200 respondents" in text and "taken over" in told, told)
    scores = shell.rows("score", shell.coffee(customers=20, days=200), "--model", shell.write("mine.model", text))
    equal(len(scores), 20, "customers scored")


def case_fit_paths_page(shell):
    model, data = shell.write("index.paths", PATHS.replace("Loyalty", "Loyal_ty")), answers(shell)
    page = shell.run("fit-paths", model, data, "--scale", "1,10", "--resamples", "100", "--folds", "5", "--format", "html")[0]
    check(page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>"), page[:200])
    for outside in ["http://", "https://", "src=", "href=", "<script", "@import"]:
        check(outside not in page.replace("http://www.w3.org/2000/svg", ""), f"the page loads something: {outside}")
    drawings = page.split("<svg")[1:]
    equal(len(drawings), 3, "drawings")
    for drawing in drawings:
        tree = xml.etree.ElementTree.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")
        texts = ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]
        check("Quality" in texts and "Satisfaction" in texts, f"{texts}")
        for node in tree.iter():
            for name in ["x", "y", "cx", "cy", "width", "height"]:
                check(name not in node.attrib or float(node.get(name)) >= -1, f"{node.attrib}")
    for title in ["Is it admissible?", "Resampling", "Constructs", "Indicators", "Paths", "Total effects",
                  "Specific indirect effects", "Discriminant validity", "Importance and performance", "Prediction"]:
        check(f"<h2>{title}" in page, f"no section {title}")
    # Tables are those of the report, number for number.
    report = shell.run("fit-paths", model, data, "--scale", "1,10", "--resamples", "100", "--folds", "5")[0]
    row = next(line.split() for line in report.split("\npaths\n")[1].splitlines() if line.startswith("Quality"))
    cells = "".join(f"<td{' class=' + chr(34) + 'text' + chr(34) if i < 2 else ''}>{cell}</td>" for i, cell in enumerate(row))
    check(f"<tr>{cells}</tr>" in page, f"{cells} is not on the page")
    drivers = [line.split() for line in report.split("\nimportance and performance\n")[1].split("\n\n")[0].splitlines()[1:]]
    ranks = sorted(int(driver[4]) for driver in drivers)
    equal(ranks, list(range(1, len(drivers) + 1)), "ranks")
    first = min(drivers, key=lambda d: int(d[4]))
    gains = {d[0]: max(float(d[1]), 0) * (100 - float(d[2])) for d in drivers}
    equal(first[0], max(gains, key=gains.get), "what to work on first")
    check({d[3] for d in drivers} <= {"keep", "fix", "low", "excess"}, f"{drivers}")


def case_fit_paths_refusals(shell):
    model, data = shell.write("index.paths", PATHS), answers(shell, rows=40)
    cycle = shell.write("cycle.paths", PATHS + "Quality ~ Loyalty\n")
    typo = shell.write("typo.paths", PATHS.replace("q3", "q4"))
    broken = shell.write("broken.paths", "Quality =~ q1 +\n")
    text = shell.write("text.csv", data.read_text().replace("R3,", "R3,x", 1))
    constant = shell.write("constant.csv", "\n".join(
        [data.read_text().splitlines()[0]] + [line.split(",")[0] + ",5," + line.split(",", 2)[2]
                                              for line in data.read_text().splitlines()[1:]]) + "\n")
    for arguments, code, expected in [
            ([model], 2, "needs a model and a file"),
            ([model, data, "--scheme", "best"], 2, "--scheme cannot be 'best'"),
            ([model, data, "--scale", "10,1"], 2, "ends of the scale"),
            ([model, data, "--target", "Nobody"], 2, "no construct 'Nobody'"),
            ([model, data, "--into", "retail"], 2, "needs --scale"),
            ([model, data, "--missing-code", "none"], 2, "--missing-code"),
            ([model, data, "--weight", "none"], 3, "no column 'none'"),
            ([typo, data], 3, "no column 'q4'"),
            ([cycle, data], 1, "cycle"),
            ([broken, data], 1, "broken.paths:"),
            ([model, text], 3, "text.csv:5:4: 'x"),
            ([model, constant], 1, "q1"),
            ([model, "none.csv"], 3, "none.csv")]:
        out, told = shell.run("fit-paths", *arguments, code=code)
        equal(out, "", f"{arguments}: output")
        check(expected in told, f"{arguments}: {told}")


def case_nps(shell):
    # 5 promoters, 3 passives, 2 detractors; one does not answer, one says so by a code.
    answers = [10, 9, 9, 10, 9, 8, 7, 8, 6, 0, "", -99]
    data = shell.write("nps.csv", "id,rec,all,w\n" + "".join(f"{i},{a},10,{2 if a in (6, 0) else 1}\n"
                                                         for i, a in enumerate(answers)))
    row, = shell.rows("nps", data, "rec", "--missing-code", "-99")
    equal([row[k] for k in ("answers", "missing", "promoters", "passives", "detractors")], ["10", "2", "5", "3", "2"], "counts")
    check(abs(float(row["score"]) - 30) < 1e-12, f"{row}")
    # sqrt((p + d - (p - d)^2) / n) = sqrt((0.7 - 0.09) / 10)
    check(abs(float(row["error"]) - 100 * 0.061 ** 0.5) < 1e-9, f"{row}")
    check(float(row["low"]) < 30 < float(row["high"]) and float(row["adjusted_low"]) < 30, f"{row}")
    weighted, = shell.rows("nps", data, "rec", "--missing-code", "-99", "--weight", "w")
    check(abs(float(weighted["score"]) - 100 * (5 - 4) / 12) < 1e-9, f"{weighted}")
    # All alike: a score of 100, and limits that do not claim to know more than ten answers tell.
    same, = shell.rows("nps", data, "all")
    check(float(same["score"]) == 100 and float(same["low"]) < 90 and float(same["high"]) == 100, f"{same}")
    both = json.loads(shell.run("nps", data, "all", "rec", "--missing-code", "-99", "--format", "json")[0])
    equal([r["column"] for r in both], ["all", "rec"], "columns")
    shell.write("five.csv", "rec\n1\n5\n5\n4\n")
    five, = shell.rows("nps", "five.csv", "rec", "--scale", "1,5", "--bands", "3,5")
    check(abs(float(five["score"]) - 25) < 1e-12, f"{five}")
    for arguments, code, expected in [
            ([data], 2, "needs a file of answers and a column"),
            ([data, "rec"], 3, "row 13"),
            (["five.csv", "rec", "--scale", "1,5"], 2, "--bands"),
            (["five.csv", "rec", "--scale", "5,1"], 2, "--scale needs"),
            (["five.csv", "rec", "--bands", "9"], 2, "--bands needs"),
            (["five.csv", "none"], 3, "no column 'none'"),
            ([shell.write("none.csv", "rec\nNA\n"), "rec"], 1, "rec")]:
        told = shell.run("nps", *arguments, code=code)[1]
        check(expected in told, f"{arguments}: {told}")


def near(found, expected, tolerance, what):
    check(abs(float(found) - expected) <= tolerance, f"{what}: {found} is not {expected}")


def case_csat(shell):
    answers = [5, 5, 4, 3, 4, 2, 5, 4, "", -99]
    data = shell.write("csat.csv", "a,w\n" + "".join(f"{a},{2 if a == 2 else 1}\n" for a in answers))
    row, = shell.rows("csat", data, "a", "--missing-code", "-99")
    equal([row[k] for k in ("answers", "missing", "counted")], ["8", "2", "6"], "counts")
    near(row["share"], 75, 1e-9, "top two boxes")
    # Wilson's limits for 6 of 8 by the formula, z = 1.959964
    z, n, p = 1.959963984540054, 8, 0.75
    middle, reach = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    near(row["share_low"], 100 * (middle - reach), 1e-8, "Wilson")
    near(row["share_high"], 100 * (middle + reach), 1e-8, "Wilson")
    near(row["mean"], 4, 1e-12, "mean")
    near(row["index"], 75, 1e-9, "index")
    near(row["spread"], (8 / 7) ** 0.5, 1e-12, "spread")
    near(row["mean_high"], 4 + 2.364624251592785 * (1 / 7) ** 0.5, 1e-8, "Student's limits")
    weighted, = shell.rows("csat", data, "a", "--missing-code", "-99", "--weight", "w")
    near(weighted["mean"], 34 / 9, 1e-12, "weighted mean")
    near(weighted["share"], 600 / 9, 1e-9, "weighted share")
    low, = shell.rows("csat", data, "a", "--missing-code", "-99", "--bands", "1,2")
    near(low["share"], 12.5, 1e-9, "bottom two boxes")
    both = json.loads(shell.run("csat", data, "a", "a", "--missing-code", "-99", "--format", "json")[0])
    equal(both[0], both[1], "the same column twice")
    for arguments, code, expected in [
            ([data], 2, "needs a file of answers and a column"),
            ([data, "a"], 3, "row 11"),
            ([data, "a", "--bands", "4"], 2, "--bands needs the first"),
            ([data, "a", "--scale", "5,1"], 2, "--scale needs"),
            ([shell.write("none.csv", "a\nNA\n"), "a"], 1, "a")]:
        told = shell.run("csat", *arguments, code=code)[1]
        check(expected in told, f"{arguments}: {told}")


def case_servqual(shell):
    rows = [(5, 4, 6, 6, 6, 7, 1), (3, 4, 5, 6, 5, 7, 2), (6, 6, 2, 7, 7, 6, 1), (2, 5, 4, 5, 5, 6, 1)]
    data = shell.write("sq.csv", "p1,p2,p3,e1,e2,e3,w\n" + "".join(",".join(map(str, row)) + "\n" for row in rows) +
                       ",5,4,5,5,6,1\n-99,5,4,5,5,6,1\n")
    ask = [data, "0.6*reliability=p1:e1,p2:e2", "0.4*empathy=p3:e3", "--missing-code", "-99"]
    gaps = {(row["level"], row["of"]): row for row in shell.rows("servqual", *ask)}
    equal(list(gaps), [("dimension", "reliability"), ("item", "p1"), ("item", "p2"), ("dimension", "empathy"), ("item", "p3"),
                       ("overall", "")], "lines")
    each = [[((r[0] - r[3]) + (r[1] - r[4])) / 2, r[2] - r[5]] for r in rows]
    means = [sum(column) / 4 for column in zip(*each)]
    spread = (sum((e[0] - means[0]) ** 2 for e in each) / 3) ** 0.5
    near(gaps["dimension", "reliability"]["gap"], means[0], 1e-12, "gap of reliability")
    near(gaps["dimension", "reliability"]["t"], means[0] / (spread / 2), 1e-9, "paired t")
    near(gaps["dimension", "empathy"]["gap"], means[1], 1e-12, "gap of empathy")
    near(gaps["overall", ""]["gap"], 0.6 * means[0] + 0.4 * means[1], 1e-12, "weighted mean of dimensions")
    weighted = {row["of"]: row for row in shell.rows("servqual", *ask, "--weight", "w")}
    near(weighted["p1"]["gap"], -sum((r[3] - r[0]) * r[6] for r in rows) / 5, 1e-12, "survey weights")
    # Without expectations: performance alone.
    plain = json.loads(shell.run("servqual", data, "x=p1,p2", "y=p3", "--missing-code", "-99", "--format", "json")[0])
    near(plain[-1]["gap"], (sum(r[0] + r[1] for r in rows) / 8 + sum(r[2] for r in rows) / 4) / 2, 1e-12, "SERVPERF")
    equal(plain[0]["expectation"], None, "no expectation")
    for arguments, code, expected in [
            ([data], 2, "needs a file of answers and dimensions"),
            ([data, "p1"], 2, "'p1' is not"),
            ([data, "=p1"], 2, "'=p1' is not"),
            ([data, "x=p1,"], 2, "is not"),
            ([data, "x=p1:"], 2, "is not"),
            ([data, "-1*x=p1"], 2, ""),
            ([data, "a*x=p1"], 2, "is not"),
            ([data, "x=p1:e1,p2"], 2, "needs an expectation, or none"),
            ([data, "x=p9"], 3, "no column 'p9'"),
            ([data, "0*x=p1,p2"], 3, ""),
            ([data] + [f"d{i}=p1" for i in range(33)], 2, "at most 32 dimensions"),
            ([shell.write("one.csv", "p\n3\n"), "x=p"], 1, "")]:
        told = shell.run("servqual", *arguments, code=code)[1]
        check(expected in told and told, f"{arguments}: {told}")


def case_items(shell):
    rows = [(5, 4, 2, 1), (3, 4, 3, 2), (6, 6, 3, 1), (2, 5, 4, 1), (6, 5, 1, 1), (1, 2, 6, 1)]
    data = shell.write("block.csv", "a,b,c,w\n" + "".join(",".join(map(str, row)) + "\n" for row in rows) + "-99,4,4,1\n")
    ask = [data, "a", "b", "c:reversed", "--scale", "1,7", "--missing-code", "-99"]
    told = json.loads(shell.run("items", *ask, "--format", "json")[0])
    turned = [(r[0], r[1], 8 - r[2]) for r in rows]

    def variance(values):
        return sum((v - sum(values) / len(values)) ** 2 for v in values) / (len(values) - 1)
    sums = variance([sum(r) for r in turned])
    near(told["alpha"], 1.5 * (1 - sum(variance(c) for c in zip(*turned)) / sums), 1e-12, "alpha")
    check(told["alpha_low"] < told["alpha"] < told["alpha_high"], f"{told}")
    equal([told["n"], told["complete"]], [6, 6], "rows")
    equal([i["item"] for i in told["items"]], ["a", "b", "c"], "items")
    equal([i["key"] for i in told["items"]], [1, 1, -1], "keys")
    near(told["items"][2]["mean"], sum(r[2] for r in turned) / 6, 1e-12, "a reversed item is turned")
    two = 2 * (1 - (variance([r[0] for r in turned]) + variance([r[1] for r in turned])) / variance([r[0] + r[1] for r in turned]))
    near(told["items"][2]["alpha_without"], two, 1e-12, "alpha without")
    pairwise = json.loads(shell.run("items", *ask, "--missing", "pairwise", "--format", "json")[0])
    equal(pairwise["n"], 7, "rows with an answer")
    weighted = json.loads(shell.run("items", *ask, "--weight", "w", "--format", "json")[0])
    near(weighted["items"][0]["mean"], sum(r[0] * r[3] for r in rows) / 7, 1e-12, "survey weights")
    check(shell.run("items", *ask)[0].count("alpha") == 5, "the table has alpha, its limits, standardised, and without")
    for arguments, code, expected in [
            ([], 2, "2 to 128 questions"),
            ([data, "a"], 2, "2 to 128 questions"),
            ([data, "a", "b:reversed"], 2, "ends of their scale"),
            ([data, "a", "b", "--scale", "7,1"], 2, "--scale needs"),
            ([data, "a", "b", "--missing", "mean"], 2, "--missing is"),
            ([data, "a", "b", "--scale", "1,5"], 3, "row 4"),
            ([data, "a", "z"], 3, "no column 'z'"),
            ([shell.write("same.csv", "a,b\n1,2\n1,3\n1,5\n"), "a", "b"], 3, ""),
            ([shell.write("few.csv", "a,b\n1,2\n"), "a", "b"], 1, "")]:
        told = shell.run("items", *arguments, code=code)[1]
        check(expected in told and told, f"{arguments}: {told}")


def case_judge(shell):
    """Models judged alone and beside another: the same figures that calibrate gives of those left out."""
    events = shell.coffee(customers=300, days=400)
    report = json.loads(shell.run("calibrate", events, "--folds", "3", "--format", "json")[0])
    told = json.loads(shell.run("judge", events, "--folds", "3", "--format", "json")[0])
    equal([m["model"] for m in told["models"]], ["retail"], "models")
    mine = {row["construct"]: row for row in told["constructs"]}
    for row in report["constructs"]:
        equal(mine[row["construct"]]["answers"], row["left_out"], "answers left out")
        equal(mine[row["construct"]]["loss"], row["left_out_was"], f"loss of {row['construct']}")
        equal(mine[row["construct"]]["rmse"], row["rmse_was"], f"error of {row['construct']}")
    for name, row in mine.items():
        bins = [b for b in told["bins"] if b["construct"] == name]
        equal(sum(b["answers"] for b in bins), row["answers"], f"bins of {name}")
        near(sum(b["answers"] * (b["predicted"] - b["observed"]) for b in bins) / row["answers"], row["bias"], 1e-12, f"bias of {name}")
    # The net promoter question comes sixteen days after the questionnaire: near enough to tell the error of answers.
    check(mine["loyalty"]["coverage"] is None, f"{mine['loyalty']}")
    wider = json.loads(shell.run("judge", events, "--retest", "20", "--target", "loyalty=nps", "--target", "loyalty=loyalty",
                                 "--format", "json")[0])
    check(0 < wider["constructs"][0]["coverage"] < 1, f"{wider['constructs']}")
    text = shell.run("calibrate", events, "--retest", "20")[0]
    check("\nconstruct loyalty: limit " in text, "the composite has no limit")
    # A calibrated model beside the one it came from; its text says what it was fitted on.
    model = shell.write("mine.model", shell.run("calibrate", events, "--target", "satisfaction=csat")[0])
    both = json.loads(shell.run("judge", events, "--model", "retail", "--to-model", model, "--target", "satisfaction=csat",
                                "--format", "json")[0])
    check("calibrated on" in both["models"][1]["origin"], "the origin")
    check(both["models"][0]["fingerprint"] != both["models"][1]["fingerprint"], "fingerprints")
    before, after = both["constructs"]
    check(after["loss"] < before["loss"] < after["mean_alone"] * 1.2, f"{both['constructs']}")
    check(0 < after["coverage"] <= 1 and after["little_evidence"] is not None, f"{after}")
    text = shell.run("judge", events, "--target", "satisfaction=csat")[0]
    equal([block.splitlines()[0].split()[0] for block in text.split("\n\n")], ["model", "construct", "construct"], "tables")
    for arguments, code, expected in [
            ([], 2, "needs a file of events"),
            ([events, "--folds", "1"], 2, "2 or more"),
            ([events, "--retest", "0"], 2, "--retest"),
            ([events, "--target", "satisfaction"], 2, "is not CONSTRUCT=INSTRUMENT"),
            ([events, "--target", "satisfaction=ces"], 1, "nobody was asked"),
            ([events, "--model", "absent"], 3, "absent"),
            ([events, "--to-model", "absent"], 3, "absent"),
            (["absent.csv"], 3, "absent.csv")]:
        told = shell.run("judge", *arguments, code=code)[1]
        check(expected in told, f"{arguments}: {told}")
