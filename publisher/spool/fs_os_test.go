package spool

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := testSpool(nil)
	s.Dir, s.RuntimeDir = filepath.Join(root, "card"), filepath.Join(root, "run")
	mustOpen(t, s)
	for name, want := range map[string]os.FileMode{
		s.Dir: 0o700, filepath.Join(s.Dir, stateName): 0o600, s.tmpfs.path(1): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADirectoryMayBeALinkAndAFileMayNot(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	elsewhere, link := filepath.Join(root, "elsewhere"), filepath.Join(root, "link")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	// A link in the place of a segment is not the spool's.
	secret := filepath.Join(root, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(elsewhere, "0000000000000001.seg")); err != nil {
		t.Fatal(err)
	}
	s := testSpool(nil)
	s.Dir, s.RuntimeDir = "", link
	mustOpen(t, s)
	appendMany(t, s, 1, 3)
	if st := s.State(); st.Tmpfs.Cause != nil || st.Tmpfs.Waiting != 3 {
		t.Errorf("got %+v", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(secret); string(b) != "secret" || err != nil {
		t.Errorf("got %q, %v of a file behind a link", b, err)
	}
}

func TestAPathThatIsAFileIsDoneWithout(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := testSpool(nil)
	s.Dir, s.RuntimeDir = name, name
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	mustOpen(t, s)
	appendMany(t, s, 1, 3)
	if got := len(readAll(s)); got != 3 {
		t.Errorf("got %d records, want 3", got)
	}
	for _, want := range []string{"tmpfs spool fails", "disk spool fails"} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("got %d lines %q, want 1, in\n%s", n, want, log.String())
		}
	}
	if n := strings.Count(log.String(), "not a directory"); n != 2 {
		t.Errorf("got the cause %d times, want 2, in\n%s", n, log.String())
	}
}

func TestASecondProcessDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"disk", "run"} {
		dir := filepath.Join(t.TempDir(), store)
		open := func() error {
			s := testSpool(nil)
			s.Dir, s.RuntimeDir = "", dir
			if store == "disk" {
				s.Dir, s.RuntimeDir = dir, ""
			}
			t.Cleanup(func() { stop(s) })
			_, err := s.Open()
			return err
		}
		if err := open(); err != nil {
			t.Fatal(err)
		}
		want := "open spool " + dir + ": in use by another process"
		if err := open(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A directory that is durable in one that is not would be gone after a power
// cut.
// A child between fork and exec still has the lock of its parent, which was killed.
func TestALockThatIsGivenUpSoonIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := osFS{}.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(lockPatience/5, unlock)
	unlock, err = osFS{}.Lock(dir)
	if err != nil {
		t.Fatalf("got %v, want the lock", err)
	}
	unlock()
}

func TestEachNewDirectoryIsMadeDurable(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, test := range []struct{ name, want string }{
		{"nothing above it is missing", ". "},
		{"two directories above it are missing", ". a a/b "},
		{"it is there", ""},
	} {
		dir := filepath.Join(root, "dir")
		if strings.HasPrefix(test.name, "two") {
			dir = filepath.Join(root, "a", "b", "c")
		}
		var got string
		err := makeDir(dir+"/", func(name string) error {
			rel, err := filepath.Rel(root, name)
			got += rel + " "
			return err
		})
		if got != test.want || err != nil {
			t.Errorf("%s: got %q synced, %v, want %q", test.name, got, err, test.want)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: got %v, %v, want a directory of mode 0700", test.name, info, err)
		}
	}
}

// The length in an inode can be as damaged as anything else.
func TestAFileOfAbsurdLengthDoesNotStopTheStart(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{3e9, 1e12} {
		dir := t.TempDir()
		open := func() (*Spool, Recovered) {
			s := testSpool(nil)
			s.Dir, s.RuntimeDir = "", dir
			return s, mustOpen(t, s)
		}
		s, _ := open()
		appendMany(t, s, 1, 5)
		stop(s)
		if err := os.Truncate(s.tmpfs.path(1), size); err != nil {
			t.Fatal(err)
		}
		s, rec := open()
		if rec.Waiting != 5 || s.State().Tmpfs.Cause != nil {
			t.Errorf("%d bytes: got %d waiting, %v, want 5", size, rec.Waiting, s.State().Tmpfs.Cause)
		}
		checkRecords(t, readAll(s))
		stop(s)
	}
}

// A segment is at most its snapshot, as much again or 256 KiB, and what was in
// memory.
func TestNoSegmentIsLongerThanWhatIsRead(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{64 << 10, 1 << 40} {
		disk := newMemoryFS()
		s := testSpool(disk)
		s.MaxBytes = size
		mustOpen(t, s)
		r := testReading(1)
		for n := range 1000 { // as many streams
			r.Sensor = strings.Repeat("a", 300) + strconv.Itoa(n)
			s.Append(r)
		}
		for n := range uint64(20_000) { // and spans in what is settled
			p := s.Append(testReading(n + 1)).Position
			if n%2 == 0 {
				s.Settle(p)
			}
		}
		if err := s.disk.writeState(false); err != nil {
			t.Fatal(err)
		}
		longest := 0
		for _, f := range disk.files {
			longest = max(longest, len(f.data))
		}
		if longest > maxFile/4 {
			t.Errorf("max_bytes %d: got a file of %d bytes, want far less than %d", size, longest, maxFile)
		}
	}
}

// A wornDisk has a file some pages of which cannot be read.
type wornDisk struct {
	data string
	bad  map[int64]bool // by the number of the page
}

func (w wornDisk) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && at < int64(len(w.data)) {
		if w.bad[at/badPage] {
			return n, syscall.EIO
		}
		page := w.data[at:min(at-at%badPage+badPage, int64(len(w.data)))]
		some := copy(b[n:], page)
		n, at = n+some, at+int64(some)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func TestPagesThatCannotBeReadAreSteppedOver(t *testing.T) {
	const size = 6*badPage + 100
	data := strings.Repeat("x", size)
	lost := func(b string, pages ...int) string {
		for _, p := range pages {
			b = b[:p*badPage] + strings.Repeat("\x00", badPage) + b[(p+1)*badPage:]
		}
		return b
	}
	for _, c := range []struct {
		name string
		bad  []int64
		ask  int // bytes
		want string
	}{
		{"none is bad", nil, size, data},
		{"the file is shorter than it was", nil, size + 50, data},
		{"two are bad", []int64{0, 3}, size, lost(data, 0, 3)},
		{"the last is bad", []int64{6}, size, data[:6*badPage]},
		{"too many are bad", []int64{1, 2, 3, 4}, size, data[:badPage]},
		{"all are bad", []int64{0, 1, 2, 3, 4, 5, 6}, size, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := wornDisk{data, make(map[int64]bool)}
			for _, p := range c.bad {
				disk.bad[p] = true
			}
			got, err := readAround(disk, []byte(strings.Repeat("?", c.ask)))
			if string(got) != c.want || (err != nil) != (len(c.bad) > 0) {
				t.Errorf("got %d bytes and %v, want %d and an error: %v", len(got), err, len(c.want), len(c.bad) > 0)
			}
		})
	}
}
