package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// inOwnNetwork is set in the environment of a program that has its own network.
const inOwnNetwork = "SENSORPUB_FLEET_NETWORK"

// ownNetwork starts this program again in a network namespace of its own
// (network_namespaces(7)), so that bridge and addresses are nowhere else and
// disappear with it. It returns only in that namespace, or with an error.
func ownNetwork() error {
	if os.Getenv(inOwnNetwork) != "" {
		return ip("link set lo up")
	}
	unshare, err := exec.LookPath("unshare")
	if err == nil && os.Getuid() != 0 {
		err = errors.New("needs root")
	}
	if err != nil {
		return fmt.Errorf("make a network: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := append([]string{"unshare", "--net", "--", self}, os.Args[1:]...)
	return syscall.Exec(unshare, args, append(os.Environ(), inOwnNetwork+"=1"))
}

// A network is a bridge with one namespace for each broker. Nil: all brokers are
// on loopback.
type network struct{ names []string }

// newNetwork makes the bridge and the namespaces, whose names contain the
// process id.
func newNetwork() (*network, error) {
	n := new(network)
	for _, args := range []string{
		"link add fleet type bridge",
		"address add 10.23.0.254/24 dev fleet",
		"link set fleet up",
	} {
		if err := ip(args); err != nil {
			return nil, err
		}
	}
	for b := 1; b <= brokers; b++ {
		name := fmt.Sprintf("sensorpub-fleet-%d-%d", os.Getpid(), b)
		if err := ip("netns add " + name); err != nil {
			return nil, errors.Join(err, n.remove())
		}
		n.names = append(n.names, name)
		for _, args := range []string{
			fmt.Sprintf("link add fleet%d type veth peer name eth0 netns %s", b, name),
			fmt.Sprintf("link set fleet%d master fleet up", b),
			fmt.Sprintf("-n %s address add %s/24 dev eth0", name, n.host(b)),
			"-n " + name + " link set eth0 up",
			"-n " + name + " link set lo up",
		} {
			if err := ip(args); err != nil {
				return nil, errors.Join(err, n.remove())
			}
		}
	}
	return n, nil
}

// host returns the address of a broker.
func (n *network) host(broker int) string {
	if n == nil {
		return "127.0.0.1"
	}
	return fmt.Sprintf("10.23.0.%d", broker)
}

// command returns the command that runs a program on a broker's network.
func (n *network) command(broker int, args ...string) []string {
	if n == nil {
		return args
	}
	return append([]string{"ip", "netns", "exec", n.names[broker-1]}, args...)
}

// set connects a broker's network to the bridge or cuts it off. Nobody is told:
// packets disappear, as with a cable that is pulled out of a switch.
func (n *network) set(broker int, up bool) error {
	state := "down"
	if up {
		state = "up"
	}
	return ip(fmt.Sprintf("link set fleet%d %s", broker, state))
}

// remove removes the namespaces; the bridge goes with the program.
func (n *network) remove() (err error) {
	if n == nil {
		return nil
	}
	for _, name := range n.names {
		err = errors.Join(err, ip("netns delete "+name))
	}
	return err
}

// ip runs ip(8).
func ip(args string) error {
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", args, err, strings.TrimSpace(string(out)))
	}
	return nil
}
