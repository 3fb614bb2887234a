package web

import (
	"encoding/hex"
	"encoding/json"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// A status is the answer of /api/status. The package comment describes its fields.
type status struct {
	Node     string    `json:"node"`
	Version  string    `json:"version"`
	Started  Moment    `json:"started"`
	Now      Moment    `json:"now"`
	Broker   broker    `json:"broker"`
	Account  account   `json:"account"`
	Queue    queue     `json:"queue"`
	Spool    store     `json:"spool"`
	Problems []problem `json:"problems"`
	Sensors  []sensor  `json:"sensors"`
}

type broker struct {
	URL       string  `json:"url"`
	Connected bool    `json:"connected"`
	Since     Moment  `json:"since"`
	Losses    uint64  `json:"losses"`
	Cause     string  `json:"cause"`
	Hint      string  `json:"hint"`
	History   []event `json:"history"`
}

type event struct {
	Time      Moment `json:"time"`
	Connected bool   `json:"connected"`
	URL       string `json:"url"`
	Cause     string `json:"cause"`
}

type account struct {
	Read         uint64                    `json:"read"`
	Acknowledged uint64                    `json:"acknowledged"`
	Sent         uint64                    `json:"sent"`
	Superseded   uint64                    `json:"superseded"`
	Rejected     map[sensors.Reason]uint64 `json:"rejected"`
	Dropped      map[sensors.Reason]uint64 `json:"dropped"`
	Queued       uint64                    `json:"queued"`
}

type queue struct {
	Waiting  uint64 `json:"waiting"`
	Capacity int    `json:"capacity"`
}

type store struct {
	State       string `json:"state"`
	Bytes       int64  `json:"bytes"`
	CardWritten int64  `json:"card_bytes_written"`
	Cause       string `json:"cause"`
}

type sensor struct {
	Name      string    `json:"name"`
	Driver    string    `json:"driver"`
	Status    string    `json:"status"`
	Error     string    `json:"error"`
	Since     Moment    `json:"since"`
	Interval  float64   `json:"interval"`
	Simulated bool      `json:"simulated"`
	Rejected  *rejected `json:"rejected"`
	Readings  []reading `json:"readings"`
}

type rejected struct {
	Time     Moment         `json:"time"`
	Quantity string         `json:"quantity"`
	Reason   sensors.Reason `json:"reason"`
	Detail   string         `json:"detail"`
}

type reading struct {
	Quantity     string          `json:"quantity"`
	Value        json.RawMessage `json:"value"`
	Unit         string          `json:"unit"`
	Time         Moment          `json:"time"`
	Topic        string          `json:"topic"`
	Payload      string          `json:"payload"`
	Binary       bool            `json:"binary"`
	Retained     bool            `json:"retained"`
	Acknowledged bool            `json:"acknowledged"`
}

// newStatus returns the status of a daemon.
func newStatus(s daemon.Snapshot) status {
	st := status{
		Node: s.Node, Version: s.Version, Started: Moment(s.Started), Now: Moment(s.Now),
		Broker: newBroker(s.Broker), Account: newAccount(s.Account),
		Queue: queue{s.Account.Queued, s.Capacity}, Spool: newStore(s),
		Problems: problems(s), Sensors: []sensor{},
	}
	for _, one := range s.Sensors {
		st.Sensors = append(st.Sensors, newSensor(one))
	}
	return st
}

func newBroker(s mqtt.State) broker {
	b := broker{
		URL: s.Broker, Connected: s.Connected, Since: Moment(s.Since),
		Losses: sensors.Total(s.Losses), Cause: s.Cause, Hint: s.Hint, History: []event{},
	}
	for _, e := range s.Events {
		b.History = append(b.History, event{Moment(e.Time), e.Connected, e.Broker, e.Cause})
	}
	return b
}

func newAccount(a publisher.Account) account {
	notNil := func(m map[sensors.Reason]uint64) map[sensors.Reason]uint64 {
		if m == nil {
			return map[sensors.Reason]uint64{}
		}
		return m
	}
	return account{
		a.Read, a.Acknowledged, a.Sent, a.Superseded,
		notNil(a.Rejected), notNil(a.Dropped), a.Queued,
	}
}

func newStore(s daemon.Snapshot) store {
	if s.Spool == nil {
		return store{State: "off"}
	}
	st := store{State: "ok", Bytes: s.Spool.Tmpfs.Bytes + s.Spool.Disk.Bytes, CardWritten: s.Spool.Disk.Written}
	if cause := s.SpoolCause(); cause != nil {
		st.State, st.Cause = "failing", cause.Error()
	}
	return st
}

// The states of a sensor.
const (
	starting = "starting" // it was not read yet
	absent   = "absent"   // it is optional, and its device has not answered yet
	good     = "ok"
	failing  = "failing"
)

func stateOf(s daemon.Sensor) string {
	switch {
	case !s.BadSince.IsZero():
		return failing
	case s.Absent:
		return absent
	case s.Good.IsZero():
		return starting
	}
	return good
}

func newSensor(s daemon.Sensor) sensor {
	made := sensor{
		Name: s.Sensor, Driver: s.Driver, Status: stateOf(s), Error: s.Cause, Since: Moment(s.BadSince),
		Interval: s.Interval.Seconds(), Simulated: s.Simulated, Readings: []reading{},
	}
	if r := s.Rejected; !r.Time.IsZero() {
		made.Rejected = &rejected{Moment(r.Time), r.Quantity, r.Reason, r.Detail}
	}
	for _, n := range s.Readings {
		made.Readings = append(made.Readings, newReading(n))
	}
	return made
}

// newReading returns the newest reading of a topic, with its payload as the broker has
// received it, or will.
func newReading(n publisher.Newest) reading {
	r := reading{
		Quantity: n.Reading.Quantity, Value: decimal(n.Route, n.Reading), Unit: n.Reading.Unit, Time: Moment(n.Reading.Time),
		Topic: n.Route.Topic, Retained: n.Retained, Acknowledged: !n.Waits,
	}
	payload, err := n.Route.Encoder.Encode(n.Reading)
	if _, r.Binary = n.Route.Encoder.(publisher.Binary); r.Binary {
		r.Payload = hex.EncodeToString(payload)
	} else if err == nil {
		r.Payload = string(payload)
	}
	return r
}

// decimal returns a value in JSON, rounded as it is published.
func decimal(route publisher.Route, r sensors.Reading) json.RawMessage {
	j, _ := route.History.(publisher.JSON)
	b, err := publisher.Text{Precision: j.Precision}.Encode(r)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
