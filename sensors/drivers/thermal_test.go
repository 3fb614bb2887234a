package drivers

import (
	"reflect"
	"testing"
)

func TestThermal(t *testing.T) {
	tests := []struct {
		name, text string
		want       any
	}{
		{"a value", "48312", 48.312},
		{"below zero", "-5500", -5.5},
		{"zero", "0", 0.0},
		{"empty", "", "ROOT/sys/class/thermal/thermal_zone1/temp: empty, want a number"},
		{"a wrong number", "4x", `ROOT/sys/class/thermal/thermal_zone1/temp: got "4x", want a number`},
		{"not ready, for the range to reject", "-274000", -274.0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files("sys/class/thermal/thermal_zone0", "type", "gpu-thermal", "temp", "50000")
			tr.files("sys/class/thermal/thermal_zone1", "type", "cpu-thermal", "temp", tt.text)
			tr.files("sys/class/thermal/cooling_device0", "type", "cpu-thermal")
			s := opened(t, configured(t, "thermal", tr.host(), nil))
			if got := tr.values(s); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if thermalRange.Min <= -274 {
		t.Errorf("got a range from %v, want -274 °C out of it", thermalRange.Min)
	}
}

func TestThermalChoice(t *testing.T) {
	tr := newTree(t)
	for n, place := range []string{"sys/devices/a/x1", "sys/devices/b/x2"} {
		zone := "sys/devices/virtual/thermal/thermal_zone" + string(rune('0'+n))
		tr.files(zone, "type", "acpitz", "temp", []string{"1000", "2000"}[n])
		tr.write(place+"/uevent", "")
		tr.link(zone+"/device", place)
		tr.link("sys/class/thermal/thermal_zone"+string(rune('0'+n)), zone)
	}
	tests := []struct {
		name    string
		options map[string]any
		want    any
	}{
		{"one of two by its path", map[string]any{"zone": "acpitz", "path": "x2"}, 2.0},
		{"one of two by nothing", map[string]any{"zone": "acpitz"}, `2 thermal zones "acpitz", set options.path to a part of one of /sys/devices/a/x1, /sys/devices/b/x2`},
		{"no such zone", nil, `no thermal zone "cpu-thermal", found acpitz`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := configured(t, "thermal", tr.host(), tt.options).Open()
			var got any = tr.said(err)
			if err == nil {
				got = tr.values(s)
			}
			if got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	got, err := listThermal(tr.host())
	if want := []thermalZone{{"acpitz", "/sys/devices/a/x1"}, {"acpitz", "/sys/devices/b/x2"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
}

func TestThermalErrors(t *testing.T) {
	checkOptionErrors(t, "thermal", []optionError{
		{"no zone", map[string]any{"zone": ""}, `options.zone = "": want the type of a zone, as in /sys/class/thermal/thermal_zone*/type`},
	})
	tr := newTree(t)
	_, err := configured(t, "thermal", tr.host(), nil).Open()
	if got, want := tr.said(err), "ROOT/sys/class/thermal: no thermal zone, this kernel provides none"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
