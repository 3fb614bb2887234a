package drivers

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sensorpub/sensors"
)

// A w1Bus is a directory that looks like the kernel's.
type w1Bus struct {
	t    *testing.T
	root string
}

func newW1Bus(t *testing.T) w1Bus {
	b := w1Bus{t, t.TempDir()}
	b.write("w1_bus_master1", "w1_master_name", "w1_bus_master1\n")
	return b
}

func (b w1Bus) dir(id string) string { return filepath.Join(b.root, "sys/bus/w1/devices", id) }

func (b w1Bus) write(id, file, text string) {
	b.t.Helper()
	if err := os.MkdirAll(b.dir(id), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir(id), file), []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b w1Bus) unplug(id string) {
	b.t.Helper()
	if err := os.RemoveAll(b.dir(id)); err != nil {
		b.t.Fatal(err)
	}
}

func (b w1Bus) probe(options map[string]any) sensors.Probe {
	return configured(b.t, "ds18b20", Host{Root: b.root}, options)
}

// clone is the scratchpad of a clone, whose byte 6 tells nothing.
func clone(celsius float64) string {
	raw := int16(celsius * 16)
	return slave(byte(raw), byte(raw>>8), 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10)
}

// readText returns what a reading gave, as a value or as an outcome.
func readText(t *testing.T, s sensors.Sensor) any {
	t.Helper()
	values, err := s.Read(t.Context())
	if err != nil {
		return outcome(err)
	}
	return values[0].Value
}

func TestDS18B20Sequences(t *testing.T) {
	type step struct {
		file, text string
		want       any
	}
	const empty = idB20 + ": empty, the kernel got no valid answer from the probe"
	genuine85 := slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10)
	tests := []struct {
		name  string
		steps []step
	}{
		{"85 °C after power-on, then a value", []step{
			{"w1_slave", clone(85), "power-on"}, {"w1_slave", clone(85), "power-on"}, {"w1_slave", clone(21.5), 21.5},
		}},
		{"85 °C out of the blue", []step{{"w1_slave", clone(21.5), 21.5}, {"w1_slave", clone(85), "power-on"}}},
		{"a true 85 °C of a genuine probe", []step{{"w1_slave", genuine85, 85.0}}},
		{"a clone that reaches 85 °C slowly and stays there", []step{
			{"w1_slave", clone(82), 82.0}, {"w1_slave", clone(85), 85.0}, {"w1_slave", clone(85), 85.0}, {"w1_slave", clone(86.5), 86.5}, {"w1_slave", clone(85), 85.0},
		}},
		{"a clone that is not near enough", []step{{"w1_slave", clone(81.9375), 81.9375}, {"w1_slave", clone(85), "power-on"}}},
		{"a clone that comes from above", []step{{"w1_slave", clone(88), 88.0}, {"w1_slave", clone(85), 85.0}}},
		{"a rejected value does not count as near", []step{
			{"w1_slave", clone(20), 20.0}, {"w1_slave", clone(85), "power-on"}, {"w1_slave", clone(85), "power-on"},
		}},
		{"too little power to convert", []step{{"w1_slave", clone(127.9375), "range"}}},
		{"an empty file, then a value", []step{{"w1_slave", "", empty}, {"w1_slave", clone(20), 20.0}}},
		{"a file of 1 MB", []step{
			{"w1_slave", clone(20) + strings.Repeat("x", 1<<20), "FILE: longer than 4096 bytes"},
			{"w1_slave", strings.Repeat("00 ", 1<<20/3), "FILE: longer than 4096 bytes"},
		}},
		{"temperature alone", []step{{"temperature", "28375\n", 28.375}, {"temperature", "-500\n", -0.5}, {"temperature", "0\n", 0.0}}},
		{"temperature alone after power-on", []step{{"temperature", "85000\n", "power-on"}}},
		{"temperature alone reaches 85 °C slowly", []step{{"temperature", "84937\n", 84.937}, {"temperature", "85000\n", 85.0}}},
		{"temperature alone, impossible", []step{{"temperature", "127937\n", "range"}, {"temperature", "-127000\n", "range"}}},
		{"temperature alone, empty", []step{{"temperature", "", empty}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bus := newW1Bus(t)
			bus.write(idB20, tt.steps[0].file, "")
			p := bus.probe(map[string]any{"id": strings.ToUpper(idB20)})
			s := opened(t, p)
			for i, step := range tt.steps {
				bus.write(idB20, step.file, step.text)
				got := readText(t, s)
				if text, ok := got.(string); ok {
					got = strings.ReplaceAll(text, filepath.Join(bus.dir(idB20), step.file), "FILE")
				}
				if got != step.want {
					t.Errorf("step %d: got %v, want %v", i+1, got, step.want)
				}
			}
		})
	}
}

func TestEmptyFileIsReadAgain(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	tests := []struct {
		name  string
		ctx   context.Context
		empty int // readings in a row
		want  error
		reads int
	}{
		{"a value at once", t.Context(), 0, nil, 1},
		{"empty once", t.Context(), 1, nil, 2},
		{"empty twice", t.Context(), 2, errEmpty, 2},
		{"empty and stopped", stopped, 1, errEmpty, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reads := 0
			h := Host{read: func(string) ([]byte, error) {
				if reads++; reads <= tt.empty {
					return nil, nil
				}
				return []byte(clone(20)), nil
			}}
			s := &w1Sensor{probe: &w1Probe{host: h}, id: idB20}
			_, err := s.readAgain(tt.ctx)
			if !errors.Is(err, tt.want) || reads != tt.reads {
				t.Errorf("got %v after %d readings, want %v after %d", err, reads, tt.want, tt.reads)
			}
		})
	}
}

