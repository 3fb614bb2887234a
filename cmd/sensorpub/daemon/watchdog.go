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
	// aliveFor is how long after a beat a worker counts as alive. Each
	// beats at least every 10 s, whatever broker and probes do.
	aliveFor = 25 * time.Second
	// sendWithin is how long a message may wait for systemd to read earlier
	// ones; a socket holds only a few.
	sendWithin = time.Second
)

// A heart records when its worker last made progress.
type heart struct {
	name  string
	last  atomic.Int64 // nanoseconds from birth on; 0: never
	ended atomic.Bool  // the worker has finished
}

// birth is the origin of the beats, whose time must not jump with the clock.
var birth = time.Now()

func (h *heart) beat() { h.last.Store(int64(time.Since(birth))) }

// alive reports whether the worker made progress recently or has finished.
func (h *heart) alive(now time.Time) bool {
	if h.ended.Load() {
		return true
	}
	last := h.last.Load()
	return last != 0 && now.Sub(birth)-time.Duration(last) < aliveFor
}

// A watchdog tells systemd that the daemon is up, what its status is, and that
// its workers make progress (sd_notify(3)). Without systemd it does nothing.
type watchdog struct {
	hearts []*heart
	status func() string
	log    *slog.Logger

	dead *heart // the stuck one that was logged

	mu      sync.Mutex
	sent    string // the last status sent
	pending string // to be sent with the next status
}

// start reports that the daemon is up.
func (w *watchdog) start() {
	for _, h := range w.hearts {
		h.beat()
	}
	w.ready()
}

func (w *watchdog) ready() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = systemd.SdNotifyReady + "\n"
	w.report(w.status())
}

func (w *watchdog) reloading() {
	w.send(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", systemd.SdNotifyReloading, monotonic().Microseconds()))
}

// update sends the status if it has changed or could not be sent.
func (w *watchdog) update() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.status(); s != w.sent || w.pending != "" {
		w.report(s)
	}
}

func (w *watchdog) report(status string) {
	if w.send(w.pending + "STATUS=" + status) {
		w.sent, w.pending = status, ""
	}
}

// stopping reports that the daemon is stopping. The scheduler is done by then;
// the others still have work, which may take longer than aliveFor.
func (w *watchdog) stopping() {
	w.ended("scheduler")
	w.send(systemd.SdNotifyStopping + "\nSTATUS=sending queued readings")
}

// ended stops watching a worker that has finished.
func (w *watchdog) ended(worker string) {
	for _, h := range w.hearts {
		if h.name == worker {
			h.ended.Store(true)
		}
	}
}

// run sends status and keep-alives until ctx ends. Keep-alives are sent only
// while every worker makes progress: an absent broker or a hung probe appears
// in the status, a stuck worker gets the daemon restarted.
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
	timer := time.NewTimer(min(every, time.Second)) // the first readings come soon
	defer timer.Stop()
	for {
		if limit > 0 && w.healthy(time.Now()) {
			w.send(systemd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(every)
		if ctx.Err() == nil {
			w.update()
		}
	}
}

// healthy reports whether every worker is alive, and logs once which one is not.
func (w *watchdog) healthy(now time.Time) bool {
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

// send sends a message and reports whether it could. A systemd that does not
// read blocks nothing.
func (w *watchdog) send(state string) bool {
	err := notify(os.Getenv("NOTIFY_SOCKET"), state)
	if err != nil {
		w.log.Debug("notify systemd", "cause", err)
	}
	return err == nil
}

// notify is systemd.SdNotify with a time limit.
func notify(socket, state string) error {
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(sendWithin))
	_, err = conn.Write([]byte(state))
	return err
}
