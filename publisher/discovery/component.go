package discovery

import (
	"fmt"
	"time"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

// platform is that of every component: all values here are sensors.
const platform = "sensor"

// A Reading is one quantity of one sensor.
type Reading struct {
	Sensor   string           // its name
	Identity string           // what its history is tied to
	Quantity sensors.Quantity // with the unit in which it is published
	Topic    string
	Encoder  publisher.Encoder // Text, JSON or Binary
	QoS      byte
	Status   string // topic of the sensor's own "online" and "offline"; "": none
	Optional bool   // announced only once there has been a reading, see [Node.Existing]

	Interval  time.Duration // from one reading to the next
	Deadband  bool          // readings that hardly differ are not published
	Heartbeat time.Duration // except one of them for each of this; 0: none
}

// component is what Home Assistant has to know of one entity.
type component struct {
	Platform   string   `json:"platform,omitempty"`
	Name       string   `json:"name"`
	UniqueID   string   `json:"unique_id"`
	EntityID   string   `json:"default_entity_id"` // used when the entity is first seen
	Category   string   `json:"entity_category,omitempty"`
	StateTopic string   `json:"state_topic"`
	Template   string   `json:"value_template,omitempty"`
	Encoding   *string  `json:"encoding,omitempty"` // "": the payload is bytes
	QoS        byte     `json:"qos"`
	Class      string   `json:"device_class,omitempty"`
	Options    []string `json:"options,omitempty"`
	Unit       string   `json:"unit_of_measurement,omitempty"`
	StateClass string   `json:"state_class,omitempty"`
	Precision  *int     `json:"suggested_display_precision,omitempty"`
	Expires    int      `json:"expire_after,omitempty"` // seconds
	availability
}

// availability is the conditions under which an entity is available, in the form
// of a list at every level: the two forms exclude each other.
type availability struct {
	List []available `json:"availability,omitempty"`
	Mode string      `json:"availability_mode,omitempty"`
}

type available struct {
	Topic    string `json:"topic"`
	Template string `json:"value_template,omitempty"`
	Online   string `json:"payload_available,omitempty"`
	Offline  string `json:"payload_not_available,omitempty"`
}

// components returns all components by key.
func (n Node) components() map[string]component {
	all := make(map[string]component)
	for _, r := range n.Readings {
		all[r.Key()] = n.reading(r)
	}
	n.addDiagnostics(all)
	return all
}

// Key returns the key of a reading's component. The sensor's name and its topics are
// not part of it: with another key Home Assistant would begin a new history.
func (r Reading) Key() string { return join(id(r.Identity), id(r.Quantity.Name)) }

// reading returns the component of a reading.
func (n Node) reading(r Reading) component {
	c := component{
		Platform: platform, Name: entityName(n.Name, r.Sensor, label(r.Quantity.Name)), UniqueID: join(n.device(), r.Key()),
		EntityID: platform + "." + slug(r.Sensor, r.Quantity.Name), StateTopic: r.Topic, QoS: r.QoS,
		Class: r.Quantity.DeviceClass, Unit: r.Quantity.Unit, StateClass: r.Quantity.StateClass,
		Expires: r.expires(), availability: n.available(r.Status, ""),
	}
	switch e := r.Encoder.(type) {
	case publisher.Text:
		c.Precision = &e.Precision
	case publisher.JSON:
		c.Precision, c.Template = &e.Precision, "{{ value_json.value }}"
	case publisher.Binary:
		c.Precision, c.Template = &e.Precision, unpack(e)
		raw := ""
		c.Encoding, c.availability = &raw, n.available(r.Status, "{{ value }}")
	}
	return c
}

// unpack returns the template of a binary payload. A 32-bit float is rounded
// again, as 28.4 would otherwise be shown as 28.399999618530273.
func unpack(b publisher.Binary) string {
	if b.Format[1] == 'f' {
		return fmt.Sprintf("{{ value | unpack('%s') | round(%d) }}", b.Format, b.Precision)
	}
	return fmt.Sprintf("{{ value | unpack('%s') }}", b.Format)
}

// available returns the availability that is said on the topic of the daemon and on
// that of a sensor, if there are. A template makes the entries fit a component
// whose payloads are bytes: the encoding applies to availability too.
func (n Node) available(status, template string) availability {
	var a availability
	for _, topic := range []string{n.Availability, status} {
		entry := available{Topic: topic, Template: template}
		if template != "" {
			entry.Online, entry.Offline = "b'"+publisher.Online+"'", "b'"+publisher.Offline+"'"
		}
		if topic != "" {
			a.List, a.Mode = append(a.List, entry), "all"
		}
	}
	return a
}

// expires returns after how many seconds without a message a reading is no longer
// live, or 0 if never: where a deadband has no heartbeat, a value that stays the
// same is never published again.
func (r Reading) expires() int {
	after := LiveFor(r.Interval)
	if r.Deadband {
		if r.Heartbeat == 0 {
			return 0
		}
		after += r.Heartbeat
	}
	return seconds(after)
}

// LiveFor returns how long a reading counts as live unless configured otherwise: a
// failed read or two, or a minute to reconnect, does not make it unavailable.
func LiveFor(interval time.Duration) time.Duration {
	return max(3*interval, interval+time.Minute)
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
