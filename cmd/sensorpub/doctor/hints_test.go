package doctor

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors/drivers"
)

func TestHintsLookAtTheErrorAndAtWhoAsks(t *testing.T) {
	wrap := func(err error) error { return &fs.PathError{Op: "open", Path: "/x", Err: err} }
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	const user, root = false, true
	i2c := node{"/dev/i2c-1", "i2c", drivers.EnableI2C}
	for _, c := range []struct {
		name, got, want string // want is in it
	}{
		{"a password file that is missing", secretHint(wrap(syscall.ENOENT), user), "create the file"},
		{"a password file of root", secretHint(wrap(syscall.EACCES), user), "sudo sensorpub doctor"},
		{"a password file that root may not read", secretHint(wrap(syscall.EACCES), root), "not even root"},
		{"a password file that is not text", secretHint(errors.New("no text"), user), ""},
		{"a device of a group", nodeHint(i2c, wrap(syscall.EACCES), user), "sudo usermod -aG i2c "},
		{"a device that root may not open", nodeHint(i2c, wrap(syscall.EACCES), root), "not even root"},
		{"a device that the sandbox forbids", nodeHint(i2c, wrap(syscall.EPERM), root), "DeviceAllow="},
		{"a device that somebody else has", nodeHint(i2c, wrap(syscall.EBUSY), user), "lsof /dev/i2c-1"},
		{"a device without a driver", nodeHint(i2c, wrap(syscall.ENXIO), user), "turn I²C on"},
		{"no broker", tcpHint(dial(syscall.ECONNREFUSED)), "is a broker running there"},
		{"no machine", tcpHint(dial(syscall.EHOSTUNREACH)), "no machine has that address"},
		{"no network", tcpHint(dial(syscall.ENETUNREACH)), "ip route"},
		{"a firewall here", tcpHint(dial(syscall.EPERM)), "IPAddressDeny="},
		{"no answer", tcpHint(dial(syscall.ETIMEDOUT)), "drop the packets"},
		{"a spool of another user", spoolHint(wrap(syscall.EACCES), user), "with sudo"},
		{"a spool that root may not write", spoolHint(wrap(syscall.EACCES), root), "not even root"},
		{"a card that became read-only", spoolHint(wrap(syscall.EROFS), user), "read-only"},
		{"a full card", spoolHint(wrap(syscall.ENOSPC), user), "df -h"},
		{"a failing card", spoolHint(wrap(syscall.EIO), user), "dmesg"},
		{"a file in place of the spool", spoolHint(wrap(syscall.ENOTDIR), user), "remove the file"},
	} {
		if !strings.Contains(c.got, c.want) || (c.got == "") != (c.want == "") {
			t.Errorf("%s: got %q, want %q in it", c.name, c.got, c.want)
		}
	}
}

func TestDoctorDoesNotSayUseSudoToRoot(t *testing.T) {
	v := newVisit(t, t.TempDir(), fixture.OneSensor+"[[sensor]]\nname = \"pond\"\ndriver = \"ds18b20\"\n")
	v.Superuser = true
	r, c := v.load(t)
	checkBuses(r, v.host, c)
	if out := v.out.String(); strings.Contains(out, "sudo") || !strings.Contains(out, "hint: turn 1-Wire on: raspi-config nonint do_onewire 0") {
		t.Errorf("got\n%s\nwant the hint without sudo", out)
	}
}
