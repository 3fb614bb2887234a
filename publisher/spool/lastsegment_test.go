package spool

import (
	"slices"
	"strings"
	"testing"
)

// The last segment of the tmpfs is empty, or cut within its snapshot: neither
// comes from a kill, so that readings may be missing. At least one is counted,
// and sequence numbers jump.
func TestALastSegmentThatIsCutWithinItsSnapshot(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Spool){"tmpfs": tmpfsOnly, "both stores": func(*Spool) {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory, last := newMemoryFS(), ""
			s := testSpool(memory)
			set(s)
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			s.tmpfs.end()
			appendMany(t, s, 6, 9)
			last = s.tmpfs.path(s.tmpfs.number)
			stop(s)
			whole, key := memory.files[last].data, Key{"outside", "temperature"}
			end := 0
			for kind := byte(0); kind != kindEnd; {
				var payload []byte
				kind, _, payload, _ = parseFrame(whole[end:])
				end += overhead + len(payload)
			}
			for n := range end {
				disk := newMemoryFS()
				for file, f := range memory.files {
					disk.files[file] = &memoryFile{of: disk, data: slices.Clone(f.data)}
				}
				disk.files[last].data = disk.files[last].data[:n]
				s, rec := reopen(t, disk, set, 1)
				if rec.Waiting != 5 || rec.Damaged != 1 || s.snap.seqOf(key) < jump {
					t.Fatalf("cut at %d: got %d waiting, %d damaged and sequence number %d, want 5, 1 and a jump", n, rec.Waiting, rec.Damaged, s.snap.seqOf(key))
				}
				checkRecords(t, readAll(s))
				if p := s.Append(testReading(10)).Position; p <= s.waiting[0].lo+8 {
					t.Fatalf("cut at %d: got position %d again", n, p)
				}
				stop(s)
				if _, rec := reopen(t, disk, set, 2); rec.Waiting != 6 || rec.Damaged != 0 {
					t.Fatalf("cut at %d: got %+v at the next start, want 6 waiting and none damaged", n, rec)
				}
			}
		})
	}
}

// The last segment of the tmpfs is gone: that before it says that there was one.
func TestALastSegmentThatIsMissing(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Spool){"tmpfs": tmpfsOnly, "both stores": func(*Spool) {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			small := func(s *Spool) { set(s); s.MaxBytes = 64 << 10 }
			s := testSpool(memory)
			small(s)
			mustOpen(t, s)
			n := uint64(0)
			for s.tmpfs.number < 3 {
				n++
				s.Append(testReading(n))
			}
			stop(s)
			last := memory.files[s.tmpfs.path(3)]
			delete(memory.files, s.tmpfs.path(3))
			memory.files[s.tmpfs.path(3)+newSuffix] = last
			s, rec := reopen(t, memory, small, 1)
			if rec.Waiting != int(n)-1 || rec.Damaged != 0 || s.snap.seqOf(Key{"outside", "temperature"}) > n {
				t.Errorf("got %+v after a kill as it began, want %d waiting and no jump", rec, n-1)
			}
			stop(s)
			delete(memory.files, s.tmpfs.path(4)) // which has what is known
			delete(memory.files, "/card/state")
			s, rec = reopen(t, memory, small, 2)
			if rec.Waiting != int(n)-1 || rec.Damaged != 1 || s.snap.seqOf(Key{"outside", "temperature"}) < jump {
				t.Errorf("got %+v, want %d waiting, 1 damaged and a jump", rec, n-1)
			}
			checkRecords(t, readAll(s))
			stop(s)
			if _, rec = reopen(t, memory, small, 3); rec.Damaged != 0 {
				t.Errorf("got %d damaged, which were counted before", rec.Damaged)
			}
		})
	}
}

// Segments are made under a temporary name: a kill as one begins leaves none
// that is not whole, and a start removes what it has left.
func TestAKillAsASegmentBegins(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"create", "write", "rename"} {
		memory := newMemoryFS()
		calls, dead := 0, false
		s := testSpool(&faultyFS{FS: memory, fault: func(_ int, name string) fault {
			if strings.HasSuffix(name, "2.seg.new") {
				calls++
			}
			dead = dead || calls == map[string]int{"create": 1, "write": 2, "rename": 3}[at]
			switch {
			case dead && calls == 2:
				calls = 9
				return tears
			case dead:
				return fails
			}
			return works
		}})
		s.Dir = ""
		mustOpen(t, s)
		appendMany(t, s, 1, 5)
		s.tmpfs.end()
		appendMany(t, s, 6, 6)
		stop(s)
		s, rec := reopen(t, memory, tmpfsOnly, 1)
		if rec.Waiting != 5 || rec.Damaged != 0 || s.snap.seqOf(Key{"outside", "temperature"}) > 3 {
			t.Errorf("%s: got %+v, want 5 waiting and no jump", at, rec)
		}
		for name := range memory.files {
			if strings.HasSuffix(name, newSuffix) {
				t.Errorf("%s: %s is still there", at, name)
			}
		}
	}
}
