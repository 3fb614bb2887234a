package sensors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errIO = errors.New("input/output error")

// A fake is a probe whose openings and readings a test decides, by their
// number from 0.
type fake struct {
	name     string
	bus      string
	interval time.Duration
	open     func(n int) error
	read     func(n int) ([]Measurement, error)
	also     []Quantity // measured besides the temperature
	optional bool
	present  bool // it may be on another machine
	signals  []Signal
	stale    time.Duration

	mu     sync.Mutex
	start  time.Time
	opened []time.Duration // since the start, as are all
	began  []time.Duration
	closed []time.Duration
}

func (f *fake) note(list *[]time.Duration) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	*list = append(*list, time.Since(f.start))
	return len(*list) - 1
}

// times returns a copy of one of the lists.
func (f *fake) times(list *[]time.Duration) []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(*list)
}

func (f *fake) probe() Probe {
	f.start = time.Now()
	return Probe{
		Name: f.name, Driver: "fake", Bus: f.bus, Interval: f.interval,
		Quantities: append([]Quantity{Temperature.Within(-55, 125)}, f.also...),
		Signals:    f.signals, StaleAfter: f.stale, Optional: f.optional, IfPresent: f.present,
		Open: func() (Sensor, error) {
			if n := f.note(&f.opened); f.open != nil {
				if err := f.open(n); err != nil {
					return nil, err
				}
			}
			return fakeSensor{f}, nil
		},
	}
}

type fakeSensor struct{ f *fake }

func (s fakeSensor) Read(context.Context) ([]Measurement, error) {
	n := s.f.note(&s.f.began)
	if s.f.read == nil {
		return celsius(20), nil
	}
	return s.f.read(n)
}

func (s fakeSensor) Close() error {
	s.f.note(&s.f.closed)
	return errors.New("a close that fails, which is nobody's business")
}

func celsius(v float64) []Measurement { return []Measurement{{Temperature.Name, v}} }

// A store is a sink that keeps what it is given.
type store struct {
	mu       sync.Mutex
	readings []Reading
	rejected []string
	put      func(context.Context, Reading) error // before it takes one
	told     func(string)
}

func (s *store) Put(ctx context.Context, r Reading) error {
	if s.put != nil {
		if err := s.put(ctx, r); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings = append(s.readings, r)
	return nil
}

func (s *store) Reject(sensor, quantity string, why *Rejection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, fmt.Sprintf("%s %s %s", sensor, quantity, why.Reason))
}

func (s *store) Live(sensor, quantity string, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told != nil {
		s.told(fmt.Sprintf("%s %s %v", sensor, quantity, live))
	}
}

// A journal is what was logged.
type journal struct {
	mu   sync.Mutex
	text []byte
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, p...)
	return len(p), nil
}

// take returns what was logged since the last call.
func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := string(j.text)
	j.text = nil
	return text
}

// A rig runs a scheduler and its buses, each in a goroutine.
type rig struct {
	t      *testing.T
	sink   *store
	log    *journal
	logger *slog.Logger
	buses  []*Bus
	probes map[string]Probe
	change chan []*Bus
	beats  []time.Time
	ctx    context.Context
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// run starts a rig. A test that does not stop it is stopped at its end.
func run(t *testing.T, sink *store, fakes ...*fake) *rig {
	t.Helper()
	r := &rig{t: t, sink: sink, log: &journal{}, probes: make(map[string]Probe), change: make(chan []*Bus)}
	r.logger = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	r.buses = Buses(r.probesOf(fakes), sink, r.logger, WallClock)
	r.ctx, r.stop = context.WithCancel(t.Context())
	t.Cleanup(r.end)
	s := &Scheduler{Buses: r.buses, Change: r.change, Beat: func() { r.beats = append(r.beats, time.Now()) }}
	r.start(func() error { return s.Run(r.ctx) })
	for _, b := range r.buses {
		r.start(func() error { return b.Run(r.ctx) })
	}
	return r
}

// probesOf makes the probes of fakes that have none yet.
func (r *rig) probesOf(fakes []*fake) (probes []Probe) {
	for _, f := range fakes {
		if _, there := r.probes[f.name]; !there || f.start.IsZero() {
			r.probes[f.name] = f.probe()
		}
		probes = append(probes, r.probes[f.name])
	}
	return probes
}

// reconfigure changes the probes to these. Fakes that were there go on.
func (r *rig) reconfigure(fakes ...*fake) {
	r.t.Helper()
	var old []*fake
	for _, f := range fakes {
		if !f.start.IsZero() {
			old = append(old, f)
		}
	}
	unchanged := func(name string) bool {
		return slices.ContainsFunc(old, func(f *fake) bool { return f.name == name })
	}
	before := r.buses
	r.buses = Reconfigure(before, r.probesOf(fakes), unchanged, r.sink, r.logger, WallClock)
	for _, b := range r.buses {
		if !slices.Contains(before, b) {
			r.start(func() error { return b.Run(r.ctx) })
		}
	}
	r.change <- r.buses
	synctest.Wait()
}

func (r *rig) start(f func() error) {
	r.done.Go(func() {
		if err := f(); err != nil {
			r.t.Errorf("run: got %v, want nil", err)
		}
	})
}

// end stops all and waits for it.
func (r *rig) end() {
	r.stop()
	r.done.Wait()
}

// lines returns what was logged since the last call.
func (r *rig) lines() []string {
	synctest.Wait()
	text := strings.TrimSpace(r.log.take())
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (r *rig) status(sensor string) Status {
	for _, b := range r.buses {
		for _, s := range b.Status() {
			if s.Sensor == sensor {
				return s
			}
		}
	}
	r.t.Fatalf("got no sensor %q", sensor)
	return Status{}
}

// until sleeps up to an instant of the test.
func (r *rig) until(f *fake, at time.Duration) {
	r.t.Helper()
	time.Sleep(at - time.Since(f.start))
	synctest.Wait()
}

func seconds(n ...float64) []time.Duration {
	out := make([]time.Duration, len(n))
	for i, s := range n {
		out[i] = time.Duration(s * float64(time.Second))
	}
	return out
}

func wantTimes(t *testing.T, what string, got, want []time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("log: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
