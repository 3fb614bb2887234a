package web

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/sensors"
)

// metricsOf returns what a server in this state answers.
func metricsOf(t *testing.T, state daemon.Snapshot) parsed {
	t.Helper()
	s, _ := serverOf(state)
	w := get(s, "/metrics")
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got %d and %s", w.Code, got)
	}
	p, err := parseMetrics(w.Body.String())
	if err != nil {
		t.Fatalf("%v in\n%s", err, w.Body)
	}
	return p
}

func TestMetrics(t *testing.T) {
	s := ill()
	s.Account.Dropped = map[sensors.Reason]uint64{publisher.Overflow: 6, publisher.Expired: 7}
	s.Account.Sent = 8
	for i := range s.Lateness.Counts {
		s.Lateness.Counts[i] = 1
	}
	s.Lateness.Sum = 90 * time.Second
	s.Acks.Counts[3], s.Acks.Sum = 2, 14*time.Millisecond
	p := metricsOf(t, s)
	for sample, want := range map[string]float64{
		"sensorpub_readings_total":                                                     9,
		"sensorpub_readings_acknowledged_total":                                        4,
		"sensorpub_readings_sent_total":                                                8,
		"sensorpub_readings_superseded_total":                                          1,
		`sensorpub_readings_rejected_total{reason="crc"}`:                              1,
		`sensorpub_readings_dropped_total{reason="overflow"}`:                          6,
		`sensorpub_readings_dropped_total{reason="max-age"}`:                           7,
		`sensorpub_readings_dropped_total{reason="damaged"}`:                           0,
		"sensorpub_readings_queued":                                                    3,
		`sensorpub_temperature_celsius{sensor="outside",quantity="temperature"}`:       28.4,
		`sensorpub_reading_timestamp_seconds{sensor="outside",quantity="temperature"}`: 1767355199.005,
		`sensorpub_sensor_up{sensor="outside"}`:                                        1,
		`sensorpub_sensor_up{sensor="pond"}`:                                           0,
		`sensorpub_sensor_up{sensor="new"}`:                                            0,
		`sensorpub_sensor_failures_total{sensor="pond",reason="open"}`:                 3,
		"sensorpub_mqtt_connected":                                                     0,
		"sensorpub_mqtt_connections_total":                                             2,
		`sensorpub_mqtt_losses_total{reason="closed"}`:                                 1,
		`sensorpub_spool_bytes{tier="tmpfs"}`:                                          4096,
		`sensorpub_spool_bytes{tier="disk"}`:                                           100,
		`sensorpub_spool_written_bytes_total{tier="disk"}`:                             70000,
		`sensorpub_scheduler_lateness_seconds_bucket{le="0.1"}`:                        7,
		`sensorpub_scheduler_lateness_seconds_bucket{le="+Inf"}`:                       14,
		"sensorpub_scheduler_lateness_seconds_sum":                                     90,
		`sensorpub_mqtt_acknowledgement_seconds_bucket{le="0.005"}`:                    0,
		`sensorpub_mqtt_acknowledgement_seconds_bucket{le="0.01"}`:                     2,
		"sensorpub_mqtt_acknowledgement_seconds_sum":                                   0.014,
		"process_start_time_seconds":                                                   1767351600.005,
	} {
		if got, ok := p.values[sample]; !ok || got != want {
			t.Errorf("%s: got %v (%v), want %v", sample, got, ok, want)
		}
	}
	for _, name := range []string{"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes"} {
		if _, ok := p.values[name]; !ok { // an emulator may say 0
			t.Errorf("%s: not there", name)
		}
	}
	for _, name := range []string{"process_open_fds", "process_max_fds", "go_goroutines", "go_threads", "go_memstats_alloc_bytes"} {
		if p.values[name] <= 0 {
			t.Errorf("%s: got %v", name, p.values[name])
		}
	}
	build := slices.Collect(func(yield func(string) bool) {
		for sample := range p.values {
			if strings.HasPrefix(sample, "sensorpub_build_info{") && !yield(sample) {
				return
			}
		}
	})
	if len(build) != 1 || !strings.Contains(build[0], `version="1.2.3",node="garden-pi",goversion="go1.`) {
		t.Errorf("got %q", build)
	}
	for name, kind := range p.kinds {
		if (kind == counter) != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %s", name, kind)
		}
	}
}

