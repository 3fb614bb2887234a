package main

import (
	"fmt"
	"net/url"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
)

const (
	node        = "demo"
	statusTopic = "sensorpub/" + node + "/status"
	precision   = 1 // decimals kept
)

// house is the configuration of a house whose day lasts a minute. The boiler's
// probe fails in three ways that are common with a DS18B20.
const house = `
node = "` + node + `"

[broker]
urls = [%q]
client_id = "sensorpub-demo"

[http]
listen = %q

[publish]
precision = 1

[[sensor]]
name = "outside"
driver = "mock"
interval = "1s"
options = { baseline = 9.0, amplitude = 11.0, period = "1m" }

[[sensor]]
name = "greenhouse"
driver = "mock"
interval = "1s"
options = { quantities = ["temperature", "humidity"], baseline = 24.0, amplitude = 9.0, period = "1m" }

[[sensor]]
name = "station"
driver = "mock"
interval = "1s"
encoding = "json"
options = { quantities = ["pressure"], period = "1m" }

[[sensor]]
name = "fridge"
driver = "mock"
interval = "500ms"
encoding = "binary"
options = { baseline = 4.5, amplitude = 1.2, period = "12s" }

[[sensor]]
name = "boiler"
driver = "mock"
interval = "500ms"
options = { baseline = 55.0, amplitude = 9.0, period = "1m", script = "ok*16, crc*2, ok*14, power-on-85*3, ok*20, unplug*3" }
`

// configure returns the configuration of the house with this broker and a page at
// this address. It does not depend on the environment.
func configure(broker *url.URL, page string) (*config.Config, error) {
	e := config.Environment{
		Getenv:   func(string) string { return "" },
		Hostname: func() (string, error) { return node, nil },
	}
	return e.Parse("the demo's configuration", fmt.Appendf(nil, house, broker, page))
}

// A series is the readings of one topic.
type series struct {
	publisher.Route
	encoding string // text, binary or json
	format   string // of a binary payload
	interval time.Duration
}

// published returns the series of a configuration.
func published(c *config.Config) (all []series) {
	for _, s := range c.Sensors {
		for _, r := range s.Routes {
			one := series{Route: r, encoding: s.Encoding, interval: s.Interval}
			if b, ok := r.Encoder.(publisher.Binary); ok {
				one.format = b.Format
			}
			all = append(all, one)
		}
	}
	return all
}
