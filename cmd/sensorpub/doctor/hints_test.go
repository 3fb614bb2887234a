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
	user, root := &Doctor{}, &Doctor{Superuser: true}
	i2c := node{"/dev/i2c-1", "i2c", drivers.EnableI2C}
	for _, c := range []struct {
		name, got, want string // want is in it
	}{
		{"a password file that is missing", user.secretHint(wrap(syscall.ENOENT)), "create the file"},
		{"a password file of root", user.secretHint(wrap(syscall.EACCES)), "sudo sensorpub doctor"},
		{"a password file that root may not read", root.secretHint(wrap(syscall.EACCES)), "not even root"},
		{"a password file that is no text", user.secretHint(errors.New("no text")), ""},
		{"a device of a group", user.nodeHint(i2c, wrap(syscall.EACCES)), "sudo usermod -aG i2c "},
		{"a device that root may not open", root.nodeHint(i2c, wrap(syscall.EACCES)), "not even root"},
		{"a device that the sandbox forbids", root.nodeHint(i2c, wrap(syscall.EPERM)), "DeviceAllow="},
		{"a device that somebody else has", user.nodeHint(i2c, wrap(syscall.EBUSY)), "lsof /dev/i2c-1"},
		{"a device without a driver", user.nodeHint(i2c, wrap(syscall.ENXIO)), "turn I²C on"},
		{"no broker", tcpHint(dial(syscall.ECONNREFUSED)), "is a broker running there"},
		{"no machine", tcpHint(dial(syscall.EHOSTUNREACH)), "no machine has that address"},
		{"no network", tcpHint(dial(syscall.ENETUNREACH)), "ip route"},
		{"a firewall here", tcpHint(dial(syscall.EPERM)), "IPAddressDeny="},
		{"no answer", tcpHint(dial(syscall.ETIMEDOUT)), "drop the packets"},
		{"a spool of another user", user.spoolHint(wrap(syscall.EACCES)), "with sudo"},
		{"a spool that root may not write", root.spoolHint(wrap(syscall.EACCES)), "not even root"},
		{"a card that became read-only", user.spoolHint(wrap(syscall.EROFS)), "read-only"},
		{"a full card", user.spoolHint(wrap(syscall.ENOSPC)), "df -h"},
		{"a failing card", user.spoolHint(wrap(syscall.EIO)), "dmesg"},
		{"a file in place of the spool", user.spoolHint(wrap(syscall.ENOTDIR)), "remove the file"},
	} {
		if !strings.Contains(c.got, c.want) || (c.got == "") != (c.want == "") {
			t.Errorf("%s: got %q, want %q in it", c.name, c.got, c.want)
		}
	}
}

func TestDoctorDoesNotSayUseSudoToRoot(t *testing.T) {
	v := newVisit(t, t.TempDir(), fixture.OneSensor+"[[sensor]]\nname = \"pond\"\ndriver = \"ds18b20\"\n")
	v.Superuser = true
	v.checkConfig(t.Context())
	v.checkNodes(t.Context())
	if out := v.out.String(); strings.Contains(out, "sudo") || !strings.Contains(out, "hint: turn 1-Wire on: raspi-config nonint do_onewire 0") {
		t.Errorf("got\n%s\nwant the hint without sudo", out)
	}
}
