package drivers

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// Probes on different buses convert by themselves; a DS28EA00 always does.
func TestBusesAndFamilies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m1 := k.plug(master1, "28-000000000001", "42-000000000002")
		m2 := k.plug(master2, "28-000000000003", "28-000000000004")
		var probes []sensors.Probe
		for _, id := range []string{"42-000000000002", "28-000000000001", "28-000000000003", "28-000000000004"} {
			probes = append(probes, k.probe(id, 10*time.Second))
		}
		got := watch(t, 5*time.Second, probes...)
		want := []string{"780ms 2 20", "1.56s 1 20", "2.34s 3 20", "2.37s 4 20"}
		if !slices.Equal(got, want) || m1.triggers != 1 || m2.triggers != 1 {
			t.Errorf("got %q with %d and %d triggers, want %q with 1 and 1", got, m1.triggers, m2.triggers, want)
		}
	})
}

// One probe alone needs no trigger, and so no permission.
func TestOneProbeIsNotTriggered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m := k.plug(master1, fiveIDs[0])
		watch(t, 65*time.Second, k.probe(fiveIDs[0], 10*time.Second))
		if m.triggers != 0 || m.reads != 7 || k.log.Len() > 0 {
			t.Errorf("got %d triggers, %d reads and the log %q, want none, 7 and none", m.triggers, m.reads, &k.log)
		}
	})
}

// If probes cannot convert together, that is tried again every ten minutes.
func TestTriggerIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		m := k.plug(master1, fiveIDs[:2]...)
		m.broken = time.Now().Add(15 * time.Minute)
		watch(t, 25*time.Minute-time.Second, k.probe(fiveIDs[0], 30*time.Second), k.probe(fiveIDs[1], 30*time.Second))
		// Twice at 0, 30 s and a minute, twice at 11 minutes, then each 30 s from 21
		// minutes on.
		if m.triggers < 6+2+7 || m.triggers > 6+2+9 {
			t.Errorf("got %d triggers, want about 16", m.triggers)
		}
		if want := "1-Wire probes convert one after the other"; strings.Count(k.log.String(), want) != 1 {
			t.Errorf("got the log %q, want once %q", &k.log, want)
		}
	})
}

func TestUnknownProbesAreNamedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newW1Kernel(t)
		k.plug(master1, fiveIDs[:3]...)
		p := k.probe(fiveIDs[0], 10*time.Second)
		time.AfterFunc(5*time.Minute, func() {
			k.files("sys/devices/"+master2+"/28-0000000000aa", "conv_time", "750")
			k.link("sys/bus/w1/devices/28-0000000000aa", "sys/devices/"+master2+"/28-0000000000aa")
		})
		watch(t, 20*time.Minute, p)
		const line = `level=INFO msg="1-Wire probe without a sensor" id=%s bus=%s` + "\n"
		want := fmt.Sprintf(line+line+line, fiveIDs[1], master1, fiveIDs[2], master1, "28-0000000000aa", master2)
		if got := k.log.String(); got != want {
			t.Errorf("got the log\n%s\nwant\n%s", got, want)
		}
	})
}

// The file itself: writing to a pipe blocks until its reader opens it, as the kernel
// blocks until all have converted.
func TestTriggerThroughAFile(t *testing.T) {
	tests := []struct {
		name string
		pipe bool // or a file that takes the text at once, and does nothing
	}{
		{"a file that takes its time", true},
		{"a file that does not", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			file := filepath.Join(tr.root, "sys/devices", master1, "therm_bulk_read")
			for _, id := range fiveIDs[:2] {
				dir := "sys/devices/" + master1 + "/" + id
				tr.files(dir, "conv_time", "50", "w1_slave", strings.TrimSuffix(clone(20.5), "\n"))
				tr.link("sys/bus/w1/devices/"+id, dir)
			}
			taken := make(chan string, 1)
			if tt.pipe {
				if err := syscall.Mkfifo(file, 0o600); err != nil {
					t.Fatal(err)
				}
				go func() {
					time.Sleep(100 * time.Millisecond)
					text, _ := os.ReadFile(file)
					taken <- string(text)
				}()
			} else {
				tr.write("sys/devices/"+master1+"/therm_bulk_read", "0")
			}
			h := Host{Root: tr.root, OneWire: &OneWire{}}
			var probes []sensors.Probe
			for _, id := range fiveIDs[:2] {
				probes = append(probes, configured(t, "ds18b20", h, map[string]any{"id": id}))
			}
			for _, p := range probes {
				if got := tr.values(opened(t, p)); got != 20.5 {
					t.Errorf("got %v, want 20.5", got)
				}
			}
			if !tt.pipe {
				text, err := os.ReadFile(file)
				taken <- string(text)
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := <-taken; got != "trigger\n" {
				t.Errorf("got %q, want \"trigger\\n\"", got)
			}
		})
	}
}

func TestW1List(t *testing.T) {
	k := newW1Kernel(t)
	k.plug(master1, fiveIDs[0], "29-0000001921e8")
	k.plug(master2, fiveIDs[4])
	got, err := W1Probes(k.host())
	want := []W1Probe{{fiveIDs[0], master1}, {fiveIDs[4], master2}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
	if got, err := W1Probes(newTree(t).host()); got != nil || err != nil {
		t.Errorf("without a bus: got %v and %v, want none", got, err)
	}
}
