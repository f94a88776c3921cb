// Surveys through cgo, with the public header as it is: a net promoter score, a path model with bootstrap, a calibrated scoring
// model. Prints what the C program beside it (survey.c) prints.
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

const (
	respondents = 200
	columns     = 7
	customers   = 60
	day         = 86400 * 1000000
	start       = 20000 * day
	ratioOne    = 1000000000
	paths       = "Quality =~ q1 + q2 + q3\nTrust =~ t1 + t2 + t3\nTrust ~ Quality\n"
)

// What C holds on to lives in C's memory until the end.
var held []unsafe.Pointer

func must(status C.loy_status) {
	if status != C.LOY_OK {
		fmt.Fprintln(os.Stderr, "survey.go:", C.GoString(C.loy_status_text(status)))
		os.Exit(1)
	}
}

func zeroed(count, size C.size_t) unsafe.Pointer {
	block := C.calloc(count, size)
	held = append(held, block)
	return block
}

func text(s string) *C.char {
	copied := C.CString(s)
	held = append(held, unsafe.Pointer(copied))
	return copied
}

// Numerical Recipes' generator.
type drawer uint32

func (d *drawer) draw(below uint32) uint32 {
	*d = *d*1664525 + 1013904223
	return (uint32(*d) >> 16) % below
}

func answer(values *[respondents * columns]C.double) {
	d := drawer(1)
	at := 0
	put := func(value uint32) {
		values[at] = C.double(value)
		at++
	}
	for row := 0; row < respondents; row++ {
		level := d.draw(7)
		trust := (level + d.draw(7)) / 2
		for i := 0; i < 3; i++ {
			put(1 + level + d.draw(4))
		}
		for i := 0; i < 3; i++ {
			put(1 + trust + d.draw(4))
		}
		put(trust + d.draw(5))
	}
}

func bits(name string, value C.double) {
	fmt.Printf("%s %016x\n", name, math.Float64bits(float64(value)))
}

func printNet(table *C.loy_table) {
	var scale C.loy_scale
	var net C.loy_net
	var limits C.loy_interval
	var answers *C.loy_answers
	scale.struct_size, scale.high = C.sizeof_loy_scale, 10
	net.struct_size = C.sizeof_loy_net
	limits.struct_size = C.sizeof_loy_interval
	must(C.loy_answers_create(&answers, &scale, nil))
	defer C.loy_answers_destroy(answers)
	must(C.loy_answers_add(answers, table, columns-1, nil))
	must(C.loy_answers_net(answers, nil, &net))
	must(C.loy_answers_net_interval(answers, nil, C.LOY_SURVEY_SCORE, 0, &limits))
	fmt.Printf("promoters %d\ndetractors %d\n", uint64(net.promoters), uint64(net.detractors))
	bits("score", net.score)
	bits("low", limits.low)
	bits("high", limits.high)
}

func fit(base *C.loy_model, table *C.loy_table) *C.loy_model {
	var draws C.loy_bootstrap_options
	var path C.loy_pls_path
	var b C.loy_bootstrapped
	var parsed *C.loy_paths
	var pls *C.loy_pls
	var bootstrap *C.loy_bootstrap
	var model *C.loy_model
	draws.struct_size, draws.resamples, draws.seed = C.sizeof_loy_bootstrap_options, 100, 5
	path.struct_size = C.sizeof_loy_pls_path
	b.struct_size = C.sizeof_loy_bootstrapped
	scales := (*[6]C.loy_pls_scale)(zeroed(6, C.sizeof_loy_pls_scale))
	for i := range scales {
		scales[i].low, scales[i].high = 1, 10
	}
	pairs := (*[2]C.loy_counterpart)(zeroed(2, C.sizeof_loy_counterpart))
	pairs[0].construct, pairs[0].estimated, pairs[0].channel = text("satisfaction"), text("Quality"), text("survey_satisfaction")
	pairs[1].construct, pairs[1].estimated = text("trust"), text("Trust")
	must(C.loy_paths_parse(&parsed, text(paths), C.size_t(len(paths)), nil, nil))
	defer C.loy_paths_destroy(parsed)
	must(C.loy_pls_create(&pls, parsed, table, nil, nil, nil))
	defer C.loy_pls_destroy(pls)
	must(C.loy_bootstrap_create(&bootstrap, pls, table, &draws, nil, nil))
	defer C.loy_bootstrap_destroy(bootstrap)
	must(C.loy_pls_get_path(pls, 0, &path))
	must(C.loy_bootstrap_get(bootstrap, 0, &b))
	bits("path", path.value)
	bits("f2", path.f2)
	bits("deviation", b.deviation)
	bits("percentile_low", b.percentile_low)
	bits("percentile_high", b.percentile_high)
	bits("accelerated_low", b.accelerated_low)
	must(C.loy_model_create_from_pls(&model, base, pls, &scales[0], bootstrap, &pairs[0], 2, nil, nil, nil))
	return model
}

