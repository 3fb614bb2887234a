//go:build faults

package e2e

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/daemon"
)

// An inside is a daemon in this process, under random faults.
type inside struct {
	*stormy
	daemon *daemon.Daemon
	hup    chan os.Signal
	log    lineCounter
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex // guards text
	text string     // the configuration for the next reload

	heap []float64 // in use after a collection, MiB
	rss  []float64 // MiB
}

func newInside(t *testing.T) *inside {
	t.Helper()
	in := &inside{stormy: newStormy(t), hup: make(chan os.Signal, 1), ended: make(chan struct{})}
	in.text = in.calmConfig()
	environment := config.Environment{
		Getenv:   func(string) string { return "" },
		Hostname: func() (string, error) { return "garden-pi", nil },
	}
	log := slog.New(slog.NewTextHandler(&in.log, nil))
	load := func(ctx context.Context) (*config.Config, *mqtt.Client, error) {
		in.mu.Lock()
		defer in.mu.Unlock()
		c, err := environment.Parse("config.toml", []byte(in.text))
		if err != nil {
			return nil, nil, err
		}
		m, err := c.MQTT(ctx, log)
		return c, m, err
	}
	c, m, err := load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if in.daemon, err = daemon.New(c, m, log); err != nil {
		t.Fatal(err)
	}
	in.daemon.HUP, in.daemon.Load = in.hup, load
	ctx, cancel := context.WithCancel(context.Background())
	in.cancel = cancel
	go func() {
		defer close(in.ended)
		in.daemon.Run(ctx)
	}()
	return in
}

// calmConfig is the configuration at the start and at the end, when everything
// queued is to be sent however long the broker takes.
func (in *inside) calmConfig() string {
	base := strings.Replace(in.base("replay", "max_bytes = 1048576"), `grace = "1s"`, `grace = "1m"`, 1)
	return base + moody("a") + moody("b", "qos = 2") + moody("c")
}

// otherConfig is a random configuration.
func (in *inside) otherConfig() string {
	config := in.base(in.oneOf("replay", "latest", "history"), "max_bytes = 1048576")
	for _, name := range append(in.shuffled("a", "b", "c", "d", "e"), "f") {
		var lines []string
		if in.random.IntN(3) == 0 {
			lines = append(lines, `topic = "moved/{quantity}/{sensor}"`)
		}
		if in.random.IntN(4) == 0 {
			lines = append(lines, "retain = false")
		}
		if in.random.IntN(4) == 0 {
			lines = append(lines, `unit = "°F"`)
		}
		config += moody(name, lines...)
	}
	return config
}

// reload asks the daemon to load a configuration, if it gets round to it.
func (in *inside) reload(text string) {
	in.mu.Lock()
	in.text = text
	in.mu.Unlock()
	select {
	case in.hup <- syscall.SIGHUP:
	default:
	}
}

// run runs the random faults, then checks the result.
func (in *inside) run(length time.Duration) {
	in.t.Helper()
	in.settle("at the start")
	before := runtime.NumGoroutine()
	in.network(in.proxy)
	in.weather.broker(in.broker)
	in.disk("card", in.card)
	in.disk("tmpfs", in.runtime)
	in.add("reload", 20*time.Second, 0, fault{"another configuration", func() func() { in.reload(in.otherConfig()); return nil }},
		fault{"the first configuration", func() func() { in.reload(in.calmConfig()); return nil }},
		fault{"a wrong configuration", func() func() { in.reload("nonsense"); return nil }})
	most := 0
	for start, n := time.Now(), 0; time.Since(start) < length && !in.t.Failed(); n++ {
		in.sample(n%max(1, int(length/time.Second)/12) == 0)
		most = max(most, runtime.NumGoroutine())
		in.tick()
		time.Sleep(100 * time.Millisecond)
	}
	in.clear()
	in.proxy.Reset()
	in.reload(in.calmConfig())
	in.settle("in the end")
	in.t.Logf("%d goroutines at the start, %d at most", before, most)
	in.restored(before)
	in.check()
}

// sample checks that the account balances and, if asked, records the memory in
// use.
func (in *inside) sample(memory bool) {
	in.t.Helper()
	if err := in.daemon.Snapshot().Account.Check(); err != nil {
		in.t.Error(err)
	}
	if !memory {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	in.heap = append(in.heap, float64(m.HeapInuse)/(1<<20))
	in.rss = append(in.rss, float64(residentKiB(in.t))/(1<<10))
}

// settle waits until almost nothing is queued.
func (in *inside) settle(when string) {
	in.t.Helper()
	deadline := time.Now().Add(3 * patience)
	for quiet := 0; quiet < 20; time.Sleep(100 * time.Millisecond) {
		in.sample(false)
		a := in.daemon.Snapshot().Account
		quiet++
		if a.Queued > 20 || a.Acknowledged == 0 || strings.Contains(in.daemon.Snapshot().String(), "spool does without") {
			quiet = 0
		}
		if time.Now().After(deadline) {
			in.t.Fatalf("%s %v are not enough: %s", when, 3*patience, in.daemon.Snapshot().String())
		}
	}
}
