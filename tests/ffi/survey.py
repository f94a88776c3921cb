#!/usr/bin/env python3
"""Surveys through ctypes: a net promoter score, a path model with bootstrap, a calibrated scoring model.

usage: survey.py LIBLOYALTY

Prints what the C program beside it (survey.c) prints: numbers as 64-bit words, the model as its text.
"""
import ctypes
import struct
import sys

RESPONDENTS, COLUMNS, CUSTOMERS = 200, 7, 60
DAY, RATIO_ONE = 86400 * 10**6, 10**9
START = 20000 * DAY
PATHS = b"Quality =~ q1 + q2 + q3\nTrust =~ t1 + t2 + t3\nTrust ~ Quality\n"
NAMES = [b"q1", b"q2", b"q3", b"t1", b"t2", b"t3", b"recommend"]
SCORE_INTERVAL, TEXT_MAX = 3, 262144
U32, U64, I32, I64, REAL, P, SIZE, TEXT = (ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int32, ctypes.c_int64, ctypes.c_double,
                                           ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)


def struct_of(*groups):
    """A struct that begins with its size; each group is a type and the fields of it, in order."""
    types = {"u32": U32, "u64": U64, "i32": I32, "i64": I64, "real": REAL, "p": P}
    fields = [(name, types[group.split()[0]]) for group in groups for name in group.split()[1:]]
    made = type("Struct", (ctypes.Structure,), {"_fields_": [("struct_size", U32)] + fields})
    return lambda **values: made(struct_size=ctypes.sizeof(made), **values)


Table = struct_of("u32 columns", "u64 rows", "p values", "i64 row_stride column_stride", "p weights", "i64 weight_stride",
                  "p codes", "u32 code_count reserved", "p names")
Scale = struct_of("u32 weighting", "i32 low high step", "u32 reserved")
Net = struct_of("u32 reserved", "u64 answers missing promoters passives detractors", "real promoter_share passive_share "
                "detractor_share score variance deviation n effective")
Interval = struct_of("u32 flags", "real centre low high")
Draws = struct_of("u32 flags resamples threads", "u64 seed", "real level", "p rows scales progress user_data")
Path = struct_of("u32 from_ to hierarchy", "real value f2 vif")
Resampled = struct_of("u32 quantity first second", "real estimate mean bias deviation t p normal_low normal_high percentile_low "
                      "percentile_high basic_low basic_high corrected_low corrected_high accelerated_low accelerated_high")
Observation = struct_of("u32 construct", "u64 customer", "i64 time", "real answer weight")
Options = struct_of("u32 construct folds fold iterations reserved", "real pull error_variance", "i64 retest",
                    "p progress user_data")
Summary = struct_of("u32 state flags weights iterations reserved", "u64 observations customers retests",
                    "real loss_before loss loss_mean gradient error_variance spread limit")


class Counterpart(ctypes.Structure):
    _fields_ = [("construct", TEXT), ("estimated", TEXT), ("channel", TEXT)]


