package web

import (
	"bytes"

	"sensorpub/cmd/sensorpub/daemon"
)

// A frame is the status at one Moment, in pieces that can be compared.
type frame struct {
	status  status
	parts   []part // of the top level
	sensors []part // by name
}

// A part is a member of an object, encoded.
type part struct {
	name string
	json []byte
}

// frame returns the present one.
func (s *Server) frame() *frame {
	s.working.Lock()
	defer s.working.Unlock()
	return newFrame(s.Snapshot())
}

func newFrame(s daemon.Snapshot) *frame {
	st := newStatus(s)
	f := &frame{status: st, parts: []part{
		{"broker", encode(st.Broker)},
		{"account", encode(st.Account)},
		{"queue", encode(st.Queue)},
		{"spool", encode(st.Spool)},
		{"problems", encode(st.Problems)},
	}}
	for _, one := range st.Sensors {
		f.sensors = append(f.sensors, part{one.Name, encode(one)})
	}
	return f
}

// since returns the event that turns an earlier frame into this one, and its data;
// "" if they do not differ.
func (f *frame) since(last *frame) (event string, data []byte) {
	if last == nil || !sameNames(f.sensors, last.sensors) {
		return "status", encode(f.status)
	}
	var b bytes.Buffer
	for i, p := range f.parts {
		if !bytes.Equal(p.json, last.parts[i].json) {
			b.WriteString(`,"` + p.name + `":`)
			b.Write(p.json)
		}
	}
	changed := 0
	for i, p := range f.sensors {
		if bytes.Equal(p.json, last.sensors[i].json) {
			continue
		}
		if changed++; changed == 1 {
			b.WriteString(`,"sensors":[`)
		} else {
			b.WriteByte(',')
		}
		b.Write(p.json)
	}
	if changed > 0 {
		b.WriteByte(']')
	}
	if b.Len() == 0 {
		return "", nil
	}
	return "change", []byte(`{"now":` + string(encode(f.status.Now)) + b.String() + `}`)
}

// sameNames reports whether parts are of the same sensors in the same order.
func sameNames(a, b []part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].name != b[i].name {
			return false
		}
	}
	return true
}
