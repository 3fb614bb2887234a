package config

import (
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestIdentities(t *testing.T) {
	for _, c := range []struct{ name, lines, want string }{
		{"the ROM id of a probe", `driver = "ds18b20"` + "\n" + `options = { id = "28-0316A2794FFF" }`, "28-0316a2794fff"},
		{"the name where the only probe is meant", `driver = "ds18b20"`, "x"},
		{"the ROM id behind a bridge", `driver = "ds2482"` + "\n" + `options = { id = "28-0316a2794fff" }`, "28-0316a2794fff"},
		{"the place of the only probe behind a bridge", `driver = "ds2482"` + "\n" + `options = { io = 3 }`, "i2c-1-0x18-io-3"},
		{"the ROM id through netlink", `driver = "w1netlink"` + "\n" + `options = { id = "28-0316a2794fff" }`, "28-0316a2794fff"},
		{"bus and address", `driver = "bme280"` + "\n" + `options = { address = 0x77 }`, "i2c-1-0x77"},
		{"bus and fixed address", `driver = "scd4x"` + "\n" + `options = { bus = "3" }`, "i2c-3-0x62"},
		{"the channel of a multiplexer", `driver = "bme280"` + "\n" + `options = { mux = 0x70, channel = 2 }`, "i2c-1-0x70-2-0x76"},
		{"chip select", `driver = "max31855"`, "spi-0-0"},
		{"chip select of a chip that may be on either", `driver = "bme280"` + "\n" + `options = { spi = "0.1" }`, "spi-0-1"},
		{"the name of a device of the kernel", `driver = "thermal"`, "x"},
		{"what is given", `driver = "bme280"` + "\n" + `identity = "attic"`, "attic"},
	} {
		conf, err := parseTest(nil, "[[sensor]]\nname = \"x\"\n"+c.lines)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := conf.Sensors[0].Identity; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWithDiscoveryEachSensorHasAStatus(t *testing.T) {
	for _, c := range []struct {
		name, text string
		status     string
		stale      time.Duration
	}{
		{"by itself", discoveryOn + sensor("a", `interval = "10s"`), "sensorpub/garden-pi/a/status", 70 * time.Second},
		{"after three long intervals", discoveryOn + sensor("a", `interval = "10m"`), "sensorpub/garden-pi/a/status", 30 * time.Minute},
		{"as configured", discoveryOn + sensor("a", `stale_after = "5m"`), "sensorpub/garden-pi/a/status", 5 * time.Minute},
		{"on another topic", discoveryOn + "availability.sensor_topic = \"s/{sensor}\"\n" + sensor("a"), "s/a", 70 * time.Second},
		{"unless it is turned off", discoveryOn + "availability.sensor_topic = \"\"\n" + sensor("a"), "", 70 * time.Second},
		{"not without discovery", sensor("a"), "", 0},
	} {
		conf, err := parseTest(nil, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := conf.Routes[0].Status; got != c.status {
			t.Errorf("%s: got status topic %q, want %q", c.name, got, c.status)
		}
		if got := conf.Probes[0].StaleAfter; got != c.stale {
			t.Errorf("%s: got %v, want %v", c.name, got, c.stale)
		}
		n, _ := conf.Announced("")
		if got := n.Readings[0].Status; got != c.status {
			t.Errorf("%s: announced with status topic %q, want %q", c.name, got, c.status)
		}
	}
}

func TestAreas(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"of all sensors", once("a", 1, `area = "Garden"`) + once("b", 1, `area = "Garden"`), "Garden"},
		{"of some sensors", once("a", 1, `area = "Garden"`) + once("b", 1), ""},
		{"of none", once("a", 1) + once("b", 1), ""},
		{"of the enabled sensors", once("a", 1, `area = "Garden"`) + once("b", 1, "enabled = false"), "Garden"},
	} {
		conf, err := parseTest(nil, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := conf.Announced(""); n.Area != c.want {
			t.Errorf("%s: got %q, want %q", c.name, n.Area, c.want)
		}
	}
	conf, err := parseTest(nil, `publish.topic = "{area}/{quantity}"`+fixture.OneSensor+`area = "Living room"`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := conf.Routes[0].Topic, "Living room/temperature"; got != want {
		t.Errorf("got topic %q, want %q", got, want)
	}
}

func TestAnnouncedReading(t *testing.T) {
	conf, err := parseTest(nil, `
		node = "n"
		[homeassistant]
		discovery = true
		prefix = "ha"
		form = "components"
		diagnostics = "1m"
		[[sensor]]
		name = "a"
		driver = "mock"
		interval = "1m"
		unit = "°F"
		encoding = "json"
		options = { values = [1], quantities = ["humidity", "temperature"] }
		filter.temperature = { deadband = 0.5, heartbeat = "1h" }
	`)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := conf.Announced("1.0")
	if !ok || n.Name != "n" || n.Version != "1.0" || n.Prefix != "ha" || n.Form != "components" || n.Availability != "sensorpub/n/status" {
		t.Errorf("got %+v and %v, want it to be as configured", n, ok)
	}
	if d := n.Diagnostics; d.Topic != "sensorpub/n/diagnostics" || d.Interval != time.Minute || d.Spool {
		t.Errorf("got diagnostics %+v, want them every minute, without a spool", d)
	}
	if len(n.Readings) != 2 {
		t.Fatalf("got %d readings, want 2", len(n.Readings))
	}
	h, temp := n.Readings[0], n.Readings[1]
	if h.Quantity.Unit != "%" || h.Deadband || h.Topic != "humidity/a" || h.Interval != time.Minute || h.QoS != 1 {
		t.Errorf("got humidity %+v", h)
	}
	if temp.Quantity.Unit != "°F" || temp.Quantity.DeviceClass != "temperature" || !temp.Deadband || temp.Heartbeat != time.Hour {
		t.Errorf("got temperature %+v", temp)
	}
}
