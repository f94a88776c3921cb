// Lifetime models through cgo, with the public header as it is: simulate, fit, predict. Prints estimates and totals as 64-bit
// words, which must be what examples/worth --bits prints.
package main

// #include <stdlib.h>
// #include <loyalty.h>
import "C"

import (
	"fmt"
	"math"
	"os"
	"unsafe"
)

const customers = 5000

func must(status C.loy_status) {
	if status != C.LOY_OK {
		fmt.Fprintln(os.Stderr, "worth.go:", C.GoString(C.loy_status_text(status)))
		os.Exit(1)
	}
}

func given(family C.uint32_t, values []C.double) *C.loy_lifetime {
	var model *C.loy_lifetime
	must(C.loy_lifetime_create(&model, family, 0, C.LOY_WEEK, &values[0], C.uint32_t(len(values)), nil))
	return model
}

func numbers(count int) *C.double {
	return (*C.double)(C.calloc(C.size_t(count), 8))
}

func fit(family C.uint32_t, columns *C.loy_history_column) *C.loy_lifetime {
	var data *C.loy_lifetime_data
	var model *C.loy_lifetime
	var options C.loy_lifetime_options
	options.struct_size = C.sizeof_loy_lifetime_options
	options.family = family
	must(C.loy_lifetime_data_create(&data, nil, nil))
	defer C.loy_lifetime_data_destroy(data)
	must(C.loy_lifetime_data_add_columns(data, columns, 4, customers, nil))
	must(C.loy_lifetime_fit(&model, data, &options, nil, nil))
	return model
}

func print(name string, value C.double) {
	fmt.Printf("%s %016x\n", name, math.Float64bits(float64(value)))
}

func printParameters(model *C.loy_lifetime) {
	var value, deviation C.double
	for i := C.uint32_t(0); C.loy_lifetime_parameter(model, i, &value, &deviation) == C.LOY_OK; i++ {
		print(C.GoString(C.loy_lifetime_parameter_name(model, i)), value)
		print("deviation", deviation)
	}
}

func main() {
	trueBuying := given(C.LOY_LIFETIME_MBG_NBD, []C.double{0.8, 6.0, 0.9, 2.5})
	trueSpend := given(C.LOY_LIFETIME_GAMMA_GAMMA, []C.double{6.0, 4.0, 1500.0})
	x, tx, spend, seen := numbers(customers), numbers(customers), numbers(customers), numbers(1)
	*seen = 26
	must(C.loy_lifetime_simulate(trueBuying, trueSpend, 7, 0, customers, 26, nil, x, tx, nil, spend))
	columns := (*[4]C.loy_history_column)(C.calloc(4, C.sizeof_loy_history_column))
	fields := []C.uint32_t{C.LOY_HISTORY_X, C.LOY_HISTORY_T_X, C.LOY_HISTORY_T, C.LOY_HISTORY_SPEND}
	for i, data := range []*C.double{x, tx, seen, spend} {
		columns[i].field, columns[i]._type = fields[i], C.LOY_COLUMN_F64
		columns[i].data, columns[i].stride = unsafe.Pointer(data), 8
	}
	columns[2].stride = 0
	buying := fit(C.LOY_LIFETIME_MBG_NBD, &columns[0])
	money := fit(C.LOY_LIFETIME_GAMMA_GAMMA, &columns[0])
	printParameters(buying)
	printParameters(money)
	asks := (*[2]C.loy_lifetime_ask)(C.calloc(2, C.sizeof_loy_lifetime_ask))
	for i, quantity := range []C.uint32_t{C.LOY_ASK_PURCHASES, C.LOY_ASK_VALUE} {
		asks[i].struct_size, asks[i].quantity = C.sizeof_loy_lifetime_ask, quantity
		asks[i].to, asks[i].discount, asks[i].with_deviation = 26, 0.1, 1
	}
	must(C.loy_lifetime_predict(buying, money, &columns[0], 4, customers, &asks[0], 2, nil, nil, nil))
	print("purchases", asks[0].total)
	print("worth", asks[1].total)
	for _, model := range []*C.loy_lifetime{trueBuying, trueSpend, buying, money} {
		C.loy_lifetime_destroy(model)
	}
	for _, block := range []unsafe.Pointer{unsafe.Pointer(x), unsafe.Pointer(tx), unsafe.Pointer(spend), unsafe.Pointer(seen),
		unsafe.Pointer(columns), unsafe.Pointer(asks)} {
		C.free(block)
	}
}
