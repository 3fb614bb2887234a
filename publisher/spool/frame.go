package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// A file is a sequence of frames:
//
//	marker 2 | kind 1 | length 2 | ordinal 2 | readings 2 | payload | CRC32C 4
//
// in little-endian order. ordinal counts the frames before it in its file,
// readings those of them that are readings, so that the number of missing ones is
// known. The checksum (RFC 3720, section 12.1) covers everything between the marker
// and itself.
const (
	marker     = "\xd5\x9a"
	headBytes  = 9
	overhead   = headBytes + 4
	maxPayload = 4096 // bounds what a false marker makes the search compute
	maxFrames  = 60000
)

// The kinds of frames.
const (
	kindHeader  = 1 + iota // what the file is
	kindReading            // an accepted reading
	kindSettled            // positions that are settled
	kindNewest             // of a snapshot: the newest reading of a stream
	kindSeq                // the sequence number of a stream, if it is not that of its newest reading
	kindEnd                // the snapshot is complete; a second one: the segment is, and another one follows
)

// checksum returns the CRC32C. Building its table takes 0.2 ms, once, which a daemon
// without a spool does not spend.
func checksum(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

// A tally counts frames, and those of them that are readings.
type tally struct{ frames, readings uint16 }

// A writer makes frames.
type writer struct {
	buf []byte
	tally
}

// open begins a frame; the caller appends the payload to buf and closes it.
func (w *writer) open(kind byte) (start int) {
	start = len(w.buf)
	w.buf = append(w.buf, marker...)
	w.buf = append(w.buf, kind, 0, 0)
	w.buf = binary.LittleEndian.AppendUint16(w.buf, w.frames)
	w.buf = binary.LittleEndian.AppendUint16(w.buf, w.readings)
	w.frames++
	if kind == kindReading {
		w.readings++
	}
	return start
}

func (w *writer) close(start int) {
	f := w.buf[start:]
	binary.LittleEndian.PutUint16(f[3:], uint16(len(f)-headBytes))
	w.buf = binary.LittleEndian.AppendUint32(w.buf, checksum(f[2:]))
}

// parseFrame returns the frame that b begins with.
func parseFrame(b []byte) (kind byte, at tally, payload []byte, ok bool) {
	if len(b) < overhead || b[0] != marker[0] || b[1] != marker[1] {
		return 0, at, nil, false
	}
	n := int(binary.LittleEndian.Uint16(b[3:]))
	if n > maxPayload || len(b) < n+overhead {
		return 0, at, nil, false
	}
	end := headBytes + n
	if binary.LittleEndian.Uint32(b[end:]) != checksum(b[2:end]) {
		return 0, at, nil, false
	}
	at = tally{binary.LittleEndian.Uint16(b[5:]), binary.LittleEndian.Uint16(b[7:])}
	return b[2], at, b[headBytes:end:end], true
}

// A scan is what was found of a file's frames.
type scan struct {
	tally     // of the frames up to the last one that is intact, the missing among them
	lost  int // readings missing before it
	other int // other frames missing before it
	tail  int // bytes behind it, which are not a frame
}

// frames calls f for each intact frame of b. After a damaged one it looks for the
// next byte by byte.
func frames(b []byte, f func(kind byte, payload []byte, s *scan)) scan {
	var s scan
	for len(b) > 0 {
		kind, at, payload, ok := parseFrame(b)
		if !ok {
			next := bytes.Index(b[1:], []byte(marker))
			if next < 0 {
				s.tail += len(b)
				break
			}
			s.tail += 1 + next
			b = b[1+next:]
			continue
		}
		s.tail = 0
		s.reach(at, kind)
		f(kind, payload, &s)
		b = b[overhead+len(payload):]
	}
	return s
}

// reach takes note of an intact frame. One that is below what was reached is
// a copy, and nothing is missing before it.
func (s *scan) reach(at tally, kind byte) {
	if at.frames < s.frames || at.readings < s.readings {
		return
	}
	lost := int(at.readings - s.readings)
	s.lost += lost
	s.other += max(0, int(at.frames-s.frames)-lost)
	s.tally = tally{at.frames + 1, at.readings}
	if kind == kindReading {
		s.readings++
	}
}