def load(path):
    lib = ctypes.CDLL(path)
    for name, arguments, result in [
            ("loy_status_text", [I32], TEXT),
            ("loy_kind_find", [TEXT, SIZE], U32), ("loy_field_find", [TEXT, SIZE], U32),
            ("loy_code_find", [U32, TEXT, SIZE, P], I32),
            ("loy_answers_create", [P, P, P], I32), ("loy_answers_destroy", [P], None),
            ("loy_answers_add", [P, P, U32, P], I32), ("loy_answers_net", [P, P, P], I32),
            ("loy_answers_net_interval", [P, P, U32, REAL, P], I32),
            ("loy_paths_parse", [P, TEXT, SIZE, P, P], I32), ("loy_paths_destroy", [P], None),
            ("loy_pls_create", [P, P, P, P, P, P], I32), ("loy_pls_destroy", [P], None),
            ("loy_pls_get_path", [P, U32, P], I32),
            ("loy_bootstrap_create", [P, P, P, P, P, P], I32), ("loy_bootstrap_destroy", [P], None),
            ("loy_bootstrap_get", [P, U32, P], I32),
            ("loy_model_create_builtin", [P, TEXT, P], I32), ("loy_model_destroy", [P], None),
            ("loy_model_create_from_pls", [P, P, P, P, P, P, U32, P, P, P], I32),
            ("loy_model_schema", [P], P), ("loy_model_construct_find", [P, TEXT, SIZE, P], I32),
            ("loy_model_print", [P, P, SIZE, P], I32),
            ("loy_profile_create", [P, P, P], I32), ("loy_profile_destroy", [P], None), ("loy_profile_clear", [P], None),
            ("loy_profile_record", [P, P, P], I32),
            ("loy_event_create", [P, P], I32), ("loy_event_destroy", [P], None), ("loy_event_begin", [P, U32, I64], I32),
            ("loy_event_set", [P, U32, I64], I32),
            ("loy_calibration_create", [P, P, P], I32), ("loy_calibration_destroy", [P], None),
            ("loy_calibration_add", [P, P, P, P], I32), ("loy_calibration_fit", [P, P, P, P, P, P], I32),
            ("loy_calibrated_destroy", [P], None), ("loy_calibrated_get_summary", [P, P], I32),
            ("loy_calibrated_model", [P], P)]:
        function = getattr(lib, name)
        function.argtypes, function.restype = arguments, result
    return lib


class Draw:
    """Numerical Recipes' generator."""
    def __init__(self, state):
        self.state = state

    def __call__(self, below):
        self.state = (self.state * 1664525 + 1013904223) & 0xffffffff
        return (self.state >> 16) % below


def answers():
    draw = Draw(1)
    for _ in range(RESPONDENTS):
        level = draw(7)
        trust = (level + draw(7)) // 2
        yield from [1 + level + draw(4) for _ in range(3)]
        yield from [1 + trust + draw(4) for _ in range(3)]
        yield trust + draw(5)


