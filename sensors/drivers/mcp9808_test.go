package drivers

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

func io18(w, r []byte) i2ctest.IO { return i2ctest.IO{Addr: 0x18, W: w, R: r} }

var idsMCP9808 = []i2ctest.IO{
	io18([]byte{0x06}, []byte{0x00, 0x54}),
	io18([]byte{0x07}, []byte{0x04, 0x00}),
}

var openMCP9808 = append(idsMCP9808[:2:2],
	io18([]byte{0x08, 0x03}, nil),
	io18([]byte{0x01, 0x00, 0x00}, nil),
)

func readMCP9808(high, low byte) []i2ctest.IO {
	return []i2ctest.IO{io18([]byte{0x05}, []byte{high, low})}
}

func TestMCP9808Values(t *testing.T) {
	again := func(first, second []i2ctest.IO) [][]i2ctest.IO {
		return [][]i2ctest.IO{first, idsMCP9808, second}
	}
	tests := []struct {
		name string
		ops  [][]i2ctest.IO
		want float64
	}{
		{"above zero", [][]i2ctest.IO{readMCP9808(0x01, 0xC6)}, 28.375},
		{"one step below zero", [][]i2ctest.IO{readMCP9808(0x1F, 0xFF)}, -0.0625},
		{"far below zero", [][]i2ctest.IO{readMCP9808(0x1D, 0x80)}, -40},
		{"the highest", [][]i2ctest.IO{readMCP9808(0x07, 0xD0)}, 125},
		{"all alerts above zero", [][]i2ctest.IO{readMCP9808(0xC1, 0xC6)}, 28.375},
		{"all alerts below zero", [][]i2ctest.IO{readMCP9808(0x3F, 0xF8)}, -0.5},
		{"a true zero", again(readMCP9808(0x00, 0x00), readMCP9808(0x00, 0x00)), 0},
		{"a zero with an alert", again(readMCP9808(0x80, 0x00), readMCP9808(0x80, 0x00)), 0},
		{"a zero that was held since power-up", again(readMCP9808(0x00, 0x00), readMCP9808(0x01, 0xC6)), 28.375},
		{"a true value of all ones", again(readMCP9808(0xFF, 0xFF), readMCP9808(0xFF, 0xFF)), -0.0625},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(append([][]i2ctest.IO{openMCP9808}, tt.ops...)...)
				s := opened(t, configured(t, "mcp9808", Host{OpenI2C: w.open}, nil))
				if got := read(t, s)[0]; got.Value != tt.want || got.Quantity != "temperature" {
					t.Errorf("got %v, want temperature %v", got, tt.want)
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

// Before its first conversion the chip holds 0 °C or what it measured long ago.
func TestMCP9808WaitsForItsFirstConversion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		opened(t, configured(t, "mcp9808", Host{OpenI2C: played(openMCP9808).open}, nil))
		if got := time.Since(start); got < 250*time.Millisecond {
			t.Errorf("open took %v, want 250ms or more", got)
		}
	})
}

func TestMCP9808Doubt(t *testing.T) {
	zeros := []i2ctest.IO{io18([]byte{0x06}, []byte{0, 0}), io18([]byte{0x07}, []byte{0, 0})}
	ones := []i2ctest.IO{io18([]byte{0x06}, []byte{0xFF, 0xFF}), io18([]byte{0x07}, []byte{0xFF, 0xFF})}
	tests := []struct {
		name string
		ops  [][]i2ctest.IO
		want string
	}{
		{"a bus held low", [][]i2ctest.IO{readMCP9808(0, 0), zeros}, "all-zero"},
		{"nobody drives the bus", [][]i2ctest.IO{readMCP9808(0xFF, 0xFF), ones}, "address 0x18: the chip is not an MCP9808, its ids are ffff and ff, want 0054 and 04"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(append([][]i2ctest.IO{openMCP9808}, tt.ops...)...)
				s := opened(t, configured(t, "mcp9808", Host{OpenI2C: w.open}, nil))
				if got := outcome(readErr(t, s)); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

func TestMCP9808WrongChip(t *testing.T) {
	tests := []struct {
		name string
		ops  []i2ctest.IO
		want string
	}{
		{"an MCP9804", []i2ctest.IO{idsMCP9808[0], io18([]byte{0x07}, []byte{0x02, 0x01})}, "address 0x18: the chip is not an MCP9808, its ids are 0054 and 02, want 0054 and 04"},
		{"another maker", []i2ctest.IO{io18([]byte{0x06}, []byte{0x10, 0x4a}), idsMCP9808[1]}, "address 0x18: the chip is not an MCP9808, its ids are 104a and 04, want 0054 and 04"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := played(tt.ops)
			_, err := configured(t, "mcp9808", Host{OpenI2C: w.open}, nil).Open()
			if got := outcome(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			w.exhausted(t)
		})
	}
}

// Wherever the bus fails, no value comes out (periph would give 0 K), the
// error keeps its kind, and the handle is closed.
func TestMCP9808BusError(t *testing.T) {
	ops := [][]i2ctest.IO{openMCP9808, readMCP9808(0, 0), idsMCP9808, readMCP9808(0, 0)}
	for at := range len(openMCP9808) + 4 {
		synctest.Test(t, func(t *testing.T) {
			w := played(ops...)
			w.fail, w.failAt = syscall.EREMOTEIO, at
			s, err := configured(t, "mcp9808", Host{OpenI2C: w.open}, nil).Open()
			if at >= len(openMCP9808) {
				if err != nil {
					t.Fatal(err)
				}
				err = readErr(t, s)
				s.Close()
			}
			if got, want := outcome(err), "address 0x18: remote I/O error"; got != want || !errors.Is(err, syscall.EREMOTEIO) {
				t.Errorf("a failure at %d: got %q, want %q", at, got, want)
			}
			if w.handles != 0 {
				t.Errorf("a failure at %d: got %d open handles, want 0", at, w.handles)
			}
		})
	}
}
