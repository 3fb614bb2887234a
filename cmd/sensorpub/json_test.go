package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher/mqtt"
)

// objects parses lines of JSON.
func objects(t *testing.T, lines string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("got %q: %v", line, err)
		}
		all = append(all, v)
	}
	return all
}

func TestObjectsOfCheck(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor+`
[[sensor]]
name = "spare"
driver = "mock"
encoding = "binary"
interval = "1m"
enabled = false
`)
	got := sensorpub(t, nil, "check", "--json", "--config", file)
	want := `{"sensor":"outside","driver":"mock","enabled":true,"topics":["temperature/outside"],"encoding":"text","qos":1,"retain":true,"interval":"10s"}
{"sensor":"spare","driver":"mock","enabled":false,"topics":["temperature/spare"],"encoding":"binary","binary_format":">d","qos":1,"retain":true,"interval":"1m"}
`
	if got != (result{0, want, ""}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	bad := fixture.WriteFile(t, "config.toml", "nod = 1\nqueue.capacity = 0\n"+fixture.OneSensor)
	got = sensorpub(t, nil, "check", "--json", "--config", bad)
	errs := objects(t, got.stdout)
	if got.code != 2 || len(errs) != 2 || errs[1]["file"] != bad || errs[1]["line"] != 2.0 ||
		errs[1]["error"] != "queue: capacity = 0: want an integer from 1 to 1000000" {
		t.Errorf("got %+v, want an object for each error", got)
	}
	if !strings.HasPrefix(got.stderr, "sensorpub: "+bad+": 2 errors\n") {
		t.Errorf("got %q on stderr, want the errors there, too", got.stderr)
	}
	if got := sensorpub(t, nil, "check", "--json", "--config", "/no/such"); got.code != 2 || objects(t, got.stdout)[0]["error"] != "read /no/such: no such file or directory" {
		t.Errorf("got %+v, want the missing file", got)
	}
}

func TestObjectsOfScan(t *testing.T) {
	root := fixture.Desk(t, nil)
	got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": root}, "scan", "--json")
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("got %+v", got)
	}
	all := objects(t, got.stdout)
	for _, want := range []string{
		`{"bus":"1-Wire","place":"28-0316a2794fff","name":"DS18B20","driver":"ds18b20","options":{"id":"28-0316a2794fff"},"readings":[{"quantity":"temperature","value":23.125,"unit":"°C"}]}`,
		`"place":"28-0316a279aaaa","name":"DS18B20","driver":"ds18b20","options":{"id":"28-0316a279aaaa"},"error":"read: 28-0316a279aaaa: empty, `,
		`{"bus":"I²C bus 1, bcm2835 (i2c@7e804000)","error":"`,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("got\n%s\nwant %s in it", got.stdout, want)
		}
	}
	if len(all) < 7 {
		t.Errorf("got %d objects, want one for each find", len(all))
	}
}

func TestObjectsOfDrivers(t *testing.T) {
	all := objects(t, sensorpub(t, nil, "drivers", "--json").stdout)
	if len(all) < 20 || all[0]["driver"] != "aht20" {
		t.Errorf("got %d objects, the first %v, want all drivers", len(all), all[0])
	}
	one := objects(t, sensorpub(t, nil, "drivers", "DHT22", "--json").stdout)
	if len(one) != 1 || one[0]["chip"] != "DHT22" || one[0]["driver"] != "iio" || one[0]["how"] == "" {
		t.Errorf("got %v, want the driver iio and how it reads a DHT22", one)
	}
	mock := objects(t, sensorpub(t, nil, "drivers", "--json", "mock").stdout)[0]
	if mock["simulated"] != true || len(mock["options"].([]any)) == 0 || len(mock["quantities"].([]any)) == 0 {
		t.Errorf("got %v, want that it is simulated, its options and quantities", mock)
	}
}

func TestObjectsOfDoctor(t *testing.T) {
	got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": t.TempDir()}, "doctor", "--json", "--config", "/no/such")
	all := objects(t, got.stdout)
	if got.code != 2 || all[0]["status"] != "fail" || all[0]["check"] != "configuration" ||
		all[0]["finding"] != "read /no/such: no such file or directory" || len(all[0]["hints"].([]any)) != 1 {
		t.Errorf("got %+v, want the missing file first", got)
	}
}

func TestObjectsOfWatch(t *testing.T) {
	c := claimant(t, t.TempDir(), "")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, w := range []struct {
		m    mqtt.Message
		want string
	}{
		{
			mqtt.Message{Topic: "temperature/outside", Payload: []byte("28.4"), QoS: 1, Retain: true},
			`{"time":"2026-01-02T03:04:05.000Z","topic":"temperature/outside","value":28.4,"unit":"°C","payload":"28.4","qos":1,"retained":true}`,
		},
		{
			mqtt.Message{Topic: "a", Payload: []byte(`{"value":1,"unit":"K","time":"2026-01-01T00:00:00Z"}`)},
			`{"time":"2026-01-02T03:04:05.000Z","topic":"a","value":1,"unit":"K","measured":"2026-01-01T00:00:00.000Z","payload":"{\"value\":1,\"unit\":\"K\",\"time\":\"2026-01-01T00:00:00Z\"}","qos":0,"retained":false}`,
		},
		{
			mqtt.Message{Topic: "a", Payload: []byte("\x1b[J")},
			`{"time":"2026-01-02T03:04:05.000Z","topic":"a","value":null,"payload":"1b5b4a","hex":true,"qos":0,"retained":false}`,
		},
		{
			mqtt.Message{Topic: "a"},
			`{"time":"2026-01-02T03:04:05.000Z","topic":"a","value":null,"payload":"","qos":0,"retained":false}`,
		},
	} {
		if got := describeJSON(c, w.m, at); got != w.want {
			t.Errorf("got\n%s\nwant\n%s", got, w.want)
		}
	}
}

func TestSeveralSensors(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor+"[[sensor]]\nname = \"a\"\ndriver = \"mock\"\noptions = { values = [1] }\n"+
		"[[sensor]]\nname = \"b\"\ndriver = \"mock\"\noptions = { values = [2] }\n")
	got := sensorpub(t, nil, "read", "--sensor", "b", "--sensor", "outside", "--config", file)
	if want := (result{0, "outside  temperature  28.4 °C\nb        temperature  2.0 °C\n", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := sensorpub(t, nil, "read", "--sensor", "b", "--sensor", "c", "--config", file); got.code != 2 || got.stdout != "" {
		t.Errorf("got %+v, want exit code 2 for the one that is not there", got)
	}
}

func TestVersionFlags(t *testing.T) {
	want := sensorpub(t, nil, "version")
	for _, flag := range []string{"-v", "--version", "-version"} {
		if got := sensorpub(t, nil, flag); got != want {
			t.Errorf("%s: got %+v, want %+v", flag, got, want)
		}
	}
}

func TestColumnsAreAsWideAsTheyLook(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "[[sensor]]\nname = \"温室\"\ndriver = \"mock\"\noptions = { values = [1] }\n"+
		"[[sensor]]\nname = \"🌱🌱🌱\"\ndriver = \"mock\"\noptions = { values = [2] }\n")
	if got, want := sensorpub(t, nil, "read", "--config", file).stdout, "温室    temperature  1.0 °C\n🌱🌱🌱  temperature  2.0 °C\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want := "温室    mock  temperature/温室    text  QoS 1  retained  every 10s\n🌱🌱🌱  mock  temperature/🌱🌱🌱  text  QoS 1  retained  every 10s\n"
	if got := sensorpub(t, nil, "check", "--config", file).stdout; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
