package mqtt

import (
	"fmt"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestRecordCountsLossesByTheirReason(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(b *mqtttest.Broker, u *user)
		reason string
		cause  string
	}{
		{"the broker stops", func(b *mqtttest.Broker, u *user) { b.Stop() }, "closed", "closed by the broker"},
		{"the broker hangs", func(b *mqtttest.Broker, u *user) { b.Freeze() }, "keep-alive", "no answer to PINGREQ"},
		{"nothing is acknowledged", func(_ *mqtttest.Broker, u *user) {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.session.Drop(ErrAckTimeout)
		}, "ack-timeout", "no acknowledgement in time"},
		{"the broker sends something else", func(b *mqtttest.Broker, u *user) {
			b.Inject(mqtttest.On(mqtttest.PINGREQ, mqtttest.Bytes(0xff, 0)))
		}, "protocol", "protocol error: received flags 0xf in a packet of type 15"},
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, u *user) {
			u.client.Record = new(Record)
			u.start()
			b.Await("the connection", time.Minute, func() bool { return u.client.State().Connected })
			time.Sleep(time.Second)
			c.end(b, u)
			b.Await("the loss", time.Minute, func() bool { return len(u.client.State().Losses) > 0 })
			s := u.client.State()
			if fmt.Sprint(s.Losses) != "map["+c.reason+":1]" || s.Connections == 0 || len(s.Events) < 2 {
				t.Fatalf("got %+v, want one loss: %s", s, c.reason)
			}
			if s.Events[0].Connected != true || s.Events[1].Connected || s.Events[1].Cause != c.cause {
				t.Errorf("got the events %+v, want a connection and its loss: %s", s.Events, c.cause)
			}
			b.Thaw()
			u.stop()
		})
	}
}

func TestRecordOutlivesItsClientAndForgetsTheOldestEvents(t *testing.T) {
	bubble(t, "many short connections", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.client.Record = new(Record)
		u.start()
		for range 20 {
			time.Sleep(time.Minute)
			b.Stop()
			time.Sleep(time.Minute)
			b.Start(t)
		}
		b.Await("the connection", time.Minute, func() bool { return u.client.State().Connected })
		u.stop()
		next := newUser(b)
		next.client.Record = u.client.Record
		s := next.client.State()
		if s.Connections != 21 || s.Losses["closed"] != 20 || len(s.Events) != eventsKept || !s.Events[eventsKept-1].Connected {
			t.Errorf("got %+v, want 21 connections, 20 losses and the last 16 events", s)
		}
		for i, e := range s.Events[1:] {
			if e.Time.Before(s.Events[i].Time) || e.Connected == s.Events[i].Connected {
				t.Errorf("got %+v after %+v", e, s.Events[i])
			}
		}
	})
}

func TestRecordHasTheTimeOfTheFirstAcknowledgement(t *testing.T) {
	bubble(t, "three messages, a minute apart", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.client.Record = new(Record)
		s, err := u.client.Connect(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Disconnect()
		if e := u.client.State().Events[0]; !e.Acked.IsZero() {
			t.Errorf("got %v before anything was sent", e.Acked)
		}
		want := time.Now().Add(time.Minute)
		for range 3 {
			time.Sleep(time.Minute)
			if err := s.SendWithin(t.Context(), Message{"a", []byte("1"), 1, false}, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if e := u.client.State().Events[0]; !e.Acked.Equal(want) {
			t.Errorf("got %v, want %v", e.Acked, want)
		}
	})
}
