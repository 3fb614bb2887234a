package discovery

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sensorpub/publisher/discovery/hatest"
	"sensorpub/sensors"
)

func TestHomeAssistantTakesWhatIsAnnounced(t *testing.T) {
	for _, c := range []struct {
		name     string
		node     Node
		messages int
	}{
		{"a node with everything", garden(), 1},
		{"a message for each component", with(func(n *Node) { n.Form = Components }), 20},
		{"without availability", with(func(n *Node) {
			n.Availability = ""
			for i := range n.Readings {
				n.Readings[i].Status = ""
			}
		}), 1},
		{"with the availability of sensors only", with(func(n *Node) { n.Availability = "" }), 1},
		{"without diagnostics", with(func(n *Node) { n.Diagnostics = Diagnostics{} }), 1},
		{"without readings", with(func(n *Node) { n.Readings = nil }), 1},
		{"with nothing", with(func(n *Node) { n.Readings, n.Diagnostics = nil, Diagnostics{} }), 0},
		{"with a prefix of two levels", with(func(n *Node) { n.Prefix = "ha/discovery" }), 1},
		{"a node called like a sensor", with(func(n *Node) { n.Name = "OUT" }), 1},
		{"a node called like a quantity", with(func(n *Node) { n.Name = "rotation" }), 1},
		{"a node called by one letter", with(func(n *Node) { n.Name = "c" }), 1},
		{"a node called like a diagnostic", with(func(n *Node) { n.Name = "spool" }), 1},
		{"names that are not ids", with(func(n *Node) {
			n.Name = "日本 \"<b>\" pi"
			for i := range n.Readings {
				n.Readings[i].Sensor, n.Readings[i].Identity = "外 "+n.Readings[i].Sensor, "/{}'\\ "+n.Readings[i].Identity
			}
		}), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			messages := c.node.Messages(nil)
			if len(messages) != c.messages {
				t.Errorf("got %d messages, want %d", len(messages), c.messages)
			}
			for _, m := range messages {
				if !m.Retain || m.QoS != 1 {
					t.Errorf("%s: got retain %v and QoS %d, want true and 1", m.Topic, m.Retain, m.QoS)
				}
				for _, e := range hatest.Validate(c.node.Prefix, m.Topic, m.Payload) {
					t.Errorf("%s: %s", m.Topic, e)
				}
			}
		})
	}
}

func TestEveryKnownQuantityIsTaken(t *testing.T) {
	for _, q := range sensors.Quantities {
		units := append([]string{q.Unit}, sensors.Units(q.Unit)...)
		for _, unit := range units {
			q.Unit = unit
			n := with(func(n *Node) { n.Readings = n.Readings[:1] })
			n.Readings[0].Quantity = q
			for _, e := range hatest.Validate(n.Prefix, n.Messages(nil)[0].Topic, n.Messages(nil)[0].Payload) {
				t.Errorf("%s in %s: %s", q.Name, unit, e)
			}
		}
	}
}

// announced returns the components of a device's message.
func announced(t *testing.T, n Node, removed ...string) map[string]map[string]any {
	t.Helper()
	var root struct{ Components map[string]map[string]any }
	if err := json.Unmarshal(n.Messages(removed)[0].Payload, &root); err != nil {
		t.Fatal(err)
	}
	return root.Components
}

func TestRemovedComponentsAreListedWithTheirPlatformOnly(t *testing.T) {
	n := garden()
	kept := n.Readings[0].Key()
	all := announced(t, n, "old__temperature", kept)
	if got := all["old__temperature"]; len(got) != 1 || got["platform"] != "sensor" {
		t.Errorf("got %v for a removed component, want nothing but its platform", got)
	}
	if got := all[kept]; len(got) < 10 {
		t.Errorf("got %v for a component that is there again, want all of it", got)
	}
	if got := announced(t, n); len(got) != len(all)-1 {
		t.Errorf("got %d components afterwards, want %d", len(got), len(all)-1)
	}
	if got, want := slices.Sorted(maps.Keys(announced(t, n))), n.Keys(); !slices.Equal(got, want) {
		t.Errorf("got keys %q, want %q", got, want)
	}
	m := n.Messages([]string{"old__temperature"})[0]
	if errs := hatest.Validate(n.Prefix, m.Topic, m.Payload); len(errs) > 0 {
		t.Errorf("got %q, want a message that is taken", errs)
	}
}

