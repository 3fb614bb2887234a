package web

import (
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
)

func TestAnEventHasWhatHasChanged(t *testing.T) {
	before := newFrame(well())
	for _, c := range []struct {
		name        string
		change      func(*daemon.Snapshot)
		event, data string
	}{
		{"nothing but the time", func(s *daemon.Snapshot) {}, "", ""},
		{
			"the queue", func(s *daemon.Snapshot) { s.Capacity = 5 },
			"change", `{"now":"2026-01-02T12:00:01.005Z","queue":{"waiting":3,"capacity":5}}`,
		},
		{
			"a sensor and what follows from it", func(s *daemon.Snapshot) {
				s.Sensors[0].BadSince, s.Sensors[0].Cause = s.Now, "gone"
				s.Sensors[0].Readings = nil
			},
			"change", `{"now":"2026-01-02T12:00:01.005Z","problems":[{"problem":"outside: gone","hint":"the failure may be part of its script or trace; sensorpub doctor examines the sensor"}],` +
				`"sensors":[{"name":"outside","driver":"mock","status":"failing","error":"gone","since":"2026-01-02T12:00:01.005Z","interval":10,"simulated":true,"rejected":null,"readings":[]}]}`,
		},
	} {
		s := well()
		s.Now = s.Now.Add(time.Second)
		c.change(&s)
		event, data := newFrame(s).since(before)
		if event != c.event || string(data) != c.data {
			t.Errorf("%s: got %q %s\nwant %q %s", c.name, event, data, c.event, c.data)
		}
	}
}

func TestAnotherListOfSensorsIsAWholeStatus(t *testing.T) {
	one, three := newFrame(well()), newFrame(ill())
	for _, c := range []struct {
		name     string
		from, to *frame
	}{{"the first", nil, one}, {"more", one, three}, {"fewer", three, one}} {
		if event, data := c.to.since(c.from); event != "status" || string(data) != string(encode(c.to.status)) {
			t.Errorf("%s: got %q %s", c.name, event, data)
		}
	}
	renamed := well()
	renamed.Sensors[0].Sensor = "inside"
	if event, _ := newFrame(renamed).since(one); event != "status" {
		t.Errorf("got %q after a rename", event)
	}
}
