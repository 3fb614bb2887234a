package spool

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"time"

	"sensorpub/sensors"
)

// A Key names a stream of readings.
type Key struct{ Sensor, Quantity string }

// A Record is a reading in the spool.
type Record struct {
	Position uint64          // in the order of acceptance
	Reading  sensors.Reading // Up is 0 if it was measured before this boot of the machine
}

func (r Record) key() Key { return Key{r.Reading.Sensor, r.Reading.Quantity} }

// Positions lie below this, so that one more is always a position.
const maxPosition = 1 << 62

// noTime stands for the zero time, which has no nanoseconds since 1970.
const noTime = math.MinInt64

// A bootID tells the boots of a machine apart. Zero is not known, and not
// equal to itself.
type bootID [16]byte

func parseBootID(s string) (id bootID) {
	if b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(s), "-", "")); err == nil {
		copy(id[:], b)
	}
	return id
}

func (b bootID) is(other bootID) bool { return b == other && b != bootID{} }

// reading appends the frame of an accepted reading.
func (w *writer) reading(r Record, boot bootID) {
	start := w.open(kindReading)
	w.record(r, boot)
	w.close(start)
}

// record appends the payload of a reading: position 8 | seq 8 | value 8 |
// nanoseconds since 1970 8 | boot 16 | nanoseconds since that boot 8 | sensor |
// quantity | unit, the last three each as length and bytes.
func (w *writer) record(r Record, boot bootID) {
	le := binary.LittleEndian
	at := int64(noTime)
	if !r.Reading.Time.IsZero() {
		at = r.Reading.Time.UnixNano()
	}
	if r.Reading.Up == 0 {
		boot = bootID{}
	}
	w.buf = le.AppendUint64(w.buf, r.Position)
	w.buf = le.AppendUint64(w.buf, r.Reading.Seq)
	w.buf = le.AppendUint64(w.buf, math.Float64bits(r.Reading.Value))
	w.buf = le.AppendUint64(w.buf, uint64(at))
	w.buf = append(w.buf, boot[:]...)
	w.buf = le.AppendUint64(w.buf, uint64(r.Reading.Up))
	w.text(r.Reading.Sensor)
	w.text(r.Reading.Quantity)
	w.text(r.Reading.Unit)
}

func (w *writer) text(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// fits reports whether a reading's frame is not too long to be found again.
func fits(r sensors.Reading) bool {
	return len(r.Sensor)+len(r.Quantity)+len(r.Unit) < maxPayload-128
}

// A payload is the part of a payload that is still to be parsed. A failure is sticky.
type payload struct {
	b     []byte
	bad   bool
	names map[string]string // so that equal names share their bytes
}

func (p *payload) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad, p.b = true, nil
		return make([]byte, min(max(n, 0), 16))
	}
	taken := p.b[:n]
	p.b = p.b[n:]
	return taken
}

func (p *payload) uint64() uint64 { return binary.LittleEndian.Uint64(p.take(8)) }

func (p *payload) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.bad, p.b = true, nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *payload) text() string {
	n := p.uvarint()
	if n > maxPayload {
		p.bad = true
		return ""
	}
	b := p.take(int(n))
	if p.bad {
		return ""
	}
	s, known := p.names[string(b)]
	if !known {
		s = string(b)
		p.names[s] = s
	}
	return s
}

// record parses what writer.record made. Up is kept only if the boot is the
// one given.
func (p *payload) record(boot bootID) (r Record, ok bool) {
	r.Position = p.uint64()
	r.Reading.Seq = p.uint64()
	r.Reading.Value = math.Float64frombits(p.uint64())
	if at := int64(p.uint64()); at != noTime {
		r.Reading.Time = time.Unix(0, at).UTC()
	}
	then := bootID(p.take(16))
	if up := time.Duration(p.uint64()); boot.is(then) {
		r.Reading.Up = up
	}
	r.Reading.Sensor = p.text()
	r.Reading.Quantity = p.text()
	r.Reading.Unit = p.text()
	return r, !p.bad && len(p.b) == 0 && r.Position > 0 && r.Position < maxPosition
}

// settled appends the frames of a set: for each span the distance from the
// end of the last one, and its length less one.
func (w *writer) settled(s intervals) {
	for len(s) > 0 {
		start, end := w.open(kindSettled), uint64(0)
		for len(s) > 0 && len(w.buf)-start < maxPayload-20 {
			w.buf = binary.AppendUvarint(w.buf, s[0].lo-end)
			w.buf = binary.AppendUvarint(w.buf, s[0].hi-s[0].lo)
			end, s = s[0].hi, s[1:]
		}
		w.close(start)
	}
}

func (p *payload) settled(into *intervals) {
	end := uint64(0)
	for len(p.b) > 0 {
		gap, length := p.uvarint(), p.uvarint()
		if p.bad || gap > maxPosition || length > maxPosition || end+gap+length >= maxPosition {
			return
		}
		lo := end + gap
		end = lo + length
		into.add(lo, end)
	}
}
