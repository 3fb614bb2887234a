package discovery

import (
	"maps"
	"slices"
	"time"

	"sensorpub/publisher"
)

// Diagnostics describes what a node publishes about itself.
type Diagnostics struct {
	Topic    string        // "": nothing
	Interval time.Duration // from one message to the next
	Spool    bool          // it has a spool
	Power    bool          // the machine reports under-voltage
}

// A Report is what a node says about itself at one moment. A time is null if it
// is zero.
type Report struct {
	Machine      string               // its id; "": not known
	Connected    time.Time            // since when
	Losses       uint64               // of the connection, since the start
	Queued       uint64               // readings
	Rejected     uint64               // readings, since the start
	Dropped      uint64               // readings, since the start
	Spool        string               // SpoolOK or SpoolFailing; "": there is none
	UnderVoltage *bool                // nil: the machine does not report it
	LastReading  map[string]time.Time // by the sensor's identity
}

// The states of a spool.
const (
	SpoolOK      = "ok"
	SpoolFailing = "failing" // a directory cannot be used
)

// The states of the power supply.
const (
	powerOK  = "ok"
	powerLow = "under-voltage"
)

// Message returns the message with a report.
func (d Diagnostics) Message(r Report) publisher.Message {
	last := make(map[string]*string, len(r.LastReading))
	for identity, at := range r.LastReading {
		last[id(identity)] = timeText(at)
	}
	power := ""
	if r.UnderVoltage != nil {
		power = map[bool]string{false: powerOK, true: powerLow}[*r.UnderVoltage]
	}
	return retained(d.Topic, struct {
		Machine     string             `json:"machine,omitempty"`
		Connected   *string            `json:"connected_since"`
		Losses      uint64             `json:"connection_losses"`
		Queued      uint64             `json:"queued"`
		Rejected    uint64             `json:"rejected"`
		Dropped     uint64             `json:"dropped"`
		Spool       string             `json:"spool,omitempty"`
		Power       string             `json:"power_supply,omitempty"`
		LastReading map[string]*string `json:"last_reading"`
	}{r.Machine, timeText(r.Connected), r.Losses, r.Queued, r.Rejected, r.Dropped, r.Spool, power, last})
}

// timeText writes a time as Home Assistant wants timestamps.
func timeText(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}

// addDiagnostics adds the components whose values are in the reports.
func (n Node) addDiagnostics(all map[string]component) {
	d := n.Diagnostics
	if d.Topic == "" {
		return
	}
	add := func(key, subject, what, template, class, state, unit string, options ...string) {
		all[key] = component{
			Platform: platform, Name: entityName(n.Name, subject, what), UniqueID: join(n.device(), key),
			EntityID: platform + "." + slug(n.Name+" "+subject, what), Category: "diagnostic",
			StateTopic: d.Topic, Template: "{{ " + template + " }}", QoS: 1, Class: class, StateClass: state, Unit: unit,
			Options: options, Expires: seconds(LiveFor(d.Interval)), availability: n.available("", ""),
		}
	}
	const count = "readings"
	add("connected_since", "", "connected since", "value_json.connected_since", "timestamp", "", "")
	add("connection_losses", "", "connection losses", "value_json.connection_losses", "", "total_increasing", "")
	add("queued", "", "queued readings", "value_json.queued", "", "measurement", count)
	add("rejected", "", "rejected readings", "value_json.rejected", "", "total_increasing", count)
	add("dropped", "", "dropped readings", "value_json.dropped", "", "total_increasing", count)
	if d.Spool {
		add("spool", "", "spool", "value_json.spool", "enum", "", "", SpoolOK, SpoolFailing)
	}
	if d.Power {
		add("power_supply", "", "power supply", "value_json.power_supply", "enum", "", "", powerOK, powerLow)
	}
	names := make(map[string]string)
	for _, r := range n.Readings {
		names[r.Identity] = r.Sensor
	}
	for _, identity := range slices.Sorted(maps.Keys(names)) {
		// Three ids, so that it is not the key of a quantity "last_reading".
		add(join("diagnostics", id(identity), "last_reading"), names[identity], "last reading",
			"value_json.last_reading['"+id(identity)+"']", "timestamp", "", "")
	}
}
