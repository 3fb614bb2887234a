//go:build faults

package e2e

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// A namespace is a network of its own (network_namespaces(7)). It has no name
// and disappears when nothing uses it.
type namespace struct {
	t  *testing.T
	fd int
}

// newNamespace makes a namespace with only a loopback device.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := openNamespace(t)
	defer unix.Close(home)
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		needsRoot(t, "make a network namespace", err)
	}
	n := &namespace{t, openNamespace(t)}
	enter(home)
	t.Cleanup(func() { unix.Close(n.fd) })
	n.ip("link set lo up")
	return n
}

// openNamespace returns the namespace of this thread.
func openNamespace(t *testing.T) int {
	t.Helper()
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// enter moves this thread to a namespace. In the wrong one it could not
// continue.
func enter(fd int) {
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		panic("enter a network namespace: " + err.Error())
	}
}

// within runs f in the namespace. Sockets it opens and processes it starts, on
// this goroutine, stay there.
func (n *namespace) within(f func()) {
	n.t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := openNamespace(n.t)
	defer unix.Close(home)
	enter(n.fd)
	defer enter(home)
	f()
}

// ip runs ip(8) in the namespace.
func (n *namespace) ip(args string) {
	n.t.Helper()
	n.within(func() {
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			n.t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	})
}

// tun makes a TUN device, up and with an address
// (Documentation/networking/tuntap). What the namespace sends to the peer can
// be read from it.
func (n *namespace) tun(address, peer string) *os.File {
	n.t.Helper()
	var fd int
	n.within(func() {
		var err error
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
			needsRoot(n.t, "open /dev/net/tun", err)
		}
		req, err := unix.NewIfreq("tun0")
		if err != nil {
			n.t.Fatal(err)
		}
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil {
			needsRoot(n.t, "make a TUN device", err)
		}
	})
	n.ip("address add " + address + " peer " + peer + " dev tun0")
	n.ip("link set tun0 up")
	return os.NewFile(uintptr(fd), "tun0")
}

// The addresses at both ends of a link, in namespaces of their own.
const (
	nearAddress = "10.9.0.1"
	farAddress  = "10.9.0.2"
)

// A network is two namespaces joined by a link that forwards packets unless a
// rule drops them. The daemon is at the near end, the broker at the far end.
type network struct {
	near, far *namespace
	mu        sync.Mutex
	drops     func(toFar bool) bool
	dropped   int
	forwarded int
}

// newNetwork makes a network without faults.
func newNetwork(t *testing.T) *network {
	t.Helper()
	w := &network{near: newNamespace(t), far: newNamespace(t)}
	w.heal()
	a, b := w.near.tun(nearAddress, farAddress), w.far.tun(farAddress, nearAddress)
	var link sync.WaitGroup
	link.Go(func() { w.forward(a, b, true) })
	link.Go(func() { w.forward(b, a, false) })
	t.Cleanup(func() {
		a.Close()
		b.Close()
		link.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		t.Logf("the link has forwarded %d packets and dropped %d", w.forwarded, w.dropped)
	})
	return w
}

// forward carries packets one way until the devices are closed.
func (w *network) forward(from, to *os.File, toFar bool) {
	packet := make([]byte, 1<<16)
	for {
		n, err := from.Read(packet)
		if err != nil {
			return
		}
		w.mu.Lock()
		drop := w.drops(toFar)
		if drop {
			w.dropped++
		} else {
			w.forwarded++
		}
		w.mu.Unlock()
		if !drop {
			to.Write(packet[:n]) // lost if the end is full or gone, as on any link
		}
	}
}

func (w *network) drop(rule func(toFar bool) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drops = rule
}

// heal forwards everything again.
func (w *network) heal() { w.drop(func(bool) bool { return false }) }

// silence drops every packet.
func (w *network) silence() { w.drop(func(bool) bool { return true }) }

// deafen drops every packet to the daemon.
func (w *network) deafen() { w.drop(func(toFar bool) bool { return !toFar }) }

// lose drops a share of the packets in each direction, the same ones for the
// same seed.
func (w *network) lose(seed uint64, share float64) {
	random := rand.New(rand.NewPCG(seed, 0))
	w.drop(func(bool) bool { return random.Float64() < share })
}
