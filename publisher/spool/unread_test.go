package spool

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// An unreadFS has files, and perhaps directories, that cannot be read, as after
// a run as root.
type unreadFS struct {
	FS
	bad  string // what their names begin with; "": none
	away bool   // the directory neither
	part bool   // of files there is something to be read
}

func (u *unreadFS) Lock(dir string) (func(), error) {
	if u.bad != "" && u.away && strings.HasPrefix(dir, u.bad) {
		return nil, fs.ErrPermission
	}
	return u.FS.Lock(dir)
}

func (u *unreadFS) Read(name string) ([]byte, error) {
	b, err := u.FS.Read(name)
	if u.bad == "" || !strings.HasPrefix(name, u.bad) || errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if u.part {
		b = bytes.Clone(b)
		clear(b[len(b)*2/3 : len(b)*2/3+20])
		return b, syscall.EIO
	}
	return nil, fs.ErrPermission
}

// What cannot be read at the start, as files or with the directory, stays where
// it is, even where room is made, and the next start takes it up.
func TestWhatCannotBeReadAtTheStartIsLeftToTheNextOne(t *testing.T) {
	t.Parallel()
	for store, set := range samples {
		for name, kind := range map[string]unreadFS{
			"files": {}, "the directory": {away: true}, "a part of files": {part: true},
		} {
			t.Run(store+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { leaveUnread(t, set, kind) })
			})
		}
	}
}

func leaveUnread(t *testing.T, set func(*Spool), disk unreadFS) {
	memory := leaveFive(t, set)
	left := make(map[string][]byte)
	var names []string
	for name, f := range memory.files {
		left[name] = f.data
		names = append(names, filepath.Base(name))
	}
	slices.Sort(names)
	disk.FS, disk.bad = memory, "/"
	var log bytes.Buffer
	small := func(s *Spool) {
		set(s)
		s.MaxBytes, s.Log = 64<<10, slog.New(slog.NewTextHandler(&log, nil))
	}
	s, rec := reopen(t, &disk, small, 1)
	if rec.Waiting+rec.Damaged+len(rec.Newest) != 0 {
		t.Errorf("got %+v", rec)
	}
	disk.bad = ""
	work(s, time.Minute)
	st := s.State().Tmpfs
	if s.disk != nil {
		st = s.State().Disk
	}
	if slices.Sort(st.Unread); !slices.Equal(st.Unread, names) || st.Cause != nil {
		t.Errorf("got %+v, want unread %q, and a store that works", st, names)
	}
	for _, name := range names {
		if !strings.Contains(log.String(), name) {
			t.Errorf("%s is not in the log %s", name, log.String())
		}
	}
	fill(t, s)
	for r := range slices.Values(readAll(s)) {
		s.Settle(r.Position)
	}
	s.Commit()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range left {
		if f := memory.files[strings.Replace(name, "/state", "/state.unread", 1)]; f == nil || !bytes.Equal(f.data, b) {
			t.Errorf("%s is not what it was", name)
		}
	}
	s, rec = reopen(t, memory, set, 2)
	records := readAll(s)
	checkRecords(t, records)
	if rec.Waiting != 4 || len(records) != 4 || rec.Damaged != 0 || len(s.State().Disk.Unread)+len(s.State().Tmpfs.Unread) != 0 {
		t.Errorf("got %+v and %d records at the next start, want the 4 that are left", rec, len(records))
	}
	s.Close()
}