func TestRenamedSensorKeepsItsKeyAndUniqueID(t *testing.T) {
	before := garden()
	after := with(func(n *Node) {
		r := &n.Readings[0]
		r.Sensor, r.Topic, r.Status = "terrace", "t/terrace", "s/terrace"
	})
	key := before.Readings[0].Key()
	was, is := announced(t, before)[key], announced(t, after)[key]
	if is == nil || is["unique_id"] != was["unique_id"] {
		t.Errorf("got %v, want unique_id %v", is, was["unique_id"])
	}
	if is["name"] != "Terrace temperature" || is["state_topic"] != "t/terrace" {
		t.Errorf("got name %v and topic %v, want the new ones", is["name"], is["state_topic"])
	}
	if got, want := after.Keys(), before.Keys(); !slices.Equal(got, want) {
		t.Errorf("got keys %q, want %q", got, want)
	}
}

func TestEntityOfAReading(t *testing.T) {
	all := announced(t, garden())
	for _, c := range []struct{ component, key, want string }{
		{"28-0316a2794fff__temperature", "unique_id", "sensorpub_garden-pi__28-0316a2794fff__temperature"},
		{"28-0316a2794fff__temperature", "name", "Outside temperature"},
		{"28-0316a2794fff__temperature", "default_entity_id", "sensor.outside_temperature"},
		{"28-0316a2794fff__temperature", "expire_after", "670"},
		{"i2c-1-0x76__humidity", "expire_after", "70"},
		{"i2c-1-0x76__humidity", "value_template", "{{ value_json.value }}"},
		{"i2c-1-0x76__humidity", "suggested_display_precision", "0"},
		{"K_che_a9ec872e__co2", "name", "Küche CO₂"},
		{"K_che_a9ec872e__co2", "default_entity_id", "sensor.kuche_co2"},
		{"K_che_a9ec872e__co2", "value_template", "{{ value | unpack('>d') }}"},
		{"K_che_a9ec872e__co2", "encoding", `""`},
		{"K_che_a9ec872e__co2", "availability", `[{"payload_available":"b'online'","payload_not_available":"b'offline'","topic":"sensorpub/garden-pi/status","value_template":"{{ value }}"},` +
			`{"payload_available":"b'online'","payload_not_available":"b'offline'","topic":"sensorpub/garden-pi/Küche/status","value_template":"{{ value }}"}]`},
		{"meter__energy", "value_template", "{{ value | unpack('<f') | round(3) }}"},
		{"meter__energy", "state_class", "total_increasing"},
		{"fan__rotation", "device_class", "null"},
		{"fan__rotation", "unit_of_measurement", "rpm"},
		{"odd__bovis_units", "name", "Odd bovis units"},
		{"queued", "entity_category", "diagnostic"},
		{"queued", "default_entity_id", "sensor.garden_pi_queued_readings"},
		{"diagnostics__28-0316a2794fff__last_reading", "value_template", "{{ value_json.last_reading['28-0316a2794fff'] }}"},
		{"diagnostics__28-0316a2794fff__last_reading", "name", "Outside last reading"},
		{"diagnostics__28-0316a2794fff__last_reading", "expire_after", "900"},
	} {
		got := encode(all[c.component][c.key])
		if strings.Trim(string(got), `"`) != strings.Trim(c.want, `"`) {
			t.Errorf("%s: %s: got %s, want %s", c.component, c.key, got, c.want)
		}
	}
}

