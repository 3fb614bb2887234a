// Package config turns TOML into checked settings, the probes that the drivers
// make of them, and what a connection needs.
//
// All errors are reported at once. Only the configuration and the files it
// names are opened, never a probe; and what identifies the machine, if its node
// contains {machine_id}.
package config

import (
	"net/url"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// A Config is what the configuration file says, with defaults filled in. The
// tags are rules for the [decoder].
type Config struct {
	Node          string        `toml:"node"`
	Broker        Broker        `toml:"broker"`
	Availability  Availability  `toml:"availability"`
	Publish       Publishing    `toml:"publish"`
	Queue         Queue         `toml:"queue"`
	Spool         Spool         `toml:"spool"`
	HomeAssistant HomeAssistant `toml:"homeassistant"`
	HTTP          HTTP          `toml:"http"`
	Sensors       []Sensor      `toml:"sensor"` // after the check: those that are enabled

	// The check fills in the rest.
	Machine string          // as returned by [MachineID]
	Root    string          // prepended to /sys, /dev and /proc, for tests
	OneWire drivers.OneWire // shared by the probes on the kernel's 1-Wire buses
	Probes  []sensors.Probe // of Sensors, in the same order
	Routes  []publisher.Route

	Disabled []Sensor // checked on their own, but not against the others

	env   Environment
	files *reader
}

// Broker says how to reach the broker.
type Broker struct {
	URLs           []string      `toml:"urls"`
	ClientID       string        `toml:"client_id"`
	Username       string        `toml:"username"`
	PasswordFile   string        `toml:"password_file"`
	AllowPlaintext bool          `toml:"allow_plaintext_password"`
	KeepAlive      time.Duration `toml:"keep_alive" min:"1s"`
	AckTimeout     time.Duration `toml:"ack_timeout" min:"100ms" max:"10m"`
	PreferAfter    time.Duration `toml:"prefer_after" min:"0s"`
	Window         int           `toml:"window" min:"1" max:"32"`
	TLS            TLS           `toml:"tls"`

	Servers []*url.URL // URLs, parsed, each with a host and a port
}

// TLS says which brokers to trust on mqtts:// and wss://, and with which
// certificate to log in.
type TLS struct {
	CAFile     string   `toml:"ca_file"`
	CertFile   string   `toml:"cert_file"`
	KeyFile    string   `toml:"key_file"`
	ServerName string   `toml:"server_name"`
	MinVersion string   `toml:"min_version" oneof:"1.2 1.3"`
	Pins       []string `toml:"pins"`

	pins []mqtt.Pin // Pins, parsed
}

// Availability says where the daemon publishes whether it and each sensor is
// online.
type Availability struct {
	Topic       string `toml:"topic"`        // with the node filled in by the check; "": off
	SensorTopic string `toml:"sensor_topic"` // with placeholders; "": off
}

// Publishing is how readings become messages, and what happens to retained messages
// of removed sensors.
type Publishing struct {
	Publish
	KeepRemoved bool `toml:"keep_removed"` // true: what is no longer published stays retained
}

// Publish says how readings become messages. A sensor can override each key.
type Publish struct {
	Topic        string `toml:"topic"` // with placeholders
	Encoding     string `toml:"encoding" oneof:"text binary json"`
	BinaryFormat string `toml:"binary_format" oneof:">d <d >f <f"`
	QoS          int    `toml:"qos" min:"0" max:"2"`
	Retain       bool   `toml:"retain"`
	Precision    int    `toml:"precision" min:"0" max:"10"`

	Unit       []string      `toml:"unit" oneof:"°C °F K hPa kPa Pa mbar mmHg inHg"` // at most one for each quantity
	StaleAfter time.Duration `toml:"stale_after" min:"0s"`
	ClearStale bool          `toml:"clear_stale"`
}

// Queue says what happens to readings until the broker has acknowledged them.
type Queue struct {
	Capacity int           `toml:"capacity" min:"1" max:"1000000"`
	Overflow string        `toml:"overflow" oneof:"drop-oldest drop-newest block"`
	Backlog  string        `toml:"backlog" oneof:"replay latest history"`
	MaxAge   time.Duration `toml:"max_age" min:"0s"`
	Grace    time.Duration `toml:"grace" min:"0s" max:"5m"`
}

// Limits returns what the publisher's queue needs to know.
func (q Queue) Limits() publisher.Limits {
	return publisher.Limits{Capacity: q.Capacity, Overflow: q.Overflow, Backlog: q.Backlog, MaxAge: q.MaxAge}
}

// Spool says where waiting readings are kept so that they survive the process.
type Spool struct {
	Dir           string        `toml:"dir"`
	RuntimeDir    string        `toml:"runtime_dir"`
	SpillAfter    time.Duration `toml:"spill_after" min:"0s" max:"24h"`
	FlushInterval time.Duration `toml:"flush_interval" min:"100ms" max:"24h"`
	MaxBytes      int64         `toml:"max_bytes" min:"65536" max:"1099511627776"`
}

// HomeAssistant says whether to announce the sensors to Home Assistant, and how.
type HomeAssistant struct {
	Discovery   bool          `toml:"discovery"`
	Prefix      string        `toml:"prefix"`
	Form        string        `toml:"form" oneof:"device components"`
	Diagnostics time.Duration `toml:"diagnostics" min:"0s" max:"24h"` // from one report to the next; 0: none
}

// HTTP says where the status page and the metrics are served, and to whom.
type HTTP struct {
	Listen       string   `toml:"listen"`       // "": not at all
	AllowRemote  bool     `toml:"allow_remote"` // other addresses than loopback are allowed
	Hosts        []string `toml:"hosts"`        // further names of this machine
	PasswordFile string   `toml:"password_file"`
}

// A Sensor is a [[sensor]] section.
type Sensor struct {
	Name     string        `toml:"name"`
	Driver   string        `toml:"driver"`
	Interval time.Duration `toml:"interval" min:"100ms" max:"24h"`
	Enabled  bool          `toml:"enabled"` // false: checked, but not used

	IfPresent bool `toml:"optional"` // until its device has answered, nothing is published and nothing counts as failed

	Area     string `toml:"area"`
	Identity string `toml:"identity"` // filled in by the check: never "" then
	Publish
	Quantities  []string       `toml:"quantities"`                     // those to publish; none: all that there are
	Altitude    float64        `toml:"altitude" min:"-500" max:"9000"` // in metres
	Options     map[string]any `toml:"options"`
	Filter      Filter         `toml:"filter"`
	Calibration Calibration    `toml:"calibration"`

	// The check fills in the rest.
	Routes   []publisher.Route
	Optional bool   // only those Routes exist whose quantities the device has
	Pattern  string // Topic with all but {quantity} filled in

	place // where it stands
}

// Filter says which readings of a sensor to accept and publish, in the unit of
// its driver.
type Filter struct {
	Min           *float64      `toml:"min"` // nil: no limit but the driver's
	Max           *float64      `toml:"max"`
	MaxStep       float64       `toml:"max_step" min:"0"`
	Confirmations int           `toml:"confirmations" min:"1" max:"1000"`
	Median        int           `toml:"median" min:"0" max:"999"`
	EMA           float64       `toml:"ema" min:"0" max:"1"`
	Deadband      float64       `toml:"deadband" min:"0"`
	Heartbeat     time.Duration `toml:"heartbeat" min:"0s"`

	Of map[string]Filter `each:"quantity"` // for sensors with several
}

// Calibration says how to turn raw values into true ones.
type Calibration struct {
	Offset float64     `toml:"offset"`
	Gain   float64     `toml:"gain"`
	Points [][]float64 `toml:"points"` // raw and true

	Of map[string]Calibration `each:"quantity"`
}

// Convert returns a reading in the unit in which it is published.
func (c *Config) Convert(r sensors.Reading) sensors.Reading {
	for i := range c.Routes {
		if route := &c.Routes[i]; route.Sensor == r.Sensor && route.Quantity == r.Quantity {
			return route.Convert(r)
		}
	}
	return r
}

// defaults returns the configuration of an empty file.
func defaults() *Config {
	return &Config{
		Broker: Broker{
			URLs:       []string{"mqtt://localhost:1883"},
			KeepAlive:  10 * time.Second,
			AckTimeout: 10 * time.Second, PreferAfter: 10 * time.Minute,
			Window: 16,
			TLS:    TLS{MinVersion: "1.2", Pins: []string{}},
		},
		Availability: Availability{Topic: "sensorpub/{node}/status", SensorTopic: "sensorpub/{node}/{sensor}/status"},
		Publish: Publishing{Publish: Publish{
			Topic: "{quantity}/{sensor}", Encoding: "text", BinaryFormat: ">d",
			QoS: 1, Retain: true, Precision: 2, Unit: []string{},
		}},
		Queue: Queue{Capacity: 1024, Overflow: "drop-oldest", Backlog: "replay", Grace: 5 * time.Second},
		Spool: Spool{
			SpillAfter: 10 * time.Second, FlushInterval: 30 * time.Second, MaxBytes: 16 << 20,
		},
		HomeAssistant: HomeAssistant{Prefix: "homeassistant", Form: "device", Diagnostics: 5 * time.Minute},
		HTTP:          HTTP{Hosts: []string{}},
	}
}

// defaultSensor returns a sensor with no keys, which publishes as [publish]
// says.
func (c *Config) defaultSensor() Sensor {
	return Sensor{
		Interval: 10 * time.Second, Enabled: true, Publish: c.Publish.Publish, Quantities: []string{},
		Filter:      Filter{Confirmations: 1},
		Calibration: Calibration{Gain: 1, Points: [][]float64{}},
	}
}
