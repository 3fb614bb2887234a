package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
)

const (
	statusEvery = 5 * time.Second
	// aliveFor is how long a worker that has beaten counts as alive. Each
	// beats at least every 10 s, whatever the broker and the probes do.
	aliveFor = 25 * time.Second
	// tellWithin is how long a message may wait for systemd to read the ones
	// before it, of which few have place in a socket.
	tellWithin = time.Second
)

// A heart notes when its worker last made progress.
type heart struct {
	name  string
	last  atomic.Pointer[time.Time]
	ended atomic.Bool // the worker has no more to do
}

func (h *heart) beat() {
	now := time.Now()
	h.last.Store(&now)
}

// alive reports whether the worker has made progress of late, or has ended.
func (h *heart) alive(now time.Time) bool {
	if h.ended.Load() {
		return true
	}
	last := h.last.Load()
	return last != nil && now.Sub(*last) < aliveFor
}

// A watchdog tells systemd that the daemon is up, how it is doing, and that
// its workers make progress (sd_notify(3)). Without systemd it does nothing.
type watchdog struct {
	hearts []*heart
	status func() string
	log    *slog.Logger

	dead *heart // the one that was reported

	mu   sync.Mutex
	said string // the last status
	owed string // what is to be told with the next one
}

// start tells that the daemon is up.
func (w *watchdog) start() {
	for _, h := range w.hearts {
		h.beat()
	}
	w.ready()
}

func (w *watchdog) ready() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.owed = systemd.SdNotifyReady + "\n"
	w.report(w.status())
}

func (w *watchdog) reloading() {
	w.tell(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", systemd.SdNotifyReloading, monotonic().Microseconds()))
}

// news tells the status if it has changed, or could not be told.
func (w *watchdog) news() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.status(); s != w.said || w.owed != "" {
		w.report(s)
	}
}

func (w *watchdog) report(status string) {
	if w.tell(w.owed + "STATUS=" + status) {
		w.said, w.owed = status, ""
	}
}

// stopping tells that the daemon ends, and with it the scheduler first. The
// others still have work, which may take longer than a worker counts as alive.
func (w *watchdog) stopping() {
	w.ended("scheduler")
	w.tell(systemd.SdNotifyStopping + "\nSTATUS=sending queued readings")
}

// ended stops looking at a worker that has ended as it should.
func (w *watchdog) ended(worker string) {
	for _, h := range w.hearts {
		if h.name == worker {
			h.ended.Store(true)
		}
	}
}

// run reports until ctx ends. The watchdog is fed only while every worker
// makes progress: a broker that is away or a probe that hangs is told in the
// status, a worker that is stuck gets the daemon restarted.
func (w *watchdog) run(ctx context.Context) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return
	}
	every := statusEvery
	limit, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		w.log.Warn("no watchdog", "cause", err)
	}
	if limit > 0 {
		every = min(every, limit/3)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if limit > 0 && w.wellAt(time.Now()) {
			w.tell(systemd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if ctx.Err() == nil {
			w.news()
		}
	}
}

// wellAt reports whether every worker is alive, and logs once if one is not.
func (w *watchdog) wellAt(now time.Time) bool {
	for _, h := range w.hearts {
		if h.alive(now) {
			continue
		}
		if w.dead != h {
			w.log.Error("worker is stuck, waiting for the watchdog", "worker", h.name)
			w.dead = h
		}
		return false
	}
	w.dead = nil
	return true
}

// tell sends a message, and returns whether it could. A systemd that does not
// read holds nobody up.
func (w *watchdog) tell(state string) bool {
	err := notify(os.Getenv("NOTIFY_SOCKET"), state)
	if err != nil {
		w.log.Debug("notify systemd", "cause", err)
	}
	return err == nil
}

// notify is systemd.SdNotify with a bound on its time.
func notify(socket, state string) error {
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(tellWithin))
	_, err = conn.Write([]byte(state))
	return err
}
