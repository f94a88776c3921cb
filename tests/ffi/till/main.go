// The till's day through cgo, with the public header as it is; then the same day as columns, on files, and in a
// store that took it in as a bundle. Prints the scores as 64-bit words, which must be what examples/till --bits prints.
package main

// #include <stdlib.h>
// #include <loyalty.h>
// int32_t takePart(void *bytes, size_t size, void *bundle);
import "C"

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/cgo"
	"unsafe"
)

const (
	till     = 7
	epoch    = 1
	customer = 4711
	hour     = int64(3600) * 1000000
	opening  = 20454*24*hour + 7*hour
	evening  = opening + 12*hour
)

func must(status C.loy_status) {
	if status != C.LOY_OK {
		fmt.Fprintln(os.Stderr, "till.go:", C.GoString(C.loy_status_text(status)))
		os.Exit(1)
	}
}

// counter holds the handles of one till.
type counter struct {
	model    *C.loy_model
	store    *C.loy_store
	event    *C.loy_event
	card     *C.loy_scorecard
	sequence uint64
}

// open makes a till in memory, or, for a path, on files.
func open(path string) *counter {
	c := &counter{}
	directory := C.CString(path)
	defer C.free(unsafe.Pointer(directory))
	name := C.CString("retail")
	defer C.free(unsafe.Pointer(name))
	must(C.loy_model_create_builtin(&c.model, name, nil))
	must(C.loy_store_open(&c.store, directory, C.size_t(len(path)), c.model, nil, nil, nil, nil))
	must(C.loy_event_create(&c.event, nil))
	must(C.loy_scorecard_create(&c.card, c.model, nil))
	return c
}

func (c *counter) close() {
	C.loy_scorecard_destroy(c.card)
	C.loy_event_destroy(c.event)
	C.loy_store_destroy(c.store)
	C.loy_model_destroy(c.model)
}

// begin starts an event and returns its sequence.
func (c *counter) begin(kind C.uint32_t, time int64) uint64 {
	must(C.loy_event_begin(c.event, kind, C.int64_t(time)))
	must(C.loy_event_set_sequence(c.event, till, epoch, C.uint64_t(c.sequence)))
	must(C.loy_event_set_customer(c.event, customer))
	c.sequence++
	return c.sequence - 1
}

func (c *counter) record() {
	must(C.loy_store_record(c.store, c.event, nil))
}

func euro() C.uint32_t {
	letters := C.CString("EUR")
	defer C.free(unsafe.Pointer(letters))
	return C.loy_currency_code(letters)
}

func (c *counter) work() {
	c.begin(C.LOY_KIND_PURCHASE, opening+hour)
	must(C.loy_event_set(c.event, C.LOY_FIELD_AMOUNT, 1240))
	must(C.loy_event_set(c.event, C.LOY_FIELD_CURRENCY, C.int64_t(euro())))
	c.record()
	complaint := c.begin(C.LOY_KIND_COMPLAINT, opening+3*hour)
	must(C.loy_event_set_ratio(c.event, C.LOY_FIELD_SEVERITY, 0.6))
	c.record()
	c.begin(C.LOY_KIND_RESOLUTION, opening+5*hour)
	must(C.loy_event_set_reference(c.event, till<<32|epoch, C.uint64_t(complaint)))
	must(C.loy_event_set_ratio(c.event, C.LOY_FIELD_SEVERITY, 0.6))
	must(C.loy_event_set_ratio(c.event, C.LOY_FIELD_QUALITY, 0.9))
	must(C.loy_event_set(c.event, C.LOY_FIELD_COMPENSATION, 300))
	c.record()
}

