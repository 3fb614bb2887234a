package publisher

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// A testMemory is a memory of which each write is counted.
type testMemory struct {
	lines   []string
	saves   int
	fails   int // how many saves fail
	damaged error
}

func (m *testMemory) Load() ([]string, error) { return slices.Clone(m.lines), m.damaged }

func (m *testMemory) Save(lines []string) error {
	m.saves++
	if m.fails > 0 {
		m.fails--
		return errors.New("no space left on device")
	}
	m.lines = slices.Clone(lines)
	return nil
}

func newTestTopics(m Memory) (*Topics, *bytes.Buffer) {
	var log bytes.Buffer
	return NewTopics(m, slog.New(slog.NewTextHandler(&log, nil))), &log
}

// retainedBy is a configuration with these sensors, each with a status.
func retainedBy(sensors ...string) Retained {
	w := Retained{Routes: testRoutes(sensors...), Availability: "status"}
	for i := range w.Routes {
		w.Routes[i].Status = w.Routes[i].Sensor + "/status"
	}
	return w
}

// heldBack are topics that the broker refuses.
type heldBack []string

func (h heldBack) isHeld(topic string) bool { return slices.Contains(h, topic) }

// sendAll sends and acknowledges all that is to be sent, as on a connection with
// nothing else to do, and saves then.
func sendAll(t *Topics, used map[string]bool, held ...string) (sent []string) {
	for {
		m, ok := t.nextAnnouncement(time.Now(), heldBack(held))
		if !ok {
			m, ok = t.nextCleanup(used, heldBack(held))
		}
		if !ok {
			break
		}
		sent = append(sent, strings.TrimSpace(m.Topic+" "+string(m.Payload)))
		t.acknowledged()
	}
	select {
	case <-t.dirty:
		t.saveChanges()
	default:
	}
	return sent
}

func expectSent(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

// linesOf is what the memory has when nothing else is retained.
func linesOf(w Retained) []string {
	l := newTopicList()
	return l.with(w.topics())
}