func TestDS18B20ComesAndGoes(t *testing.T) {
	bus := newW1Bus(t)
	bus.write(idB20, "w1_slave", clone(84))
	p := bus.probe(map[string]any{"id": idB20})
	s := opened(t, p)
	read(t, s)

	// Closed and opened again while the probe has its power: 85 °C is near.
	s.Close()
	s = opened(t, p)
	bus.write(idB20, "w1_slave", clone(85))
	if got := readText(t, s); got != 85.0 {
		t.Errorf("got %v, want 85", got)
	}

	// Without power, what it was before says nothing.
	bus.unplug(idB20)
	if got, want := outcome(readErr(t, s)), idB20+" has vanished from the 1-Wire bus"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Close()
	if _, err := p.Open(); outcome(err) != "no probe answers on the 1-Wire bus, check its wiring and the pull-up of 4.7 kΩ" {
		t.Errorf("got %v", err)
	}
	bus.write(idB20, "w1_slave", clone(85))
	s = opened(t, p)
	if got := readText(t, s); got != "power-on" {
		t.Errorf("got %v, want power-on", got)
	}
	bus.write(idB20, "w1_slave", clone(20))
	if got := readText(t, s); got != 20.0 {
		t.Errorf("got %v, want 20", got)
	}
}

func TestDS18B20Find(t *testing.T) {
	const other = "28-01131ef1c0aa"
	tests := []struct {
		name string
		ids  []string
		id   string
		want string
	}{
		{"the only one", []string{idB20}, "", ""},
		{"one of two by its id", []string{idB20, other}, idB20, ""},
		{"two without an id", []string{idB20, idS20, other}, "", "3 probes answer, set options.id to one of " + idS20 + ", " + other + ", " + idB20},
		{"none", nil, "", "no probe answers on the 1-Wire bus, check its wiring and the pull-up of 4.7 kΩ"},
		{"a chip that is not a thermometer", []string{"29-0000001921e8"}, "", "no probe answers on the 1-Wire bus, check its wiring and the pull-up of 4.7 kΩ"},
		{"another one", []string{other, idS20}, idB20, idB20 + " does not answer, found " + idS20 + ", " + other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bus := newW1Bus(t)
			for _, id := range tt.ids {
				bus.write(id, "w1_slave", clone(20))
			}
			_, err := bus.probe(map[string]any{"id": tt.id}).Open()
			if got := outcome(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDS18B20WithoutABus(t *testing.T) {
	root := t.TempDir()
	_, err := configured(t, "ds18b20", Host{Root: root}, nil).Open()
	if got, want := outcome(err), root+"/sys/bus/w1/devices: no 1-Wire bus, enable it with raspi-config or dtoverlay=w1-gpio"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An exchanged probe is not near what the one before it measured.
func TestDS18B20Exchanged(t *testing.T) {
	bus := newW1Bus(t)
	bus.write(idB20, "w1_slave", clone(85))
	bus.write(idB20, "w1_slave", clone(84))
	p := bus.probe(nil)
	read(t, opened(t, p))
	bus.unplug(idB20)
	bus.write("28-01131ef1c0aa", "w1_slave", clone(85))
	if got := readText(t, opened(t, p)); got != "power-on" {
		t.Errorf("got %v, want power-on", got)
	}
}

func TestDS18B20Resolution(t *testing.T) {
	bus := newW1Bus(t)
	bus.write(idB20, "w1_slave", clone(20))
	p := bus.probe(map[string]any{"resolution": int64(10)})
	if _, err := p.Open(); outcome(err) != "set resolution: "+idB20+" has none to set, leave the option out" {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(bus.dir(idB20), "resolution")
	for _, before := range []string{"12\n", ""} {
		bus.write(idB20, "resolution", before)
		opened(t, p)
		// A real one is no longer than what was written last.
		if got, _ := os.ReadFile(file); !bytes.HasPrefix(got, []byte("10\n")) {
			t.Errorf("after %q: got %q, want \"10\\n\"", before, got)
		}
	}

	// Nothing is written where it is right already.
	bus.write(idB20, "resolution", "10\n")
	then := time.Unix(1e9, 0)
	if err := os.Chtimes(file, then, then); err != nil {
		t.Fatal(err)
	}
	opened(t, p)
	if info, err := os.Stat(file); err != nil || !info.ModTime().Equal(then) {
		t.Errorf("got a file that was written (%v), want it left alone", err)
	}
}

func TestDS18B20ResolutionThatCannotBeWritten(t *testing.T) {
	bus := newW1Bus(t)
	bus.write(idB20, "w1_slave", clone(20))
	// Writing to a directory fails for root, too.
	if err := os.Mkdir(filepath.Join(bus.dir(idB20), "resolution"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := bus.probe(map[string]any{"resolution": int64(10)}).Open()
	if err == nil || !strings.HasPrefix(err.Error(), "set resolution: ") {
		t.Errorf("got %v, want an error that begins with \"set resolution: \"", err)
	}
}
