package drivers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sensorpub/sensors"
)

func TestFileReadings(t *testing.T) {
	tests := []struct {
		name, text string
		options    map[string]any
		want       any
	}{
		{"a number", "21.5\n", nil, 21.5},
		{"below zero", "-5", nil, -5.0},
		{"zero", "0\n", nil, 0.0},
		{"thousandths", "48312\n", map[string]any{"scale": 0.001}, 48.312},
		{"degrees Fahrenheit", "14", map[string]any{"scale": 5.0 / 9, "offset": -160.0 / 9}, -10.0},
		{"degrees Fahrenheit by their unit", "140", map[string]any{"unit": "°F", "scale": 0.1}, -10.0},
		{"empty", "", nil, "FILE: empty, want a number"},
		{"a word", "unavailable\n", nil, `FILE: got text of 11 bytes, want a number`},
		{"not a number", "nan", nil, "not-a-number"},
		{"a byte order mark", "\ufeff21.5\r\n", nil, 21.5},
		{"JSON behind a byte order mark", "\ufeff{\"t\": 21.5}", map[string]any{"pointer": "/t"}, 21.5},
		{"too long", strings.Repeat(" ", 64<<10) + "1", nil, "FILE: longer than 65536 bytes"},
		{"a number in JSON", `{"outside": {"temperature": 21.5, "x": 1}}`, map[string]any{"pointer": "/outside/temperature"}, 21.5},
		{"a string in JSON", `{"t": "-3.5"}`, map[string]any{"pointer": "/t"}, -3.5},
		{"an element of a list", `[10, [11, 12]]`, map[string]any{"pointer": "/1/0"}, 11.0},
		{"a name with a slash and a tilde", `{"a/b": {"~": 4}}`, map[string]any{"pointer": "/a~1b/~0"}, 4.0},
		{"no name at all", `{"": 4}`, map[string]any{"pointer": "/"}, 4.0},
		{"a name that is not there", `{"t": 1}`, map[string]any{"pointer": "/u"}, "FILE: at /u: nothing there"},
		{"an element that is not there", `[1]`, map[string]any{"pointer": "/1"}, "FILE: at /1: nothing there"},
		{"a name in a list", `[1]`, map[string]any{"pointer": "/-1"}, "FILE: at /-1: nothing there"},
		{"a name in a number", `1`, map[string]any{"pointer": "/a"}, "FILE: at /a: want an object or a list of JSON"},
		{"null", `{"t": null}`, map[string]any{"pointer": "/t"}, `FILE: got text of 4 bytes, want a number`},
		{"true", `{"t": true}`, map[string]any{"pointer": "/t"}, `FILE: got text of 4 bytes, want a number`},
		{"an object", `{"t": {}}`, map[string]any{"pointer": "/t"}, `FILE: got text of 2 bytes, want a number`},
		{"half of a file", `{"t": 21.`, map[string]any{"pointer": "/t"}, "FILE: at /t: want an object or a list of JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "probe")
			if err := os.WriteFile(file, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			options := map[string]any{"path": file}
			for k, v := range tt.options {
				options[k] = v
			}
			values, err := opened(t, configured(t, "file", Host{}, options)).Read(t.Context())
			var got any = strings.ReplaceAll(outcome(err), file, "FILE")
			if err == nil {
				got = values[0].Value
			}
			if got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFileBelowRoot(t *testing.T) {
	tr := newTree(t)
	tr.write("sys/devices/x/value", "5")
	s := opened(t, configured(t, "file", tr.host(), map[string]any{"path": "/sys/devices/x/value"}))
	if got := tr.values(s); got != 5.0 {
		t.Errorf("got %v, want 5", got)
	}
	tr.remove("sys/devices/x")
	if got, want := tr.values(s), "open ROOT/sys/devices/x/value: no such file or directory"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A program that has died leaves its last value behind.
func TestFileThatIsTooOld(t *testing.T) {
	tr := newTree(t)
	tr.write("probe", "21.5")
	file := filepath.Join(tr.root, "probe")
	s := opened(t, configured(t, "file", Host{}, map[string]any{"path": file, "max_age": "5m"}))
	if got := tr.values(s); got != 21.5 {
		t.Errorf("got %v, want 21.5", got)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^ROOT/probe: last written 1h0m\d+s ago$`)
	if got := fmt.Sprint(tr.values(s)); !want.MatchString(got) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A file from the future would be believed for ever.
func TestFileFromTheFuture(t *testing.T) {
	tests := []struct {
		name   string
		ahead  time.Duration
		maxAge string
		want   string
	}{
		{"a little ahead, as clocks differ", 30 * time.Second, "5m", "21.5"},
		{"an hour ahead", time.Hour + 30*time.Second, "5m", "ROOT/probe: last written 1h0m30s in the future according to this machine's clock"},
		{"an hour ahead, of any age", time.Hour, "0s", "21.5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.write("probe", "21.5")
			file := filepath.Join(tr.root, "probe")
			at := time.Now().Add(tt.ahead)
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
			s := opened(t, configured(t, "file", Host{}, map[string]any{"path": file, "max_age": tt.maxAge}))
			if got := fmt.Sprint(tr.values(s)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// A pipe without a writer would block for ever.
func TestFileThatIsNone(t *testing.T) {
	tr := newTree(t)
	pipe := filepath.Join(tr.root, "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		pipe:    "ROOT/pipe: want a regular file, it is a pipe",
		tr.root: "ROOT: want a regular file, it is a directory",
	} {
		if got := tr.values(opened(t, configured(t, "file", Host{}, map[string]any{"path": path}))); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestFileQuantity(t *testing.T) {
	tests := []struct {
		name    string
		options map[string]any
		want    sensors.Quantity
	}{
		{"one that is known", map[string]any{"quantity": "humidity"}, sensors.Humidity},
		{"with its unit", map[string]any{"quantity": "pressure", "unit": "hPa"}, sensors.Pressure},
		{"with a narrower range", map[string]any{"min": -40.0, "max": int64(60)}, sensors.Temperature.Within(-40, 60)},
		{"another one that is known", map[string]any{"quantity": "pm25", "unit": "µg/m³", "max": 500.0}, sensors.PM25.Within(0, 500)},
		{"one that is not known", map[string]any{"quantity": "soil", "unit": "mV"}, sensors.OtherQuantity("soil", "mV")},
		{"one that is not known, with a range", map[string]any{"quantity": "soil", "unit": "mV", "max": 3300.0}, sensors.OtherQuantity("soil", "mV").Within(0, 3300)},
		{"in another unit", map[string]any{"unit": "°F", "min": -40.0, "max": 140.0}, sensors.Temperature.Within(-40, 60)},
		{"without a unit", map[string]any{"quantity": "ph"}, sensors.PH},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options["path"] = "/run/x"
			if got := configured(t, "file", Host{}, tt.options).Quantities; len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestFileOptionErrors(t *testing.T) {
	checkOptionErrors(t, "file", []optionError{
		{"no path", nil, `options.path = "": want an absolute path`},
		{"a relative path", map[string]any{"path": "run/x"}, `options.path = "run/x": want an absolute path`},
		{"a scale of zero", map[string]any{"path": "/x", "scale": 0.0}, `options.scale = 0.0: want another number, because every value would equal the offset`},
		{"a pointer without its slash", map[string]any{"path": "/x", "pointer": "a/b"}, `options.pointer = "a/b": want a / at its beginning, such as "/outside/temperature"`},
		{
			"a misspelt quantity",
			map[string]any{"path": "/x", "quantity": "temprature"},
			`options.quantity = "temprature": no known quantity, did you mean "temperature"? Any other needs its unit in options.unit`,
		},
		{"a quantity that is not known", map[string]any{"path": "/x", "quantity": "battery"}, `options.quantity = "battery": no known quantity, want its unit in options.unit`},
		{"a quantity that is not a level of a topic", map[string]any{"path": "/x", "quantity": "a/b", "unit": "V"}, `options.quantity = "a/b": want lower-case letters, digits and _, a letter first`},
		{"a unit that is another quantity's", map[string]any{"path": "/x", "unit": "hPa"}, `options.unit = "hPa": want "°C", "°F" or "K" for temperature`},
		{"a unit that is misspelt", map[string]any{"path": "/x", "unit": "F"}, `options.unit = "F": did you mean "°F"?`},
		{"a unit that does not convert", map[string]any{"path": "/x", "quantity": "voltage", "unit": "mV"}, `options.unit = "mV": want "V" for voltage`},
		{"a unit where there is none", map[string]any{"path": "/x", "quantity": "ph", "unit": "pH"}, `options.unit = "pH": ph has no unit`},
		{"a unit with a line break", map[string]any{"path": "/x", "quantity": "soil", "unit": "m\nV"}, `options.unit = "m\nV": want a unit without control characters and Unicode non-characters`},
		{"a range that is none", map[string]any{"path": "/x", "min": 5.0}, `options.min = 5.0: want less than max = 0.0`},
		{"a negative age", map[string]any{"path": "/x", "max_age": "-5s"}, `options.max_age = "-5s": want a duration such as "10s", 0s or more`},
	})
}

// Whatever the file says, it is part of it or an error.
func FuzzFollow(f *testing.F) {
	f.Add(`{"outside": {"temperature": 21.5}}`, "/outside/temperature")
	f.Add(`[10, [11, "12"]]`, "/1/1")
	f.Add(`{"a/b": {"~": null}}`, "/a~1b/~0")
	f.Fuzz(func(t *testing.T, text, pointer string) {
		elements, err := parsePointer(pointer)
		if err != nil {
			return
		}
		if found, err := follow([]byte(text), elements); err == nil && found == nil {
			t.Errorf("%q at %q: got nothing, want an error", text, pointer)
		}
	})
}
