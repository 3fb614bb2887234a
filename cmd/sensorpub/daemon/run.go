// Package daemon wires sensors and publisher together: it starts the workers,
// reloads the configuration, reports to systemd, and stops everything in the
// direction of the data.
package daemon

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"sensorpub/publisher/mqtt"

	"golang.org/x/sync/errgroup"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// busWait is how long a stop waits for reads in progress. They cannot be
// cancelled, and ending the process does not harm a probe.
const busWait = 500 * time.Millisecond

// A Daemon is all of sensorpub, wired together.
type Daemon struct {
	// Each signal on HUP makes the daemon load its configuration again.
	// Both may be nil.
	HUP  <-chan os.Signal
	Load func(context.Context) (*config.Config, *mqtt.Client, error)

	Version string // for Snapshot and announcements

	// Beside are further workers, such as the page's. Their context ends when
	// everything has been delivered.
	Beside []func(context.Context) error

	log       *slog.Logger
	reading   errgroup.Group
	scheduler *sensors.Scheduler
	change    chan []*sensors.Bus // to the scheduler
	queue     *publisher.Queue
	publisher *publisher.Publisher
	topics    *publisher.Topics
	announcer *announcer
	spool     *spool.Spool // nil: none
	watchdog  *watchdog
	summary   *summary
	started   time.Time

	mu     sync.Mutex // guards what a reload replaces and Snapshot reads
	config *config.Config
	buses  []*sensors.Bus
	mqtt   *mqtt.Client
}

// New wires the daemon for a configuration, with m as its connection, and opens
// its spool.
func New(c *config.Config, m *mqtt.Client, log *slog.Logger) (*Daemon, error) {
	reads, delivers := &heart{name: "scheduler"}, &heart{name: "publisher"}
	queue := publisher.NewQueue(c.Routes, c.Queue.Limits())
	queue.Clock = bootClock
	c.OneWire.Log = log
	buses := sensors.Buses(c.Probes, queue, log, bootClock)
	m.Beat, m.Record = delivers.beat, new(mqtt.Record)
	change := make(chan []*sensors.Bus)
	d := &Daemon{
		log: log, started: time.Now(), buses: buses, queue: queue, config: c, mqtt: m, change: change,
		scheduler: &sensors.Scheduler{Buses: buses, Change: change, Beat: reads.beat},
		publisher: &publisher.Publisher{
			Queue: queue, Settings: settings(c, m), Log: log, Beat: delivers.beat,
		},
	}
	d.watchdog = &watchdog{hearts: []*heart{reads, delivers}, log: log, status: func() string { return d.Snapshot().String() }}
	d.summary = &summary{snapshot: d.Snapshot, log: log}
	if c.HTTP.Listen != "" {
		d.observe()
	}
	if c.Spool.On() {
		if err := d.openSpool(c.Spool, c.Queue.Capacity); err != nil {
			return nil, err
		}
		d.checkCard(c)
	}
	d.topics = publisher.NewTopics(memory(c.Spool), log)
	d.publisher.Topics = d.topics
	d.announcer = &announcer{daemon: d, host: drivers.Host{Root: c.Root}}
	return d, nil
}

// memory returns where retained topics are remembered, or nil.
func memory(c config.Spool) publisher.Memory {
	if c.Dir == "" {
		return nil
	}
	return &spool.Lines{Dir: c.Dir}
}

// settings returns how the publisher is to send.
func settings(c *config.Config, m *mqtt.Client) publisher.Settings {
	return publisher.Settings{
		Reports: c.ReportsTopic(), Machine: c.Machine,
		Connector: connector{m}, Window: c.Broker.Window, AckTimeout: c.Broker.AckTimeout,
		Grace: c.Queue.Grace, Availability: c.Availability.Topic, Birth: c.BirthTopic(),
	}
}

// startReading starts the worker of a bus.
func (d *Daemon) startReading(ctx context.Context, b *sensors.Bus) {
	d.reading.Go(func() error { return b.Run(ctx) })
}

// Run starts the workers and, when ctx ends, stops them in the direction of the
// data, so that what was read is delivered. Until then each SIGHUP is a reload.
func (d *Daemon) Run(ctx context.Context) {
	var delivering errgroup.Group
	d.announcer.configure(d.config)
	for _, b := range d.buses {
		d.startReading(ctx, b)
	}
	d.reading.Go(func() error { return d.scheduler.Run(ctx) })
	d.reading.Go(func() error { return d.summary.Run(ctx) })
	d.reading.Go(func() error { return d.announcer.Run(ctx) })
	rest, stop := context.WithCancel(context.Background())
	delivering.Go(func() error { return d.publisher.Run(rest) })
	remembering, stopRemembering := context.WithCancel(context.Background())
	var memory errgroup.Group
	memory.Go(func() error { return d.topics.Run(remembering) })
	closeSpool := d.startSpool()
	var beside errgroup.Group
	for _, run := range d.Beside {
		beside.Go(func() error { return run(rest) })
	}
	d.watchdog.start()
	watched := make(chan struct{})
	go func() {
		d.watchdog.run(rest)
		close(watched)
	}()

	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-d.HUP:
			d.reload(ctx)
		}
	}
	d.watchdog.stopping()
	slow := d.logSlowStop()
	defer slow.end()
	read := make(chan struct{})
	go func() {
		d.reading.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(busWait):
	}
	d.queue.Close()
	slow.step(d.waitsForBroker)
	delivering.Wait()
	d.watchdog.ended("publisher")
	slow.step(waitsForSpool)
	stopRemembering()
	memory.Wait()
	closeSpool()
	stop()
	beside.Wait()
	<-watched
	d.logAccount()
}

// startSpool starts the spool's worker and returns a function that ends it.
func (d *Daemon) startSpool() (end func()) {
	if d.spool == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var storing errgroup.Group
	storing.Go(func() error { return d.spool.Run(ctx) })
	return func() {
		cancel()
		storing.Wait()
		d.watchdog.ended("spool")
		if err := d.spool.Close(); err != nil {
			d.log.Error("close the spool", "cause", err)
		}
	}
}

// logAccount logs the final account.
func (d *Daemon) logAccount() {
	account := d.queue.Account()
	args := []any{"account", account.String()}
	if account.Recovered > 0 {
		args = append([]any{"from_earlier_runs", account.Recovered}, args...)
	}
	lost := int(account.Queued)
	if d.spool != nil {
		lost -= d.spool.Kept()
	}
	switch {
	case account.Queued == 0:
		d.log.Info("stopped", args...)
	case lost == 0:
		d.log.Info("stopped; the spool keeps queued readings", args...)
	default:
		d.log.Warn("stopped before everything was delivered", append([]any{"lost", lost}, args...)...)
	}
}
