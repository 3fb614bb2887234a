package daemon

import (
	"context"
	"slices"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/discovery"
	"sensorpub/sensors/drivers"
)

// announcerEvery is how often an announcer looks whether there is something to do.
const announcerEvery = 5 * time.Second

// An announcer keeps the broker's retained messages in line with the configuration,
// announces the node to Home Assistant, and reports its state.
type announcer struct {
	daemon *Daemon
	host   drivers.Host

	mu      sync.Mutex // guards what follows
	config  *config.Config
	on      bool                // there is something to announce
	node    discovery.Node      // as announced
	missing []discovery.Reading // optional ones that do not exist yet

	// What was announced before and has to go first: in the other form, as two
	// entities with one unique id would lose their history, or as parts of the
	// message, where they are listed as removed once.
	otherForm, removed []string
	otherGone          bool // at the last look

	power     bool      // the machine reports its supply
	reported  time.Time // when the last report was made
	connected time.Time // since when, according to that
}

// configure sets the configuration to announce. New topics are remembered when it
// returns.
func (a *announcer) configure(c *config.Config) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config, a.reported = c, time.Time{}
	_, a.power = a.host.Supply()
	a.announce()
}

// announce announces the present sensors.
func (a *announcer) announce() {
	c := a.config
	wanted := publisher.Retained{
		Routes: c.Routes, Availability: c.Availability.Topic, KeepRemoved: c.Publish.KeepRemoved,
	}
	a.otherForm, a.removed, a.otherGone = nil, nil, false
	if a.node, a.on = c.Announced(a.daemon.Version); a.on {
		all, exists := a.node.Readings, a.exists()
		a.node = a.node.Existing(exists)
		a.missing = slices.DeleteFunc(all, func(r discovery.Reading) bool { return !r.Optional || exists(r) })
		a.node.Diagnostics.Power = a.power
		wanted.Announcements = a.announcements()
	}
	a.daemon.topics.Configure(wanted)
}

// exists returns a function that reports whether there has been a reading, of
// this process or an earlier one.
func (a *announcer) exists() func(discovery.Reading) bool {
	read := a.hasRead()
	known := make(map[string]bool) // keys
	for _, topic := range append(a.node.Topics(discovery.Device), a.node.Topics(discovery.Components)...) {
		for _, key := range a.daemon.topics.Parts(topic) {
			known[key] = true
		}
	}
	return func(r discovery.Reading) bool {
		return known[r.Key()] || read(r)
	}
}

// hasRead returns exists as far as the queue knows.
func (a *announcer) hasRead() func(discovery.Reading) bool {
	routes := a.daemon.queue.Existing()
	return func(r discovery.Reading) bool {
		return slices.ContainsFunc(routes, func(route publisher.Route) bool {
			return route.Sensor == r.Sensor && route.Quantity == r.Quantity.Name
		})
	}
}

// announcements returns the messages of the node, unless those of the other form
// have to go first, and the topic of its reports.
func (a *announcer) announcements() (all []publisher.Announcement) {
	n, keys := a.node, a.node.Keys()
	form, other := n.Form, discovery.Components
	if form == other {
		other = discovery.Device
	}
	for _, topic := range n.Topics(other) {
		if len(a.daemon.topics.Parts(topic)) > 0 {
			a.otherForm = append(a.otherForm, topic)
		}
	}
	if len(a.otherForm) == 0 {
		if form == discovery.Device {
			a.removed = slices.DeleteFunc(a.daemon.topics.Parts(n.Topics(form)[0]), func(key string) bool { return slices.Contains(keys, key) })
		}
		for i, m := range n.Messages(a.removed) {
			parts := keys
			if form == discovery.Components {
				parts = keys[i : i+1]
			}
			all = append(all, publisher.Announcement{Topic: m.Topic, Payload: m.Payload, Parts: parts})
		}
	}
	if topic := n.Diagnostics.Topic; topic != "" {
		all = append(all, publisher.Announcement{Topic: topic})
	}
	return all
}

// Run announces and reports until ctx ends.
func (a *announcer) Run(ctx context.Context) error { return every(ctx, announcerEvery, a.look) }

// look does what has become due.
func (a *announcer) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.on {
		return
	}
	if a.isDue() {
		a.announce()
	}
	a.report()
}

// isDue reports whether what is announced has to be changed: what had to go first
// has gone, or a quantity has had its first reading.
func (a *announcer) isDue() bool {
	parts := a.daemon.topics.Parts
	switch {
	case len(a.otherForm) > 0: // and Home Assistant has had time to remove them
		before := a.otherGone
		a.otherGone = !slices.ContainsFunc(a.otherForm, func(topic string) bool { return len(parts(topic)) > 0 })
		return before && a.otherGone
	case len(a.removed) > 0:
		return !slices.ContainsFunc(parts(a.node.Topics(a.node.Form)[0]), func(key string) bool { return slices.Contains(a.removed, key) })
	}
	return len(a.missing) > 0 && slices.ContainsFunc(a.missing, a.hasRead())
}

// report publishes the state of the node, on each new connection and then from time
// to time.
func (a *announcer) report() {
	d := a.node.Diagnostics
	state, now := a.daemon.connection(), time.Now()
	if d.Topic == "" || !state.Connected || state.Since.Equal(a.connected) && now.Sub(a.reported) < d.Interval {
		return
	}
	a.reported, a.connected = now, state.Since
	a.daemon.topics.Announce(d.Topic, d.Message(a.daemon.Snapshot().report(a.config, a.host)).Payload)
}
