package drivers

import (
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// While no probe is on the wire the kernel's trigger returns at once. That is no
// reason to read the probes one after the other once they are back.
func TestOutageOfAWireLeavesBulkConversionOn(t *testing.T) {
	tests := []struct {
		name     string
		away     bool // the probes do not answer, or answer although the trigger does nothing
		triggers int  // in 8 turns, at least
		log      string
	}{
		{"the probes are away for one turn", true, 7, ""},
		{"the trigger does nothing once", false, 7, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newW1Kernel(t)
				m := k.plug(master1, fiveIDs...)
				start := time.Now()
				m.breaks, m.broken = start.Add(15*time.Second), start.Add(23*time.Second)
				h := k.host()
				h.read = func(file string) ([]byte, error) {
					if now := time.Since(start); tt.away && 15*time.Second < now && now < 23*time.Second {
						return nil, nil
					}
					return k.read(file)
				}
				var probes []sensors.Probe
				for i, id := range fiveIDs {
					p := configured(t, "ds18b20", h, map[string]any{"id": id})
					p.Name, p.Interval = fmt.Sprint(i), 10*time.Second
					probes = append(probes, p)
				}
				got := watch(t, 79*time.Second, probes...)
				if m.triggers < tt.triggers || k.log.String() != tt.log {
					t.Errorf("got %d triggers and the log %q, want %d or more and %q", m.triggers, &k.log, tt.triggers, tt.log)
				}
				if last := got[len(got)-1]; !strings.HasPrefix(last, "1m10.9s ") {
					t.Errorf("got the last reading %q, want it together with the others at 1m10.9s", last)
				}
			})
		})
	}
}

// An error that passes does not turn bulk conversion off either; one that stays
// does, and says what to do about it.
func TestTriggerErrors(t *testing.T) {
	tests := []struct {
		name  string
		errno syscall.Errno
		many  bool // triggers go on
		log   string
	}{
		{"the bus was busy", syscall.EAGAIN, true, ""},
		{"the bus failed once", syscall.EIO, true, ""},
		{"no permission", syscall.EACCES, false, "permission denied"},
		{"a sandbox that leaves the bus read-only", syscall.EROFS, false, "read-only file system"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newW1Kernel(t)
				m := k.plug(master1, fiveIDs[:2]...)
				m.refuse, m.relents = tt.errno, time.Now().Add(5*time.Second)
				watch(t, 59*time.Second, k.probe(fiveIDs[0], 10*time.Second), k.probe(fiveIDs[1], 10*time.Second))
				if (m.triggers >= 5) != tt.many || !strings.Contains(k.log.String(), tt.log) || (tt.log == "") != (k.log.Len() == 0) {
					t.Errorf("got %d triggers and the log %q, want the log to say %q", m.triggers, &k.log, tt.log)
				}
			})
		})
	}
}

// The first of the probes is unplugged; the others still convert together.
func TestAnUnpluggedProbeLeavesBulkConversionOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m := k.plug(master1, fiveIDs[:3]...)
		leaves := time.Now().Add(15 * time.Second)
		h := k.host()
		h.read = func(file string) ([]byte, error) {
			if !time.Now().Before(leaves) && strings.Contains(file, fiveIDs[0]) {
				return nil, fs.ErrNotExist
			}
			return k.read(file)
		}
		var probes []sensors.Probe
		for i, id := range fiveIDs[:3] {
			p := configured(t, "ds18b20", h, map[string]any{"id": id})
			p.Name, p.Interval = fmt.Sprint(i), 10*time.Second
			probes = append(probes, p)
		}
		time.AfterFunc(time.Until(leaves), func() {
			k.remove("sys/devices/" + master1 + "/" + fiveIDs[0])
			k.remove("sys/bus/w1/devices/" + fiveIDs[0])
		})
		watch(t, 79*time.Second, probes...)
		if m.triggers < 8 || k.log.Len() > 0 {
			t.Errorf("got %d triggers and the log %q, want one for each of 8 turns and none", m.triggers, &k.log)
		}
	})
}

// Another process (read or doctor) converts all probes: meanwhile therm_bulk_read is
// -1 and w1_slave is empty, which is not a fault of the probe.
func TestBusyByAnotherProcess(t *testing.T) {
	tests := []struct {
		name string
		busy time.Duration
		want any
	}{
		{"for a conversion", 500 * time.Millisecond, 20.0},
		{"without end", time.Hour, idB20 + ": " + errEmpty.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newW1Kernel(t)
				k.plug(master1, idB20)
				start := time.Now()
				k.files("sys/devices/"+master1, "therm_bulk_read", "-1")
				time.AfterFunc(tt.busy, func() { k.files("sys/devices/"+master1, "therm_bulk_read", "1") })
				h := k.host()
				h.read = func(file string) ([]byte, error) {
					if time.Since(start) < tt.busy {
						return nil, nil
					}
					return k.read(file)
				}
				if got := k.values(opened(t, configured(t, "ds18b20", h, map[string]any{"id": idB20}))); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if took := time.Since(start); took > maxBusy+time.Second {
					t.Errorf("got a reading in %v, want %v at most", took, maxBusy)
				}
			})
		})
	}
}
