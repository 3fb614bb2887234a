package web

import (
	"testing"

	"sensorpub/cmd/sensorpub/daemon"
)

func TestHealth(t *testing.T) {
	for _, c := range []struct {
		name   string
		s      daemon.Snapshot
		status int
		want   string
	}{
		{"all is well", well(), 200, `{"status":"ok"}`},
		{"much is wrong", ill(), 503, `{"status":"failing","problems":[` +
			`{"problem":"no connection to mqtt://h:1883: refused","hint":"check it"},` +
			`{"problem":"the broker refuses messages to temperature/attic","hint":"they may be larger than it allows, or this user may not publish there; sensorpub doctor tries it"},` +
			`{"problem":"pond: open: no such device","hint":"sensorpub doctor examines the sensor; sensorpub drivers ds18b20 shows its options and wiring"},` +
			`{"problem":"spool.runtime_dir: files that could not be read: a.log b.log","hint":"make them readable and restart sensorpub: the next start reads them"},` +
			`{"problem":"spool.dir cannot be used: no space left on device","hint":"is there room, and may the service write there? Meanwhile readings are kept in memory"}]}`},
	} {
		s, _ := serverOf(c.s)
		if w := get(s, "/healthz"); w.Code != c.status || w.Body.String() != c.want+"\n" {
			t.Errorf("%s: got %d %s, want %d %s", c.name, w.Code, w.Body, c.status, c.want)
		}
	}
}
