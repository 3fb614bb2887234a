package drivers

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sensorpub/sensors"
)

// A w1Kernel is a machine with 1-Wire buses and the time that they take, as
// drivers/w1/slaves/w1_therm.c has it: a reading converts, except that after a
// trigger each probe gives what it has converted then, once, however late.
type w1Kernel struct {
	tree
	shared *OneWire
	log    bytes.Buffer

	celsius func() float64 // what a conversion measures now
	convert time.Duration  // one conversion
	transit time.Duration  // of a scratchpad

	masters map[string]*kernelMaster
}

// A kernelMaster is a bus of a w1Kernel.
type kernelMaster struct {
	scratchpads map[string]float64
	triggered   map[string]bool // and not read since

	refuse    error     // of writing to therm_bulk_read
	relents   time.Time // when writing is allowed again; never if zero
	breaks    time.Time // from then until broken the trigger does nothing
	broken    time.Time
	interrupt int           // so many triggers return at once, unfinished
	hang      chan struct{} // a trigger returns when it is closed
	triggers  int
	reads     int
}

func newW1Kernel(t *testing.T) *w1Kernel {
	k := &w1Kernel{
		tree: newTree(t), convert: 750 * time.Millisecond, transit: 30 * time.Millisecond,
		celsius: func() float64 { return 20 }, masters: make(map[string]*kernelMaster),
	}
	k.shared = &OneWire{Log: slog.New(slog.NewTextHandler(&k.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))}
	return k
}

// plug connects probes to a bus.
func (k *w1Kernel) plug(master string, ids ...string) *kernelMaster {
	if k.masters[master] == nil {
		k.masters[master] = &kernelMaster{scratchpads: make(map[string]float64), triggered: make(map[string]bool)}
		k.files("sys/devices/"+master, "therm_bulk_read", "0")
		k.link("sys/bus/w1/devices/"+master, "sys/devices/"+master)
	}
	for _, id := range ids {
		k.files("sys/devices/"+master+"/"+id, "conv_time", "750", "name", id)
		k.link("sys/bus/w1/devices/"+id, "sys/devices/"+master+"/"+id)
		k.masters[master].scratchpads[id] = 85
	}
	return k.masters[master]
}

func (k *w1Kernel) host() Host {
	return Host{Root: k.root, OneWire: k.shared, read: k.read, write: k.write}
}

// status writes what therm_bulk_read says.
func (k *w1Kernel) status(master string) {
	text := "0"
	if len(k.masters[master].triggered) > 0 {
		text = "1"
	}
	k.files("sys/devices/"+master, "therm_bulk_read", text)
}

func (k *w1Kernel) write(file, text string) error {
	name := filepath.Base(filepath.Dir(file))
	m := k.masters[name]
	if filepath.Base(file) != "therm_bulk_read" || m == nil {
		k.t.Errorf("got a write to %s", file)
		return syscall.EINVAL
	}
	now := time.Now()
	if m.refuse != nil && (m.relents.IsZero() || now.Before(m.relents)) {
		return &fs.PathError{Op: "open", Path: "therm_bulk_read", Err: m.refuse}
	}
	if m.triggers++; text != "trigger\n" || (!now.Before(m.breaks) && now.Before(m.broken)) {
		return nil // the kernel says nothing
	}
	if m.hang != nil {
		<-m.hang
	}
	finished := m.interrupt == 0
	if finished {
		time.Sleep(k.convert)
	} else {
		m.interrupt--
	}
	for id := range m.scratchpads {
		if strings.HasPrefix(id, "42-") {
			continue
		}
		if m.triggered[id] = true; finished {
			m.scratchpads[id] = k.celsius()
		}
	}
	k.status(name)
	return nil
}

func (k *w1Kernel) read(file string) ([]byte, error) {
	id := filepath.Base(filepath.Dir(file))
	for name, m := range k.masters {
		if _, here := m.scratchpads[id]; !here || filepath.Base(file) != "w1_slave" {
			continue
		}
		m.reads++
		if m.triggered[id] {
			delete(m.triggered, id)
			k.status(name)
		} else {
			time.Sleep(k.convert)
			m.scratchpads[id] = k.celsius()
		}
		time.Sleep(k.transit)
		return []byte(clone(m.scratchpads[id])), nil
	}
	return nil, fs.ErrNotExist
}

const (
	master1 = "w1_bus_master1"
	master2 = "w1_bus_master2"
)

var fiveIDs = []string{"28-000000000001", "28-000000000002", "28-000000000003", "22-000000000004", "3b-000000000005"}

// A register keeps when each reading arrived and what it was.
type register struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (r *register) Put(_ context.Context, g sensors.Reading) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%v %s %v", time.Since(r.start), g.Sensor, g.Value))
	return nil
}

func (r *register) Live(string, string, bool) {}

func (r *register) Reject(sensor, _ string, why *sensors.Rejection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf("%v %s %s", time.Since(r.start), sensor, why.Reason))
}

// watch runs the probes on their buses for some time and returns what came.
func watch(t *testing.T, d time.Duration, probes ...sensors.Probe) []string {
	t.Helper()
	sink := &register{start: time.Now()}
	buses := sensors.Buses(probes, sink, slog.New(slog.DiscardHandler), sensors.WallClock)
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	var done sync.WaitGroup
	for _, b := range buses {
		done.Go(func() { b.Run(ctx) })
	}
	scheduler := &sensors.Scheduler{Buses: buses, Beat: func() {}}
	scheduler.Run(ctx)
	done.Wait()
	return sink.lines
}

// probe is configured, with its last digit as its name.
func (k *w1Kernel) probe(id string, interval time.Duration) sensors.Probe {
	k.t.Helper()
	p := configured(k.t, "ds18b20", k.host(), map[string]any{"id": id})
	p.Name, p.Interval = id[len(id)-1:], interval
	return p
}
