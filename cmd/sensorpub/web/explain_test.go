package web

import (
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/sensors"
)

func TestExplanation(t *testing.T) {
	s, _ := serverOf(well())
	route := well().Sensors[0].Readings[0].Route
	s.Explain = func(topic string) (daemon.Explanation, bool) {
		return daemon.Explanation{Snapshot: well(), Route: route, Decisions: []publisher.Decision{
			{Time: clock, Fate: publisher.FateAcknowledged, Value: 28.44, Seq: 1, After: 12 * time.Millisecond},
			{Time: clock, Fate: publisher.FateRejected, Reason: sensors.CRC, Detail: "4b is not 1c"},
			{Time: clock, Fate: publisher.FateDeadband, Detail: "close"},
			{Time: clock, Fate: publisher.FateDropped, Value: 1, Seq: 2, Reason: publisher.Overflow, After: time.Second},
			{Time: clock, Fate: publisher.FateQueued, Value: 2, Seq: 3},
		}}, topic == "temperature/outside"
	}
	const at = `{"time":"2026-01-02T12:00:00.005Z",`
	want := `{"topic":"temperature/outside","sensor":"outside","quantity":"temperature","status":"ok","error":"","connected":true,"cause":"","decisions":[` +
		at + `"decision":"acknowledged","value":28.4,"unit":"°C","seq":1,"reason":"","detail":"","after":0.012},` +
		at + `"decision":"rejected","value":null,"unit":"","seq":0,"reason":"crc","detail":"4b is not 1c","after":null},` +
		at + `"decision":"deadband","value":null,"unit":"","seq":0,"reason":"","detail":"close","after":null},` +
		at + `"decision":"dropped","value":1.0,"unit":"°C","seq":2,"reason":"overflow","detail":"","after":1},` +
		at + `"decision":"queued","value":2.0,"unit":"°C","seq":3,"reason":"","detail":"","after":null}]}` + "\n"
	if w := get(s, "/api/explain?topic=temperature/outside"); w.Code != 200 || w.Body.String() != want {
		t.Errorf("got  %d %swant %s", w.Code, w.Body, want)
	}
	for query, want := range map[string]string{
		"?topic=else":          `{"error":"no sensor publishes to that topic"}`,
		"?topic=%00<script>":   `{"error":"no sensor publishes to that topic"}`,
		"":                     `{"error":"want a topic: /api/explain?topic=TOPIC"}`,
		"?topic=%zz&topic=%20": `{"error":"no sensor publishes to that topic"}`,
	} {
		if w := get(s, "/api/explain"+query); w.Code != 404 || w.Body.String() != want+"\n" {
			t.Errorf("%q: got %d %s, want %s", query, w.Code, w.Body, want)
		}
	}
}
