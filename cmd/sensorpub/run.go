package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/cmd/sensorpub/web"
	"sensorpub/publisher/spool"
)

// runDaemon reads the configured sensors and publishes what they measure until
// ctx ends.
func runDaemon(ctx context.Context, e *env) error {
	// First, and never undone: a SIGHUP would otherwise end the process at once.
	hup := make(chan os.Signal, 1)
	if e.onTerminal() && !signal.Ignored(syscall.SIGHUP) { // under nohup it is
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP) // the terminal is gone
		defer stop()
	} else {
		signal.Notify(hup, syscall.SIGHUP)
	}
	if err := e.parse(e.flags(), 0); err != nil {
		return err
	}
	if err := checkFiles(); err != nil {
		return err
	}
	log := e.logger()
	l := newLoader(e, log)
	defer closeAll(l.claims.held)
	c, m, err := l.first(ctx)
	if err != nil {
		return err
	}
	d, err := daemon.New(c, m, log)
	if errors.Is(err, spool.ErrInUse) {
		return failed(err, "is sensorpub running already? A second one needs its own dir and runtime_dir in [spool]")
	}
	if err != nil {
		return err
	}
	d.HUP, d.Load, d.Version = hup, l.load, version
	servePage(d, c.HTTP, l.page, log)
	logStart(log, c)
	d.Run(ctx)
	return nil
}

// logStart logs what has started.
func logStart(log *slog.Logger, c *config.Config) {
	spool := "off"
	if c.Spool.On() {
		spool = "on"
	}
	log.Info(fmt.Sprintf("started: %s, node %s, %s, spool %s",
		count(len(c.Sensors), "sensor"), c.Node, count(len(c.Broker.Servers), "broker"), spool), "version", version)
}

// servePage makes the daemon serve its page, if it is configured.
func servePage(d *daemon.Daemon, c config.HTTP, password string, log *slog.Logger) {
	if c.Listen == "" {
		return
	}
	page := web.New(d, log)
	page.Hosts, page.Password = c.Hosts, password
	page.Listen = func(ctx context.Context) (net.Listener, error) {
		var l net.ListenConfig
		return l.Listen(ctx, network(c.Listen), c.Listen)
	}
	d.Beside = append(d.Beside, page.Run, page.Watch)
}

// network returns the network for an address to listen on. With "tcp", 0.0.0.0 would
// listen on all IPv6 addresses as well.
func network(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// count formats a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// fewestFiles is how many open files the daemon needs at least. With fewer, the Go
// runtime itself cannot initialise its network poller, and panics.
const fewestFiles = 16

// checkFiles checks the limit of open files (getrlimit(2), RLIMIT_NOFILE).
func checkFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur >= fewestFiles {
		return nil
	}
	return failed(fmt.Errorf("start: too many open files: the limit is %d, want %d or more", limit.Cur, fewestFiles),
		"raise it with LimitNOFILE= in the unit, or ulimit -n")
}

// connect reads the configuration and the files that the connection needs.
func (e *env) connect(ctx context.Context, log *slog.Logger) (*config.Config, *mqtt.Client, error) {
	c, err := e.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	m, err := c.MQTT(ctx, log)
	if err != nil {
		return nil, nil, wrong(err)
	}
	return c, m, nil
}
