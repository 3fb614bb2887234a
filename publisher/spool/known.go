package spool

import "encoding/binary"

// A header is the first frame of a file.
type header struct {
	clean    bool   // of the state file: nothing came after it
	adrift   bool   // of the state file: the runtime tier does not know what came after it
	number   uint64 // of the segment
	boot     bootID
	floor    uint64 // the sequence number of streams that are not named
	next     uint64 // the position after all that were given
	previous tally  // what is intact of the segment before this one
	after    uint64 // the number of that; 0: there is none
}

const (
	headerBytes = 1 + 1 + 8 + 16 + 8 + 8 + 4 + 8
	flagClean   = 1
	flagAdrift  = 2
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
	if h.adrift {
		flags |= flagAdrift
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
	h.clean, h.adrift = flags&flagClean != 0, flags&flagAdrift != 0
	h.number = p.uint64()
	h.boot = bootID(p.take(16))
	h.floor = p.uint64()
	h.next = p.uint64()
	h.previous.frames = binary.LittleEndian.Uint16(p.take(2))
	h.previous.readings = binary.LittleEndian.Uint16(p.take(2))
	h.after = p.uint64()
	return h, h.next <= maxPosition
}

// known is what files say. Each frame adds to it and none takes from it, so
// that neither their order matters nor that some are missing.
type known struct {
	seq     map[Key]uint64
	newest  map[Key]Record
	settled set
	top     uint64 // the highest position
	floor   uint64 // the sequence number of streams that are not in seq
	clean   bool   // of the state file, as in header
	adrift  bool   // likewise
}

func newKnown() *known {
	return &known{seq: make(map[Key]uint64), newest: make(map[Key]Record)}
}

// note takes in a reading.
func (k *known) note(r Record) {
	key := r.key()
	// Not by position: where not all could be read, a later process may have
	// begun at a lower one.
	if old, seen := k.newest[key]; !seen || r.Reading.Seq >= old.Reading.Seq {
		k.newest[key] = r
	}
	k.seq[key] = max(k.seq[key], r.Reading.Seq)
	k.top = max(k.top, r.Position)
}

// merge takes in what other files say.
func (k *known) merge(other *known) {
	for _, r := range other.newest {
		k.note(r)
	}
	for key, seq := range other.seq {
		k.seq[key] = max(k.seq[key], seq)
	}
	k.settled.addAll(other.settled)
	k.top = max(k.top, other.top)
	k.floor = max(k.floor, other.floor)
}

// snapshot appends the frames that say the same.
func (w *writer) snapshot(k *known, boot bootID) {
	for key, r := range k.newest {
		start := w.open(kindNewest)
		w.record(r, boot)
		w.close(start)
		if k.seq[key] == r.Reading.Seq {
			continue
		}
		w.seq(key, k.seq[key])
	}
	for key, seq := range k.seq {
		if _, named := k.newest[key]; !named {
			w.seq(key, seq)
		}
	}
	w.settled(k.settled)
	w.close(w.open(kindEnd))
}

func (w *writer) seq(key Key, seq uint64) {
	start := w.open(kindSeq)
	w.text(key.Sensor)
	w.text(key.Quantity)
	w.buf = binary.AppendUvarint(w.buf, seq)
	w.close(start)
}

// A page is what a file is, apart from what it says.
type page struct {
	scan
	header header
	headed bool // header is known
	whole  bool // its snapshot is complete
	have   set  // the readings in it
	behind int  // readings missing behind the last of them
}

// read takes in a file.
func (k *known) read(b []byte, boot bootID) page {
	var pg page
	p := payload{names: make(map[string]string)}
	before := 0 // readings missing before the last intact one
	pg.scan = frames(b, func(kind byte, body []byte, s *scan) {
		p.b, p.bad = body, false
		switch kind {
		case kindHeader:
			if h, ok := p.header(); ok {
				pg.header, pg.headed = h, true
				k.floor = max(k.floor, h.floor)
				k.top = max(k.top, max(h.next, 1)-1)
			}
		case kindReading, kindNewest:
			if r, ok := p.record(boot); ok {
				k.note(r)
				if kind == kindReading {
					pg.have.add(r.Position, r.Position)
					before = s.lost
				}
			}
		case kindSeq:
			key := Key{p.text(), p.text()}
			if seq := p.uvarint(); !p.bad {
				k.seq[key] = max(k.seq[key], seq)
			}
		case kindSettled:
			p.settled(&k.settled)
			if n := len(k.settled); n > 0 {
				k.top = max(k.top, k.settled[n-1].hi)
			}
		case kindEnd:
			pg.whole = pg.headed && s.lost+s.other == 0
		}
	})
	pg.behind = pg.lost - before
	return pg
}
