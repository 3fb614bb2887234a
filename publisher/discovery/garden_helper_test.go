package discovery

import (
	"time"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

// garden is a node with every kind of entity.
func garden() Node {
	reading := func(sensor, identity string, q sensors.Quantity, e publisher.Encoder) Reading {
		return Reading{
			Sensor: sensor, Identity: identity, Quantity: q, Topic: q.Name + "/" + sensor, Encoder: e, QoS: 1,
			Status: "sensorpub/garden-pi/" + sensor + "/status", Interval: 10 * time.Second,
		}
	}
	text := publisher.Text{Precision: 1}
	n := Node{
		Name: "garden-pi", Version: "1.2.3", Prefix: "homeassistant", Form: Device,
		Availability: "sensorpub/garden-pi/status",
		Readings: []Reading{
			reading("outside", "28-0316a2794fff", sensors.Temperature, text),
			reading("cellar", "i2c-1-0x76", sensors.Humidity, publisher.JSON{Node: "garden-pi", Precision: 0}),
			reading("cellar", "i2c-1-0x76", sensors.Pressure, publisher.JSON{Node: "garden-pi", Precision: 2}),
			reading("Küche", "Küche", sensors.CO2, publisher.Binary{Format: ">d", Precision: 0}),
			reading("meter", "meter", sensors.Energy, publisher.Binary{Format: "<f", Precision: 3}),
			reading("fan", "fan", sensors.Rotation, text),
			reading("odd", "odd", sensors.Quantity{Name: "bovis_units", Unit: "BU", StateClass: sensors.Measured}, text),
		},
		Diagnostics: Diagnostics{Topic: "sensorpub/garden-pi/diagnostics", Interval: 5 * time.Minute, Spool: true, Power: true},
	}
	n.Readings[0].Deadband, n.Readings[0].Heartbeat = true, 10*time.Minute
	return n
}

// with returns the garden with something changed.
func with(change func(n *Node)) Node {
	n := garden()
	change(&n)
	return n
}
