package web

import (
	"bytes"
	"encoding/json"
	"testing"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
)

// pretty indents JSON, so that a difference is seen.
func pretty(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", " "); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out.String()
}

func TestStatusIsAsTheContractHasIt(t *testing.T) {
	s, _ := serverOf(well())
	w := get(s, "/api/status")
	const want = `{
		"node": "garden-pi", "version": "1.2.3", "started": "2026-01-02T11:00:00.005Z", "now": "2026-01-02T12:00:00.005Z",
		"broker": {
			"url": "mqtt://h:1883", "connected": true, "since": "2026-01-02T11:59:00.005Z", "losses": 1, "cause": "", "hint": "",
			"history": [{"time": "2026-01-02T11:58:00.005Z", "connected": false, "url": "mqtt://h:1883", "cause": "closed by the broker"}]
		},
		"account": {"read": 9, "acknowledged": 4, "sent": 0, "superseded": 1, "rejected": {"crc": 1}, "dropped": {}, "queued": 3},
		"queue": {"waiting": 3, "capacity": 1024},
		"spool": {"state": "off", "bytes": 0, "card_bytes_written": 0, "cause": ""},
		"problems": [],
		"sensors": [{
			"name": "outside", "driver": "mock", "status": "ok", "error": "", "since": null, "interval": 10, "simulated": true, "rejected": null,
			"readings": [{
				"quantity": "temperature", "value": 28.4, "unit": "°C", "time": "2026-01-02T11:59:59.005Z",
				"topic": "temperature/outside", "payload": "28.4", "binary": false, "retained": true, "acknowledged": true
			}]
		}]
	}`
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if got, want := pretty(t, w.Body.Bytes()), pretty(t, compact.Bytes()); w.Code != 200 || got != want+"\n" {
		t.Errorf("got %d\n%s\nwant\n%s", w.Code, got, want)
	}
	if got := w.Header().Get("Content-Type") + " " + w.Header().Get("Cache-Control"); got != "application/json no-store" {
		t.Errorf("got %s", got)
	}
}

func TestStatusOfADaemonThatIsIll(t *testing.T) {
	st := newStatus(ill())
	const pond = `{"name":"pond","driver":"ds18b20","status":"failing","error":"open: no such device","since":"2026-01-02T11:59:00.005Z",` +
		`"interval":60,"simulated":false,"rejected":{"time":"2026-01-02T11:00:00.005Z","quantity":"temperature","reason":"power-on","detail":"85 °C after power-up"},"readings":[]}`
	if got := string(encode(st.Sensors[1])); got != pond {
		t.Errorf("got  %s\nwant %s", got, pond)
	}
	if got := st.Sensors[2].Status; got != "starting" {
		t.Errorf("got %q of a sensor that was not read yet", got)
	}
	const spool = `{"state":"failing","bytes":4196,"card_bytes_written":70000,"cause":"no space left on device"}`
	if got := string(encode(st.Spool)); got != spool {
		t.Errorf("got  %s\nwant %s", got, spool)
	}
}

// What a name or a payload contains stays text, and what is not text is shown in
// hex.
func TestPayloadsInTheStatus(t *testing.T) {
	hostile := "<script>\"\u202e\u0000\xff"
	one := func(n publisher.Newest) string {
		return string(encode(newSensor(daemon.Sensor{Readings: []publisher.Newest{n}}).Readings[0]))
	}
	const rest = `"retained":true,"acknowledged":true}`
	for _, c := range []struct {
		name string
		n    publisher.Newest
		want string
	}{
		{
			"binary", newest("a", "temperature", 28.44, "°C", publisher.Binary{Format: ">f", Precision: 1}),
			`{"quantity":"temperature","value":28.4,"unit":"°C","time":"2026-01-02T11:59:59.005Z","topic":"temperature/a","payload":"41e33333","binary":true,` + rest,
		},
		{
			"JSON", newest("a", "humidity", 50, "%", publisher.JSON{Node: "n", Precision: 1}),
			`{"quantity":"humidity","value":50.0,"unit":"%","time":"2026-01-02T11:59:59.005Z","topic":"humidity/a",` +
				`"payload":"{\"value\":50.0,\"unit\":\"%\",\"quantity\":\"humidity\",\"sensor\":\"a\",\"node\":\"n\",\"time\":\"2026-01-02T11:59:59.005Z\",\"seq\":17}","binary":false,` + rest,
		},
		{
			"a hostile name", newest(hostile, "x", 1, "", publisher.Text{Precision: 0}),
			`{"quantity":"x","value":1.0,"unit":"","time":"2026-01-02T11:59:59.005Z","topic":"x/\u003cscript\u003e\"` + "\u202e" + `\u0000\ufffd","payload":"1","binary":false,` + rest,
		},
	} {
		if got := one(c.n); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.want)
		}
	}
}
