#!/usr/bin/env python3
"""Lifetime models through ctypes: simulate, fit, predict, save and read back; prints what examples/worth --bits prints.

usage: worth.py LIBLOYALTY
"""
import ctypes
import struct
import sys

CUSTOMERS, WEEK = 5000, 7 * 86400 * 10**6
X, T_X, T, SPEND, F64 = 1, 2, 3, 4, 6
PURCHASES, VALUE = 2, 5


class Column(ctypes.Structure):
    _fields_ = [("field", ctypes.c_uint32), ("type", ctypes.c_uint32), ("data", ctypes.c_void_p), ("stride", ctypes.c_int64)]


class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("family", ctypes.c_uint32), ("k", ctypes.c_uint32),
                ("iterations", ctypes.c_uint32), ("rate_covariates", ctypes.c_uint32), ("life_covariates", ctypes.c_uint32),
                ("ridge", ctypes.c_double), ("start", ctypes.c_void_p), ("start_count", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32), ("progress", ctypes.c_void_p), ("user_data", ctypes.c_void_p)]


class Ask(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("quantity", ctypes.c_uint32), ("start", ctypes.c_double),
                ("to", ctypes.c_double), ("discount", ctypes.c_double), ("year", ctypes.c_double), ("level", ctypes.c_double)] + [
        field for name in ("value", "deviation", "low", "high")
        for field in ((name, ctypes.c_void_p), (name + "_stride", ctypes.c_int64))] + [
        (name, ctypes.c_double) for name in ("total", "total_deviation", "total_low", "total_high")] + [
        ("with_deviation", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


def load(path):
    lib = ctypes.CDLL(path)
    p, u32, u64, i64, size, real = (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int64, ctypes.c_size_t,
                                    ctypes.c_double)
    for name, arguments, result in [
            ("loy_status_text", [ctypes.c_int32], ctypes.c_char_p),
            ("loy_lifetime_family_find", [ctypes.c_char_p, size, p], ctypes.c_int32),
            ("loy_lifetime_create", [p, u32, u32, i64, p, u32, p], ctypes.c_int32),
            ("loy_lifetime_destroy", [p], None),
            ("loy_lifetime_simulate", [p, p, u64, u64, u64, real, p, p, p, p, p], ctypes.c_int32),
            ("loy_lifetime_data_create", [p, p, p], ctypes.c_int32),
            ("loy_lifetime_data_destroy", [p], None),
            ("loy_lifetime_data_add_columns", [p, p, u32, u64, p], ctypes.c_int32),
            ("loy_lifetime_fit", [p, p, p, p, p], ctypes.c_int32),
            ("loy_lifetime_parameter_name", [p, u32], ctypes.c_char_p),
            ("loy_lifetime_parameter", [p, u32, p, p], ctypes.c_int32),
            ("loy_lifetime_print", [p, p, size, p], ctypes.c_int32),
            ("loy_lifetime_parse", [p, ctypes.c_char_p, size, p, p], ctypes.c_int32),
            ("loy_lifetime_predict", [p, p, p, u32, u64, p, u32, p, p, p], ctypes.c_int32)]:
        function = getattr(lib, name)
        function.argtypes, function.restype = arguments, result
    return lib


class Lifetimes:
    def __init__(self, lib):
        self.lib = lib

    def must(self, status):
        if status != 0:
            raise SystemExit("worth.py: " + self.lib.loy_status_text(status).decode())

    def family(self, name):
        found = ctypes.c_uint32()
        self.must(self.lib.loy_lifetime_family_find(name.encode(), len(name), ctypes.byref(found)))
        return found.value

    def given(self, family, values):
        model, array = ctypes.c_void_p(), (ctypes.c_double * len(values))(*values)
        self.must(self.lib.loy_lifetime_create(ctypes.byref(model), self.family(family), 0, WEEK, array, len(values), None))
        return model

    def fit(self, family, columns):
        data, model = ctypes.c_void_p(), ctypes.c_void_p()
        self.must(self.lib.loy_lifetime_data_create(ctypes.byref(data), None, None))
        self.must(self.lib.loy_lifetime_data_add_columns(data, columns, len(columns), CUSTOMERS, None))
        options = Options(struct_size=ctypes.sizeof(Options), family=self.family(family))
        self.must(self.lib.loy_lifetime_fit(ctypes.byref(model), data, ctypes.byref(options), None, None))
        self.lib.loy_lifetime_data_destroy(data)
        return self.saved(model)

    def saved(self, model):
        """What comes back from the model's text, which holds every bit."""
        needed, again = ctypes.c_size_t(), ctypes.c_void_p()
        text = ctypes.create_string_buffer(1001)
        self.must(self.lib.loy_lifetime_print(model, text, len(text), ctypes.byref(needed)))
        self.must(self.lib.loy_lifetime_parse(ctypes.byref(again), text.value, len(text.value), None, None))
        self.lib.loy_lifetime_destroy(model)
        return again

    def parameters(self, model):
        value, deviation, i = ctypes.c_double(), ctypes.c_double(), 0
        while self.lib.loy_lifetime_parameter(model, i, ctypes.byref(value), ctypes.byref(deviation)) == 0:
            yield self.lib.loy_lifetime_parameter_name(model, i).decode(), value.value, deviation.value
            i += 1


def bits(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0]


def main():
    lifetimes = Lifetimes(load(sys.argv[1]))
    lib, must = lifetimes.lib, lifetimes.must
    true_buying = lifetimes.given("mbg-nbd", [0.8, 6.0, 0.9, 2.5])
    true_spend = lifetimes.given("gamma-gamma", [6.0, 4.0, 1500.0])
    x, t_x, spend = ((ctypes.c_double * CUSTOMERS)() for _ in range(3))
    seen = ctypes.c_double(26.0)
    must(lib.loy_lifetime_simulate(true_buying, true_spend, 7, 0, CUSTOMERS, 26.0, None, x, t_x, None, spend))
    columns = (Column * 4)()
    for column, field, data, stride in zip(columns, (X, T_X, T, SPEND), (x, t_x, seen, spend), (8, 8, 0, 8)):
        column.field, column.type, column.data, column.stride = field, F64, ctypes.addressof(data), stride
    models = [lifetimes.fit("mbg-nbd", columns), lifetimes.fit("gamma-gamma", columns)]
    for model in models:
        for name, value, deviation in lifetimes.parameters(model):
            print(name, bits(value))
            print("deviation", bits(deviation))
    asks = (Ask * 2)()
    for ask, quantity in zip(asks, (PURCHASES, VALUE)):
        ask.struct_size, ask.quantity, ask.to, ask.discount, ask.with_deviation = ctypes.sizeof(Ask), quantity, 26.0, 0.1, 1
    must(lib.loy_lifetime_predict(models[0], models[1], columns, 4, CUSTOMERS, asks, 2, None, None, None))
    print("purchases", bits(asks[0].total))
    print("worth", bits(asks[1].total))
    for model in [true_buying, true_spend, *models]:
        lib.loy_lifetime_destroy(model)


if __name__ == "__main__":
    main()
