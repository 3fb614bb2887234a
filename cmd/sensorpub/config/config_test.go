package config

import (
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher"
)

func TestDefaults(t *testing.T) {
	c, err := parseTest(nil, fixture.OneSensor)
	if err != nil {
		t.Fatal(err)
	}
	if c.Node != "garden-pi" {
		t.Errorf("node: got %q, want garden-pi", c.Node)
	}
	if got, want := c.Availability.Topic, "sensorpub/garden-pi/status"; got != want {
		t.Errorf("availability: got %q, want %q", got, want)
	}
	if got := c.Broker.Servers[0].String(); len(c.Broker.Servers) != 1 || got != "mqtt://localhost:1883" {
		t.Errorf("servers: got %v, want mqtt://localhost:1883", c.Broker.Servers)
	}
	if len(c.Probes) != 1 || c.Probes[0].Name != "outside" || c.Probes[0].Driver != "mock" || c.Probes[0].Interval != 10*time.Second {
		t.Errorf("probes: got %+v, want one called outside, every 10 s", c.Probes)
	}
	got := c.Routes[0]
	want := publisher.Route{
		Sensor: "outside", Quantity: "temperature", Topic: "temperature/outside", Unit: "°C", QoS: 1, Retain: true,
		Encoder: publisher.Text{Precision: 2}, History: publisher.JSON{Node: "garden-pi", Precision: 2},
	}
	if len(c.Routes) != 1 || got != want {
		t.Errorf("route: got %+v, want %+v", got, want)
	}
}

func TestSensorOverridesPublish(t *testing.T) {
	c, err := parseTest(nil, `
		node = "n"
		[publish]
		qos = 2
		precision = 1
		stale_after = "1m"
		[[sensor]]
		name = "a"
		driver = "mock"
		options = { values = [1], quantities = ["humidity", "temperature"] }
		interval = "1m"
		topic = "{node}/{driver}/{sensor}/{quantity}"
		encoding = "binary"
		binary_format = "<f"
		qos = 0
		retain = false
		precision = 0
		stale_after = "0s"`+fixture.OneSensor)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Routes) != 3 {
		t.Fatalf("got %d routes, want 3", len(c.Routes))
	}
	float, json := publisher.Binary{Format: "<f"}, publisher.JSON{Node: "n"}
	for i, want := range []publisher.Route{
		{Sensor: "a", Quantity: "humidity", Topic: "n/mock/a/humidity", Unit: "%", Encoder: float, History: json},
		{Sensor: "a", Quantity: "temperature", Topic: "n/mock/a/temperature", Unit: "°C", Encoder: float, History: json},
		{
			Sensor: "outside", Quantity: "temperature", Topic: "temperature/outside", Unit: "°C", QoS: 2, Retain: true,
			Encoder: publisher.Text{Precision: 1}, History: publisher.JSON{Node: "n", Precision: 1},
			Status: "sensorpub/n/outside/status",
		},
	} {
		if c.Routes[i] != want {
			t.Errorf("route %d: got %+v, want %+v", i, c.Routes[i], want)
		}
	}
}

func TestGoodConfigurations(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"the contract's", contractExample},
		{"an array of inline tables", `sensor = [{ name = "a", driver = "mock" }, { name = "b", driver = "mock" }]`},
		{"a byte order mark and Windows lines", "\ufeffnode = \"a\"\r\n" + strings.ReplaceAll(fixture.OneSensor, "\n", "\r\n")},
		{"names with spaces, dollars and other scripts", strings.ReplaceAll(fixture.OneSensor, "outside", "$Außen 外")},
		{"a name of 255 bytes", named(strings.Repeat("x", 255))},
		{"no availability", "[availability]\ntopic = \"\"" + fixture.OneSensor},
		{"all schemes, IPv6 and a path", `broker.urls = ["mqtt://10.0.0.1", "mqtts://[2001:db8::1]:8884", "ws://h/mqtt", "WSS://h:1/"]` + fixture.OneSensor},
		{"a user name without a password", `broker.username = "u"` + fixture.OneSensor},
		{"a password on loopback", `broker = { username = "u", password_file = "/x", urls = ["mqtt://LOCALHOST", "ws://127.1.2.3", "mqtt://[::1]"] }` + fixture.OneSensor},
		{"a password over TLS", `broker = { username = "u", password_file = "/x", urls = ["mqtts://h", "wss://h"] }` + fixture.OneSensor},
		{"a password in clear, on purpose", `broker = { username = "u", password_file = "/x", urls = ["mqtt://h"], allow_plaintext_password = true }` + fixture.OneSensor},
		{"client certificates", `broker = { urls = ["mqtts://h"], tls = { ca_file = "a", cert_file = "b", key_file = "c", server_name = "d", min_version = "1.3" } }` + fixture.OneSensor},
		{"features that are off", "spool = { dir = \"\" }\nhttp = { listen = \"\" }\nhomeassistant = { discovery = false }" +
			fixture.OneSensor + "filter = { median = 0, ema = 0, heartbeat = \"0s\" }\ncalibration = { offset = 0, gain = 1, points = [] }\nunit = []\nstale_after = \"0s\""},
		{"limits", "broker = { keep_alive = \"65535s\", ack_timeout = \"100ms\", window = 32 }\n" +
			"queue = { capacity = 1000000, max_age = \"8760h\", grace = \"0s\" }" + fixture.OneSensor + `interval = "24h"`},
	} {
		if _, err := parseTest(nil, c.text); err != nil {
			t.Errorf("%s: got %v, want no error", c.name, err)
		}
	}
}

func TestServersHavePorts(t *testing.T) {
	c, err := parseTest(nil, `broker.urls = ["mqtt://a", "mqtts://[::1]", "ws://c/mqtt", "wss://d:444"]`+fixture.OneSensor)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"mqtt://a:1883", "mqtts://[::1]:8883", "ws://c:80/mqtt", "wss://d:444"} {
		if got := c.Broker.Servers[i].String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzConfig looks for panics and for incomplete configurations that pass the
// check.
func FuzzConfig(f *testing.F) {
	f.Add(contractExample)
	f.Add(fixture.OneSensor)
	for _, c := range badConfigs {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseTest(nil, text)
		if err != nil {
			lines := strings.Count(text, "\n") + 1
			for _, e := range err.(Errors) {
				if e.Line < 1 || e.Line > lines || e.Text == "" {
					t.Errorf("got %+v in %d lines", e, lines)
				}
			}
			return
		}
		if len(c.Probes) == 0 || len(c.Probes) != len(c.Sensors) || len(c.Routes) < len(c.Probes) || len(c.Broker.Servers) == 0 {
			t.Errorf("got %d sensors, %d probes, %d routes and %d servers",
				len(c.Sensors), len(c.Probes), len(c.Routes), len(c.Broker.Servers))
		}
	})
}

func TestHostNameInTopics(t *testing.T) {
	c, err := parseTest(nil, `
		node = "balcony"
		availability.topic = "hosts/{hostname}/status"
		availability.sensor_topic = "hosts/{hostname}/{sensor}"
		publish.topic = "{hostname}/{node}/{quantity}"
		publish.stale_after = "1m"
	`+fixture.OneSensor)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, got, want string }{
		{"of a reading", c.Routes[0].Topic, "garden-pi/balcony/temperature"},
		{"of the daemon's status", c.Availability.Topic, "hosts/garden-pi/status"},
		{"of the sensor's status", c.Routes[0].Status, "hosts/garden-pi/outside"},
	} {
		if tt.got != tt.want {
			t.Errorf("topic %s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
