package drivers

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Each errno is the error of one read and no more, and no file is waited for.
func TestAnErrnoIsOneFailedRead(t *testing.T) {
	for _, errno := range []syscall.Errno{
		syscall.EAGAIN, syscall.EIO, syscall.ENODATA, syscall.ENODEV, syscall.EINVAL, syscall.ETIMEDOUT, syscall.EINTR, syscall.ENXIO, syscall.EREMOTEIO, syscall.EBUSY,
	} {
		t.Run(errno.Error(), func(t *testing.T) {
			text, err := readUpTo(page, "x", func([]byte) (int, error) { return -1, errno })
			if text != nil || !errors.Is(err, errno) || err.Error() != "read x: "+errno.Error() {
				t.Errorf("got %q and %v, want read x: %v", text, err, errno)
			}
		})
	}
}

func TestReadsToTheEnd(t *testing.T) {
	type step struct {
		text string
		err  error
	}
	tests := []struct {
		name  string
		steps []step
		want  string
		err   string
	}{
		{"in one piece", []step{{"28375\n", nil}}, "28375\n", ""},
		{"in two", []step{{"283", nil}, {"75\n", nil}}, "28375\n", ""},
		{"nothing", nil, "", ""},
		{"after a signal", []step{{"", syscall.EINTR}, {"1\n", nil}}, "1\n", ""},
		{"with an error in the middle", []step{{"283", nil}, {"", syscall.EIO}}, "", "read x: input/output error"},
		{"too much", []step{{"12345", nil}, {"6789", nil}}, "", "x: longer than 8 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps := tt.steps
			text, err := readUpTo(8, "x", func(b []byte) (int, error) {
				if len(steps) == 0 {
					return 0, io.EOF
				}
				s := steps[0]
				steps = steps[1:]
				return copy(b, s.text), s.err
			})
			if string(text) != tt.want || outcome(err) != tt.err {
				t.Errorf("got %q and %v, want %q and %q", text, err, tt.want, tt.err)
			}
		})
	}
}

// A file in Go's poller hangs for ever at EAGAIN, so none may get there.
func TestNoFileIsOpenedWithThePoller(t *testing.T) {
	pollers := []string{"os.Open", "os.OpenFile", "os.ReadFile", "os.WriteFile", "os.Create"}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("got %d files and %v, want all of this package", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && slices.Contains(pollers, types.ExprString(call)) {
				t.Errorf("%s: %s, want readSysfs, readRegular or writeSysfs", set.Position(n.Pos()), types.ExprString(call))
			}
			return true
		})
	}
}
