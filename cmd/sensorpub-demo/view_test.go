package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func publishedByTheHouse(t *testing.T) []series {
	t.Helper()
	c, err := configure(&url.URL{Scheme: "mqtt", Host: firstChoice}, firstPage)
	if err != nil {
		t.Fatal(err)
	}
	return published(c)
}

// sampleBoard returns a board after a minute, at noon, in an outage.
func sampleBoard(t *testing.T) *board {
	t.Helper()
	published := publishedByTheHouse(t)
	b := newBoard("127.0.0.1:1883", "mosquitto_sub -h 127.0.0.1 -p 1883 -t '#' -v", "http://127.0.0.1:9110/", published)
	b.receive(mqtt.Message{Topic: statusTopic, Payload: []byte("online")}, noon.Add(-time.Minute))
	for i := range 60 {
		for n, s := range published {
			v := float64((i*7+n*5)%23) - 4 + 300*float64(n%2)
			payload, err := s.Encoder.Encode(sensors.Reading{Value: v})
			if err != nil {
				t.Fatal(err)
			}
			b.receive(mqtt.Message{Topic: s.Topic, Payload: payload}, noon.Add(time.Duration(i-60)*time.Second))
		}
	}
	up := mqtt.State{Connected: true}
	b.update(daemonState{connection: up})
	b.update(daemonState{
		connection: mqtt.State{Since: noon.Add(-time.Second)}, cut: true,
		account: publisher.Account{
			Read: 375, Acknowledged: 360, Queued: 12, Rejected: map[sensors.Reason]uint64{sensors.CRC: 3},
		},
	})
	b.receive(mqtt.Message{Topic: statusTopic, Payload: []byte("offline")}, noon)
	b.note(notice{slog.LevelInfo, "11:59:00 info  connected broker=mqtt://127.0.0.1:1883"})
	b.note(notice{slog.LevelWarn, `11:59:59 warn  connection lost broker=mqtt://127.0.0.1:1883 cause="read: timeout"`})
	return b
}

func text(lines []line, coloured bool) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l.String(coloured))
	}
	return b.String()
}

func TestViewIsAsDrawn(t *testing.T) {
	tests := []struct {
		width, height int
		coloured      bool
	}{{40, 24, false}, {80, 24, false}, {80, 24, true}, {120, 40, false}}
	for _, tt := range tests {
		name := fmt.Sprintf("view_%dx%d", tt.width, tt.height)
		if tt.coloured {
			name += "_colour"
		}
		t.Run(name, func(t *testing.T) {
			got := text(sampleBoard(t).view(tt.width, tt.height, noon), tt.coloured)
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestViewFitsEveryTerminal(t *testing.T) {
	b := sampleBoard(t)
	for width := 1; width <= 140; width++ {
		for _, height := range []int{1, 2, 7, 12, 24, 30, 40, 70} {
			lines := b.view(width, height, noon)
			if len(lines) > height {
				t.Fatalf("%d by %d: got %d lines", width, height, len(lines))
			}
			for _, l := range lines {
				if n := len([]rune(l.String(false))); l.width() > width || n > width {
					t.Fatalf("%d by %d: got a line of %d columns: %q", width, height, max(l.width(), n), l.String(false))
				}
			}
		}
	}
}

func TestEmptyBoardIsDrawn(t *testing.T) {
	published := publishedByTheHouse(t)
	got := text(newBoard("127.0.0.1:1883", "", "http://127.0.0.1:9110/", published).view(80, 24, noon), false)
	for _, want := range []string{"○ connecting: 0 readings", "temperature/outside         - °C", "read 0 = acknowledged 0 + queued 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
}

func TestFrameKeepsTheLastColumn(t *testing.T) {
	got := new(screen).frame([]line{{{plain, "full"}}, {{plain, "not"}}}, 4)
	if want := "\x1b[Hfull\r\nnot\x1b[K\x1b[J"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
