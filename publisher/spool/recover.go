package spool

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"
)

// Margins for processes that cannot read what others have left.
const (
	// apart is how many positions there are for each second since 1970: far more
	// than are given in it, so that processes which could not read what others
	// have left come in the order of their starts.
	apart = 1 << 30

	// jump is how far sequence numbers move away from those that may be in use.
	// It is more than are given before the state file says so. It is also how
	// many there are for each second since 1970, far more than are given in it:
	// so a process that jumps is above all that came before it, whatever it
	// knows of them. They stay below 2^53 until 2242, so that they are exact in
	// JSON.
	jump = 1 << 20
)

// A recovery draws the conclusions from what was found.
type recovery struct {
	x           *index
	tmpfs, disk found
	wall        time.Time
	damaged     int // readings found damaged, and lost
	jumped      bool
}

func (r *recovery) unread() bool { return r.tmpfs.unread || r.disk.unread }

// conclude sets the waiting readings, the positions and the sequence numbers.
func (r *recovery) conclude() {
	x := r.x
	x.snap.merge(r.tmpfs.snapshot)
	x.snap.merge(r.disk.snapshot)
	// One position is left out, so that what this process says of positions
	// differs from what the last one has said, even without a clock.
	x.next = max(x.snap.top+2, r.seconds()*apart)
	if r.unread() {
		// Where there is no clock, what is there may begin at the same.
		x.next += rand.Uint64N(apart / 2)
	}
	r.number()
	have := x.held()
	x.waiting = have.without(x.snap.settled)
	x.count = x.waiting.count()
	r.countDamaged(have)
	if r.unread() {
		x.unknown = intervals{{0, x.next - 1}}.without(x.snap.settled).without(have)
	}
	x.snap.settled = nil
}

// number makes the sequence numbers such that none is used again.
func (r *recovery) number() {
	state, floor := r.disk.state, r.x.snap.floor
	// A process that could not read of a stream has begun it at its floor.
	r.x.snap.raise(func(seq uint64) uint64 { return max(seq, floor) })
	switch {
	case r.knowsAll():
		r.disk.beyond = 0 // what is damaged at the end there was on the tmpfs, too
		if r.tmpfs.cut {
			r.jumpSeq()
			return
		}
		// Each that is damaged may have been the last of its stream.
		by := uint64(r.tmpfs.damaged + r.tmpfs.unknown)
		r.x.snap.raise(func(seq uint64) uint64 { return seq + by })
	case r.disk.blank() && r.tmpfs.blank():
	case state != nil && state.clean && r.x.snap.top <= state.top && !r.unread():
	default:
		r.jumpSeq()
	}
}

// knowsAll reports whether the tmpfs has all that the last process has given,
// but for what is damaged: it is whole, of this boot, and not behind the disk.
func (r *recovery) knowsAll() bool {
	f, known := r.tmpfs, r.disk.state != nil || !r.disk.stated
	return f.exact && !f.unread && known && r.disk.top <= f.top+uint64(f.damaged+f.unknown)
}

// jumpSeq leaves the sequence numbers that an earlier process may have given
// without this one knowing, or that the next one would take, not knowing of
// this one.
func (r *recovery) jumpSeq() {
	if r.jumped {
		return
	}
	r.jumped = true
	r.x.snap.raise(func(seq uint64) uint64 { return max(seq+jump, r.seconds()*jump) })
}

// seconds are those since 1970, by a clock that may be wrong.
func (r *recovery) seconds() uint64 {
	return uint64(min(max(r.wall.Unix(), 1), maxPosition/apart-1))
}

// countDamaged counts the damaged readings that were found: those that were
// waiting and are nowhere else, as far as positions tell.
func (r *recovery) countDamaged(have intervals) {
	x := r.x
	accounted := slices.Clone(have)
	accounted.addAll(x.snap.settled)
	for _, f := range []found{r.tmpfs, r.disk} {
		if f.damaged == 0 {
			continue
		}
		reach := f.top + uint64(f.beyond)
		lost := intervals{{0, reach}}.without(accounted).first(f.damaged)
		accounted.addAll(lost)
		x.next = max(x.next, reach+1)
		if n := lost.count(); n > 0 {
			r.damaged += n
			x.say(func(log *slog.Logger) {
				log.Warn(damagedMessage, "dir", f.dir, "readings", n)
			})
		}
	}
}
