package spool

import "testing"

// A countingFS counts the bytes that are written below a folder.
type countingFS struct {
	FS
	dir   string
	bytes int64
}

func (c *countingFS) Create(name string) (File, error) {
	f, err := c.FS.Create(name)
	return &countingFile{f, c, name}, err
}

type countingFile struct {
	File
	fs   *countingFS
	name string
}

func (f *countingFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	if in(f.name, f.fs.dir) {
		f.fs.bytes += int64(n)
	}
	return n, err
}

func TestBytesWrittenToTheCardAreCounted(t *testing.T) {
	disk := &countingFS{FS: newMemoryFS(), dir: "/card/"}
	s := testSpool(disk)
	mustOpen(t, s)
	if got := s.State().Disk.Written; got != disk.bytes || got == 0 {
		t.Errorf("at the start: got %d bytes, want the %d of the state file", got, disk.bytes)
	}
	before := s.State().Tmpfs.Written
	appendMany(t, s, 1, 5000)
	if s.State().Tmpfs.Written-before < 5000*30 {
		t.Errorf("got %d bytes on the tmpfs for 5000 readings", s.State().Tmpfs.Written-before)
	}
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	if got := s.State().Disk; got.Written != disk.bytes || got.Written < got.Bytes {
		t.Errorf("after a flush: got %+v, want %d bytes written", got, disk.bytes)
	}
	stop(s)
}
