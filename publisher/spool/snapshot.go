package spool

import "encoding/binary"

// A header is the first frame of a file.
type header struct {
	clean    bool   // of the state file: nothing came after it
	number   uint64 // of the segment
	boot     bootID
	floor    uint64 // the sequence number of streams that are not named
	next     uint64 // the position after all that were given
	previous tally  // what is intact of the segment before this one
	after    uint64 // the number of that; 0: there is none
}

const (
	headerBytes = 1 + 1 + 8 + 16 + 8 + 8 + 4 + 8
	flagClean   = 1 // an earlier release has used bit 1 as well
)

// version is that of the format. A file of another one is not read.
const version = 1

func (w *writer) header(h header) {
	start := w.open(kindHeader)
	le := binary.LittleEndian
	flags := byte(0)
	if h.clean {
		flags |= flagClean
	}
	w.buf = append(w.buf, version, flags)
	w.buf = le.AppendUint64(w.buf, h.number)
	w.buf = append(w.buf, h.boot[:]...)
	w.buf = le.AppendUint64(w.buf, h.floor)
	w.buf = le.AppendUint64(w.buf, h.next)
	w.buf = le.AppendUint16(w.buf, h.previous.frames)
	w.buf = le.AppendUint16(w.buf, h.previous.readings)
	w.buf = le.AppendUint64(w.buf, h.after)
	w.close(start)
}

func (p *payload) header() (h header, ok bool) {
	if len(p.b) != headerBytes || p.take(1)[0] != version {
		return h, false
	}
	flags := p.take(1)[0]
	h.clean = flags&flagClean != 0
	h.number = p.uint64()
	h.boot = bootID(p.take(16))
	h.floor = p.uint64()
	h.next = p.uint64()
	h.previous.frames = binary.LittleEndian.Uint16(p.take(2))
	h.previous.readings = binary.LittleEndian.Uint16(p.take(2))
	h.after = p.uint64()
	return h, h.next <= maxPosition
}

// A snapshot is the combined content of files. Each frame only adds to it, so that
// neither their order matters nor that some are missing.
type snapshot struct {
	streams map[Key]*stream
	settled intervals
	top     uint64 // the highest position
	floor   uint64 // the sequence number of streams that are not named
	clean   bool   // of the state file, as in header
}

// A stream is the series of readings of one quantity of one sensor.
type stream struct {
	seq    uint64 // the last sequence number
	newest Record // Position 0: it is not known
}

func newSnapshot() *snapshot { return &snapshot{streams: make(map[Key]*stream)} }

// stream returns a stream, which is named from then on.
func (k *snapshot) stream(key Key) *stream {
	st := k.streams[key]
	if st == nil {
		st = new(stream)
		k.streams[key] = st
	}
	return st
}

// note adds a reading.
func (k *snapshot) note(r Record) {
	st := k.stream(r.key())
	// Not by position: where not all could be read, a later process may have
	// begun at a lower one.
	if st.newest.Position == 0 || r.Reading.Seq >= st.newest.Reading.Seq {
		st.newest = r
	}
	st.seq = max(st.seq, r.Reading.Seq)
	k.top = max(k.top, r.Position)
}

// merge adds the content of other files.
func (k *snapshot) merge(other *snapshot) {
	for key, o := range other.streams {
		st := k.stream(key)
		st.seq = max(st.seq, o.seq)
		if o.newest.Position != 0 {
			k.note(o.newest)
		}
	}
	k.settled.addAll(other.settled)
	k.top = max(k.top, other.top)
	k.floor = max(k.floor, other.floor)
}

// raise raises all sequence numbers.
func (k *snapshot) raise(higher func(uint64) uint64) {
	for _, st := range k.streams {
		st.seq = higher(st.seq)
	}
	k.floor = higher(k.floor)
}

// snapshot appends the frames that say the same, with what is settled.
func (w *writer) snapshot(k *snapshot, settled intervals, boot bootID) {
	for key, st := range k.streams {
		if st.newest.Position != 0 {
			start := w.open(kindNewest)
			w.record(st.newest, boot)
			w.close(start)
		}
		if st.newest.Position == 0 || st.seq != st.newest.Reading.Seq {
			w.seq(key, st.seq)
		}
	}
	w.settled(settled)
	w.close(w.open(kindEnd))
}

func (w *writer) seq(key Key, seq uint64) {
	start := w.open(kindSeq)
	w.text(key.Sensor)
	w.text(key.Quantity)
	w.buf = binary.AppendUvarint(w.buf, seq)
	w.close(start)
}

// A content describes a file, apart from what it adds to a snapshot.
type content struct {
	scan
	header header
	headed bool      // header is known
	whole  bool      // its snapshot is complete
	begun  bool      // it continues after its snapshot, or up to its end
	closed bool      // it says that another segment comes after it
	have   intervals // the readings in it
	behind int       // readings missing behind the last of them
}

// read reads a file.
func (k *snapshot) read(b []byte, boot bootID) content {
	var c content
	p := payload{names: make(map[string]string)}
	before := 0 // readings missing before the last intact one
	c.scan = frames(b, func(kind byte, body []byte, s *scan) {
		p.b, p.bad = body, false
		switch kind {
		case kindHeader:
			if h, ok := p.header(); ok {
				c.header, c.headed = h, true
				k.floor = max(k.floor, h.floor)
				k.top = max(k.top, max(h.next, 1)-1)
			}
		case kindReading, kindNewest:
			if r, ok := p.record(boot); ok {
				k.note(r)
				if kind == kindReading {
					c.have.add(r.Position, r.Position)
					before = s.lost
				}
			}
		case kindSeq:
			key := Key{p.text(), p.text()}
			if seq := p.uvarint(); !p.bad {
				st := k.stream(key)
				st.seq = max(st.seq, seq)
			}
		case kindSettled:
			p.settled(&k.settled)
			k.top = max(k.top, k.settled.last())
		case kindEnd:
			if c.closed = c.begun; !c.closed {
				c.whole = c.headed && s.lost+s.other == 0
			}
		}
		c.begun = c.begun || kind == kindReading || kind == kindEnd
	})
	c.behind = c.lost - before
	return c
}

// otherVersion reports whether a file begins with an intact header of another
// version of the format: nothing is known of the rest.
func otherVersion(b []byte) bool {
	kind, _, body, ok := parseFrame(b)
	return ok && kind == kindHeader && len(body) > 0 && body[0] != version
}
