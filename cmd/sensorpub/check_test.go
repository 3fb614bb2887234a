package main

import (
	"testing"
)

func TestCheckPrintsALineForEachSensor(t *testing.T) {
	file := writeFile(t, "config.toml", `
[publish]
topic = "{node}/{quantity}/{sensor}"
[[sensor]]
name = "outside"
driver = "mock"
options = { values = [28.4] }
[[sensor]]
name = "größe"
driver = "bme280"
interval = "5m"
encoding = "binary"
binary_format = "<f"
qos = 0
retain = false
`)
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, `outside  mock    garden-pi/temperature/outside                                                    text       QoS 1  retained      every 10s
größe    bme280  garden-pi/temperature/größe, garden-pi/humidity/größe, garden-pi/pressure/größe  binary <f  QoS 0  not retained  every 5m
`, ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}
