package drivers

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

// The same registers as on I²C: a read has bit 7 of the register set, a write
// has it clear.
func spiBME280(burst ...byte) (open, read []i2ctest.IO) {
	open = ops(0,
		full(0xD0, b(0x60)), full(0xF3, b(0)), full(0xD0, b(0x60)), full(0x88, calibration280), full(0xE1, humidity280),
		sent(0x74, 0x6C, 0x72, 0x03, 0x75, 0xA0, 0x74, 0x6C),
	)
	return open, ops(0, sent(0x72, 0x03), sent(0x74, 0x6D), full(0xF3, b(0)), full(0xF7, burst), full(0xF2, b(3)))
}

func TestBME280OnSPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, reading := spiBME280(0x65, 0x5a, 0xc0, 0x61, 0xa8, 0x00, 0x60, 0x00)
		w := played(open, reading)
		w.handles++
		p := configured(t, "bme280", bench{}.host(w), map[string]any{"spi": "0.1"})
		if p.Bus != "spi-0" {
			t.Errorf("got bus %q, want spi-0, which the chips of a controller share", p.Bus)
		}
		s := opened(t, p)
		got := read(t, s)
		for i, want := range []float64{-12.6436, 25.0204, 949.1633} {
			if math.Abs(got[i].Value-want) > 0.05 {
				t.Errorf("got %v, want %v", got[i], want)
			}
		}
		s.Close()
		w.exhausted(t)
	})
}

func TestBME280OnSPIRefusesWhatWasNotMeasured(t *testing.T) {
	tests := []struct {
		name  string
		burst []byte
		want  string
	}{
		{"MISO is held low", make([]byte, 8), "all-zero"},
		{"nobody drives MISO", b(255, 255, 255, 255, 255, 255, 255, 255), "SPI 0.0: all data registers are 0xff, as if there were no chip"},
		{"all registers hold their reset values", b(0x80, 0, 0, 0x80, 0, 0, 0x80, 0), "power-on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				open, reading := spiBME280(tt.burst...)
				w := played(open, reading[:4])
				w.handles++
				s := opened(t, configured(t, "bme280", bench{}.host(w), map[string]any{"spi": "0.0"}))
				if got := outcome(readErr(t, s)); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

func TestBMP280OnSPIWrongChip(t *testing.T) {
	for id, want := range map[byte]string{
		0x60: `SPI 0.0: the chip is a BME280, use driver = "bme280"`,
		0x00: "SPI 0.0: the chip's id is 0x00, want 0x58 of a BMP280",
		0xFF: "SPI 0.0: the chip's id is 0xff, want 0x58 of a BMP280",
	} {
		w := played(ops(0, full(0xD0, b(id))))
		w.handles++
		_, err := configured(t, "bmp280", bench{}.host(w), map[string]any{"spi": "0.0"}).Open()
		if got := outcome(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		w.exhausted(t)
	}
}

func TestBME280OnSPIBusError(t *testing.T) {
	open, reading := spiBME280(0x65, 0x5a, 0xc0, 0x61, 0xa8, 0x00, 0x60, 0x00)
	for at := range len(open) + len(reading) {
		synctest.Test(t, func(t *testing.T) {
			w := played(open, reading)
			w.handles++
			w.fail, w.failAt = syscall.EIO, at
			s, err := configured(t, "bme280", bench{}.host(w), map[string]any{"spi": "0.0"}).Open()
			if err == nil {
				err = readErr(t, s)
				s.Close()
			}
			if want := "SPI 0.0: " + syscall.EIO.Error(); outcome(err) != want || w.handles != 0 {
				t.Errorf("a failure at %d: got %v and %d handles, want %s and 0", at, err, w.handles, want)
			}
		})
	}
}

func TestOpenSPIErrors(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "dev/spidev1.2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, port, want string }{
		{"a port that is not there", "0.0", "ROOT/dev/spidev0.0: no such port, enable it with raspi-config or dtparam=spi=on"},
		{"a file of a test never leads to a real port", "1.2", "ROOT/dev/spidev1.2: is not an SPI port, it lies under ROOT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configured(t, "max31855", Host{Root: root}, map[string]any{"spi": tt.port}).Open()
			if got := strings.ReplaceAll(outcome(err), root, "ROOT"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
