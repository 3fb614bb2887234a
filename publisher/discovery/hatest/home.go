package hatest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Home is a Home Assistant with its MQTT integration. It is told what arrives,
// and says what it shows and to what it wants to be subscribed.
type Home struct {
	Prefix string
	Now    func() time.Time
	Late   time.Duration // how much later than another a message may come

	// Problems are what Home Assistant would refuse or log, and the traps that
	// the node has run into.
	Problems []string

	entities   map[string]*entity // by the topic of its announcement and its key there
	announced  map[string]time.Time
	registry   map[string]string // entity ids by unique id; outlives a restart
	births     map[string]int    // how often a unique id was registered
	subscribed map[string]bool
	wanted     []string
}

// NewHome returns a home that has never been started before.
func NewHome(prefix string, now func() time.Time) *Home {
	h := &Home{Prefix: prefix, Now: now, registry: make(map[string]string), births: make(map[string]int)}
	h.Restart()
	return h
}

// Restart loses everything but the registry, and all subscriptions.
func (h *Home) Restart() {
	h.entities, h.announced = make(map[string]*entity), make(map[string]time.Time)
	h.subscribed, h.wanted = make(map[string]bool), nil
}

// Filter is to what the home is subscribed from its start, besides what it wants.
func (h *Home) Filter() string { return h.Prefix + "/#" }

// Wanted returns the topics to which the home has to be subscribed now, once
// each, so that it gets what is retained there.
func (h *Home) Wanted() []string {
	topics := h.wanted
	h.wanted = nil
	return topics
}

// Entities returns all entities by their unique ids.
func (h *Home) Entities() map[string]Entity {
	all := make(map[string]Entity)
	for _, e := range h.entities {
		id := e.config.text("unique_id")
		all[id] = Entity{
			h.registry[id], e.config.text("name"), e.config.text("entity_category"), e.state,
			e.config.text("unit_of_measurement"), e.available(h.Now()), h.births[id],
		}
	}
	return all
}

// Entity returns the entity of an entity id. What is not there has no ID.
func (h *Home) Entity(id string) Entity {
	for _, e := range h.Entities() {
		if e.ID == id {
			return e
		}
	}
	return Entity{}
}

// IDs returns the entity ids of all entities, sorted.
func (h *Home) IDs() []string {
	var ids []string
	for _, e := range h.Entities() {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return ids
}

func (h *Home) problem(format string, args ...any) {
	h.Problems = append(h.Problems, fmt.Sprintf(format, args...))
}

// Receive takes a message. Retained says that it comes from the broker's store.
func (h *Home) Receive(topic string, payload []byte, retained bool) {
	if strings.HasPrefix(topic, h.Prefix+"/") && strings.HasSuffix(topic, "/config") {
		h.discover(topic, payload)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(h.entities)) {
		if err := h.entities[key].receive(topic, payload, retained, h.Now()); err != nil {
			h.problem("%s: %v", h.registry[h.entities[key].config.text("unique_id")], err)
		}
	}
}

// apart is the least time between two announcements on one topic: during a
// second one, components of the first may still be set up, and the rest of it is
// skipped.
const apart = time.Second

// discover takes an announcement.
func (h *Home) discover(topic string, payload []byte) {
	if last, ok := h.announced[topic]; ok && h.Now().Sub(last) < apart-h.Late {
		h.problem("%s: announced again after %v", topic, h.Now().Sub(last))
	}
	h.announced[topic] = h.Now()
	if len(payload) == 0 {
		for key, e := range h.entities {
			if e.topic == topic {
				h.remove(key)
			}
		}
		delete(h.announced, topic)
		return
	}
	if errs := Validate(h.Prefix, topic, payload); len(errs) > 0 {
		for _, e := range errs {
			h.problem("%s: %s", topic, e)
		}
		return
	}
	root, _ := Object(payload) // it is valid
	components, isDevice := root["components"].(map[string]any)
	if !isDevice {
		h.set(topic, topic, root)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(components)) {
		c := components[key].(map[string]any)
		if len(c) == 1 {
			h.remove(topic + " " + key)
			continue
		}
		for _, shared := range sharedKeys {
			if _, own := c[shared]; !own && root[shared] != nil {
				c[shared] = root[shared]
			}
		}
		h.set(topic+" "+key, topic, c)
	}
}

// set makes an entity, or changes it.
func (h *Home) set(key, topic string, c settings) {
	id := c.text("unique_id")
	for other, e := range h.entities {
		if e.config.text("unique_id") == id && other != key {
			h.problem("%s: has the unique id of %s, which loses its history", key, other)
			h.remove(other)
		}
	}
	e := h.entities[key]
	switch {
	case e != nil && e.config.text("unique_id") != id:
		h.problem("%s: another unique id than before", key)
		return
	case e == nil:
		e = newEntity(topic)
		h.entities[key] = e
	}
	if h.registry[id] == "" {
		h.registry[id] = h.freeID(c.text("default_entity_id"))
		h.births[id]++
	}
	e.config = c
	for _, t := range e.resubscribe() {
		h.wanted = append(h.wanted, t)
		h.subscribed[t] = true
	}
}

// freeID returns an entity id that nobody has.
func (h *Home) freeID(wanted string) string {
	id := wanted
	for n := 2; slices.Contains(slices.Collect(maps.Values(h.registry)), id); n++ {
		id = fmt.Sprintf("%s_%d", wanted, n)
	}
	return id
}

// remove forgets an entity, and all that the user has set for it.
func (h *Home) remove(key string) {
	if e := h.entities[key]; e != nil {
		delete(h.registry, e.config.text("unique_id"))
		delete(h.entities, key)
	}
}
