package spool

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsNotASpoolsFile(t *testing.T) {
	t.Parallel()
	garbage := bytes.Repeat([]byte("\xd5\x9a\x02\x00\x10garbage "), 100)
	segment, state := "00000000000000aa.seg", "state"
	cases := map[string]map[string][]byte{
		"a file of garbage with a segment's name": {segment: garbage},
		"a file of garbage in the state's place":  {state: garbage},
		"empty files":                             {segment: nil, state: nil},
		"files of others":                         {"photo.jpg": garbage, "00000000000000AA.seg": garbage},
		"garbage behind each file":                {},
	}
	for name, files := range cases {
		for store, set := range samples {
			t.Run(name+", "+store, func(t *testing.T) {
				t.Parallel()
				sm := newSample(t, set)
				disk := sm.with("/card/state", sm.disk.files["/card/state"].bytes())
				for n, f := range disk.files {
					if len(files) == 0 {
						disk.files[n] = &memoryFile{of: disk, data: append(slices.Clip(f.data), garbage...)}
					}
				}
				for n, b := range files {
					disk.files["/card/"+n] = &memoryFile{of: disk, data: b}
					disk.files["/run/"+n] = &memoryFile{of: disk, data: b}
				}
				if lost, _ := sm.open(t, disk, set, name); lost != 0 {
					t.Errorf("got %d lost, want none", lost)
				}
				if files["photo.jpg"] == nil {
					return
				}
				for n := range files {
					if disk.files["/run/"+n] == nil || disk.files["/card/"+n] == nil {
						t.Errorf("%s is gone", n)
					}
				}
			})
		}
	}
}

// A file of another version is neither read nor deleted.
func TestFilesOfAnotherVersion(t *testing.T) {
	t.Parallel()
	for store, set := range samples {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			memory := leaveFive(t, set)
			for _, f := range memory.files {
				f.data = withVersion(f.data, version+1)
			}
			old := newMemoryFS()
			for name, f := range memory.files {
				old.files[name] = &memoryFile{data: bytes.Clone(f.data)}
			}
			s, rec := reopen(t, memory, func(s *Spool) { set(s); s.MaxBytes = 64 << 10 }, 1)
			if rec.Waiting+rec.Damaged+len(rec.Newest) != 0 || s.snap.floor < jump {
				t.Errorf("got %+v and the floor %d, want nothing known, and a jump", rec, s.snap.floor)
			}
			fill(t, s)
			st := s.State()
			if got := append(st.Tmpfs.Unread, st.Disk.Unread...); len(got) != len(old.files) {
				t.Errorf("got %q unread, want %d files", got, len(old.files))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for name, f := range old.files {
				name = strings.Replace(name, "/state", "/state.unread", 1)
				now := memory.files[name]
				if now == nil || !bytes.Equal(now.data, f.data) {
					t.Errorf("%s is not what it was", name)
					continue
				}
				now.data = withVersion(now.data, version)
			}
			_, again := reopen(t, memory, set, 2)
			if want := s.count + 4; again.Waiting != want || again.Damaged != 0 {
				t.Errorf("got %+v once it is of this version, want %d waiting", again, want)
			}
		})
	}
}

// withVersion returns a file with another version in its header.
func withVersion(b []byte, v byte) []byte {
	b = bytes.Clone(b)
	_, _, body, _ := parseFrame(b)
	w := writer{buf: b[: headBytes+len(body) : headBytes+len(body)]}
	w.buf[headBytes] = v
	w.close(0)
	return append(w.buf, b[len(w.buf):]...)
}
