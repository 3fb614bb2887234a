package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"sensorpub/cmd/sensorpub/daemon"
)

// What a client may cost.
const (
	maxConnections = 16
	maxHeader      = 8 << 10
	requestWithin  = 5 * time.Second
	answerWithin   = 10 * time.Second
	idleFor        = 15 * time.Second
)

// retryAfter is the pause before another attempt to listen: the port may become
// free, and the network come up.
const retryAfter = 10 * time.Second

// A Server serves the page.
type Server struct {
	Listen   func(context.Context) (net.Listener, error) // at a TCP address
	Snapshot func() daemon.Snapshot
	Explain  func(topic string) (daemon.Explanation, bool)
	Hosts    []string // accepted host names, besides localhost and the address
	Password string   // of the user "sensorpub"; "": everyone may read
	Log      *slog.Logger

	hub     hub
	history history

	// One answer is computed at a time. Otherwise a goroutine that is preempted while it
	// holds the queue's lock would wait for all the others, and so would a reading.
	working sync.Mutex
}

// New returns a server of a daemon. Its other fields may be set until it runs.
func New(d *daemon.Daemon, log *slog.Logger) *Server {
	return &Server{Snapshot: d.Snapshot, Explain: d.Explain, Log: log, hub: newHub(), history: newHistory()}
}

// Run serves until ctx ends. Its failures do not end the daemon: if it cannot listen
// at its address, it logs that once and retries.
func (s *Server) Run(ctx context.Context) error {
	told := false
	for ctx.Err() == nil {
		l, err := s.Listen(ctx)
		if err == nil {
			s.Log.Info("serving the page", "url", pageURL(l.Addr()))
			told = false
			err = s.serve(ctx, l)
		}
		if ctx.Err() == nil && !told {
			s.Log.Error("cannot serve the page", "cause", err, "retry_every", retryAfter)
			told = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
	return nil
}

// pageURL returns how a browser reaches what listens at an address.
func pageURL(at net.Addr) string {
	address := at.String()
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		if host, err := os.Hostname(); err == nil {
			address = net.JoinHostPort(host, strconv.Itoa(tcp.Port))
		}
	}
	return "http://" + address + "/"
}

// serve serves what a listener accepts.
func (s *Server) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true, // OPTIONS * is refused like all others
		ReadTimeout:                  requestWithin,
		ReadHeaderTimeout:            requestWithin,
		WriteTimeout:                 answerWithin,
		IdleTimeout:                  idleFor,
		MaxHeaderBytes:               maxHeader,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		ErrorLog:                     slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // errors of clients
	}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	err := server.Serve(netutil.LimitListener(l, maxConnections)) // others wait in the kernel
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	server.Close()
	return err
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if s.refuse(w, r) {
		return
	}
	switch r.URL.Path {
	case "/events":
		s.serveEvents(w, r)
	case "/metrics":
		s.serveMetrics(w)
	case "/healthz":
		s.serveHealth(w)
	case "/api/status":
		s.answer(w, func() (int, any) { return http.StatusOK, newStatus(s.Snapshot()) })
	case "/api/history":
		s.serveHistory(w, r)
	case "/api/explain":
		s.serveExplain(w, r)
	default:
		serveAsset(w, r)
	}
}
