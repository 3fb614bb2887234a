package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sensorpub/sensors"
)

// Recovered describes what an earlier process has left.
type Recovered struct {
	Newest  map[Key]Newest // the newest reading of each stream that is known
	Waiting int            // readings that wait, with those that had to be dropped at once, which Losses returns
	Damaged int            // readings found damaged, and lost; they are not among the waiting
}

// Newest is the newest reading of a stream.
type Newest struct {
	Record
	Settled bool // it is not among the waiting
}

// How much memory takes the place of the tmpfs.
const (
	memoryBytes   = 1 << 20   // where there is none
	fallbackBytes = 256 << 10 // while it fails
	defaultCache  = 1024
)

// Open locks both directories, reads them and makes the spool ready. It fails only
// if another process has one of them; storage that fails is logged and not used
// until it works.
func (s *Spool) Open() (Recovered, error) {
	s.defaults()
	r, err := s.openStores()
	if err != nil {
		return Recovered{}, err
	}
	wall, up := s.Clock()
	r.wall = wall
	r.conclude()
	s.seedAge(up)
	s.ready(r)
	s.damaged = r.damaged
	s.report(s.Log)
	return s.recovered(), nil
}

func (s *Spool) defaults() {
	if s.Disk == nil {
		s.Disk = osFS{}
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Clock == nil {
		s.Clock = sensors.WallClock
	}
	if s.Beat == nil {
		s.Beat = func() {}
	}
	if s.Cache <= 0 {
		s.Cache = defaultCache
	}
	room := int64(memoryBytes)
	if s.RuntimeDir != "" {
		room = fallbackBytes
	}
	s.index = &index{
		notes: &notes{wake: make(chan struct{}, 1)}, boot: parseBootID(s.BootID), snap: newSnapshot(), skipped: make(map[Key]uint64),
		cache: s.Cache, room: int(min(s.MaxBytes, room) / recordBytes),
		arrivals: arrivals{reach: s.SpillAfter},
	}
}

// openStores opens the stores that are on.
func (s *Spool) openStores() (*recovery, error) {
	r := &recovery{x: s.index, tmpfs: found{snapshot: newSnapshot()}, disk: found{snapshot: newSnapshot()}}
	if s.RuntimeDir != "" {
		s.tmpfs = &tmpfs{store: &store{
			directory: directory{dir: s.RuntimeDir},
			message:   "tmpfs spool fails: readings are kept in memory only and would be lost with the process",
			works:     "tmpfs spool works again",
		}}
		if err := s.openStore(s.tmpfs.store, &r.tmpfs); err != nil {
			return nil, err
		}
	}
	if s.Dir != "" {
		s.disk = &flusher{after: s.SpillAfter, interval: s.FlushInterval, beat: s.Beat, store: &store{
			directory: directory{dir: s.Dir}, durable: true,
			message: "disk spool fails: waiting readings are kept on the tmpfs only",
			works:   "disk spool works again",
		}}
		if err := s.openStore(s.disk.store, &r.disk); err != nil {
			if s.tmpfs != nil {
				s.tmpfs.release()
			}
			return nil, err
		}
	}
	if s.tmpfs != nil && s.disk != nil {
		s.tmpfs.flusher, s.tmpfs.other = s.disk, s.disk.store
	}
	return r, nil
}

func (s *Spool) openStore(t *store, f *found) error {
	t.x, t.disk, t.max = s.index, s.Disk, s.MaxBytes
	s.stores = append(s.stores, t)
	if err := f.open(t); err != nil {
		return fmt.Errorf("open spool %s: %w", t.dir, ErrInUse)
	}
	return nil
}

// seedAge notes for how long the readings that were found have been waiting.
func (s *Spool) seedAge(up time.Duration) {
	rest := s.waiting
	if s.disk != nil {
		rest = rest.without(s.disk.holds())
	}
	oldest := s.fetch(rest.first(1))
	if len(oldest) == 0 {
		return
	}
	age := s.SpillAfter
	if u := oldest[0].Reading.Up; u != 0 && up >= u {
		age = up - u
	}
	s.arrivals.marks = []mark{{0, time.Now().Add(-age)}}
}

// ready makes the spool ready to be appended to: the tmpfs begins with what is
// known, and then the disk says that a process is at work. In this order the
// tmpfs is never behind the disk, so that a kill in between costs no sequence
// numbers. Where there is no such mark, not even that of the last process, nobody
// may come to know which numbers this one gives.
func (s *Spool) ready(r *recovery) {
	marked := s.tmpfs != nil && s.tmpfs.keep()
	if s.disk != nil {
		marked = s.disk.mark() || marked && r.disk.state != nil && !r.disk.state.clean
	}
	if !marked {
		r.jumpSeq()
	}
}

// recovered returns what is known at the start.
func (s *Spool) recovered() Recovered {
	all := make(map[Key]Newest)
	for key, st := range s.snap.streams {
		if r := st.newest; r.Position != 0 {
			all[key] = Newest{r, !s.waiting.has(r.Position)}
		}
	}
	return Recovered{Newest: all, Waiting: s.Waiting(), Damaged: s.damaged}
}

// Close writes waiting readings to the disk, marks its state as complete, and
// unlocks the directories. It must be called after Run has returned.
func (s *Spool) Close() error {
	s.Commit()
	if s.tmpfs != nil {
		s.tmpfs.tend(true)
	}
	var err error
	if s.disk != nil {
		if s.disk.work(true); s.disk.cause != nil {
			s.disk.work(true)
		}
		if err = s.disk.cause; s.disk.unlock != nil {
			err = errors.Join(err, s.disk.writeState(true))
		}
	}
	for _, t := range s.stores {
		t.close()
	}
	s.report(s.Log)
	return err
}
