package main

import (
	"errors"
	"fmt"
	"time"

	"sensorpub/publisher"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

const (
	node        = "demo"
	statusTopic = "sensorpub/" + node + "/status"
	precision   = 1 // decimals kept
)

// A simulation is what a [[sensor]] section of the configuration would say.
type simulation struct {
	sensor   string
	interval time.Duration
	encoding string // text, json, or the format of a binary payload
	options  map[string]any
}

// simulations returns a house whose day lasts a minute. The boiler's probe
// fails in turn in three ways that are common with a DS18B20.
func simulations() []simulation {
	day := "1m"
	return []simulation{
		{"outside", time.Second, "text", map[string]any{
			"baseline": 9.0, "amplitude": 11.0, "period": day,
		}},
		{"greenhouse", time.Second, "text", map[string]any{
			"quantities": []any{"temperature", "humidity"}, "baseline": 24.0, "amplitude": 9.0, "period": day,
		}},
		{"station", time.Second, "json", map[string]any{
			"quantities": []any{"pressure"}, "period": day,
		}},
		{"fridge", time.Second / 2, ">d", map[string]any{
			"baseline": 4.5, "amplitude": 1.2, "period": "12s",
		}},
		{"boiler", time.Second / 2, "text", map[string]any{
			"baseline": 55.0, "amplitude": 9.0, "period": day,
			"script": "ok*16, crc*2, ok*14, power-on-85*3, ok*20, unplug*3",
		}},
	}
}

// A series is the readings of one topic as the demo publishes them.
type series struct {
	publisher.Route
	unit     string
	encoding string // text, binary or json
	format   string // of a binary payload
	interval time.Duration
}

// configure returns the probes, not yet opened, and what they publish.
func configure(all []simulation) (probes []sensors.Probe, published []series, err error) {
	mock, err := drivers.Lookup("mock")
	if err != nil {
		return nil, nil, err
	}
	for _, s := range all {
		probe, errs := mock.Configure(drivers.Host{}, s.sensor, s.options)
		if len(errs) > 0 {
			return nil, nil, fmt.Errorf("configure %s: %w", s.sensor, errors.Join(errs...))
		}
		probe.Interval = s.interval
		probes = append(probes, probe)
		for _, q := range probe.Quantities {
			published = append(published, s.series(q))
		}
	}
	return probes, published, nil
}

func (s simulation) series(q sensors.Quantity) series {
	json := publisher.JSON{Node: node, Precision: precision}
	out := series{
		Route: publisher.Route{
			Sensor: s.sensor, Quantity: q.Name, Unit: q.Unit, Topic: q.Name + "/" + s.sensor,
			Encoder: json, History: json, QoS: 1, Retain: true,
		},
		unit: q.Unit, encoding: s.encoding, interval: s.interval,
	}
	switch s.encoding {
	case "json":
	case "text":
		out.Encoder = publisher.Text{Precision: precision}
	default:
		out.Encoder = publisher.Binary{Format: s.encoding, Precision: precision}
		out.encoding, out.format = "binary", s.encoding
	}
	return out
}
