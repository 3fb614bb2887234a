package drivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
)

// A trace holds the rows of one sensor in order of time. It is compact: a trace
// of 8 MiB has 200,000 rows.
type trace struct {
	rows   []traceRow
	texts  []string // quantities and failures; 0 is ""
	starts []int32  // the first row of each moment
}

// A traceRow is a line of a trace: either a value or a failure.
type traceRow struct {
	at                int64 // nanoseconds since 1970
	value             float64
	quantity, failure int32 // in texts; failure 0: value is one
}

// at returns the time of the n-th moment since the first.
func (t *trace) at(n int) time.Duration {
	return time.Duration(t.rows[t.starts[n]].at - t.rows[0].at)
}

// moment returns the result of the n-th reading, with the quantities in the wanted
// order. If one of its rows failed, the reading has failed.
func (t *trace) moment(n int, sources []source) ([]sensors.Measurement, error) {
	end := len(t.rows)
	if n+1 < len(t.starts) {
		end = int(t.starts[n+1])
	}
	values := make([]sensors.Measurement, len(sources))
	for _, r := range t.rows[t.starts[n]:end] {
		if r.failure != 0 {
			return nil, recordedError(t.texts[r.failure])
		}
		name := t.texts[r.quantity]
		if i := slices.IndexFunc(sources, func(s source) bool { return s.Name == name }); i >= 0 {
			values[i] = sensors.Measurement{Quantity: name, Value: r.value}
		}
	}
	for i, s := range sources {
		if values[i].Quantity == "" {
			return nil, fmt.Errorf("no %s is recorded", s.Name)
		}
	}
	return values, nil
}

// recordedReasons are those of drivers and of the range.
var recordedReasons = []sensors.Reason{sensors.CRC, sensors.PowerOn, sensors.AllZero, sensors.OutRange, sensors.NotNumber, sensors.Fault, sensors.Late}

// recordedError restores a rejection, or any other error.
func recordedError(text string) error {
	_, rejected, _ := strings.Cut(text, "rejected (")
	reason, detail, ok := strings.Cut(rejected, "): ")
	if ok && slices.Contains(recordedReasons, sensors.Reason(reason)) {
		return &sensors.Rejection{Reason: sensors.Reason(reason), Detail: detail}
	}
	return errors.New(strings.TrimPrefix(text, "read: "))
}
