package drivers

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const recorded = `time,sensor,quantity,value,unit,error
2026-01-02T03:04:05.000Z,outside,temperature,21.5,°C,
2026-01-02T03:04:05.000Z,outside,humidity,47,%,
2026-01-02T03:04:05.000Z,inside,temperature,19,°C,
2026-01-02T03:04:10.250Z,outside,,,,"read: rejected (power-on): 85 °C is what a probe holds that has not converted"
2026-01-02T03:04:15.000Z,outside,,,,open: no such device
2026-01-02T03:04:45.000Z,outside,temperature,-3.25,°C,
2026-01-02T03:04:45.000Z,outside,humidity,100,%,
`

// traced writes a trace and returns the options to play it.
func traced(t *testing.T, text string, options map[string]any) map[string]any {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"path": file}
	for k, v := range options {
		all[k] = v
	}
	return all
}

func TestReplay(t *testing.T) {
	both := []any{"humidity", "temperature"}
	// Each entry is the time since the start at which a reading ends, and what
	// it gives.
	tests := []struct {
		name     string
		options  map[string]any
		interval time.Duration
		want     []string
	}{
		{
			"as recorded",
			map[string]any{"sensor": "outside"},
			5 * time.Second,
			[]string{"0s 21.5", "5.25s power-on", "10s open: no such device", "15s " + "nothing is recorded for the next 25s"},
		},
		{
			"ten times as fast",
			map[string]any{"sensor": "outside", "speed": 10.0},
			500 * time.Millisecond,
			[]string{"0s 21.5", "525ms power-on", "1s open: no such device", "4s -3.25", "4s the trace has ended", "4s the trace has ended"},
		},
		{
			"at half the speed",
			map[string]any{"sensor": "outside", "speed": 0.5},
			5 * time.Second,
			[]string{"0s 21.5", "10.5s power-on"},
		},
		{
			"a row at each reading, over again",
			map[string]any{"sensor": "outside", "speed": int64(0), "loop": true},
			time.Second,
			[]string{"0s 21.5", "1s power-on", "2s open: no such device", "3s -3.25", "4s 21.5"},
		},
		{
			"over again, as long after the last as that was after the one before",
			map[string]any{"sensor": "outside", "speed": 10.0, "loop": true},
			time.Second,
			[]string{"0s 21.5", "1s power-on", "2s open: no such device", "4s -3.25", "7s 21.5", "7.525s power-on"},
		},
		{
			"two quantities in the order wanted",
			map[string]any{"sensor": "outside", "speed": 0.0, "quantities": both},
			time.Second,
			[]string{"0s [47 21.5]", "1s power-on", "2s open: no such device", "3s [100 -3.25]"},
		},
		{"another sensor", map[string]any{"sensor": "inside"}, time.Second, []string{"0s 19", "1s the trace has ended"}},
		{"a quantity that is not recorded", map[string]any{"sensor": "inside", "quantities": both}, time.Second, []string{"0s no humidity is recorded"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := configured(t, "replay", Host{}, traced(t, recorded, tt.options))
				start := time.Now()
				for i, want := range tt.want {
					time.Sleep(time.Until(start.Add(time.Duration(i) * tt.interval)))
					got := tree{t: t, root: "/nowhere"}.values(opened(t, p)) // opened anew each time: nothing begins again
					if text := fmt.Sprint(time.Since(start), " ", got); text != want {
						t.Errorf("reading %d: got %s, want %s", i+1, text, want)
					}
				}
			})
		})
	}
}

func TestReplayStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, configured(t, "replay", Host{}, traced(t, recorded, map[string]any{"sensor": "outside"})))
		read(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		if _, err := s.Read(ctx); outcome(err) != "context canceled" {
			t.Errorf("got %v, want context canceled", err)
		}
		if got := (tree{t: t, root: "/nowhere"}).values(s); got != "power-on" {
			t.Errorf("got %v, want the row that was waited for", got)
		}
	})
}