// workColumns records the same three events as a table. Columns live in C's memory: Go's must not hold
// pointers to Go's when it is passed.
func (c *counter) workColumns() {
	const rows = 3
	fields := []C.uint32_t{C.LOY_FIELD_KIND, C.LOY_FIELD_TIME, C.LOY_FIELD_CUSTOMER, C.LOY_FIELD_IDENTITY_HIGH,
		C.LOY_FIELD_IDENTITY_LOW, C.LOY_FIELD_AMOUNT, C.LOY_FIELD_CURRENCY, C.LOY_FIELD_SEVERITY, C.LOY_FIELD_QUALITY,
		C.LOY_FIELD_COMPENSATION, C.LOY_FIELD_REFERENCE_HIGH, C.LOY_FIELD_REFERENCE_LOW}
	const absent = math.MinInt64
	origin := int64(till<<32 | epoch)
	values := [][rows]int64{
		{C.LOY_KIND_PURCHASE, C.LOY_KIND_COMPLAINT, C.LOY_KIND_RESOLUTION},
		{opening + hour, opening + 3*hour, opening + 5*hour},
		{customer, customer, customer}, {origin, origin, origin}, {0, 1, 2},
		{1240, absent, absent}, {int64(euro()), absent, absent},
		{absent, 600000000, 600000000}, {absent, absent, 900000000}, {absent, absent, 300},
		{absent, absent, origin}, {absent, absent, 1},
	}
	columns := (*[12]C.loy_column)(C.calloc(12, C.sizeof_loy_column))
	defer C.free(unsafe.Pointer(columns))
	for i, field := range fields {
		data := (*[rows]int64)(C.calloc(rows, 8))
		present := (*[rows]byte)(C.calloc(rows, 1))
		defer C.free(unsafe.Pointer(data))
		defer C.free(unsafe.Pointer(present))
		for r, value := range values[i] {
			if value != absent {
				data[r], present[r] = value, 1
			}
		}
		columns[i].field, columns[i]._type = field, C.LOY_COLUMN_I64
		columns[i].data, columns[i].stride = unsafe.Pointer(data), 8
		columns[i].present = (*C.uint8_t)(unsafe.Pointer(present))
	}
	var result C.loy_batch_result
	result.struct_size = C.sizeof_loy_batch_result
	must(C.loy_store_record_columns(c.store, &columns[0], C.uint32_t(len(fields)), rows, nil, nil, &result, nil))
	if result.recorded != rows {
		fmt.Fprintln(os.Stderr, "till.go: not all rows were recorded")
		os.Exit(1)
	}
}

// scores prints mean, low and high of each headline score.
func (c *counter) scores() string {
	var row C.uint64_t
	must(C.loy_store_sort(c.store))
	must(C.loy_store_find(c.store, customer, &row))
	must(C.loy_store_evaluate(c.store, row, c.card, C.int64_t(evening)))
	text := ""
	for i := C.uint32_t(0); i < C.loy_model_headline_count(c.model); i++ {
		var construct C.uint32_t
		var score C.loy_score
		score.struct_size = C.sizeof_loy_score
		must(C.loy_model_headline(c.model, i, &construct))
		must(C.loy_scorecard_score(c.card, construct, &score))
		name := C.GoString(C.loy_model_construct_name(c.model, construct))
		text += fmt.Sprintf("%s mean %016x\n", name, math.Float64bits(float64(score.mean)))
		text += fmt.Sprintf("%s low %016x\n", name, math.Float64bits(float64(score.low)))
		text += fmt.Sprintf("%s high %016x\n", name, math.Float64bits(float64(score.high)))
	}
	return text
}

//export takePart
func takePart(bytes unsafe.Pointer, size C.size_t, bundle unsafe.Pointer) C.int32_t {
	parts := (*cgo.Handle)(bundle).Value().(*[]byte)
	*parts = append(*parts, C.GoBytes(bytes, C.int(size))...)
	return 0
}

// export gives all records as a bundle.
func (c *counter) export() []byte {
	var bundle []byte
	handle := cgo.NewHandle(&bundle)
	defer handle.Delete()
	must(C.loy_store_export(c.store, nil, 0, 0, C.loy_sink(C.takePart), unsafe.Pointer(&handle), nil, nil))
	return bundle
}

func (c *counter) takeIn(bundle []byte) {
	bytes := C.CBytes(bundle)
	defer C.free(bytes)
	must(C.loy_store_import(c.store, bytes, C.size_t(len(bundle)), nil, nil, nil))
}

func (c *counter) hash() [2]uint64 {
	var high, low C.uint64_t
	must(C.loy_store_sort(c.store))
	must(C.loy_store_hash(c.store, &high, &low))
	return [2]uint64{uint64(high), uint64(low)}
}

// onFiles does the same day on files: scores of what is there after closing, and of a store that took it in as a
// bundle, twice.
func onFiles() (string, string) {
	path, err := os.MkdirTemp("", "till")
	if err != nil {
		fmt.Fprintln(os.Stderr, "till.go:", err)
		os.Exit(1)
	}
	defer os.RemoveAll(path)
	day := open(filepath.Join(path, "first"))
	day.work()
	day.close()
	again, other := open(filepath.Join(path, "first")), open(filepath.Join(path, "other"))
	defer again.close()
	defer other.close()
	bundle := again.export()
	other.takeIn(bundle)
	other.takeIn(bundle)
	if other.hash() != again.hash() {
		fmt.Fprintln(os.Stderr, "till.go: stores with the same events differ")
		os.Exit(1)
	}
	return again.scores(), other.scores()
}

func main() {
	single, table := open(""), open("")
	defer single.close()
	defer table.close()
	single.work()
	table.workColumns()
	text := single.scores()
	if table.scores() != text {
		fmt.Fprintln(os.Stderr, "till.go: columns and single events gave different scores")
		os.Exit(1)
	}
	if again, other := onFiles(); again != text || other != text {
		fmt.Fprintln(os.Stderr, "till.go: stores on files gave different scores")
		os.Exit(1)
	}
	fmt.Print(text)
}
