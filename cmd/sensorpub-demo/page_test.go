package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestDemoServesThePage(t *testing.T) {
	b, err := openBroker("")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := configure(b.url(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newRig(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.serve(l, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(ended)
	}()
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]string{"/": "<!doctype html>", "/api/status": `"node":"demo","version":"dev"`, "/metrics": `sensorpub_sensor_up{sensor="boiler"}`, "/api/explain?topic=temperature/fridge": `"sensor":"fridge"`} {
		answer, err := client.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: got %d, %v, %.200s", path, answer.StatusCode, err, body)
		}
	}
	cancel()
	<-ended
}