func observe(calibration *C.loy_calibration, model *C.loy_model, construct C.uint32_t) {
	var profile *C.loy_profile
	var event *C.loy_event
	var o C.loy_observation
	d := drawer(2)
	o.struct_size, o.construct, o.weight = C.sizeof_loy_observation, construct, 1
	must(C.loy_profile_create(&profile, C.loy_model_schema(model), nil))
	defer C.loy_profile_destroy(profile)
	must(C.loy_event_create(&event, nil))
	defer C.loy_event_destroy(event)
	for o.customer = 1; o.customer <= customers; o.customer++ {
		first := d.draw(5)
		next := (2*first + d.draw(5)) / 3
		C.loy_profile_clear(profile)
		must(C.loy_event_begin(event, C.LOY_KIND_SURVEY_ANSWER, start))
		must(C.loy_event_set(event, C.LOY_FIELD_INSTRUMENT, C.LOY_INSTRUMENT_CSAT))
		must(C.loy_event_set(event, C.LOY_FIELD_VALUE, C.int64_t(first)*ratioOne))
		must(C.loy_event_set(event, C.LOY_FIELD_SCALE_MIN, 0))
		must(C.loy_event_set(event, C.LOY_FIELD_SCALE_MAX, 4*ratioOne))
		must(C.loy_profile_record(profile, event, nil))
		o.time, o.answer = start+30*day, C.double(next)/4
		must(C.loy_calibration_add(calibration, &o, profile, nil))
	}
}

func printCalibrated(model *C.loy_model) {
	var options C.loy_calibration_options
	var summary C.loy_calibrated_summary
	var calibration *C.loy_calibration
	var calibrated *C.loy_calibrated
	var needed C.size_t
	options.struct_size, options.error_variance = C.sizeof_loy_calibration_options, 0.01
	summary.struct_size = C.sizeof_loy_calibrated_summary
	must(C.loy_model_construct_find(model, text("satisfaction"), 12, &options.construct))
	must(C.loy_calibration_create(&calibration, model, nil))
	defer C.loy_calibration_destroy(calibration)
	observe(calibration, model, options.construct)
	must(C.loy_calibration_fit(calibration, model, &options, &calibrated, nil, nil))
	defer C.loy_calibrated_destroy(calibrated)
	must(C.loy_calibrated_get_summary(calibrated, &summary))
	fmt.Printf("observations %d\n", uint64(summary.observations))
	bits("loss_before", summary.loss_before)
	bits("loss", summary.loss)
	buffer := (*C.char)(zeroed(C.LOY_MODEL_TEXT_MAX, 1))
	must(C.loy_model_print(C.loy_calibrated_model(calibrated), buffer, C.LOY_MODEL_TEXT_MAX, &needed))
	fmt.Print(C.GoString(buffer))
}

func main() {
	var base *C.loy_model
	table := (*C.loy_table)(zeroed(1, C.sizeof_loy_table))
	values := (*[respondents * columns]C.double)(zeroed(respondents*columns, 8))
	names := (*[columns]*C.char)(zeroed(columns, C.size_t(unsafe.Sizeof(uintptr(0)))))
	for i, name := range []string{"q1", "q2", "q3", "t1", "t2", "t3", "recommend"} {
		names[i] = text(name)
	}
	answer(values)
	table.struct_size, table.columns, table.rows = C.sizeof_loy_table, columns, respondents
	table.values, table.names = &values[0], &names[0]
	table.row_stride, table.column_stride = columns*8, 8
	printNet(table)
	must(C.loy_model_create_builtin(&base, text("retail"), nil))
	model := fit(base, table)
	printCalibrated(model)
	C.loy_model_destroy(model)
	C.loy_model_destroy(base)
	for _, block := range held {
		C.free(block)
	}
}
