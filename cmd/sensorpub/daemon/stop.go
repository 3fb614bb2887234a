package daemon

import (
	"fmt"
	"sync"
	"time"
)

// slowStop is how long a stop may take before the log says what it waits for.
const slowStop = time.Second

// A stopLog logs once what a stop that takes long is waiting for.
type stopLog struct {
	timer *time.Timer

	mu    sync.Mutex
	waits func() string
}

// logSlowStop begins to watch a stop.
func (d *Daemon) logSlowStop() *stopLog {
	l := &stopLog{waits: waitsForReads}
	l.timer = time.AfterFunc(slowStop, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		d.log.Info("stopping takes a while", "waiting_for", l.waits())
	})
	return l
}

// step says what the stop waits for from now on.
func (l *stopLog) step(waits func() string) {
	l.mu.Lock()
	l.waits = waits
	l.mu.Unlock()
}

func (l *stopLog) end() { l.timer.Stop() }

// waitsForReads is what a stop waits for at first.
func waitsForReads() string { return fmt.Sprintf("reads in progress, at most %v", busWait) }

// waitsForBroker is what a stop waits for while readings are sent.
func (d *Daemon) waitsForBroker() string {
	s := d.Snapshot()
	d.mu.Lock()
	grace := d.config.Queue.Grace
	d.mu.Unlock()
	return fmt.Sprintf("%s to acknowledge %d readings, at most %v", s.Broker.Broker, s.Account.Queued, grace)
}

// waitsForSpool is what a stop waits for in the end.
func waitsForSpool() string { return "the spool to be written" }
