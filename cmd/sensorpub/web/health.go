package web

import (
	"fmt"
	"net/http"
	"strings"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher/spool"
)

// A problem is something that is wrong, and what to do about it.
type problem struct {
	Problem string `json:"problem"`
	Hint    string `json:"hint"`
}

// problems returns what is wrong with a daemon, the worst first.
func problems(s daemon.Snapshot) []problem {
	all := []problem{}
	if b := s.Broker; !b.Connected {
		hint := b.Hint
		if hint == "" {
			hint = "sensorpub doctor examines the way to the broker"
		}
		all = append(all, problem{fmt.Sprintf("no connection to %s: %s", b.Broker, b.Cause), hint})
	}
	for _, r := range s.Refused {
		all = append(all, problem{
			"the broker refuses messages to " + r.Topic,
			"they may be larger than it allows, or this user may not publish there; sensorpub doctor tries it",
		})
	}
	for _, sensor := range s.Sensors {
		if !sensor.BadSince.IsZero() {
			all = append(all, problem{sensor.Sensor + ": " + sensor.Cause, sensorHint(sensor)})
		}
	}
	if s.Spool != nil {
		all = append(append(all, storeProblems("spool.runtime_dir", s.Spool.Tmpfs)...), storeProblems("spool.dir", s.Spool.Disk)...)
	}
	return all
}

// sensorHint says what to do about a sensor that fails.
func sensorHint(s daemon.Sensor) string {
	if s.Simulated {
		return "the failure may be part of its script or trace; sensorpub doctor examines the sensor"
	}
	return "sensorpub doctor examines the sensor; sensorpub drivers " + s.Driver + " shows its options and wiring"
}

// storeProblems returns what is wrong with a directory of the spool.
func storeProblems(key string, t spool.StoreState) (all []problem) {
	if t.Cause != nil {
		all = append(all, problem{
			fmt.Sprintf("%s cannot be used: %v", key, t.Cause),
			"is there room, and may the service write there? Meanwhile readings are kept in memory",
		})
	}
	if len(t.Unread) > 0 {
		all = append(all, problem{
			fmt.Sprintf("%s: files that could not be read: %s", key, strings.Join(t.Unread, " ")),
			"make them readable and restart sensorpub: the next start reads them",
		})
	}
	return all
}

// serveHealth answers 200 if all is well, otherwise 503 with the problems.
func (s *Server) serveHealth(w http.ResponseWriter) {
	s.answer(w, func() (int, any) {
		all := problems(s.Snapshot())
		if len(all) == 0 {
			return http.StatusOK, map[string]string{"status": good}
		}
		return http.StatusServiceUnavailable, struct {
			Status   string    `json:"status"`
			Problems []problem `json:"problems"`
		}{failing, all}
	})
}
