package daemon

import (
	"errors"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher"
	"sensorpub/publisher/discovery"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

func TestReportOfANode(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	read := func(at time.Time) publisher.Newest { return publisher.Newest{Reading: sensors.Reading{Time: at}} }
	c := &config.Config{Sensors: []config.Sensor{{Name: "a", Identity: "28-a"}, {Name: "b", Identity: "b"}, {Name: "c", Identity: "c"}, {Name: "d", Identity: "d"}}}
	s := Snapshot{
		Broker:  mqtt.State{Connected: true, Since: at(1), Losses: map[string]uint64{"closed": 2, "timeout": 1}},
		Account: publisher.Account{Queued: 4, Rejected: map[sensors.Reason]uint64{"crc": 5, "range": 1}, Dropped: map[sensors.Reason]uint64{"overflow": 7}},
		Spool:   &spool.State{},
		Sensors: []Sensor{
			{Status: sensors.Status{Sensor: "a", Good: at(2)}, Readings: []publisher.Newest{read(at(1))}},
			{Status: sensors.Status{Sensor: "b"}, Readings: []publisher.Newest{read(at(3)), read(at(4))}}, // of an earlier process
			{Status: sensors.Status{Sensor: "c"}, Readings: []publisher.Newest{read(time.Unix(60, 0))}},   // before the clock was set
			{Status: sensors.Status{Sensor: "d"}},
			{Status: sensors.Status{Sensor: "just removed", Good: at(2)}},
		},
	}
	d := discovery.Diagnostics{Topic: "d"}
	for _, tt := range []struct {
		name   string
		change func()
		files  map[string]string
		want   string
	}{
		{
			"of a node that is well", func() {}, nil,
			`{"connected_since":"2026-01-02T03:01:00Z","connection_losses":3,"queued":4,"rejected":6,"dropped":7,"spool":"ok",` +
				`"last_reading":{"28-a":"2026-01-02T03:02:00Z","b":"2026-01-02T03:04:00Z","c":null,"d":null}}`,
		},
		{
			"of one that has trouble", func() {
				s.Broker.Connected, s.Spool.Disk.Cause, s.Sensors = false, errors.New("read-only file system"), nil
			},
			map[string]string{"sys/devices/platform/soc/soc:firmware/get_throttled": "1\n"},
			`{"connected_since":null,"connection_losses":3,"queued":4,"rejected":6,"dropped":7,"spool":"failing","power_supply":"under-voltage","last_reading":{}}`,
		},
		{
			"of one without a spool", func() { s.Spool = nil },
			map[string]string{"sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n"},
			`{"connected_since":null,"connection_losses":3,"queued":4,"rejected":6,"dropped":7,"power_supply":"ok","last_reading":{}}`,
		},
	} {
		tt.change()
		host := drivers.Host{Root: fixture.Machine(t, tt.files)}
		if got := string(d.Message(s.report(c, host)).Payload); got != tt.want {
			t.Errorf("%s: got\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
}