func TestReadingsExpire(t *testing.T) {
	for _, c := range []struct {
		name                string
		interval, heartbeat time.Duration
		deadband            bool
		want                int
	}{
		{"a minute after the next was due", 10 * time.Second, 0, false, 70},
		{"after three intervals", time.Minute, 0, false, 180},
		{"in whole seconds", 100 * time.Millisecond, 0, false, 61},
		{"after the longest interval", 24 * time.Hour, 0, false, 259200},
		{"later than the heartbeat, with a deadband", 10 * time.Second, 10 * time.Minute, true, 670},
		{"as ever with a heartbeat and no deadband", 10 * time.Second, 10 * time.Minute, false, 70},
		{"never with a deadband that has no heartbeat", 10 * time.Second, 0, true, 0},
	} {
		r := Reading{Interval: c.interval, Deadband: c.deadband, Heartbeat: c.heartbeat}
		if got := r.expires(); got != c.want {
			t.Errorf("%s: got %d s, want %d s", c.name, got, c.want)
		}
	}
}

func TestReport(t *testing.T) {
	low := true
	d := Diagnostics{Topic: "d"}
	for _, c := range []struct {
		name string
		r    Report
		want string
	}{
		{
			"with everything",
			Report{
				Machine: "0123456789ab", Connected: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 3600)), Losses: 2, Queued: 3, Rejected: 4, Dropped: 5,
				Spool: SpoolOK, UnderVoltage: &low, LastReading: map[string]time.Time{"a b": {}, "28-0316a2794fff": time.Unix(1, 0)},
			},
			`{"machine":"0123456789ab","connected_since":"2026-01-02T02:04:05Z","connection_losses":2,"queued":3,"rejected":4,"dropped":5,"spool":"ok","power_supply":"under-voltage","last_reading":{"28-0316a2794fff":"1970-01-01T00:00:01Z","a_b_c8687a08":null}}`,
		},
		{"of a node that has nothing yet", Report{}, `{"connected_since":null,"connection_losses":0,"queued":0,"rejected":0,"dropped":0,"last_reading":{}}`},
	} {
		m := d.Message(c.r)
		if got := string(m.Payload); got != c.want {
			t.Errorf("%s: got\n%s, want\n%s", c.name, got, c.want)
		}
		if m.Topic != "d" || !m.Retain || m.QoS != 1 {
			t.Errorf("%s: got %+v, want a retained message of QoS 1 to d", c.name, m)
		}
	}
}

func TestTrialHasTheSizeOfTheAnnouncementAndMakesNoEntity(t *testing.T) {
	want := garden().Messages(nil)[0]
	m, ok := garden().Trial()
	if !ok || m.Topic != want.Topic || len(m.Payload) != len(want.Payload) || !m.Retain {
		t.Errorf("got %d bytes to %s, want %d to %s", len(m.Payload), m.Topic, len(want.Payload), want.Topic)
	}
	home := hatest.NewHome("homeassistant", time.Now)
	home.Receive(m.Topic, m.Payload, false)
	if len(home.IDs())+len(home.Problems) > 0 {
		t.Errorf("got entities %q and problems %q, want none", home.IDs(), home.Problems)
	}
	if m, ok := with(func(n *Node) { n.Form = Components }).Trial(); ok {
		t.Errorf("got a message to %s, want none", m.Topic)
	}
}

// Whatever things are called, Home Assistant takes the announcement.
func FuzzNames(f *testing.F) {
	f.Add("garden-pi", "outside", "28-0316a2794fff", "dew_point", "ha")
	f.Add("t", "外 <b>", "a__b", "t", "a/b")
	f.Add("value", "the", "'", "value of the", "x")
	f.Fuzz(func(t *testing.T, node, sensor, identity, quantity, prefix string) {
		for _, s := range []string{node, sensor, identity, quantity, prefix} {
			if s == "" || !utf8.ValidString(s) || strings.ContainsAny(s, "+#\x00") {
				return // the configuration refuses it
			}
		}
		n := with(func(n *Node) { n.Name, n.Prefix = node, prefix })
		n.Readings[0].Sensor, n.Readings[0].Identity, n.Readings[0].Quantity.Name = sensor, identity, quantity
		for _, n.Form = range []string{Device, Components} {
			for _, m := range n.Messages(nil) {
				for _, e := range hatest.Validate(prefix, m.Topic, m.Payload) {
					t.Errorf("%s: %s", m.Topic, e)
				}
			}
		}
	})
}
