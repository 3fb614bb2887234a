package spool

// A directory or a file that cannot be read at the start may be readable later.
// What earlier processes have left there is late: whoever keeps the account has
// not been told of it by Open, and must be before Load returns any.

// comeLate notes waiting readings that were found after the start.
func (s *Spool) comeLate(found set) {
	if s.Late == nil || s.first == 0 {
		return
	}
	s.late.addAll(found.without(s.known.settled))
	s.wakeUp()
}

// tellLate has the late readings claimed.
func (s *Spool) tellLate() {
	s.mu.Lock()
	some := len(s.late) > 0
	s.mu.Unlock()
	if some {
		s.Late()
	}
}

// Claim returns the positions of the readings that have come late. From then on
// they wait like all others.
func (s *Spool) Claim() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	late := s.late.without(s.known.settled)
	s.late = nil
	return late.list()
}
