package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// firstChoice is the address that clients use by default, and firstPage where
// people look for the status page.
const (
	firstChoice = "127.0.0.1:1883"
	firstPage   = "127.0.0.1:9110"
)

// A broker is an MQTT broker in this process that accepts everyone.
type broker struct {
	server  *mqtt.Server
	address *net.TCPAddr
}

// openBroker starts a broker at address or, if that is "", at the first choice
// or any free port on loopback.
func openBroker(address string) (*broker, error) {
	l, err := listen(address, firstChoice)
	if err != nil {
		return nil, err
	}
	s := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	err = errors.Join(
		s.AddHook(new(openDoor), nil),
		s.AddListener(listeners.NewNet("tcp", l)),
		s.Serve(),
	)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("start broker: %w", err)
	}
	return &broker{s, l.Addr().(*net.TCPAddr)}, nil
}

// listen listens at an address or, if that is "", at the first choice or any free
// port on loopback.
func listen(address, first string) (net.Listener, error) {
	want := address
	if want == "" {
		want = first
	}
	l, err := net.Listen("tcp", want)
	if err != nil && address == "" {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", want, cause(err))
	}
	return l, nil
}

// host returns where clients on this machine find the broker.
func (b *broker) host() string {
	if b.address.IP.IsUnspecified() {
		return "localhost"
	}
	return b.address.IP.String()
}

func (b *broker) port() string { return strconv.Itoa(b.address.Port) }

func (b *broker) url() *url.URL {
	return &url.URL{Scheme: "mqtt", Host: net.JoinHostPort(b.host(), b.port())}
}

// join returns the command that receives what the view receives.
func (b *broker) join() string {
	return "mosquitto_sub -h " + b.host() + " -p " + b.port() + " -t '#' -v"
}

// introduce logs the broker's address and anything surprising about it.
func (b *broker) introduce(asked string, log *slog.Logger) {
	log.Info("broker listening", "address", b.address.String())
	if asked == "" && b.address.String() != firstChoice {
		log.Info(firstChoice + " is in use, using port " + b.port())
	}
	if !b.address.IP.IsLoopback() {
		log.Warn("anyone on the network can use the broker: it asks for no password")
	}
}

// Close disconnects all clients. The library's own way of doing so takes a read
// lock twice, and waits for ever if a client leaves in between.
func (b *broker) Close() error {
	b.server.Listeners.CloseAll(func(string) {
		for _, c := range b.server.Clients.GetAll() {
			b.server.DisconnectClient(c, packets.ErrServerShuttingDown)
		}
	})
	return b.server.Close() // finds the listeners closed
}

// openDoor lets everyone connect, publish and subscribe. The library's own hook
// would link a YAML parser.
type openDoor struct{ mqtt.HookBase }

func (*openDoor) ID() string { return "open-door" }

func (*openDoor) Provides(hook byte) bool {
	return hook == mqtt.OnConnectAuthenticate || hook == mqtt.OnACLCheck
}

func (*openDoor) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

func (*openDoor) OnACLCheck(*mqtt.Client, string, bool) bool { return true }
