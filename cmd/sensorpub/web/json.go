package web

import (
	"encoding/json"
	"net/http"
	"time"

	"sensorpub/sensors"
)

// A Moment is a time in JSON: with milliseconds, in UTC; null if there is none or
// the clock was not set.
type Moment time.Time

// MarshalJSON implements [json.Marshaler].
func (m Moment) MarshalJSON() ([]byte, error) {
	t := time.Time(m)
	if t.Before(sensors.Epoch) {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Moment) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, (*time.Time)(m)) // which null leaves as it is
}

// writeJSON answers with an object.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
}
