// Package discovery writes the messages by which Home Assistant learns what a
// node publishes (https://www.home-assistant.io/integrations/mqtt, "MQTT
// discovery").
//
// It consists of pure functions: a [Node] goes in, retained messages come out. It does
// not know what was announced before, when to announce, or how to send.
package discovery

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"sensorpub/publisher"
)

// The forms of an announcement.
const (
	Device     = "device"     // one message for the node, since Home Assistant 2024.11
	Components = "components" // one for each entity, also for Domoticz
)

// A Node is one device of Home Assistant with all its entities.
type Node struct {
	Name         string // as in topics
	Version      string // of sensorpub
	Prefix       string // of discovery topics: "homeassistant"
	Form         string // Device or Components
	Area         string // suggested for the device; "": none
	Availability string // topic of the daemon's "online" and "offline"; "": none
	Readings     []Reading
	Diagnostics  Diagnostics
}

// device is the id of the node's device. It is in every topic and unique id.
func (n Node) device() string { return "sensorpub_" + id(n.Name) }

// BirthTopic is where Home Assistant says "online" when it has started.
func BirthTopic(prefix string) string { return prefix + "/status" }

// Keys returns the keys of all components, sorted.
func (n Node) Keys() []string { return slices.Sorted(maps.Keys(n.components())) }

// Existing returns the node without the optional readings that do not exist.
func (n Node) Existing(exists func(Reading) bool) Node {
	var all []Reading
	for _, r := range n.Readings {
		if !r.Optional || exists(r) {
			all = append(all, r)
		}
	}
	n.Readings = all
	return n
}

// Topics returns the topics of the messages in the given form, in the order of
// [Node.Messages].
func (n Node) Topics(form string) (topics []string) {
	n.Form = form
	if form == Device {
		return []string{n.topic("")}
	}
	for _, key := range n.Keys() {
		topics = append(topics, n.topic(key))
	}
	return topics
}

// Messages returns the announcement of a node. Where it is one message for the
// device, that also removes the components with these keys, unless the node has
// them: Home Assistant removes a component only when it is listed with nothing
// but its platform, so it has to be listed in this way once. Where each component
// has a message of its own, an empty one removes it, and removed has no effect.
func (n Node) Messages(removed []string) []publisher.Message {
	all := n.components()
	if n.Form == Components {
		var messages []publisher.Message
		for _, key := range slices.Sorted(maps.Keys(all)) {
			c := all[key]
			c.Platform = "" // the topic has it
			messages = append(messages, retained(n.topic(key), single{c, n.deviceInfo(), n.origin()}))
		}
		return messages
	}
	listed := make(map[string]any, len(all)+len(removed))
	for _, key := range removed {
		listed[key] = gone{platform}
	}
	for key, c := range all {
		listed[key] = c
	}
	if len(listed) == 0 {
		return nil
	}
	return []publisher.Message{retained(n.topic(""), whole{n.deviceInfo(), n.origin(), n.available("", ""), listed})}
}

// Trial returns a message that announces nothing, to test whether a broker accepts
// one of that size on the topic of the device. There is none if each component has
// its own message.
func (n Node) Trial() (publisher.Message, bool) {
	messages := n.Messages(nil)
	if n.Form == Components || len(messages) == 0 {
		return publisher.Message{}, false
	}
	size := len(messages[0].Payload)
	n.Readings, n.Diagnostics = nil, Diagnostics{}
	m := n.Messages([]string{"trial"})[0]
	m.Payload = append(m.Payload, bytes.Repeat([]byte(" "), max(size-len(m.Payload), 0))...)
	return m, true
}

// topic returns where a component is announced, or the whole device.
func (n Node) topic(key string) string {
	if n.Form == Components {
		return n.Prefix + "/" + platform + "/" + n.device() + "/" + key + "/config"
	}
	return n.Prefix + "/device/" + n.device() + "/config"
}

// whole is the announcement of a device. Home Assistant refuses all of it if it
// has any key that is not known there.
type whole struct {
	Device device `json:"device"`
	Origin origin `json:"origin"`
	availability
	Components map[string]any `json:"components"`
}

// single is the announcement of one component.
type single struct {
	component
	Device device `json:"device"`
	Origin origin `json:"origin"`
}

// gone removes a component.
type gone struct {
	Platform string `json:"platform"`
}

type device struct {
	Identifiers   []string `json:"identifiers"`
	Name          string   `json:"name"`
	Manufacturer  string   `json:"manufacturer"`
	Model         string   `json:"model"`
	Version       string   `json:"sw_version,omitempty"`
	SuggestedArea string   `json:"suggested_area,omitempty"`
}

func (n Node) deviceInfo() device {
	return device{
		Identifiers: []string{n.device()}, Name: n.Name, Manufacturer: "sensorpub", Model: "MQTT sensor node",
		Version: n.Version, SuggestedArea: n.Area,
	}
}

// origin names the program that made the announcement.
type origin struct {
	Name    string `json:"name"`
	Version string `json:"sw_version,omitempty"`
}

func (n Node) origin() origin { return origin{"sensorpub", n.Version} }

// retained returns a retained message with a payload in JSON.
func retained(topic string, payload any) publisher.Message {
	return publisher.Message{Topic: topic, Payload: encode(payload), QoS: 1, Retain: true}
}

// encode writes JSON with <, > and & as they are. Everything here can be written.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("discovery: " + err.Error())
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
