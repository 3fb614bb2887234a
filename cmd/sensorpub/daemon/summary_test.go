package daemon

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestSummariesOfALongTroubleBecomeRarer(t *testing.T) {
	start := time.Now()
	at := func(minutes ...int) (all []time.Time) {
		for _, m := range minutes {
			all = append(all, start.Add(time.Duration(m)*time.Minute))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		since func(now time.Time) time.Time
		want  []time.Time
	}{
		{"all is well", func(time.Time) time.Time { return time.Time{} }, nil},
		{
			"wrong all day", func(time.Time) time.Time { return start },
			at(5, 10, 20, 40, 80, 160, 320, 640, 1000, 1360),
		},
		{"wrong for 4 minutes of every 5", func(now time.Time) time.Time {
			if lasted := now.Sub(start) % (5 * time.Minute); lasted < 4*time.Minute {
				return now.Add(-lasted)
			}
			return time.Time{}
		}, nil},
		{"one thing is repaired after an hour, another is wrong since minute 45", func(now time.Time) time.Time {
			if now.Sub(start) < time.Hour {
				return start
			}
			return start.Add(45 * time.Minute)
		}, at(5, 10, 20, 40, 65, 85, 125, 205, 365, 685, 1045, 1405)},
	} {
		var buf bytes.Buffer
		now, told := start, []time.Time(nil)
		s := &summary{log: slog.New(slog.NewTextHandler(&buf, nil))}
		for ; now.Sub(start) <= 24*time.Hour; now = now.Add(summaryCheck) {
			s.look(Snapshot{Now: now, Broker: mqtt.State{Since: c.since(now)}})
			if buf.Len() > 0 {
				told = append(told, now)
				buf.Reset()
			}
		}
		if !slices.Equal(told, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, told, c.want)
		}
	}
}

// A day without a broker, with one sensor absent four times and another from
// noon on, takes a few log lines, none of which contains the password. (Fault
// 31.)
func TestDayOfflineIsAFewLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const password = "correct horse"
		c, err := parse(`
			[broker]
			username = "garden"
			[[sensor]]
			name = "outside"
			driver = "mock"
			interval = "10s"
			options = { script = "ok*2000, unplug*20, ok*40, crc*30" }
			[[sensor]]
			name = "cellar"
			driver = "mock"
			interval = "1m"
			options = { script = "ok*720, unplug*10000" }
			[[sensor]]
			name = "roof"
			driver = "mock"
			interval = "10s"
			options = { script = "ok*3000, nan, spike, zero, hang=20s" }`)
		if err != nil {
			t.Fatal(err)
		}
		var text buffer
		log := slog.New(slog.NewTextHandler(&text, nil))
		b := (&mqtttest.Broker{Pipe: true}).Start(t)
		b.Stop()
		s, err := New(c, &mqtt.Client{
			Dialer: mqtt.Dialer{
				ClientID:    "test",
				Username:    c.Broker.Username,
				Password:    password,
				KeepAlive:   10 * time.Second,
				DialContext: b.Dial,
			},
			URLs: c.Broker.Servers, Log: log,
		}, log)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		s.Run(ctx)
		lines := slices.Collect(strings.Lines(text.String()))
		summaries := countLines(text.String(), "still failing")
		if len(lines) > 40 || summaries != 10 || strings.Contains(text.String(), password) {
			t.Errorf("got %d lines, %d of them summaries, want 40 and 10, without the password:\n%s", len(lines), summaries, text.String())
		}
		if err := s.queue.Account().Check(); err != nil {
			t.Error(err)
		}
		t.Logf("%d lines:\n%s", len(lines), text.String())
	})
}
