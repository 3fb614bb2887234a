package drivers

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"
)

// Files are read by plain system calls. os.Open would put those of sysfs into
// Go's poller, and a read that answers EAGAIN, as some kernel drivers do, would
// then wait for an event that sysfs never sends.

// page is the most that a file of sysfs holds.
const page = 4096

// readSysfs reads a kernel file. Any errno is the error of this read; one that
// hangs blocks its goroutine and an operating system thread.
func readSysfs(file string) ([]byte, error) { return readKernel(file, page) }

// readKernel is readSysfs for a file of at most limit bytes, as in /proc.
func readKernel(file string, limit int) ([]byte, error) {
	fd, err := openFile(file, syscall.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	return readUpTo(limit, file, func(b []byte) (int, error) { return syscall.Read(fd, b) })
}

// writeSysfs writes to an existing kernel file.
func writeSysfs(file, text string) error {
	fd, err := openFile(file, syscall.O_WRONLY)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	if _, err := uninterrupted(func() (int, error) { return syscall.Write(fd, []byte(text)) }); err != nil {
		return &fs.PathError{Op: "write", Path: file, Err: err}
	}
	return nil
}

// readRegular reads a file of at most limit bytes and returns when it was last
// written.
func readRegular(file string, limit int) ([]byte, time.Time, error) {
	r, err := openRegular(file, limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer r.Close()
	text, err := readUpTo(limit, file, func(b []byte) (int, error) { return syscall.Read(r.fd, b) })
	return text, r.written, err
}

// A regularFile is an open regular file. Reading it fails after limit bytes.
type regularFile struct {
	name    string
	fd      int
	left    int // of the limit
	written time.Time
}

// openRegular opens a file of at most limit bytes. It refuses anything else, such as a
// pipe, which could block.
func openRegular(file string, limit int) (*regularFile, error) {
	fd, err := openFile(file, syscall.O_RDONLY|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	var stat syscall.Stat_t
	if err = syscall.Fstat(fd, &stat); err != nil {
		err = &fs.PathError{Op: "stat", Path: file, Err: err}
	} else if kind := kindOfFile(stat.Mode); kind != "" {
		err = fmt.Errorf("%s: want a regular file, it is a %s", file, kind)
	} else if stat.Size > int64(limit) {
		err = fmt.Errorf("%s: longer than %d bytes", file, limit)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return &regularFile{file, fd, limit, time.Unix(stat.Mtim.Unix())}, nil
}

// Read implements [io.Reader].
func (r *regularFile) Read(b []byte) (int, error) {
	n, err := uninterrupted(func() (int, error) { return syscall.Read(r.fd, b) })
	switch {
	case err != nil:
		return 0, &fs.PathError{Op: "read", Path: r.name, Err: err}
	case n == 0:
		return 0, io.EOF
	}
	if r.left -= n; r.left < 0 {
		return 0, errors.New("longer than when it was opened")
	}
	return n, nil
}

// Close closes the file.
func (r *regularFile) Close() error { return syscall.Close(r.fd) }

// readStart reads the first bytes of a file, at most n.
func readStart(file string, n int) ([]byte, error) {
	fd, err := openFile(file, syscall.O_RDONLY|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	text := make([]byte, n)
	n, err = uninterrupted(func() (int, error) { return syscall.Read(fd, text) })
	return text[:max(n, 0)], err
}

// kindOfFile names what is not a regular file.
func kindOfFile(mode uint32) string {
	switch mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return ""
	case syscall.S_IFDIR:
		return "directory"
	case syscall.S_IFIFO:
		return "pipe"
	case syscall.S_IFSOCK:
		return "socket"
	}
	return "device"
}

// openFile opens a file and returns its descriptor.
func openFile(file string, flags int) (int, error) {
	fd, err := uninterrupted(func() (int, error) { return syscall.Open(file, flags|syscall.O_CLOEXEC, 0) })
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: file, Err: err}
	}
	return fd, nil
}

// readUpTo reads to the end of a file of at most limit bytes.
func readUpTo(limit int, file string, read func([]byte) (int, error)) ([]byte, error) {
	var text []byte
	for block := make([]byte, min(limit+1, 64<<10)); len(text) <= limit; {
		n, err := uninterrupted(func() (int, error) { return read(block) })
		if err != nil && err != io.EOF {
			return nil, &fs.PathError{Op: "read", Path: file, Err: err}
		}
		if n <= 0 {
			return text, nil
		}
		text = append(text, block[:n]...)
	}
	return nil, fmt.Errorf("%s: longer than %d bytes", file, limit)
}

// uninterrupted repeats a system call that a signal interrupted, but not without
// end: a kernel driver may answer EINTR for reasons of its own.
func uninterrupted(call func() (int, error)) (n int, err error) {
	for range 3 {
		if n, err = call(); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	return n, err
}
