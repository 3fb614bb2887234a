package web

import (
	"encoding/json"
	"net/http"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/sensors"
)

// An Explanation is the answer of /api/explain, which the package comment
// describes.
type Explanation struct {
	Topic     string     `json:"topic"`
	Sensor    string     `json:"sensor"`
	Quantity  string     `json:"quantity"`
	Status    string     `json:"status"`
	Error     string     `json:"error"`
	Connected bool       `json:"connected"`
	Cause     string     `json:"cause"`
	Decisions []Decision `json:"decisions"`
}

// A Decision is what happened to one value.
type Decision struct {
	Time     Moment          `json:"time"`
	Decision publisher.Fate  `json:"decision"`
	Value    json.RawMessage `json:"value"`
	Unit     string          `json:"unit"`
	Seq      uint64          `json:"seq"`
	Reason   sensors.Reason  `json:"reason"`
	Detail   string          `json:"detail"`
	After    *float64        `json:"after"`
}

// serveExplain answers what happened to the last values for a topic.
func (s *Server) serveExplain(w http.ResponseWriter, r *http.Request) {
	topic := r.URL.Query().Get("topic")
	s.answer(w, func() (int, any) {
		e, found := s.Explain(topic)
		switch {
		case found:
			return http.StatusOK, newExplanation(e)
		case topic == "":
			return http.StatusNotFound, map[string]string{"error": "want a topic: /api/explain?topic=TOPIC"}
		}
		return http.StatusNotFound, map[string]string{"error": "no sensor publishes to that topic"}
	})
}

func newExplanation(e daemon.Explanation) Explanation {
	sensor, _ := e.Snapshot.Sensor(e.Route.Sensor)
	x := Explanation{
		Topic: e.Route.Topic, Sensor: e.Route.Sensor, Quantity: e.Route.Quantity,
		Status: stateOf(sensor), Error: sensor.Cause,
		Connected: e.Broker.Connected, Cause: e.Broker.Cause, Decisions: []Decision{},
	}
	for _, d := range e.Decisions {
		x.Decisions = append(x.Decisions, newDecision(e.Route, d))
	}
	return x
}

func newDecision(route publisher.Route, d publisher.Decision) Decision {
	made := Decision{
		Time: Moment(d.Time), Decision: d.Fate, Value: json.RawMessage("null"),
		Seq: d.Seq, Reason: d.Reason, Detail: d.Detail,
	}
	if d.Seq > 0 {
		made.Value, made.Unit = decimal(route, sensors.Reading{Value: d.Value}), route.Unit
	}
	if d.Fate != publisher.FateQueued && d.Seq > 0 {
		after := d.After.Seconds()
		made.After = &after
	}
	return made
}
