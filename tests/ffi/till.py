#!/usr/bin/env python3
"""The till's day through ctypes, then the same day as columns and on files, then prints the scores as 64-bit words.

usage: till.py LIBLOYALTY

Only functions and structs of the public headers are used; kinds and fields are looked up by name in the
library, so there is no list of constants to keep. What is printed must be what examples/till --bits prints.
"""
import ctypes
import struct
import sys
import tempfile

DAY = 86400 * 10**6
HOUR = 3600 * 10**6
COLUMN_I64, COLUMN_F64 = 1, 6


class Score(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("state", ctypes.c_uint32)] + [
        (name, ctypes.c_double) for name in ("value", "mean", "low", "high", "deviation", "baseline", "evidence",
                                             "uncertainty", "coverage", "trend")]


class Column(ctypes.Structure):
    _fields_ = [("field", ctypes.c_uint32), ("type", ctypes.c_uint32), ("data", ctypes.c_void_p),
                ("stride", ctypes.c_int64), ("offsets", ctypes.c_void_p), ("present", ctypes.c_void_p)]


class BatchResult(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("recorded", ctypes.c_uint64),
                ("duplicates", ctypes.c_uint64), ("conflicts", ctypes.c_uint64), ("refused", ctypes.c_uint64),
                ("first_refused", ctypes.c_int64)]


class ScoreColumn(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("construct", ctypes.c_uint32)] + [
        field for name in ("value", "low", "high", "evidence", "state")
        for field in ((name, ctypes.c_void_p), (name + "_stride", ctypes.c_int64))]


SINK = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


def load(path):
    """The library with the argument types that ctypes could not guess."""
    lib = ctypes.CDLL(path)
    p, u32, u64, i64, size = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int64, ctypes.c_size_t
    for name, arguments, result in [
            ("loy_status_text", [ctypes.c_int32], ctypes.c_char_p),
            ("loy_kind_find", [ctypes.c_char_p, size], u32),
            ("loy_field_find", [ctypes.c_char_p, size], u32),
            ("loy_currency_code", [ctypes.c_char_p], u32),
            ("loy_model_create_builtin", [p, ctypes.c_char_p, p], ctypes.c_int32),
            ("loy_model_destroy", [p], None),
            ("loy_model_headline_count", [p], u32),
            ("loy_model_headline", [p, u32, p], ctypes.c_int32),
            ("loy_model_construct_name", [p, u32], ctypes.c_char_p),
            ("loy_store_open", [p, ctypes.c_char_p, size, p, p, p, p, p], ctypes.c_int32),
            ("loy_store_export", [p, p, size, u64, SINK, p, p, p], ctypes.c_int32),
            ("loy_store_import", [p, p, size, p, p, p], ctypes.c_int32),
            ("loy_store_destroy", [p], None),
            ("loy_store_record", [p, p, p], ctypes.c_int32),
            ("loy_store_record_columns", [p, p, u32, u64, p, p, p, p], ctypes.c_int32),
            ("loy_store_sort", [p], ctypes.c_int32),
            ("loy_store_find", [p, u64, p], ctypes.c_int32),
            ("loy_store_hash", [p, p, p], ctypes.c_int32),
            ("loy_store_evaluate", [p, u64, p, i64], ctypes.c_int32),
            ("loy_store_score", [p, p, i64, u64, u64, p, u32, p], ctypes.c_int32),
            ("loy_event_create", [p, p], ctypes.c_int32),
            ("loy_event_destroy", [p], None),
            ("loy_event_begin", [p, u32, i64], ctypes.c_int32),
            ("loy_event_set_sequence", [p, u32, u32, u64], ctypes.c_int32),
            ("loy_event_set_customer", [p, u64], ctypes.c_int32),
            ("loy_event_set", [p, u32, i64], ctypes.c_int32),
            ("loy_event_set_ratio", [p, u32, ctypes.c_double], ctypes.c_int32),
            ("loy_event_set_reference", [p, u64, u64], ctypes.c_int32),
            ("loy_scorecard_create", [p, p, p], ctypes.c_int32),
            ("loy_scorecard_destroy", [p], None),
            ("loy_scorecard_score", [p, u32, p], ctypes.c_int32)]:
        function = getattr(lib, name)
        function.argtypes, function.restype = arguments, result
    return lib


