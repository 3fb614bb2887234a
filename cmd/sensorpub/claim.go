package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"sensorpub/cmd/sensorpub/config"
)

// claimWait is how long a daemon waits for another that is just stopping. A child
// between fork and exec holds copies of descriptors that its parent has closed.
const claimWait = time.Second

// Claims are the client ids that this process alone uses on this machine, each
// at one broker, because a broker disconnects one of two clients with the same
// id. A claim is a listening socket in the abstract namespace (unix(7)): it
// needs no directory that the user of the service can write, it disappears with the
// process however that ends, and the kernel knows its owner. Containers with their
// own network namespace do not see it.
type claims struct {
	log  *slog.Logger
	held map[string]*net.UnixListener
}

// take claims what a configuration needs and releases what it no longer needs. It
// claims nothing if another process has part of it.
func (c *claims) take(ctx context.Context, conf *config.Config) error {
	wanted, taken := claimNames(conf), make(map[string]*net.UnixListener)
	for _, name := range wanted {
		if c.held[name] != nil {
			continue
		}
		l, err := claim(ctx, name)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			closeAll(taken)
			return inUse(conf, holder(name))
		case err != nil:
			c.log.Debug("claim the client id", "cause", err) // such as no unix sockets: the broker will notice
		default:
			taken[name] = l
		}
	}
	for name, l := range c.held {
		if !slices.Contains(wanted, name) {
			l.Close()
			delete(c.held, name)
		}
	}
	maps.Copy(c.held, taken)
	return nil
}

func closeAll(all map[string]*net.UnixListener) {
	for _, l := range all {
		l.Close()
	}
}

// claim takes one name, or waits a little for it.
func claim(ctx context.Context, name string) (*net.UnixListener, error) {
	for end := time.Now().Add(claimWait); ; {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(end) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// inUse is the error of a client id that another process uses.
func inUse(conf *config.Config, pid int) error {
	by := "another process"
	if pid > 0 {
		by = fmt.Sprintf("process %d", pid)
	}
	hint := "is sensorpub running already? A second one needs its own node or broker.client_id"
	if conf.Spool.On() {
		dirs := slices.DeleteFunc([]string{conf.Spool.RuntimeDir, conf.Spool.Dir}, func(dir string) bool { return dir == "" })
		hint += ", and its own directories instead of " + strings.Join(dirs, " and ")
	}
	return failed(fmt.Errorf("start: client id %q is in use at the same broker by %s on this machine", conf.Broker.ClientID, by), hint)
}

// claimNames returns the names of the sockets that stand for the client id of a
// configuration, one for each of its brokers.
func claimNames(c *config.Config) (names []string) {
	for _, u := range c.Broker.Servers {
		sum := sha256.Sum256([]byte(c.Root + "\n" + c.Broker.ClientID + "\n" + brokerKey(u)))
		if name := "@sensorpub-" + hex.EncodeToString(sum[:12]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// brokerKey is equal for different spellings of the address of a broker on this
// machine.
func brokerKey(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(host); host == "localhost" || err == nil && addr.IsLoopback() {
		return "loopback:" + u.Port()
	}
	return host + ":" + u.Port()
}

// clientHolder returns the process on this machine that uses the client id of a
// configuration, or 0.
func clientHolder(c *config.Config) int {
	for _, name := range claimNames(c) {
		if pid := holder(name); pid > 0 {
			return pid
		}
	}
	return 0
}

// holder returns the process that has claimed a name, or 0 if it is not known: the
// kernel records who listens (unix(7), SO_PEERCRED).
func holder(name string) (pid int) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return 0
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	raw.Control(func(fd uintptr) {
		if peer, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			pid = int(peer.Pid)
		}
	})
	return pid
}
