package publisher

import (
	"errors"
	"fmt"
	"time"

	"sensorpub/sensors"
)

// step is one random event.
func (l *lives) step() {
	switch n := l.IntN(40); {
	case n < 12:
		for range 1 + l.IntN(6) {
			l.put()
		}
	case n < 20 && l.connected:
		for range 1 + l.IntN(8) {
			l.send()
		}
	case n < 26 && len(l.window) > 0:
		for range 1 + l.IntN(len(l.window)) {
			l.ack()
		}
	case n < 28 && l.connected:
		l.note("the connection breaks")
		l.q.Lost()
		l.connected, l.window = false, nil
	case n < 28:
		l.connect()
	case n < 34:
		time.Sleep(time.Duration(l.IntN(4000)) * time.Millisecond)
	case n < 35:
		l.reload()
	case n < 37 && l.faults > 0:
		l.fault()
	}
	l.check()
}

func (l *lives) connect() {
	l.note("connected: %v", l.q.Account())
	l.q.Connected()
	l.connected = true
}

// put has a reading accepted, if there is room.
func (l *lives) put() {
	name := l.sensors[l.IntN(len(l.sensors))]
	id := uint64(len(l.readings) + 1)
	wall, up := l.clock()
	r := sensors.Reading{Sensor: name, Quantity: "temperature", Unit: "°C", Value: float64(id), Time: wall, Up: up}
	switch err := l.q.Put(l.t.Context(), r); {
	case l.fills && errors.Is(err, sensors.ErrNoRoom):
		l.readings = append(l.readings, told{sensor: name, counted: true})
		l.had[id] = true
		l.topics[name].seq++
		return
	case err != nil:
		l.fatalf("%v", err)
	}
	seq := l.q.series[seriesKey(name, "temperature")].newest.Reading.Seq
	number := fmt.Sprint(name, seq)
	if other := l.numbered[number]; other != 0 {
		l.fatalf("reading %d is %s, as %d was", id, number, other)
	}
	if seen := l.topics[name]; l.faults == 0 && !l.exchanges && seq != seen.seq+1 {
		l.fatalf("%s%d comes after %d", name, seq, seen.seq)
	}
	l.topics[name].seq = seq
	l.readings = append(l.readings, told{sensor: name, seq: seq})
	l.numbered[number], l.topics[name].newest, l.had[id] = id, id, true
	l.topics[name].cut = false
}

// inFlight is how many messages may be unacknowledged.
const inFlight = 16

// send gives something to the broker, and reports whether there was anything.
func (l *lives) send() bool {
	if len(l.window) == inFlight {
		return false
	}
	d, ok := take(l.q)
	if !ok {
		return false
	}
	name, id := d.Reading.Sensor, uint64(d.Reading.Value)
	if id == 0 || id > uint64(len(l.readings)) {
		l.fatalf("sent %s %d, which never was", name, id)
	}
	r, seen := &l.readings[id-1], l.topics[name]
	if r.sensor != name || r.seq != d.Reading.Seq {
		l.fatalf("sent %s%d as reading %d, which is %s%d", name, d.Reading.Seq, id, r.sensor, r.seq)
	}
	r.received = true
	if !d.History {
		seen.live = id
	}
	if d.Retain {
		if id < seen.least || d.History {
			l.fatalf("%s: %d is retained after %d", name, id, seen.retained)
		}
		seen.retained, seen.least = id, id
	}
	l.window = append(l.window, d)
	return true
}

// ack is the broker's acknowledgement of the oldest message under way.
func (l *lives) ack() {
	d := l.window[0]
	l.window = l.window[1:]
	id := uint64(d.Reading.Value)
	l.readings[id-1].acknowledged = true
	before := l.q.Account().Acknowledged
	l.q.Ack(d)
	if l.q.Account().Acknowledged > before { // else it is repeated
		l.acked[id], l.had[id] = true, true
	}
	l.q.Commit()
}

func (l *lives) reload() {
	l.q.Reconfigure(testRoutes(l.sensors...), l.limits())
	l.note("reload: %s, capacity %d", l.q.Backlog, l.q.Capacity)
}