class Till:
    TILL, EPOCH, CUSTOMER = 7, 1, 4711

    def __init__(self, lib, path=None):
        """In memory, or on files in the directory `path`."""
        self.lib = lib
        self.model, self.store, self.event, self.card = (ctypes.c_void_p() for _ in range(4))
        self.must(lib.loy_model_create_builtin(ctypes.byref(self.model), b"retail", None))
        path = path.encode() if path else None
        self.must(lib.loy_store_open(ctypes.byref(self.store), path, len(path or b""), self.model, None, None, None, None))
        self.must(lib.loy_event_create(ctypes.byref(self.event), None))
        self.must(lib.loy_scorecard_create(ctypes.byref(self.card), self.model, None))
        self.sequence = 0

    def close(self):
        self.lib.loy_scorecard_destroy(self.card)
        self.lib.loy_event_destroy(self.event)
        self.lib.loy_store_destroy(self.store)
        self.lib.loy_model_destroy(self.model)

    def must(self, status):
        if status != 0:
            raise SystemExit("till.py: " + self.lib.loy_status_text(status).decode())

    def field(self, name):
        found = self.lib.loy_field_find(name.encode(), len(name))
        assert found != 0, name
        return found

    def kind(self, name):
        found = self.lib.loy_kind_find(name.encode(), len(name))
        assert found != 0, name
        return found

    def record(self, kind, time, reference=None, **fields):
        lib = self.lib
        self.must(lib.loy_event_begin(self.event, self.kind(kind), time))
        self.must(lib.loy_event_set_sequence(self.event, self.TILL, self.EPOCH, self.sequence))
        self.must(lib.loy_event_set_customer(self.event, self.CUSTOMER))
        if reference is not None:
            self.must(lib.loy_event_set_reference(self.event, self.TILL << 32 | self.EPOCH, reference))
        for name, value in fields.items():
            if isinstance(value, float):
                self.must(lib.loy_event_set_ratio(self.event, self.field(name), value))
            else:
                self.must(lib.loy_event_set(self.event, self.field(name), value))
        self.must(lib.loy_store_record(self.store, self.event, None))
        self.sequence += 1
        return self.sequence - 1

    def hash(self):
        high, low = ctypes.c_uint64(), ctypes.c_uint64()
        self.must(self.lib.loy_store_sort(self.store))
        self.must(self.lib.loy_store_hash(self.store, ctypes.byref(high), ctypes.byref(low)))
        return high.value, low.value

    def export(self):
        """All records as a bundle."""
        parts = []

        def take(data, count, _):
            parts.append(ctypes.string_at(data, count))
            return 0
        self.must(self.lib.loy_store_export(self.store, None, 0, 0, SINK(take), None, None, None))
        return b"".join(parts)

    def take_in(self, bundle):
        self.must(self.lib.loy_store_import(self.store, bundle, len(bundle), None, None, None))

    def headline(self):
        index = ctypes.c_uint32()
        for i in range(self.lib.loy_model_headline_count(self.model)):
            self.must(self.lib.loy_model_headline(self.model, i, ctypes.byref(index)))
            yield index.value, self.lib.loy_model_construct_name(self.model, index.value).decode()

    def scores(self, time):
        """Value (NaN while unknown), mean, low and high of each headline score."""
        row, score = ctypes.c_uint64(), Score(struct_size=ctypes.sizeof(Score))
        self.must(self.lib.loy_store_sort(self.store))
        self.must(self.lib.loy_store_find(self.store, self.CUSTOMER, ctypes.byref(row)))
        self.must(self.lib.loy_store_evaluate(self.store, row, self.card, time))
        for construct, name in self.headline():
            self.must(self.lib.loy_scorecard_score(self.card, construct, ctypes.byref(score)))
            yield name, score.value, score.mean, score.low, score.high

    def record_columns(self, rows):
        """The same events as a table: one call whatever their number. Absent values are None."""
        names = sorted({name for row in rows for name in row})
        keep, columns = [], (Column * len(names))()
        for column, name in zip(columns, names):
            values = [row.get(name) for row in rows]
            real = any(isinstance(v, float) for v in values)
            data = ((ctypes.c_double if real else ctypes.c_int64) * len(rows))(*[v or 0 for v in values])
            present = (ctypes.c_uint8 * len(rows))(*[v is not None for v in values])
            keep.append((data, present))  # the library borrows them for the call
            column.field, column.type = self.field(name), COLUMN_F64 if real else COLUMN_I64
            column.data, column.stride = ctypes.addressof(data), 8
            column.present = ctypes.addressof(present) if None in values else None
        result = BatchResult(struct_size=ctypes.sizeof(BatchResult))
        status = (ctypes.c_int32 * len(rows))()
        self.must(self.lib.loy_store_record_columns(self.store, columns, len(names), len(rows), None, status,
                                                    ctypes.byref(result), None))
        return result, list(status)

    def score_columns(self, time):
        """The values of all customers, as batch calls give them."""
        constructs = list(self.headline())
        values = [ctypes.c_double() for _ in constructs]
        columns = (ScoreColumn * len(constructs))()
        for column, (construct, _), value in zip(columns, constructs, values):
            column.struct_size, column.construct = ctypes.sizeof(ScoreColumn), construct
            column.value, column.value_stride = ctypes.addressof(value), 8
        self.must(self.lib.loy_store_sort(self.store))
        self.must(self.lib.loy_store_score(self.store, self.model, time, 0, 1, columns, len(constructs), None))
        return [value.value for value in values]


