package mqtt

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"testing"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A cluster is several brokers in memory, at the hosts "0", "1" and so on.
type cluster []*mqtttest.Broker

func newCluster(t *testing.T, n int) cluster {
	t.Helper()
	c := make(cluster, n)
	for i := range c {
		c[i] = (&mqtttest.Broker{Pipe: true}).Start(t)
	}
	return c
}

// use gives a client the URLs of all brokers, in order.
func (c cluster) use(m *Client) {
	m.URLs, m.DialContext = nil, c.dial
	for i := range c {
		m.URLs = append(m.URLs, &url.URL{Scheme: "mqtt", Host: fmt.Sprintf("%d:1883", i)})
	}
}

func (c cluster) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return c[address[0]-'0'].Dial(ctx, network, address)
}

func (c cluster) kill() {
	for _, b := range c {
		b.Kill()
	}
}

func (c cluster) start(t *testing.T) {
	for _, b := range c {
		b.Start(t)
	}
}

// connects returns how many CONNECTs each broker has had.
func (c cluster) connects() []int {
	n := make([]int, len(c))
	for i, b := range c {
		n[i] = len(b.Connects())
	}
	return n
}

// hole never answers.
func hole(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Net: "pipe", Err: context.Cause(ctx)}
}