// The table of the quantities, in base units.
func TestValuesAreInBaseUnits(t *testing.T) {
	s := well()
	s.Sensors[0].Readings = nil
	for _, q := range sensors.Quantities {
		s.Sensors[0].Readings = append(s.Sensors[0].Readings, newest("a", q.Name, 50, q.Unit, publisher.Text{}))
	}
	p := metricsOf(t, s)
	for _, q := range sensors.Quantities {
		name := "sensorpub_" + q.Metric
		if got := p.values[fmt.Sprintf(`%s{sensor="a",quantity="%s"}`, name, q.Name)]; got != 50*q.Base {
			t.Errorf("%s: got %v, want %v", name, got, 50*q.Base)
		}
		want := map[string]string{sensors.Measured: gauge, sensors.Rising: counter}[q.StateClass]
		if p.kinds[name] != want || p.helps[name] != "Newest value." {
			t.Errorf("%s: got a %s with the help %q, want a %s", name, p.kinds[name], p.helps[name], want)
		}
	}
	const joules, ratio, pascals = `sensorpub_energy_joules_total{sensor="a",quantity="energy"}`, `sensorpub_humidity_ratio{sensor="a",quantity="humidity"}`, `sensorpub_pressure_pascals{sensor="a",quantity="pressure"}`
	if p.values[joules] != 1.8e8 || p.values[ratio] != 0.5 || p.values[pascals] != 5000 {
		t.Errorf("got %v J, %v and %v Pa, want 50 kWh, 50 %% and 50 hPa in base units", p.values[joules], p.values[ratio], p.values[pascals])
	}
}

// What was measured before a probe failed, or by an earlier process, is not the
// present.
func TestASensorThatIsNotUpHasNoValue(t *testing.T) {
	const value = `sensorpub_temperature_celsius{sensor="outside",quantity="temperature"}`
	const timestamp = `sensorpub_reading_timestamp_seconds{sensor="outside",quantity="temperature"}`
	for name, change := range map[string]func(*sensors.Status){
		"failing":      func(s *sensors.Status) { s.BadSince = s.Good },
		"not read yet": func(s *sensors.Status) { s.Good = time.Time{} },
	} {
		s := well()
		if _, ok := metricsOf(t, s).values[value]; !ok {
			t.Fatal("got no value of a sensor that is up")
		}
		change(&s.Sensors[0].Status)
		p := metricsOf(t, s)
		if v, ok := p.values[value]; ok {
			t.Errorf("%s: got the value %v, want none", name, v)
		}
		if _, ok := p.values[timestamp]; !ok {
			t.Errorf("%s: got no time of the last value", name)
		}
	}
}

func TestASensorOfAnotherMachineIsNotDown(t *testing.T) {
	s := well()
	s.Sensors = append(s.Sensors, daemon.Sensor{Status: sensors.Status{Sensor: "pond", Driver: "ds18b20", Absent: true}})
	if v, ok := metricsOf(t, s).values[`sensorpub_sensor_up{sensor="pond"}`]; ok {
		t.Errorf("got %v, want no sample", v)
	}
	if got := stateOf(s.Sensors[1]); got != "absent" {
		t.Errorf("got %s, want absent", got)
	}
	if got := problems(s); len(got) > 0 {
		t.Errorf("got %v, want no problem", got)
	}
}

func TestBaseUnitsHaveNoNoise(t *testing.T) {
	s := well()
	s.Sensors[0].Readings = []publisher.Newest{newest("outside", "pressure", 1015.281, "hPa", publisher.Text{})}
	if got := metricsOf(t, s).values[`sensorpub_pressure_pascals{sensor="outside",quantity="pressure"}`]; got != 101528.1 {
		t.Errorf("got %v Pa, want 101528.1", got)
	}
}

