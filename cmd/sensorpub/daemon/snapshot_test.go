package daemon

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

func TestSnapshotOfARunningDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newServed(t, "node = \"n\"\n"+fixture.OneSensor+"interval = \"10s\"\n[[sensor]]\nname = \"cellar\"\ndriver = \"mock\"\noptions = { script = \"unplug*99\" }\n")
		d.Version = "1.2.3"
		d.queue.Clock = sensors.WallClock // the time since boot is not that of the bubble
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			d.Run(ctx)
			close(ended)
		}()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		s := d.Snapshot()
		if s.Node != "n" || s.Version != "1.2.3" || !s.Started.Equal(start) || s.Now.Sub(start) != 15*time.Second || s.Capacity != 1024 || s.Spool != nil {
			t.Errorf("got %+v", s)
		}
		if err := s.Account.Check(); err != nil || s.Account.Acknowledged != 2 {
			t.Errorf("got the account %v, %v, want 2 readings acknowledged", s.Account, err)
		}
		if len(s.Sensors) != 2 || s.Sensors[0].Sensor != "outside" || s.Sensors[1].Sensor != "cellar" {
			t.Fatalf("got the sensors %+v, want outside and cellar", s.Sensors)
		}
		outside, cellar := s.Sensors[0], s.Sensors[1]
		if outside.Interval != 10*time.Second || cellar.Failed["read"] == 0 || s.Broker.Connections != 1 || len(s.Broker.Events) != 1 {
			t.Errorf("got %+v, %+v and %+v", outside, cellar, s.Broker)
		}
		if len(outside.Readings) != 1 || !outside.BadSince.IsZero() || len(cellar.Readings) != 0 || !cellar.BadSince.Equal(start) || cellar.Failures == 0 {
			t.Errorf("got %+v, want one reading, and %+v, want failures since the start", outside, cellar)
		}
		r := outside.Readings[0]
		if v := r.Reading; v.Value != 28.4 || v.Unit != "°C" || v.Time.Sub(start) != 10*time.Second || r.Route.Topic != liveTopic || r.Waits {
			t.Errorf("got the reading %+v, want 28.4 °C, 10 s after the start, acknowledged", r)
		}
		want := fmt.Sprintf("connected to mqtt://localhost:1883; 2 read, 2 acknowledged, 0 queued; 1 of 2 sensors ok; cellar: %s; simulated: outside, cellar", cellar.Cause)
		if s.String() != want || !s.BadSince().Equal(start) {
			t.Errorf("got %q since %v, want %q since %v", s, s.BadSince(), want, start)
		}
		cancel()
		<-ended
		if n := len(b.Messages()); n == 0 {
			t.Error("the broker got nothing")
		}
	})
}

func TestStatusLineSaysWhatIsWrongAndSinceWhen(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 12, minute, 0, 0, time.UTC) }
	up := mqtt.State{Connected: true, Broker: "mqtt://h:1883", Since: at(0)}
	account := publisher.Account{Read: 9, Acknowledged: 4, Sent: 2, Queued: 3}
	for _, c := range []struct {
		name  string
		s     Snapshot
		want  string
		since time.Time
	}{
		{
			"all is well",
			Snapshot{Broker: up, Account: account, Sensors: make([]Sensor, 2), Spool: &spool.State{}},
			"connected to mqtt://h:1883; 9 read, 6 acknowledged, 3 queued; 2 of 2 sensors ok",
			time.Time{},
		},
		{
			"a sensor of another machine",
			Snapshot{Broker: up, Sensors: []Sensor{{}, {Status: sensors.Status{Sensor: "pond", Absent: true}}}},
			"connected to mqtt://h:1883; 0 read, 0 acknowledged, 0 queued; 1 of 1 sensors ok",
			time.Time{},
		},
		{
			"the first attempt",
			Snapshot{Broker: mqtt.State{Broker: "mqtt://h:1883", Cause: "connecting"}},
			"connecting to mqtt://h:1883; 0 read, 0 acknowledged, 0 queued; 0 of 0 sensors ok",
			time.Time{},
		},
		{
			"the broker is away",
			Snapshot{Broker: mqtt.State{Broker: "mqtt://h:1883", Since: at(5), Cause: "refused\nreally"}},
			"no connection to mqtt://h:1883 since 12:05:00 (refused really); 0 read, 0 acknowledged, 0 queued; 0 of 0 sensors ok", at(5),
		},
		{
			"sensor and spool",
			Snapshot{
				Broker:  up,
				Sensors: []Sensor{{Status: sensors.Status{Sensor: "a"}, Simulated: true}, {Status: sensors.Status{Sensor: "pond", Cause: "gone", BadSince: at(8)}}},
				Spool:   &spool.State{Disk: spool.StoreState{Cause: errors.New("read-only"), Since: at(7)}},
			},
			"connected to mqtt://h:1883; 0 read, 0 acknowledged, 0 queued; 1 of 2 sensors ok; pond: gone; simulated: a; the spool is running without its directory: read-only", at(7),
		},
	} {
		if got := c.s.String(); got != c.want || !c.s.BadSince().Equal(c.since) {
			t.Errorf("%s: got %q since %v, want %q since %v", c.name, got, c.s.BadSince(), c.want, c.since)
		}
	}
}