def bits(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0]


def day(till):
    """A sale, a complaint, its resolution. Returns the complaint's number."""
    euro, opening = till.lib.loy_currency_code(b"EUR"), OPENING
    till.record("purchase", opening + HOUR, amount=1240, currency=euro)
    complaint = till.record("complaint", opening + 3 * HOUR, severity=0.6)
    till.record("resolution", opening + 5 * HOUR, reference=complaint, severity=0.6, quality=0.9, compensation=300)
    return complaint


def on_files(lib, scores, work):
    """The same day on files: there after closing, and in a store that took it in as a bundle, twice."""
    first = Till(lib, work + "/first")
    day(first)
    first.close()
    again, other = Till(lib, work + "/first"), Till(lib, work + "/other")
    bundle = again.export()
    other.take_in(bundle)
    other.take_in(bundle)
    assert other.hash() == again.hash(), "stores with the same events differ"
    for till in (again, other):
        assert list(till.scores(EVENING)) == scores, "scores on files are not those in memory"
        till.close()


OPENING = 20454 * DAY + 7 * HOUR
EVENING = OPENING + 12 * HOUR


def main():
    lib = load(sys.argv[1])
    opening, evening = OPENING, EVENING
    euro = lib.loy_currency_code(b"EUR")
    till = Till(lib)
    complaint = day(till)
    scores = list(till.scores(evening))
    for name, _, mean, low, high in scores:
        print(name, "mean", bits(mean))
        print(name, "low", bits(low))
        print(name, "high", bits(high))

    table = Till(lib)
    origin = Till.TILL << 32 | Till.EPOCH
    common = {"customer": Till.CUSTOMER, "identity_high": origin}
    rows = [
        {**common, "identity_low": 0, "kind": till.kind("purchase"), "time": opening + HOUR, "amount": 1240,
         "currency": euro},
        {**common, "identity_low": 1, "kind": till.kind("complaint"), "time": opening + 3 * HOUR, "severity": 0.6},
        {**common, "identity_low": 2, "kind": till.kind("resolution"), "time": opening + 5 * HOUR, "severity": 0.6,
         "quality": 0.9, "compensation": 300, "reference_high": origin, "reference_low": complaint},
    ]
    result, status = table.record_columns(rows)
    assert (result.recorded, result.refused, status) == (3, 0, [0, 0, 0]), (result.recorded, status)
    assert table.hash() == till.hash(), "columns and single events gave different stores"
    for found, (name, value, *_) in zip(table.score_columns(evening), scores):
        assert bits(found) == bits(value) or (found != found and value != value), name
    result, status = table.record_columns(rows)
    assert (result.recorded, result.duplicates) == (0, 3), "an event that is sent again must be recognised"
    till.close()
    table.close()
    with tempfile.TemporaryDirectory() as work:
        on_files(lib, scores, work)


if __name__ == "__main__":
    main()