def bits(name, value):
    print(name, "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0])


class Survey:
    def __init__(self, lib):
        self.lib = lib

    def must(self, status):
        if status != 0:
            raise SystemExit("survey.py: " + self.lib.loy_status_text(status).decode())

    def made(self, function, *arguments):
        """A handle that a function puts into its first argument."""
        handle = P()
        self.must(function(ctypes.byref(handle), *arguments))
        return handle

    def net(self, table):
        scale, net, limits = Scale(high=10), Net(), Interval()
        counted = self.made(self.lib.loy_answers_create, ctypes.byref(scale), None)
        self.must(self.lib.loy_answers_add(counted, ctypes.byref(table), COLUMNS - 1, None))
        self.must(self.lib.loy_answers_net(counted, None, ctypes.byref(net)))
        self.must(self.lib.loy_answers_net_interval(counted, None, SCORE_INTERVAL, 0.0, ctypes.byref(limits)))
        self.lib.loy_answers_destroy(counted)
        print("promoters", net.promoters)
        print("detractors", net.detractors)
        bits("score", net.score)
        bits("low", limits.low)
        bits("high", limits.high)

    def fit(self, base, table):
        lib = self.lib
        draws, path, b = Draws(resamples=100, seed=5), Path(), Resampled()
        scales = (REAL * 12)(*[1, 10] * 6)
        pairs = (Counterpart * 2)((b"satisfaction", b"Quality", b"survey_satisfaction"), (b"trust", b"Trust", None))
        paths = self.made(lib.loy_paths_parse, PATHS, len(PATHS), None, None)
        pls = self.made(lib.loy_pls_create, paths, ctypes.byref(table), None, None, None)
        bootstrap = self.made(lib.loy_bootstrap_create, pls, ctypes.byref(table), ctypes.byref(draws), None, None)
        self.must(lib.loy_pls_get_path(pls, 0, ctypes.byref(path)))
        self.must(lib.loy_bootstrap_get(bootstrap, 0, ctypes.byref(b)))
        bits("path", path.value)
        bits("f2", path.f2)
        for name in ["deviation", "percentile_low", "percentile_high", "accelerated_low"]:
            bits(name, getattr(b, name))
        model = self.made(lib.loy_model_create_from_pls, base, pls, scales, bootstrap, pairs, 2, None, None, None)
        lib.loy_bootstrap_destroy(bootstrap)
        lib.loy_pls_destroy(pls)
        lib.loy_paths_destroy(paths)
        return model

    def observe(self, calibration, model, construct):
        lib, draw, csat = self.lib, Draw(2), U32()
        kind = lib.loy_kind_find(b"survey_answer", 13)
        field = {name: lib.loy_field_find(name, len(name)) for name in (b"instrument", b"value", b"scale_min", b"scale_max")}
        self.must(lib.loy_code_find(field[b"instrument"], b"csat", 4, ctypes.byref(csat)))
        profile = self.made(lib.loy_profile_create, lib.loy_model_schema(model), None)
        event = self.made(lib.loy_event_create, None)
        for customer in range(1, CUSTOMERS + 1):
            first = draw(5)
            after = (2 * first + draw(5)) // 3
            lib.loy_profile_clear(profile)
            self.must(lib.loy_event_begin(event, kind, START))
            for name, value in [(b"instrument", csat.value), (b"value", first * RATIO_ONE), (b"scale_min", 0),
                                (b"scale_max", 4 * RATIO_ONE)]:
                self.must(lib.loy_event_set(event, field[name], value))
            self.must(lib.loy_profile_record(profile, event, None))
            o = Observation(construct=construct, customer=customer, time=START + 30 * DAY, answer=after / 4, weight=1.0)
            self.must(lib.loy_calibration_add(calibration, ctypes.byref(o), profile, None))
        lib.loy_event_destroy(event)
        lib.loy_profile_destroy(profile)

    def calibrate(self, model):
        lib, construct, calibrated, summary = self.lib, U32(), P(), Summary()
        self.must(lib.loy_model_construct_find(model, b"satisfaction", 12, ctypes.byref(construct)))
        calibration = self.made(lib.loy_calibration_create, model, None)
        self.observe(calibration, model, construct.value)
        options = Options(construct=construct.value, error_variance=0.01)
        self.must(lib.loy_calibration_fit(calibration, model, ctypes.byref(options), ctypes.byref(calibrated), None, None))
        self.must(lib.loy_calibrated_get_summary(calibrated, ctypes.byref(summary)))
        print("observations", summary.observations)
        bits("loss_before", summary.loss_before)
        bits("loss", summary.loss)
        text, needed = ctypes.create_string_buffer(TEXT_MAX), SIZE()
        self.must(lib.loy_model_print(lib.loy_calibrated_model(calibrated), text, TEXT_MAX, ctypes.byref(needed)))
        sys.stdout.write(text.value.decode())
        lib.loy_calibrated_destroy(calibrated)
        lib.loy_calibration_destroy(calibration)


def main():
    survey = Survey(load(sys.argv[1]))
    values = (REAL * (RESPONDENTS * COLUMNS))(*answers())
    names = (TEXT * COLUMNS)(*NAMES)
    table = Table(columns=COLUMNS, rows=RESPONDENTS, values=ctypes.addressof(values), row_stride=COLUMNS * 8, column_stride=8,
                  names=ctypes.addressof(names))
    survey.net(table)
    base = survey.made(survey.lib.loy_model_create_builtin, b"retail", None)
    model = survey.fit(base, table)
    survey.calibrate(model)
    survey.lib.loy_model_destroy(model)
    survey.lib.loy_model_destroy(base)


if __name__ == "__main__":
    main()
