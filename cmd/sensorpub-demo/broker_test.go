package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestBrokerUsesAnotherPortIfItsOwnIsInUse(t *testing.T) {
	if l, err := net.Listen("tcp", firstChoice); err == nil {
		defer l.Close()
	}
	b, err := openBroker("")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := b.address.String(); got == firstChoice || !b.address.IP.IsLoopback() {
		t.Errorf("got %s, want another port on loopback", got)
	}
	var log bytes.Buffer
	b.introduce("", slog.New(slog.NewTextHandler(&log, nil)))
	if want := "127.0.0.1:1883 is in use, using port " + b.port(); !strings.Contains(log.String(), want) {
		t.Errorf("logged %q, want %q in it", log.String(), want)
	}
}

func TestBrokerOpenToTheNetworkGetsAWarning(t *testing.T) {
	b := &broker{address: &net.TCPAddr{IP: net.IPv4zero, Port: 1884}}
	if got, want := b.url().String(), "mqtt://localhost:1884"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := b.join(), "mosquitto_sub -h localhost -p 1884 -t '#' -v"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var log bytes.Buffer
	b.introduce(":1884", slog.New(slog.NewTextHandler(&log, nil)))
	if want := "level=WARN msg=\"anyone on the network can use the broker"; !strings.Contains(log.String(), want) {
		t.Errorf("logged %q, want %q in it", log.String(), want)
	}
}
