package publisher

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// The reports of another machine with the same node give it away, and those that a
// bridge or a broker repeats do not.
func TestClashOfMachinesIsNamed(t *testing.T) {
	const before, after = -time.Hour, 2 * time.Minute // when the other machine connected
	type heard struct {
		machine   string
		connected time.Duration
		queued    int
		retain    bool
	}
	for _, c := range []struct {
		name    string
		reports []heard
		want    int // lines that name it
	}{
		{"its own, repeated", []heard{{"me", after, 1, false}, {"me", after, 2, false}}, 0},
		{"of a daemon that does not say which machine it is on", []heard{{"", after, 1, false}, {"", after, 2, false}}, 0},
		{"the last one of the board before, retained and repeated by a bridge", []heard{
			{"other", before, 1, true}, {"other", before, 1, false}, {"me", after, 2, false}, {"other", before, 1, false},
		}, 0},
		{"of one that connects", []heard{{"other", after, 1, false}}, 1},
		{"of one that has been connected for long", []heard{{"other", before, 1, false}, {"me", after, 1, false}, {"other", before, 2, false}}, 1},
		{"the retained one of another and its next", []heard{{"other", before, 1, true}, {"other", before, 2, false}}, 1},
		{"of one that goes on", []heard{
			{"other", after, 1, false}, {"other", after, 2, false}, {"other", after, 3, false}, {"other", after, 4, false}, {"other", after, 5, false},
		}, 3}, // those of the times 1, 2 and 4
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			r.pub.Reports, r.pub.Machine = "reports", "me"
			start := time.Now()
			report := func(h heard) {
				m := mqtttest.Message{Topic: "reports", Retain: true, Payload: fmt.Appendf(nil, `{"machine":%q,"connected_since":%q,"queued":%d}`,
					h.machine, start.Add(h.connected).UTC().Format(time.RFC3339), h.queued)}
				b.Publish(m)
				time.Sleep(time.Second)
			}
			for _, h := range c.reports {
				if h.retain {
					report(h)
				}
			}
			r.start()
			time.Sleep(time.Minute)
			for _, h := range c.reports {
				if !h.retain {
					report(h)
				}
			}
			b.Publish(mqtttest.Message{Topic: "reports", Payload: []byte("{")})
			time.Sleep(time.Minute)
			r.stop()
			if n := len(r.log.Lines(`"another machine publishes as this node" machine=other this_machine=me topic=reports`)); n != c.want {
				t.Errorf("%s: got %d lines, want %d", c.name, n, c.want)
			}
		})
	}
}

// The machine id depends on the network interfaces where the board has no serial
// number, so a reload may change it.
func TestReloadThatChangesTheMachineIsNoClash(t *testing.T) {
	bubble(t, "", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.pub.Reports, r.pub.Machine = "reports", "me"
		r.start()
		time.Sleep(time.Minute)
		next := r.pub.Settings
		next.Machine = "also me"
		r.pub.Change(next)
		time.Sleep(time.Minute)
		for _, queued := range []int{1, 2} {
			b.Publish(mqtttest.Message{Topic: "reports", Payload: fmt.Appendf(nil, `{"machine":"also me","queued":%d}`, queued)})
			time.Sleep(time.Second)
		}
		r.stop()
		if lines := r.log.Lines("another machine publishes as this node"); len(lines) > 0 {
			t.Errorf("got %q, want none", lines)
		}
	})
}

func TestReportOfAStrangerKeepsTheLogShort(t *testing.T) {
	bubble(t, "", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.pub.Reports, r.pub.Machine = "reports", "me"
		r.start()
		time.Sleep(time.Minute)
		for range 2 {
			b.Publish(mqtttest.Message{Topic: "reports", Payload: fmt.Appendf(nil, `{"machine":%q,"connected_since":%q}`,
				strings.Repeat("m", 200_000), time.Now().Add(time.Minute).UTC().Format(time.RFC3339))})
			time.Sleep(time.Second)
		}
		r.stop()
		if lines := r.log.Lines("another machine"); len(lines) > 0 {
			t.Errorf("got %d lines, of %d bytes, want none", len(lines), len(lines[0]))
		}
	})
}
