package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
)

// askedAt serves answers to /api/explain as a daemon does, and returns where.
func askedAt(t *testing.T, password, answer string) (listen string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, got, _ := r.BasicAuth()
		switch {
		case r.URL.Path != "/api/explain" || r.Host != l.Addr().String():
			w.WriteHeader(http.StatusTeapot)
		case got != password || password != "" && name != "sensorpub":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Query().Get("topic") != "temperature/outside":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Write([]byte(answer))
		}
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

func TestExplain(t *testing.T) {
	time.Local = time.UTC
	const at = `{"time":"2026-01-02T12:00:00.005Z",`
	listen := askedAt(t, "hunter2", `{"topic":"temperature/outside","sensor":"outs\u001bide","quantity":"temperature","status":"failing","error":"open: no such device","connected":false,"cause":"dial: connection refused","decisions":[`+
		at+`"decision":"acknowledged","value":28.4,"unit":"°C","seq":1,"after":0.0123456},`+
		at+`"decision":"sent","value":28.4,"unit":"°C","seq":2,"after":0.5},`+
		at+`"decision":"rejected","value":null,"seq":0,"reason":"crc","detail":"4b is not 1c","after":null},`+
		at+`"decision":"deadband","value":null,"seq":0,"detail":"close to 28.4","after":null},`+
		at+`"decision":"superseded","value":5,"unit":"","seq":3,"after":125},`+
		at+`"decision":"dropped","value":6.0,"unit":"°C","seq":4,"reason":"overflow","after":4000},`+
		at+`"decision":"dropped","value":6.0,"unit":"°C","seq":5,"reason":"removed","after":0.00001},`+
		`{"time":null,"decision":"queued","value":7.0,"unit":"°C","seq":6,"after":null}]}`)
	file := fixture.WriteFile(t, "config.toml", "[http]\nlisten = \""+listen+"\"\npassword_file = \""+fixture.WriteFile(t, "password", "hunter2\n")+"\"\n"+fixture.OneSensor)
	want := `temperature/outside: temperature of sensor "outs\x1bide"
sensor: failing, open: no such device
broker: not connected, dial: connection refused
2026-01-02 12:00:00  28.4 °C  acknowledged after 12ms
2026-01-02 12:00:00  28.4 °C  sent at QoS 0 after 500ms
2026-01-02 12:00:00           rejected (crc): 4b is not 1c
2026-01-02 12:00:00           inside the deadband: close to 28.4
2026-01-02 12:00:00  5        superseded by a newer reading after 2m5s
2026-01-02 12:00:00  6.0 °C   dropped after 1h7m0s: the queue was full
2026-01-02 12:00:00  6.0 °C   dropped after 0s: removed
clock not set        7.0 °C   queued
`
	if got := sensorpub(t, nil, "explain", "temperature/outside", "-c", file); got != (result{0, want, ""}) {
		t.Errorf("got %+v\n%swant\n%s", got, got.stdout, want)
	}
}

func TestExplainThatGetsNoAnswer(t *testing.T) {
	listen := askedAt(t, "hunter2", "{}")
	open := askedAt(t, "", "no JSON")
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	secret := "password_file = \"" + fixture.WriteFile(t, "password", "hunter2\n") + "\"\n"
	for _, c := range []struct {
		name, http string
		args       []string
		code       int
		want       string
	}{
		{"no topic", "", nil, 2, "sensorpub: parse arguments of explain: want a topic, such as temperature/outside\nhint: sensorpub explain --help shows its flags\n"},
		{"no page", "", []string{"temperature/outside"}, 1, "sensorpub: explain temperature/outside: the daemon cannot be asked, because it serves no page\n" +
			"hint: set listen = \"127.0.0.1:9110\" in [http] and restart sensorpub\n"},
		{"no daemon", "listen = \"" + gone.Addr().String() + "\"", []string{"temperature/outside"}, 1, "connection refused\nhint: is sensorpub running? A change of [http] takes effect when it is restarted\n"},
		{"no password", "listen = \"" + listen + "\"", []string{"temperature/outside"}, 1, ": the daemon does not accept the password\n" +
			"hint: if it is a systemd credential: sudo CREDENTIALS_DIRECTORY=/run/credentials/sensorpub.service sensorpub explain temperature/outside\n"},
		{"no password file", "listen = \"" + listen + "\"\npassword_file = \"/missing\"", []string{"temperature/outside"}, 1, "sensorpub: read password file /missing: no such file or directory\n"},
		{"a topic that is misspelt", secret + "listen = \"" + listen + "\"", []string{"temperature/outsid"}, 1, ": no sensor of the running daemon publishes to that topic\nhint: did you mean temperature/outside?\n"},
		{"another topic", secret + "listen = \"" + listen + "\"", []string{"\x1b"}, 1, "hint: sensorpub check lists the topics\n"},
		{"a daemon that hangs", "listen = \"" + silent.Addr().String() + "\"", []string{"temperature/outside"}, 1, ": no answer within 5s\nhint: if sensorpub is listening there, it hangs: see systemctl status sensorpub\n"},
		{"something else that listens", "listen = \"" + open + "\"", []string{"temperature/outside"}, 1, "invalid character 'o' in literal null (expecting 'u')\nhint: is sensorpub running? A change of [http] takes effect when it is restarted\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := fixture.WriteFile(t, "config.toml", "[http]\n"+c.http+"\n"+fixture.OneSensor)
			got := sensorpub(t, nil, append([]string{"explain", "-c", file}, c.args...)...)
			if got.code != c.code || got.stdout != "" || !strings.HasSuffix(got.stderr, c.want) || strings.Contains(got.stderr, "\x1b") {
				t.Errorf("got %+v, want %d and %q at the end", got, c.code, c.want)
			}
		})
	}
}
