package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
)

const (
	// linePoints is how many points are kept of a reading: almost three hours at
	// one in 10 seconds.
	linePoints = 1000
	// allPoints is how many are kept of all readings, 8 bytes each.
	allPoints = 64_000
)

// A history is the points of the charts.
type history struct {
	mu    sync.Mutex
	start time.Time
	lines []*line // in the order of the snapshot
}

// A line is the points of one reading.
type line struct {
	sensor, quantity, unit string
	seq                    uint64 // of the last one
	points                 []point
}

// A point is a value at so many seconds after the start of the history.
type point struct {
	at    int32
	value float32
}

func newHistory() history { return history{start: time.Now()} }

// record adds the readings that are new, and forgets those of sensors that are
// no longer configured.
func (h *history) record(s daemon.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := make(map[[2]string]*line, len(h.lines))
	for _, l := range h.lines {
		known[[2]string{l.sensor, l.quantity}] = l
	}
	var lines []*line
	for _, sensor := range s.Sensors {
		for _, n := range sensor.Readings {
			l := known[[2]string{sensor.Sensor, n.Reading.Quantity}]
			if l == nil || l.unit != n.Reading.Unit {
				l = &line{sensor: sensor.Sensor, quantity: n.Reading.Quantity, unit: n.Reading.Unit}
			}
			lines = append(lines, l)
			age, at := s.Now.Sub(n.Reading.Time), s.Now.Sub(h.start)
			if n.Reading.Seq != l.seq && age < at { // and not from before the start
				l.seq = n.Reading.Seq
				l.points = append(l.points, point{int32((at - max(age, 0)) / time.Second), float32(n.Reading.Value)})
			}
		}
	}
	h.lines = lines
	most := min(linePoints, allPoints/max(len(lines), 1))
	for _, l := range lines {
		if excess := len(l.points) - most; excess > 0 {
			l.points = slices.Delete(l.points, 0, excess)
		}
	}
}

// serveHistory answers with the lines of a sensor and a quantity, or of all.
func (s *Server) serveHistory(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	wanted := func(key, name string) bool { return !asked.Has(key) || asked.Get(key) == name }
	w.Header().Set("Content-Type", "application/json")
	before := `{"series":[`
	for i := 0; ; i++ {
		l, start, ok := s.history.line(i)
		if !ok {
			break
		}
		if !wanted("sensor", l.sensor) || !wanted("quantity", l.quantity) {
			continue
		}
		s.working.Lock()
		b := l.json(start)
		s.working.Unlock()
		if _, err := w.Write(append([]byte(before), b...)); err != nil {
			return
		}
		before = ","
	}
	w.Write([]byte(strings.TrimPrefix(before, ",") + "]}\n"))
}

// line returns a copy of the i-th line, and the start by the clock of now.
func (h *history) line(i int) (l line, start time.Time, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i >= len(h.lines) {
		return line{}, time.Time{}, false
	}
	l = *h.lines[i]
	l.points = slices.Clone(l.points)
	now := time.Now()
	return l, now.Round(0).Add(-now.Sub(h.start)), true
}

// json returns a line in JSON.
func (l line) json(start time.Time) []byte {
	b := encode(struct {
		Sensor   string `json:"sensor"`
		Quantity string `json:"quantity"`
		Unit     string `json:"unit"`
	}{l.sensor, l.quantity, l.unit})
	b = append(b[:len(b)-1], `,"points":[`...)
	for i, p := range l.points {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), start.Unix()+int64(p.at), 10)
		b = append(strconv.AppendFloat(append(b, ','), float64(p.value), 'g', -1, 32), ']')
	}
	return append(b, "]}"...)
}
