package main

import (
	"slices"
	"testing"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

func TestBoardShowsOnlyWhatIsAValue(t *testing.T) {
	b := newBoard("", "", "", []series{{Route: publisher.Route{Topic: "a"}, format: ">d"}})
	for _, payload := range []string{
		"@<ffffff",                         // 28.4
		"\x7f\xf8\x00\x00\x00\x00\x00\x00", // NaN
		"\x7f\xf0\x00\x00\x00\x00\x00\x00", // infinity
		"short",
		"",
	} {
		b.receive(mqtt.Message{Topic: "a", Payload: []byte(payload)}, noon)
	}
	b.receive(mqtt.Message{Topic: "b", Payload: []byte("1")}, noon)
	if got, want := b.rows[0].history, []float64{28.4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCurveHasTheReadingsOfAnOutageInOrder(t *testing.T) {
	b := newBoard("", "", "", []series{{Route: publisher.Route{Topic: "a"}}})
	for _, m := range []struct{ topic, payload string }{
		{"a", "1"},
		{statusTopic, "offline"},
		{"a", "4"}, // the newest, ahead of the others
		{statusTopic, "online"},
		{"a", "2"},
		{"a", "3"},
		{"a", "4"},
	} {
		b.receive(mqtt.Message{Topic: m.topic, Payload: []byte(m.payload)}, noon)
		if m.payload == "4" && b.rows[0].value != 4 {
			t.Errorf("got %v as the newest value, want 4", b.rows[0].value)
		}
	}
	if got, want := b.rows[0].history, []float64{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	b := newBoard("", "", "", []series{{Route: publisher.Route{Topic: "a"}}})
	for range 5 * historyLength {
		b.receive(mqtt.Message{Topic: "a", Payload: []byte("1")}, noon)
		b.note(notice{})
	}
	if n, l := len(b.rows[0].history), len(b.log); n > historyLength || l > logLength {
		t.Errorf("got %d values and %d lines, want at most %d and %d", n, l, historyLength, logLength)
	}
}

func TestStateTellsTheStoryOfAnOutage(t *testing.T) {
	b := newBoard("", "", "", nil)
	up, down := mqtt.State{Connected: true}, mqtt.State{Since: noon}
	for _, step := range []struct {
		connection mqtt.State
		queued     uint64
		cut        bool
		want       string
	}{
		{down, 2, false, "○ connecting: 2 readings queued"},
		{up, 1, false, "● connected"},
		{down, 5, true, "○ the demo has cut the network for another 3s: 5 readings queued"},
		{down, 9, false, "○ connecting: 9 readings queued"},
		{up, 6, false, "● connected again, sending queued readings: 6 to go"},
		{up, 0, false, "● connected again, all 9 queued readings were sent"},
		{up, 1, false, "● connected again, all 9 queued readings were sent"},
		{down, 1, true, "○ the demo has cut the network for another 3s: 1 readings queued"},
	} {
		b.update(daemonState{step.connection, publisher.Account{Queued: step.queued}, step.cut})
		if got := b.state(noon.Add(time.Second)).text; got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}
