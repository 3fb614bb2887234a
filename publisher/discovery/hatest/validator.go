// Package hatest is Home Assistant as far as its MQTT discovery goes, for tests:
// the rules by which it takes or refuses an announcement, and what becomes of
// the entities as messages arrive, time passes and it restarts.
//
// It is written from what Home Assistant does (its sources discovery.py,
// schemas.py and sensor.py, and experiments with it), and knows nothing of what
// this module writes.
package hatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Validate returns what is wrong with a discovery message under a prefix. Any key
// that is not in its tables is an error, also where Home Assistant would ignore
// it. What Home Assistant takes and nobody can want is an error too: a message
// that is right but for one thing gets exactly one complaint.
func Validate(prefix, topic string, payload []byte) (errs []string) {
	v := &validator{}
	defer func() { errs = v.errs }()
	var kind, key string
	levels := strings.Split(strings.TrimPrefix(topic, prefix+"/"), "/")
	switch {
	case !strings.HasPrefix(topic, prefix+"/") || levels[len(levels)-1] != "config":
		v.add("topic %s: not PREFIX/…/config", topic)
		return
	case len(levels) == 3 && levels[0] == "device":
		kind = "device"
	case len(levels) == 4 && levels[0] == "sensor":
		kind, key = "component", levels[2]
	default:
		v.add("topic %s: neither a device's nor a sensor's", topic)
		return
	}
	for _, l := range levels[1 : len(levels)-1] {
		if !goodID.MatchString(l) {
			v.add("topic %s: %q is not an id", topic, l)
		}
	}
	root, err := Object(payload)
	if err != nil {
		v.add("payload: %v", err)
		return
	}
	if kind == "device" {
		v.root(root)
		return
	}
	v.described(root)
	v.name(key, root, root)
	delete(root, "device")
	delete(root, "origin")
	v.component(key, root, nil)
	return
}

var goodID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// A validator collects complaints.
type validator struct{ errs []string }

func (v *validator) add(format string, args ...any) {
	v.errs = append(v.errs, fmt.Sprintf(format, args...))
}

// keys complains about keys that a closed schema has not got.
func (v *validator) keys(where string, m map[string]any, known ...string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(known, k) {
			v.add("%s: %s: not allowed there", where, k)
		}
	}
}

func (v *validator) text(where string, m map[string]any, key string) string {
	s, ok := m[key].(string)
	if _, there := m[key]; there && !ok {
		v.add("%s: %s: not a string", where, key)
	}
	return s
}

var sharedKeys = []string{"availability", "availability_topic", "availability_mode", "availability_template", "payload_available", "payload_not_available", "state_topic", "command_topic", "qos", "encoding", "message_expiry_interval"}

// name complains about an entity's name that begins with its device's, which Home
// Assistant would cut off.
func (v *validator) name(key string, c, root map[string]any) {
	entity, _ := c["name"].(string)
	device, _ := root["device"].(map[string]any)
	name, _ := device["name"].(string)
	if name != "" && strings.HasPrefix(strings.ToLower(entity), strings.ToLower(name)) {
		v.add("component %s: name: begins with the device's", key)
	}
}

// root checks the message of a device.
func (v *validator) root(root map[string]any) {
	v.keys("root", root, append([]string{"device", "origin", "components"}, sharedKeys...)...)
	v.described(root)
	v.shared("root", root)
	all, ok := root["components"].(map[string]any)
	if !ok {
		v.add("root: components: missing")
		return
	}
	ids := make(map[any]bool)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		c, ok := all[key].(map[string]any)
		if !ok {
			v.add("component %s: not an object", key)
			continue
		}
		v.component(key, c, root)
		if id := c["unique_id"]; id != nil {
			if ids[id] {
				v.add("component %s: unique_id used twice", key)
			}
			ids[id] = true
		}
		v.name(key, c, root)
	}
}

// described checks device and origin.
func (v *validator) described(root map[string]any) {
	device, ok := root["device"].(map[string]any)
	if !ok {
		v.add("device: missing")
	}
	v.keys("device", device, "identifiers", "connections", "name", "manufacturer", "model", "model_id", "hw_version", "sw_version", "serial_number", "via_device", "suggested_area", "configuration_url")
	for k, value := range device {
		if k != "identifiers" && k != "connections" {
			if v.text("device", device, k); value == "" {
				v.add("device: %s: empty", k)
			}
		}
	}
	ids, _ := device["identifiers"].([]any)
	for _, id := range ids {
		if s, ok := id.(string); !ok || s == "" {
			v.add("device: identifiers: not strings")
		}
	}
	if len(ids) == 0 {
		v.add("device: identifiers: none")
	}
	v.url("device", device, "configuration_url")
	origin, _ := root["origin"].(map[string]any)
	v.keys("origin", origin, "name", "sw_version", "support_url")
	if v.text("origin", origin, "name") == "" {
		v.add("origin: name: missing")
	}
	v.text("origin", origin, "sw_version")
	v.url("origin", origin, "support_url")
}

func (v *validator) url(where string, m map[string]any, key string) {
	if _, there := m[key]; !there {
		return
	}
	u, err := url.Parse(v.text(where, m, key))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		v.add("%s: %s: not a URL", where, key)
	}
}

// shared checks what a device and its components may both have.
func (v *validator) shared(where string, m map[string]any) {
	_, list := m["availability"]
	if _, single := m["availability_topic"]; list && single {
		v.add("%s: both forms of availability", where)
	}
	if mode, there := m["availability_mode"]; there && mode != "all" {
		v.add("%s: availability_mode: %v lets one topic answer for the others", where, mode)
	}
	entries, ok := m["availability"].([]any)
	if list && (!ok || len(entries) == 0) {
		v.add("%s: availability: not a list", where)
	}
	if len(entries) > 1 && m["availability_mode"] != "all" {
		v.add("%s: availability_mode: missing, so the latest message wins", where)
	}
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		v.keys(where+": availability", entry, "topic", "payload_available", "payload_not_available", "value_template")
		v.topic(where+": availability", entry, "topic")
		for _, k := range []string{"payload_available", "payload_not_available", "value_template"} {
			v.text(where+": availability", entry, k)
		}
	}
	if qos, there := m["qos"]; there && (qos != json.Number("0") && qos != json.Number("1") && qos != json.Number("2")) {
		v.add("%s: qos: %v", where, qos)
	}
	v.text(where, m, "encoding")
}

// topic checks a topic to subscribe to.
func (v *validator) topic(where string, m map[string]any, key string) {
	if t := v.text(where, m, key); t == "" || len(t) > 65535 || strings.ContainsAny(t, "+#\x00") {
		v.add("%s: %s: %q is not a topic", where, key, t)
	}
}