func TestValuesInOtherUnitsAndOfOtherQuantities(t *testing.T) {
	published := newest("f", "temperature", 212, "°F", publisher.Text{})
	published.Raw.Value, published.Raw.Unit = 100, "°C"
	measured := newest("k", "temperature", 373.15, "K", publisher.Text{})
	s := well()
	s.Sensors[0].Readings = []publisher.Newest{
		published, measured,
		newest("odd", "temperature", 3, "furlong", publisher.Text{}),
		newest("a", "water level", 4, "L", publisher.Text{}), newest("b", "water-level", 5, "gal", publisher.Text{}),
		newest("a", "voltage_volts", 6, "", publisher.Text{}),
		newest("a", "readings_total", 7, "", publisher.Text{}), newest("a", "mqtt_connected", 8, "", publisher.Text{}),
		newest("a", "3D", 9, "m\n²\\", publisher.Text{}),
	}
	p := metricsOf(t, s)
	for sample, want := range map[string]float64{
		`sensorpub_temperature_celsius{sensor="f",quantity="temperature"}`:        100,
		`sensorpub_temperature_celsius{sensor="k",quantity="temperature"}`:        100,
		`sensorpub_temperature{sensor="odd",quantity="temperature"}`:              3,
		`sensorpub_water_level{sensor="a",quantity="water level"}`:                4,
		`sensorpub_water_level{sensor="b",quantity="water-level"}`:                5,
		`sensorpub_quantity_voltage_volts{sensor="a",quantity="voltage_volts"}`:   6,
		`sensorpub_quantity_readings_total{sensor="a",quantity="readings_total"}`: 7,
		`sensorpub_quantity_mqtt_connected{sensor="a",quantity="mqtt_connected"}`: 8,
		`sensorpub_3D{sensor="a",quantity="3D"}`:                                  9,
	} {
		if got, ok := p.values[sample]; !ok || got != want {
			t.Errorf("%s: got %v (%v), want %v", sample, got, ok, want)
		}
	}
	for name, want := range map[string]string{
		"sensorpub_water_level": "Newest value, in L or gal.", "sensorpub_temperature": "Newest value, in furlong.", "sensorpub_3D": `Newest value, in m\n²\\.`,
	} {
		if p.helps[name] != want {
			t.Errorf("%s: got the help %q, want %q", name, p.helps[name], want)
		}
	}
}

func TestHostileNamesAreLegalInMetrics(t *testing.T) {
	names := []string{
		`<script>alert("1")</script>`, "a\\", "line\nbreak", "right\u202eto left", "\xff\xfe", "{}", `",x="`, "# HELP x", "é", "😀", strings.Repeat("x", 70_000),
	}
	s := well()
	s.Sensors = nil
	for _, n := range names {
		s.Sensors = append(s.Sensors, daemon.Sensor{
			Status:   sensors.Status{Sensor: n, Driver: n, Good: clock, Failed: map[string]uint64{n: 1}},
			Readings: []publisher.Newest{newest(n, n, 1, n, publisher.Text{})},
		})
	}
	s.Node, s.Version = names[0], names[2]
	p := metricsOf(t, s)
	n := 0
	for sample := range maps.Keys(p.values) {
		if strings.HasPrefix(sample, "sensorpub_sensor_up{") {
			n++
		}
	}
	if n != len(names) {
		t.Errorf("got %d sensors, want %d", n, len(names))
	}
	if p.values[`sensorpub_sensor_up{sensor="line\nbreak"}`] != 1 || p.values[`sensorpub_reading_timestamp_seconds{sensor="a\\",quantity="a\\"}`] == 0 {
		t.Error("a name is not escaped")
	}
}

// A clock that was never set gives no time, and a spool that is off no metric.
func TestMetricsThatThereAreNot(t *testing.T) {
	s := well()
	s.Sensors[0].Readings[0].Raw.Time = time.Unix(0, 0)
	p := metricsOf(t, s)
	for sample := range p.values {
		if strings.HasPrefix(sample, "sensorpub_reading_timestamp_seconds") || strings.HasPrefix(sample, "sensorpub_spool") {
			t.Errorf("got %s", sample)
		}
	}
}

func TestProcessMetricsOfOtherKernels(t *testing.T) {
	var e exposition
	addStat(&e, []byte("1 (a) b) S 1 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 7 0 100 1000000 200 18446744073709551615\n"))
	p, err := parseMetrics(string(e.b))
	if err != nil || p.values["process_cpu_seconds_total"] != 3 || p.values["process_virtual_memory_bytes"] != 1e6 ||
		p.values["process_resident_memory_bytes"] != float64(200*os.Getpagesize()) {
		t.Errorf("got %v, %v, want 3 s, 1 MB and 200 pages", p.values, err)
	}
	for _, garbled := range []string{"", "1 (a", "1 (a) S 1"} {
		var e exposition
		if addStat(&e, []byte(garbled)); len(e.b) > 0 {
			t.Errorf("%q: got %s", garbled, e.b)
		}
	}
	for limits, want := range map[string]float64{"Max open files            1024                 524288               files     \n": 1024, "": 0, "Max open files unlimited unlimited files\n": 0, "Max open files": 0} {
		if got, ok := openFiles([]byte(limits)); got != want || ok != (want > 0) {
			t.Errorf("%q: got %v, %v, want %v", limits, got, ok, want)
		}
	}
}
