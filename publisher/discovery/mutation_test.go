package discovery

import (
	"strings"
	"testing"

	"sensorpub/publisher/discovery/hatest"
)

// Each rule of Home Assistant, broken in an announcement that is right otherwise,
// has to be noticed: a validator that notices nothing proves nothing.
func TestEveryBrokenRuleIsNoticed(t *testing.T) {
	type object = map[string]any
	const (
		temperature = "28-0316a2794fff__temperature"
		binary      = "meter__energy"
		pressure    = "i2c-1-0x76__pressure"
	)
	in := func(key string, change func(c object)) func(root object) {
		return func(root object) { change(root["components"].(object)[key].(object)) }
	}
	set := func(key, name string, value any) func(root object) {
		return in(key, func(c object) { c[name] = value })
	}
	drop := func(key, name string) func(root object) {
		return in(key, func(c object) { delete(c, name) })
	}
	top := func(name string, value any) func(root object) {
		return func(root object) { root[name] = value }
	}
	sub := func(name, key string, value any) func(root object) {
		return func(root object) { root[name].(object)[key] = value }
	}
	without := func(name string) func(root object) { return func(root object) { delete(root, name) } }
	for _, c := range []struct {
		name, want string
		broken     func(root object)
	}{
		{"a name at the root", "root: name: not allowed", top("name", "x")},
		{"a unique id at the root", "root: unique_id: not allowed", top("unique_id", "x")},
		{"an expiry at the root", "root: expire_after: not allowed", top("expire_after", 60)},
		{"a base topic at the root", "root: ~: not allowed", top("~", "x")},
		{"attributes at the root", "root: json_attributes_topic: not allowed", top("json_attributes_topic", "x")},
		{"no origin", "origin: name: missing", without("origin")},
		{"an origin without a name", "origin: name: missing", sub("origin", "name", "")},
		{"an unknown key in origin", "origin: url2: not allowed", sub("origin", "url2", "x")},
		{"a support URL without a scheme", "origin: support_url: not a URL", sub("origin", "support_url", "example.org")},
		{"no device", "device: missing", without("device")},
		{"no identifiers", "device: identifiers: none", sub("device", "identifiers", []any{})},
		{"an unknown key in device", "device: area: not allowed", sub("device", "area", "x")},
		{"null in device", "device: model: not a string", sub("device", "model", nil)},
		{"a configuration URL without a scheme", "device: configuration_url: not a URL", sub("device", "configuration_url", "garden-pi.local:9110")},
		{"no components", "root: components: missing", without("components")},
		{"components as a list", "root: components: missing", top("components", []any{})},
		{"both forms of availability at the root", "root: both forms", top("availability_topic", "x")},
		{"both forms of availability in a component", "both forms", set(temperature, "availability_topic", "x")},
		{"one form above the other", "the other form", in(temperature, func(c object) {
			c["availability_topic"] = "x"
			delete(c, "availability")
			delete(c, "availability_mode")
		})},
		{"the mode latest", "availability_mode: latest", set(temperature, "availability_mode", "latest")},
		{"no mode", "availability_mode: missing", drop(temperature, "availability_mode")},
		{"an unknown key in availability", "availability: qos: not allowed", in(temperature, func(c object) {
			c["availability"].([]any)[0].(object)["qos"] = 1
		})},
		{"no topic in availability", "availability: topic", in(temperature, func(c object) {
			delete(c["availability"].([]any)[0].(object), "topic")
		})},
		{"encoding at the root", "root: encoding", top("encoding", "utf-8")},
		{"another platform", "platform: thermometer", set(temperature, "platform", "thermometer")},
		{"no platform", "platform: <nil>", drop(temperature, "platform")},
		{"no unique id", "unique_id: missing", drop(temperature, "unique_id")},
		{"a number as unique id", "unique_id: not a string", set(temperature, "unique_id", 28)},
		{"a unique id twice", "unique_id used twice", set(temperature, "unique_id", "sensorpub_garden-pi__i2c-1-0x76__pressure")},
		{"the old object_id", "object_id: not allowed", set(temperature, "object_id", "x")},
		{"an entity id without its domain", "default_entity_id", set(temperature, "default_entity_id", "outside_temperature")},
		{"an entity id with capitals", "default_entity_id", set(temperature, "default_entity_id", "sensor.Outside")},
		{"attributes in a component", "json_attributes_topic: not allowed", set(temperature, "json_attributes_topic", "x")},
		{"no state topic", "state_topic", drop(temperature, "state_topic")},
		{"a wildcard in the state topic", "state_topic", set(temperature, "state_topic", "temperature/+")},
		{"an expiry as text", "expire_after", set(temperature, "expire_after", "60")},
		{"an expiry below zero", "expire_after", set(temperature, "expire_after", -1)},
		{"an expiry with a fraction", "expire_after", set(temperature, "expire_after", 0.5)},
		{"a precision below zero", "suggested_display_precision", set(temperature, "suggested_display_precision", -1)},
		{"QoS 3", "qos: 3", set(temperature, "qos", 3)},
		{"no QoS", "qos: missing", drop(temperature, "qos")},
		{"an unknown device class", "device_class: warmth", set(temperature, "device_class", "warmth")},
		{"degrees of another spelling", `"ºC" does not fit`, set(temperature, "unit_of_measurement", "ºC")},
		{"a unit of another class", `"hPa" does not fit`, set(temperature, "unit_of_measurement", "hPa")},
		{"no unit where there must be one", `"" does not fit`, drop(pressure, "unit_of_measurement")},
		{"a unit of a class without one", "timestamp has none", set("connected_since", "unit_of_measurement", "s")},
		{"an empty unit", "unit_of_measurement: empty", set("fan__rotation", "unit_of_measurement", "")},
		{"no state class", "no statistics", drop(temperature, "state_class")},
		{"an unknown state class", "state_class: mean", set(temperature, "state_class", "mean")},
		{"energy as a measurement", "energy is not a measurement", set(binary, "state_class", "measurement")},
		{"a state class of text", "not for enum", set("spool", "state_class", "measurement")},
		{"options without enum", "options", set(temperature, "options", []any{"a"})},
		{"enum without options", "options", drop("spool", "options")},
		{"the category config", "entity_category: config", set("spool", "entity_category", "config")},
		{"a template that does not parse", "value_template", set(pressure, "value_template", "{{ value_json.value")},
		{"binary whose availability is text", "never available", in(binary, func(c object) {
			c["availability"] = []any{object{"topic": "a"}}
		})},
		{"binary whose availability is the device's", "never available", in(binary, func(c object) {
			delete(c, "availability")
			delete(c, "availability_mode")
		})},
		{"text whose availability is binary", "never available", drop(binary, "encoding")},
		{"bytes that nothing unpacks", "value_template", drop(binary, "value_template")},
		{"a name that begins with the device's", "begins with the device's", set(temperature, "name", "Garden-Pi outside")},
		{"no name", "name: missing", drop(temperature, "name")},
		{"a key that is not an id", "not an id", func(root object) {
			all := root["components"].(object)
			all["a/b"] = all[pressure]
			delete(all, pressure)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := garden().Messages(nil)[0]
			root, err := hatest.Object(m.Payload)
			if err != nil {
				t.Fatal(err)
			}
			c.broken(root)
			errs := hatest.Validate("homeassistant", m.Topic, encode(root))
			if !strings.Contains(strings.Join(errs, "\n"), c.want) {
				t.Errorf("got %q, want a complaint with %q", errs, c.want)
			}
		})
	}
}

func TestBrokenTopicsAndPayloadsAreNoticed(t *testing.T) {
	m := garden().Messages(nil)[0]
	for _, c := range []struct{ name, topic, payload, want string }{
		{"another prefix", "ha/device/a/config", string(m.Payload), "not PREFIX"},
		{"a level too many", "homeassistant/device/a/b/c/config", string(m.Payload), "neither"},
		{"no id in the topic", "homeassistant/device/a b/config", string(m.Payload), "is not an id"},
		{"a topic that goes on", m.Topic + "/x", string(m.Payload), "not PREFIX"},
		{"nothing", m.Topic, "", "payload"},
		{"no object", m.Topic, "[]", "not an object"},
		{"more than an object", m.Topic, string(m.Payload) + "{}", "more than one"},
		{"a key twice", m.Topic, strings.Replace(string(m.Payload), "{", `{"origin":{},`, 1), "appears twice"},
	} {
		errs := hatest.Validate("homeassistant", c.topic, []byte(c.payload))
		if !strings.Contains(strings.Join(errs, "\n"), c.want) {
			t.Errorf("%s: got %q, want a complaint with %q", c.name, errs, c.want)
		}
	}
}
