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
	return t.UTC().AppendFormat(nil, `"`+sensors.TimeLayout+`"`), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Moment) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, (*time.Time)(m)) // which null leaves as it is
}

// encode returns a value in JSON.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("web: " + err.Error()) // a value of ours that JSON does not have
	}
	return b
}

// answer answers with a status and an object.
func (s *Server) answer(w http.ResponseWriter, work func() (status int, v any)) {
	s.working.Lock()
	status, v := work()
	b := append(encode(v), '\n')
	s.working.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b)
}
