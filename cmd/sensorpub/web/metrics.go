package web

import (
	"maps"
	"net/http"
	"runtime"
	"slices"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// serveMetrics answers with all metrics.
func (s *Server) serveMetrics(w http.ResponseWriter) {
	e := s.metrics()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Write(e.b)
}

// metrics returns all metrics.
func (s *Server) metrics() (e exposition) {
	s.working.Lock()
	defer s.working.Unlock()
	now := s.Snapshot()
	e.build(now)
	e.account(now.Account)
	e.readings(now.Sensors)
	e.sensors(now.Sensors)
	e.mqtt(now.Broker, now.Acks)
	if now.Spool != nil {
		e.spool(*now.Spool)
	}
	e.distribution("sensorpub_scheduler_lateness_seconds", "From when a sensor was due until its bus was told to read it.", now.Lateness)
	addProcess(&e, now.Now.Add(-now.Now.Sub(now.Started)))
	addRuntime(&e)
	return e
}

func (e *exposition) build(s daemon.Snapshot) {
	e.family("sensorpub_build_info", gauge, "Always 1; the labels say what is running.")
	e.sample("sensorpub_build_info", 1, label{"version", s.Version}, label{"node", s.Node}, label{"goversion", runtime.Version()})
}

func (e *exposition) account(a publisher.Account) {
	e.one("sensorpub_readings_total", counter, "Values that came from a probe.", float64(a.Read))
	e.one("sensorpub_readings_acknowledged_total", counter, "Readings that the broker has acknowledged.", float64(a.Acknowledged))
	e.one("sensorpub_readings_sent_total", counter, "Readings sent at QoS 0, which are not acknowledged.", float64(a.Sent))
	e.one("sensorpub_readings_superseded_total", counter, "Readings not sent because another reading replaces them.", float64(a.Superseded))
	e.byReason("sensorpub_readings_rejected_total", "Values that are false or suspected to be, and were not published.", a.Rejected)
	e.byReason("sensorpub_readings_dropped_total", "Valid readings that were not delivered.", a.Dropped, publisher.DropReasons...)
	e.one("sensorpub_readings_queued", gauge, "Readings waiting for the broker.", float64(a.Queued))
}

// byReason adds a counter with a sample for each reason in n, and for those that
// are always there: without its 0, the first increase of a counter shows nowhere.
func (e *exposition) byReason(name, help string, n map[sensors.Reason]uint64, always ...sensors.Reason) {
	e.family(name, counter, help)
	reasons := slices.AppendSeq(slices.Clone(always), maps.Keys(n))
	slices.Sort(reasons)
	for _, reason := range slices.Compact(reasons) {
		e.sample(name, float64(n[reason]), label{"reason", string(reason)})
	}
}

func (e *exposition) sensors(all []daemon.Sensor) {
	const up, failures = "sensorpub_sensor_up", "sensorpub_sensor_failures_total"
	e.family(up, gauge, "1 if the last read of the sensor was good.")
	for _, s := range all {
		if stateOf(s) == absent {
			continue
		}
		value := 0.0
		if stateOf(s) == good {
			value = 1
		}
		e.sample(up, value, label{"sensor", s.Sensor})
	}
	e.family(failures, counter, "Reads that failed.")
	for _, s := range all {
		for _, reason := range slices.Sorted(maps.Keys(s.Failed)) {
			e.sample(failures, float64(s.Failed[reason]), label{"sensor", s.Sensor}, label{"reason", reason})
		}
	}
}

func (e *exposition) mqtt(s mqtt.State, acks sensors.Distribution) {
	connected := 0.0
	if s.Connected {
		connected = 1
	}
	e.one("sensorpub_mqtt_connected", gauge, "1 if there is a connection to a broker.", connected)
	e.one("sensorpub_mqtt_connections_total", counter, "Connections made to a broker.", float64(s.Connections))
	const losses = "sensorpub_mqtt_losses_total"
	e.family(losses, counter, "Connections lost.")
	for _, reason := range slices.Sorted(maps.Keys(s.Losses)) {
		e.sample(losses, float64(s.Losses[reason]), label{"reason", reason})
	}
	e.distribution("sensorpub_mqtt_acknowledgement_seconds", "From sending a message to its acknowledgement by the broker.", acks)
}

func (e *exposition) spool(s spool.State) {
	tiers := []struct {
		name  string
		state spool.StoreState
	}{{"tmpfs", s.Tmpfs}, {"disk", s.Disk}}
	add := func(name, kind, help string, value func(spool.StoreState) int64) {
		e.family(name, kind, help)
		for _, t := range tiers {
			if t.state.On {
				e.sample(name, float64(value(t.state)), label{"tier", t.name})
			}
		}
	}
	add("sensorpub_spool_bytes", gauge, "Size of the spool's files.", func(t spool.StoreState) int64 { return t.Bytes })
	add("sensorpub_spool_written_bytes_total", counter, "Bytes written by the spool.", func(t spool.StoreState) int64 { return t.Written })
}

// distribution adds a histogram, whose buckets Prometheus wants to be cumulative.
func (e *exposition) distribution(name, help string, d sensors.Distribution) {
	e.family(name, histogram, help)
	n := uint64(0)
	for i, bound := range sensors.Bounds {
		n += d.Counts[i]
		e.sample(name+"_bucket", float64(n), label{"le", string(appendValue(nil, bound.Seconds()))})
	}
	n += d.Counts[len(sensors.Bounds)]
	e.sample(name+"_bucket", float64(n), label{"le", "+Inf"})
	e.sample(name+"_sum", d.Sum.Seconds())
	e.sample(name+"_count", float64(n))
}
