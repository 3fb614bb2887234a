package daemon

import (
	"fmt"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// A Snapshot is the state of the daemon at one moment. The status line, the page and
// the metrics use nothing else.
type Snapshot struct {
	Node     string
	Version  string
	Started  time.Time
	Now      time.Time
	Broker   mqtt.State
	Account  publisher.Account
	Capacity int          // of the queue, in readings; Account.Queued is how many it holds
	Spool    *spool.State // nil: there is none
	Refused  []publisher.Refusal
	Sensors  []Sensor // in the order of the configuration

	// Measured only if the page is served.
	Lateness sensors.Distribution // from when a probe is due until its bus is told
	Acks     sensors.Distribution // from sending a message to its acknowledgement
}

// A Sensor is the state of one sensor.
type Sensor struct {
	sensors.Status
	Interval  time.Duration
	Readings  []publisher.Newest // of each quantity that has been read
	Simulated bool               // its values are made up, or old ones repeated
}

// Snapshot returns the current state.
func (d *Daemon) Snapshot() Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Snapshot{
		Node: d.config.Node, Version: d.Version, Started: d.started, Now: time.Now(),
		Broker: d.mqtt.State(), Account: d.queue.Account(), Capacity: d.config.Queue.Capacity,
		Refused:  d.queue.Refusals(),
		Lateness: d.scheduler.Lateness.Distribution(), Acks: d.publisher.Acks.Distribution(),
	}
	if d.spool != nil {
		state := d.spool.State()
		s.Spool = &state
	}
	statuses := make(map[string]sensors.Status)
	for _, bus := range d.buses {
		for _, status := range bus.Status() {
			statuses[status.Sensor] = status
		}
	}
	readings := make(map[string][]publisher.Newest)
	for _, n := range d.queue.Newest() {
		readings[n.Route.Sensor] = append(readings[n.Route.Sensor], n)
	}
	for _, sensor := range d.config.Sensors {
		status, ok := statuses[sensor.Name]
		if !ok { // a reload is not done yet
			status = sensors.Status{Sensor: sensor.Name, Driver: sensor.Driver}
		}
		s.Sensors = append(s.Sensors, Sensor{status, sensor.Interval, readings[sensor.Name], drivers.IsSimulated(sensor.Driver)})
	}
	return s
}

// connection returns the state of the connection.
func (d *Daemon) connection() mqtt.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mqtt.State()
}

// BadSince returns since when something has been wrong: there is no connection,
// a sensor fails, or the spool cannot write. It is zero if nothing is.
func (s Snapshot) BadSince() (since time.Time) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (since.IsZero() || t.Before(since)) {
			since = t
		}
	}
	if !s.Broker.Connected {
		earlier(s.Broker.Since)
	}
	for _, sensor := range s.Sensors {
		earlier(sensor.BadSince)
	}
	for _, t := range s.stores() {
		earlier(t.Since)
	}
	return since
}

// SpoolCause returns why a directory of the spool cannot be used, or nil.
func (s Snapshot) SpoolCause() (cause error) {
	for _, t := range s.stores() {
		if t.Cause != nil {
			cause = t.Cause
		}
	}
	return cause
}

// stores returns how the spool's directories are doing.
func (s Snapshot) stores() []spool.StoreState {
	if s.Spool == nil {
		return nil
	}
	return []spool.StoreState{s.Spool.Tmpfs, s.Spool.Disk}
}

// simulated returns the names of the sensors that measure nothing.
func (s Snapshot) simulated() (names []string) {
	for _, sensor := range s.Sensors {
		if sensor.Simulated {
			names = append(names, sensor.Sensor)
		}
	}
	return names
}

// String returns the status line that systemctl shows.
func (s Snapshot) String() string {
	var b strings.Builder
	switch {
	case s.Broker.Connected:
		fmt.Fprintf(&b, "connected to %s", s.Broker.Broker)
	case s.Broker.Since.IsZero():
		fmt.Fprintf(&b, "connecting to %s", s.Broker.Broker)
	default:
		fmt.Fprintf(&b, "no connection to %s since %s (%s)",
			s.Broker.Broker, s.Broker.Since.Format("15:04:05"), s.Broker.Cause)
	}
	a := s.Account
	fmt.Fprintf(&b, "; %d read, %d acknowledged, %d queued", a.Read, a.Acknowledged+a.Sent, a.Queued)
	var bad []string
	present := len(s.Sensors)
	for _, sensor := range s.Sensors {
		if sensor.Absent {
			present--
		}
		if !sensor.BadSince.IsZero() {
			bad = append(bad, fmt.Sprintf("; %s: %s", sensor.Sensor, sensor.Cause))
		}
	}
	fmt.Fprintf(&b, "; %d of %d sensors ok%s", present-len(bad), present, strings.Join(bad, ""))
	if names := s.simulated(); len(names) > 0 {
		fmt.Fprintf(&b, "; simulated: %s", strings.Join(names, ", "))
	}
	for _, t := range s.stores() {
		if t.Cause != nil {
			fmt.Fprintf(&b, "; the spool is running without its directory: %v", t.Cause)
		}
	}
	for _, t := range s.stores() {
		if len(t.Unread) > 0 {
			fmt.Fprintf(&b, "; spool files left for the next start: %s", strings.Join(t.Unread, " "))
		}
	}
	for _, r := range s.Refused {
		fmt.Fprintf(&b, "; the broker refuses %s", r.Topic)
	}
	return terminal.Text(strings.ReplaceAll(b.String(), "\n", " "))
}
