package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// configuration returns that of one node. Its readings go to
// NODE/temperature/probe, with their sequence numbers. It is back at its first
// broker 2 to 2.5 minutes after that has returned, so that the next fault of a run
// of ten minutes finds all brokers with as many nodes.
func configuration(node string, urls []string, s *security, interval time.Duration, spool string) []byte {
	quoted := make([]string, len(urls))
	for i, u := range urls {
		quoted[i] = strconv.Quote(u)
	}
	text := fmt.Appendf(nil, `node = %q

[broker]
urls = [%s]
prefer_after = "2m"
client_id = %q
username = %q
password_file = %q

[broker.tls]
ca_file = %q

[publish]
topic = "{node}/{quantity}/{sensor}"
encoding = "json"

[queue]
grace = "1m"

[[sensor]]
name = "probe"
driver = "mock"
interval = "%v"
`, node, strings.Join(quoted, ", "), node, node, s.passwordFile(node), s.caFile(), interval)
	if spool != "" {
		text = fmt.Appendf(text, "\n[spool]\ndir = %q\nruntime_dir = %q\n", spool+"/disk", spool+"/tmpfs")
	}
	return text
}

// A node is one daemon inside this program.
type node struct {
	member
	daemon *daemon.Daemon
	polled time.Time // of the last event that was seen
}

func newNode(name string, text []byte, log *slog.Logger) (*node, error) {
	e := config.Environment{
		Getenv:   func(string) string { return "" },
		Hostname: func() (string, error) { return name, nil },
	}
	c, err := e.Parse(name, text)
	if err != nil {
		return nil, err
	}
	client, err := c.MQTT(context.Background(), log)
	if err != nil {
		return nil, err
	}
	d, err := daemon.New(c, client, log)
	if err != nil {
		return nil, err
	}
	return &node{member: member{name: name}, daemon: d}, nil
}

// run runs the node until ctx ends and it has stopped, and keeps its account.
func (n *node) run(ctx context.Context) {
	n.daemon.Run(ctx)
	a := n.daemon.Snapshot().Account
	n.finish(account{
		read:    a.Read - sensors.Total(a.Rejected) - a.Superseded,
		dropped: sensors.Total(a.Dropped), queued: a.Queued,
	})
}

// poll takes over what has happened to the connection since the last time, and
// returns how many readings were accepted and how many of them wait.
func (n *node) poll() (read, queued uint64) {
	s := n.daemon.Snapshot()
	for _, e := range s.Broker.Events {
		if e.Time.After(n.polled) {
			n.polled = e.Time
			switch {
			case e.Connected:
				n.connect(e.Time)
			case e.Cause == mqtt.GoingBack:
				n.down()
			default:
				n.lose(e.Time, host(e.Broker), true)
			}
		}
		if e.Connected && !e.Acked.IsZero() && e.Time.Equal(n.polled) {
			n.ack(e.Acked)
		}
	}
	return s.Account.Read, s.Account.Queued
}

// host returns host:port of a URL.
func host(broker string) string {
	_, at, _ := strings.Cut(broker, "://")
	return at
}
