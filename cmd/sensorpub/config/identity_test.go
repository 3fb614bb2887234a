package config

import (
	"regexp"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

const (
	idFile     = "etc/machine-id"
	serialFile = "sys/firmware/devicetree/base/serial-number"
	macFile    = "sys/class/net/eth0/address"
	nicFile    = "sys/class/net/eth0/device/uevent"
)

func TestClientIDIsStable(t *testing.T) {
	root := fixture.Machine(t, map[string]string{idFile: "0123\n", serialFile: "10000000abcdef\x00"})
	// printf '0123\n10000000abcdef\ngarden' | sha256sum | cut -c-12
	if got, want := clientID(root, "garden"), "sensorpub-5fa92b8acbfe"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestClientIDsDiffer(t *testing.T) {
	card := map[string]string{idFile: "0123\n"}
	on := func(more map[string]string) map[string]string {
		all := map[string]string{idFile: card[idFile]}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	seen := make(map[string]string)
	for _, c := range []struct {
		name, node string
		files      map[string]string
	}{
		{"a Raspberry Pi", "n", on(map[string]string{serialFile: "10000000abcdef\x00"})},
		{"a copy of its card in another one", "n", on(map[string]string{serialFile: "10000000abcdee\x00"})},
		{"the same board under another name", "m", on(map[string]string{serialFile: "10000000abcdef\x00"})},
		{"another card in it", "n", map[string]string{idFile: "4567\n", serialFile: "10000000abcdef\x00"}},
		{"a board without a serial number", "n", on(map[string]string{macFile: "02:00:00:00:00:01\n", nicFile: ""})},
		{"a copy of its card in another board", "n", on(map[string]string{macFile: "02:00:00:00:00:02\n", nicFile: ""})},
		{"a machine of which nothing is known", "n", nil},
		{"another one under another name", "m", nil},
	} {
		id := clientID(fixture.Machine(t, c.files), c.node)
		if other := seen[id]; other != "" {
			t.Errorf("%s: got the id of %s", c.name, other)
		}
		if !regexp.MustCompile(`^sensorpub-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("%s: got %q", c.name, id)
		}
		seen[id] = c.name
	}
}

func TestMACAddress(t *testing.T) {
	net := "sys/class/net/"
	for _, c := range []struct {
		name, want string
		files      map[string]string
	}{
		{"no interface", "", nil},
		{"a bridge, which is not a device", "", map[string]string{net + "br0/address": "02:00:00:00:00:01\n"}},
		{"the first of two by name", "02:00:00:00:00:01", map[string]string{
			net + "wlan0/address": "02:00:00:00:00:02\n", net + "wlan0/device/uevent": "",
			macFile: "02:00:00:00:00:01\n", nicFile: "",
		}},
		{"one without an address before it", "02:00:00:00:00:02", map[string]string{
			net + "wlan0/address": "02:00:00:00:00:02\n", net + "wlan0/device/uevent": "",
			macFile: "00:00:00:00:00:00\n", nicFile: "",
		}},
	} {
		if got := macAddress(fixture.Machine(t, c.files)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestClientIDOfTheConfigurationWins(t *testing.T) {
	for text, want := range map[string]string{
		fixture.OneSensor: clientID("", "garden-pi"),
		`broker.client_id = "me"` + fixture.OneSensor: "me",
	} {
		c, err := testEnvironment(nil).Load(t.Context(), fixture.WriteFile(t, "config.toml", text))
		if err != nil {
			t.Fatal(err)
		}
		if c.Broker.ClientID != want {
			t.Errorf("got %s, want %s", c.Broker.ClientID, want)
		}
	}
}

func TestDefaultNode(t *testing.T) {
	for host, want := range map[string]string{
		"garden-pi": "garden-pi", "garden.example.org": "garden", "a/b+c#d\x00": "a-b-c-d-",
		"": "localhost", ".lan": "localhost", "(none)": "localhost", "p\xffi": "p-i",
	} {
		if got := defaultNode(host); got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
	}
}

func TestNodeFromTheMachine(t *testing.T) {
	root := fixture.Machine(t, map[string]string{idFile: "0123\n", serialFile: "10000000abcdef\x00"})
	for _, c := range []struct{ name, root, node, want string }{
		{"the host name with more", root, "site1-{hostname}", "site1-garden-pi"},
		// printf '0123\n10000000abcdef\n' | sha256sum | cut -c-12
		{"the machine id", root, "{machine_id}", "15f91aaa4459"},
		{"both", root, "{hostname}-{machine_id}", "garden-pi-15f91aaa4459"},
	} {
		e := testEnvironment(map[string]string{"SENSORPUB_ROOT": c.root})
		conf, err := e.Load(t.Context(), fixture.WriteFile(t, "config.toml", `node = "`+c.node+`"`+"\nbroker = { username = \"pi/{node}\", client_id = \"c-{node}\" }"+fixture.OneSensor))
		if err != nil {
			t.Fatal(err)
		}
		if got := conf.Availability.Topic; conf.Node != c.want || got != "sensorpub/"+c.want+"/status" {
			t.Errorf("%s: got node %q and status topic %q, want node %q", c.name, conf.Node, got, c.want)
		}
		if got, want := conf.Broker.Username, "pi/"+c.want; got != want {
			t.Errorf("%s: got user name %q, want %q", c.name, got, want)
		}
		if got, want := conf.Broker.ClientID, "c-"+c.want; got != want {
			t.Errorf("%s: got client id %q, want %q", c.name, got, want)
		}
	}
	e := testEnvironment(map[string]string{"SENSORPUB_ROOT": t.TempDir()})
	_, err := e.Load(t.Context(), fixture.WriteFile(t, "config.toml", `node = "{machine_id}"`+fixture.OneSensor))
	want := `node = "{machine_id}": this machine has no /etc/machine-id, serial number or MAC address, want a name`
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("a machine of which nothing is known: got %v, want %s", err, want)
	}
}
