package drivers

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// Five probes of one bus that are due together take one conversion and the transfer of
// five scratchpads.
func TestFiveProbesConvertTogether(t *testing.T) {
	tests := []struct {
		name string
		set  func(k *w1Kernel, m *kernelMaster)
		want []string
		last string // of the second turn
	}{
		{
			"together", func(*w1Kernel, *kernelMaster) {},
			[]string{"780ms 1 20", "810ms 2 20", "840ms 3 20", "870ms 4 20", "900ms 5 20"},
			"10.9s 5 20",
		},
		{
			"one by one without permission", func(_ *w1Kernel, m *kernelMaster) { m.refuse = syscall.EACCES },
			[]string{"780ms 1 20", "1.56s 2 20", "2.34s 3 20", "3.12s 4 20", "3.9s 5 20"},
			"13.9s 5 20",
		},
		{
			"one by one without the file", func(_ *w1Kernel, m *kernelMaster) { m.refuse = syscall.ENOENT },
			[]string{"780ms 1 20", "1.56s 2 20", "2.34s 3 20", "3.12s 4 20", "3.9s 5 20"},
			"13.9s 5 20",
		},
		{
			"one by one beside a chip with which the trigger does nothing", func(_ *w1Kernel, m *kernelMaster) { m.broken = time.Now().Add(time.Hour) },
			[]string{"780ms 1 20", "1.56s 2 20", "2.34s 3 20", "3.12s 4 20", "3.9s 5 20"},
			"13.9s 5 20",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newW1Kernel(t)
				m := k.plug(master1, fiveIDs...)
				tt.set(k, m)
				var probes []sensors.Probe
				for _, id := range fiveIDs {
					probes = append(probes, k.probe(id, 10*time.Second))
				}
				got := watch(t, 19*time.Second, probes...)
				t.Logf("five probes read after %s", got[4])
				if !slices.Equal(got[:5], tt.want) || got[len(got)-1] != tt.last || len(got) != 10 {
					t.Errorf("got %q, want %q and at last %q", got, tt.want, tt.last)
				}
				if lines := strings.Count(k.log.String(), "\n"); lines > 1 || (lines == 1) != (m.refuse != nil) {
					t.Errorf("got the log %q, want one line where the trigger is refused", &k.log)
				}
			})
		})
	}
}

// A value is never older than its reading by more than the conversion and two seconds,
// whatever was triggered and not read before.
func TestNoOldConversionIsTaken(t *testing.T) {
	tests := []struct {
		name      string
		intervals []time.Duration // of the probes 1, 2 and 3
		set       func(k *w1Kernel, m *kernelMaster)
	}{
		{"probes with different intervals", []time.Duration{7 * time.Second, 60 * time.Second, 11 * time.Second}, nil},
		{"one probe alone", []time.Duration{10 * time.Second}, nil},
		{"a trigger of an earlier process", []time.Duration{10 * time.Second}, func(k *w1Kernel, _ *kernelMaster) {
			k.write(filepath.Join(k.root, "sys/devices", master1, "therm_bulk_read"), "trigger\n")
			time.Sleep(time.Hour)
		}},
		{"a trigger that a signal has ended", []time.Duration{10 * time.Second, 10 * time.Second}, func(_ *w1Kernel, m *kernelMaster) { m.interrupt = 1 }},
		{"two of them", []time.Duration{10 * time.Second, 10 * time.Second, 20 * time.Second}, func(_ *w1Kernel, m *kernelMaster) { m.interrupt = 2 }},
		{"permission lost after a trigger of another process", []time.Duration{10 * time.Second, 15 * time.Second}, func(k *w1Kernel, m *kernelMaster) {
			k.write(filepath.Join(k.root, "sys/devices", master1, "therm_bulk_read"), "trigger\n")
			time.Sleep(time.Hour)
			m.refuse = syscall.EACCES
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newW1Kernel(t)
				// A conversion measures when it was done, in sixteenths of a
				// degree for seconds, so that it tells its age.
				const turn = 1000 * time.Second
				k.celsius = func() float64 { return float64(time.Now().Unix()%1000) / 16 }
				m := k.plug(master1, append(fiveIDs[:3:3], "28-0000000000ff")...)
				if tt.set != nil {
					tt.set(k, m)
				}
				start := time.Duration(time.Now().UnixNano()) % turn
				var probes []sensors.Probe
				for i, interval := range tt.intervals {
					probes = append(probes, k.probe(fiveIDs[i], interval))
				}
				got := watch(t, 10*time.Minute, probes...)
				if len(got) < 50 {
					t.Fatalf("got %d readings, want more", len(got))
				}
				for _, line := range got {
					var at, sensor string
					var value float64
					if n, err := fmt.Sscan(line, &at, &sensor, &value); n != 3 {
						t.Fatalf("%s: %v", line, err)
					}
					arrived, _ := time.ParseDuration(at)
					if age := (start + arrived - time.Duration(value*16)*time.Second + turn) % turn; age > 4*time.Second {
						t.Errorf("got %s, a value %v old", line, age)
					}
				}
			})
		})
	}
}

// Every second turn is as fast as the first, also where it follows soon.
func TestTurnsInQuickSuccession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m := k.plug(master1, fiveIDs...)
		var probes []sensors.Probe
		for _, id := range fiveIDs {
			probes = append(probes, k.probe(id, time.Second))
		}
		got := watch(t, 10*time.Second-time.Millisecond, probes...)
		if len(got) != 50 || m.triggers != 10 {
			t.Errorf("got %d readings with %d triggers in 10 s, want 50 with 10", len(got), m.triggers)
		}
	})
}

// A trigger that hangs costs its bus and its goroutine, and no other.
func TestHungTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m := k.plug(master1, fiveIDs[:2]...)
		m.hang = make(chan struct{})
		other := configured(t, "mock", Host{}, map[string]any{"values": []any{5.0}})
		other.Name, other.Interval = "other", 10*time.Second
		time.AfterFunc(95*time.Second, func() { close(m.hang) })
		got := watch(t, 99*time.Second, k.probe(fiveIDs[0], 10*time.Second), k.probe(fiveIDs[1], 10*time.Second), other)
		var want []string
		for i := range 10 {
			want = append(want, fmt.Sprintf("%v other 5", time.Duration(i)*10*time.Second))
		}
		want = append(want, "1m35.78s 1 late", "1m35.81s 2 20", "1m36.59s 1 20")
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if m.triggers > 2 {
			t.Errorf("got %d triggers, want 2 at most", m.triggers)
		}
	})
}