// What read --csv wrote in another unit is converted back.
func TestReplayOfOtherUnits(t *testing.T) {
	const text = `time,sensor,quantity,value,unit,error
2026-01-02T03:04:05Z,a,temperature,83.12,°F,
2026-01-02T03:04:05Z,a,pressure,101.325,kPa,
2026-01-02T03:04:06Z,a,temperature,233.15,K,
2026-01-02T03:04:06Z,a,pressure,760,mmHg,
`
	options := traced(t, "\ufeff"+text, map[string]any{"quantities": []any{"temperature", "pressure"}, "speed": 0.0})
	s := opened(t, configured(t, "replay", Host{}, options))
	for _, want := range [][]float64{{28.4, 1013.25}, {-40, 1013.25}} {
		for i, m := range read(t, s) {
			if math.Abs(m.Value-want[i]) > 1e-3 {
				t.Errorf("%s: got %v, want %v", m.Quantity, m.Value, want[i])
			}
		}
	}
}

func TestReplayTraces(t *testing.T) {
	const header = "time,sensor,quantity,value,unit,error\n"
	tests := []struct{ name, text, want string }{
		{"empty", "", `want the header "time,sensor,quantity,value,unit,error"`},
		{"another header", "time,value\n", `want the header "time,sensor,quantity,value,unit,error"`},
		{"no rows", header, "the trace has no rows"},
		{"several sensors and none chosen", recorded, `the trace is of 2 sensors, set options.sensor to one of "outside" or "inside"`},
		{"a time that is none", header + "yesterday,a,temperature,1,°C,\n", `line 2: time is "yesterday", want one such as 2026-01-02T03:04:05.678Z`},
		{"no sensor", header + "2026-01-02T03:04:05Z,,temperature,1,°C,\n", "line 2: sensor is empty, want its name"},
		{"a value that is none", header + "2026-01-02T03:04:05Z,a,temperature,,°C,\n", "line 2: value: empty, want a number"},
		{"a unit of another quantity", header + "2026-01-02T03:04:05Z,a,temperature,70,hPa,\n", `line 2: unit is "hPa", want "°C", "°F" or "K" for temperature`},
		{"another unit than the only one", header + "2026-01-02T03:04:05Z,a,humidity,70,°C,\n", `line 2: unit is "°C", want "%" for humidity`},
		{"a cell too few", header + "2026-01-02T03:04:05Z,a,temperature,70,°C\n", "record on line 2: wrong number of fields"},
		{"half a quote", header + "2026-01-02T03:04:05Z,a,,,,\"read\n", `parse error on line 2, column 33: extraneous or missing " in quoted-field`},
		{"another quantity", header + "2026-01-02T03:04:05Z,a,voltage,12,V,\n", ""},
		{"two recordings, the later one first", header + "2026-01-02T03:04:06Z,a,temperature,2,°C,\n" + header + "2026-01-02T03:04:05Z,a,temperature,1,°C,\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			options := traced(t, tt.text, nil)
			_, err := configured(t, "replay", Host{}, options).Open()
			if got := strings.TrimPrefix(outcome(err), options["path"].(string)+": "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReplaySortsByTime(t *testing.T) {
	trace, err := parseTrace(strings.NewReader(recorded[:strings.Index(recorded, "\n")+1]+
		"2026-01-02T03:04:06Z,a,temperature,2,°C,\n2026-01-02T03:04:05Z,a,temperature,1,°C,\n2026-01-02T03:04:06Z,b,temperature,9,°C,\n2026-01-02T03:04:06Z,a,humidity,3,%,\n"), "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for _, r := range trace.rows {
		got = append(got, r.value)
	}
	if want := []float64{1, 2, 3}; !reflect.DeepEqual(got, want) || len(trace.starts) != 2 {
		t.Errorf("got %v and %d moments, want %v and 2", got, len(trace.starts), want)
	}
}

// A trace of the greatest size takes a fraction of the service's 64 MB at any time,
// whatever is in it.
func TestReplayOfALargeTrace(t *testing.T) {
	for name, line := range map[string]string{
		"one sensor":                "2026-01-02T03:04:05Z,a,temperature,1,°C,\n",
		"as many sensors as lines":  "2026-01-02T03:04:05Z,sensor-%d,temperature,1,°C,\n",
		"as many failures as lines": "2026-01-02T03:04:05Z,a,,,,failure %d\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := recorded[:strings.Index(recorded, "\n")+1] + large(line, maxTrace)
			before := heap()
			g := &gauged{Reader: strings.NewReader(text)}
			parseTrace(g, "", nil)
			const most = 16 << 20
			if used := max(g.most, heap()) - before; used > most {
				t.Errorf("got %d MB, want %d at most", used>>20, most>>20)
			}
			runtime.KeepAlive(text)
		})
	}
	options := traced(t, large("x", maxTrace+20), nil)
	_, err := configured(t, "replay", Host{}, options).Open()
	if got := outcome(err); !strings.Contains(got, "8388608 bytes") {
		t.Errorf("a larger one: got %q, want the limit", got)
	}
}

// A gauged reader measures the heap while it is read.
type gauged struct {
	*strings.Reader
	most int64 // bytes
	read int
}

func (g *gauged) Read(b []byte) (int, error) {
	if g.read += len(b); g.read > 256<<10 {
		g.read, g.most = 0, max(g.most, heap())
	}
	return g.Reader.Read(b)
}

// heap returns what is in use, in bytes. Garbage does not count: how much of it there
// is depends on how far a busy machine falls behind with collecting it.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// large repeats a line, with its number, up to a size.
func large(line string, size int) string {
	var b strings.Builder
	for i := 0; b.Len()+len(line)+8 < size; i++ {
		b.WriteString(strings.Replace(line, "%d", strconv.Itoa(i), 1))
	}
	return b.String()
}

func TestReplayOfAnyQuantity(t *testing.T) {
	const text = `time,sensor,quantity,value,unit,error
2026-01-02T03:04:05Z,a,soil,3.5,mm,
2026-01-02T03:04:05Z,b,soil,9,in,
`
	options := map[string]any{"sensor": "a", "quantities": []any{"soil"}, "units": map[string]any{"soil": "mm"}}
	if got := read(t, opened(t, configured(t, "replay", Host{}, traced(t, text, options)))); len(got) != 1 || got[0].Value != 3.5 {
		t.Errorf("got %v, want 3.5", got)
	}
	options["units"] = map[string]any{"soil": "cm"}
	options = traced(t, text, options)
	_, err := configured(t, "replay", Host{}, options).Open()
	if want := options["path"].(string) + `: line 2: unit is "mm", want "cm" for soil`; outcome(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReplayOptionErrors(t *testing.T) {
	checkOptionErrors(t, "replay", []optionError{
		{"no path", nil, `options.path = "": want an absolute path`},
		{"backwards", map[string]any{"path": "/x", "speed": -1.0}, `options.speed = -1.0: want a number from 0 to 1e+06`},
		{"no quantity", map[string]any{"path": "/x", "quantities": []any{}}, `options.quantities = []: want at least one`},
		{
			"a unit that is in the trace",
			map[string]any{"path": "/x", "units": map[string]any{"temperature": "°F"}},
			`options.units = { temperature = "°F" }: the trace has the unit of each temperature`,
		},
	})
	_, err := configured(t, "replay", Host{}, map[string]any{"path": "/nowhere/trace.csv"}).Open()
	if got, want := outcome(err), "open /nowhere/trace.csv: no such file or directory"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever a trace says, its rows are in order, and each is a finite number or
// an error.
func FuzzTrace(f *testing.F) {
	f.Add([]byte(recorded))
	f.Add([]byte("time,sensor,quantity,value,unit,error\n2026-01-02T03:04:05+01:00,\"a\nb\",co2,1e3,ppm,\n"))
	f.Add([]byte("time,sensor,quantity,value,unit,error\n1970-01-01T00:00:00Z,,,,,rejected (nonsense): x\n"))
	f.Add([]byte("time,sensor,quantity,value,unit,error\n2026-01-02T03:04:05Z,,temperature,21.5,°C,\n2026-01-02T03:04:05Z,a,humidity,47,%,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sources := []source{newSource("temperature", ""), newSource("soil", "%")}
		trace, err := parseTrace(bytes.NewReader(text), "", sources)
		if err != nil {
			return
		}
		for i, r := range trace.rows {
			if i > 0 && r.at < trace.rows[i-1].at || math.IsNaN(r.value) || math.IsInf(r.value, 0) {
				t.Errorf("%q: got %+v after %+v", text, r, trace.rows[max(0, i-1)])
			}
		}
		if len(trace.starts) == 0 {
			t.Fatalf("%q: got no moments", text)
		}
		for n := range trace.starts {
			values, err := trace.moment(n, sources)
			if (err == nil) != (len(values) == 2) || trace.at(n) < 0 {
				t.Errorf("%q: got %v and %v at %v, want two values or an error", text, values, err, trace.at(n))
			}
		}
	})
}
