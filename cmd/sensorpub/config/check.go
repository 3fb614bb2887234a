package config

import (
	"strings"
	"time"
	"unicode"

	"sensorpub/publisher/mqtt"
)

// A checker checks what a single value cannot show: what values mean and
// whether they fit together. It opens nothing. Where the decoder found errors
// it continues with the defaults.
type checker struct {
	Errors
	env  Environment
	c    *Config
	root place
	host string // the host name as a level of a topic
}

func (k *checker) check() {
	k.c.Root = k.env.Root()
	k.checkNode()
	k.checkBroker()
	k.checkURLs()
	k.checkTLS()
	k.checkSpool()
	k.checkHTTP()
	k.checkTemplates()
	k.checkSensors()
	k.checkTopics()
}

// maxString is the longest string of MQTT in bytes (MQTT 3.1.1, section
// 1.5.3).
const maxString = 65535

func (k *checker) checkNode() {
	c := k.c
	host, err := k.env.Hostname()
	k.host = defaultNode(host)
	rest, cause := checkBraces(c.Node, nodePlaceholders...)
	switch {
	case cause != "":
		k.wrong(k.root, "node", c.Node, "%s", cause)
		c.Node = ""
	case c.Node != "" && !goodLevel(rest):
		k.wrong(k.root, "node", c.Node, "want a name without /, +, #, control characters and Unicode non-characters")
		c.Node = ""
	case err != nil && (c.Node == "" || strings.Contains(c.Node, "{hostname}")):
		k.add(k.root, "node", "node = %q: %v, want a name", c.Node, err)
	}
	if strings.Contains(c.Node, "{machine_id}") && MachineID(c.Root) == "" {
		k.wrong(k.root, "node", c.Node, "this machine has no /etc/machine-id, serial number or MAC address, want a name")
	}
	c.Node = expand(c.Node, map[string]string{"hostname": k.host, "machine_id": MachineID(c.Root)})
	if c.Node == "" {
		c.Node = k.host
	}
}

// nodePlaceholders are what may stand in braces in node.
var nodePlaceholders = []string{"hostname", "machine_id"}

// maxKeepAlive is the longest keep alive of MQTT (MQTT 3.1.1, section
// 3.1.2.10).
const maxKeepAlive = 65535 * time.Second

// goodLevel reports whether a name can be one level of a topic.
func goodLevel(name string) bool {
	return name != "" && len(name) <= maxString && !strings.ContainsFunc(name, badInLevel)
}

func (k *checker) checkBroker() {
	b := k.c.Broker
	p := k.root.below("broker")
	printable := func(s string) bool {
		return len(s) <= maxString && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	}
	if b.KeepAlive%time.Second != 0 || b.KeepAlive > maxKeepAlive {
		k.wrong(p, "keep_alive", b.KeepAlive, "want whole seconds, 65535s or less")
	}
	if !printable(b.ClientID) {
		k.wrong(p, "client_id", b.ClientID, "want printable characters, at most %d bytes", maxString)
	}
	if !printable(b.Username) {
		k.wrong(p, "username", b.Username, "want printable characters, at most %d bytes", maxString)
	}
	if _, cause := checkBraces(b.Username, "node", "hostname"); cause != "" {
		k.wrong(p, "username", b.Username, "%s", cause)
	}
	k.c.Broker.Username = expand(b.Username, map[string]string{"node": k.c.Node, "hostname": k.host})
	switch {
	case b.Username != "":
	case b.PasswordFile != "":
		k.wrong(p, "username", "", "want a user name, because password_file is set")
	case credential(k.env.Getenv, brokerCredential) != "":
		k.wrong(p, "username", "", "want a user name, because there is the systemd credential %q", brokerCredential)
	}
}

func (k *checker) checkTLS() {
	t := k.c.Broker.TLS
	p := k.root.below("broker").below("tls")
	if t.CertFile != "" && t.KeyFile == "" {
		k.wrong(p, "key_file", "", "want the key of cert_file")
	}
	if t.KeyFile != "" && t.CertFile == "" {
		k.wrong(p, "cert_file", "", "want the certificate of key_file")
	}
	for i, s := range t.Pins {
		pin, err := mqtt.ParsePin(s)
		if err != nil {
			k.wrongElem(p, "pins", i, s, err.Error())
		}
		k.c.Broker.TLS.pins = append(k.c.Broker.TLS.pins, pin)
	}
	if len(k.c.Broker.Servers) < len(k.c.Broker.URLs) {
		return // one of the invalid ones may be meant
	}
	for _, s := range k.c.Broker.Servers {
		if mqtt.Encrypted(s) {
			return
		}
	}
	for _, set := range []struct{ key, value, def string }{
		{"ca_file", t.CAFile, ""},
		{"cert_file", t.CertFile, ""},
		{"key_file", t.KeyFile, ""},
		{"server_name", t.ServerName, ""},
		{"min_version", t.MinVersion, "1.2"},
		{"pins", strings.Join(t.Pins, ", "), ""},
	} {
		if set.value != set.def {
			k.wrong(p, set.key, set.value, "want a URL in broker.urls that begins with mqtts:// or wss://, without which it has no effect")
		}
	}
}

// checkTemplates checks the topic templates that are not a sensor's own.
func (k *checker) checkTemplates() {
	c := k.c
	k.checkAvailability()
	if cause := checkTemplate(c.Publish.Topic, placeholders...); cause != "" {
		k.wrong(k.root.below("publish"), "topic", c.Publish.Topic, "%s", cause)
	}
	k.checkUnits(k.root.below("publish"), c.Publish.Unit, nil)
	k.checkHomeAssistant()
}

// checkAvailability checks the templates of the topics for "online" and
// "offline". Sensors need the daemon's: without it nobody would know that their
// statuses are no longer maintained.
func (k *checker) checkAvailability() {
	a, p := &k.c.Availability, k.root.below("availability")
	daemon, sensor := a.Topic, a.SensorTopic
	if daemon != "" {
		cause := checkTemplate(daemon, "node", "hostname")
		if cause == "" {
			a.Topic = expand(daemon, map[string]string{"node": k.c.Node, "hostname": k.host})
			cause = checkTopic(a.Topic)
		}
		if cause != "" {
			k.wrong(p, "topic", daemon, "%s", cause)
			a.Topic = ""
		}
	}
	if sensor == "" {
		return
	}
	cause := checkTemplate(sensor, "node", "hostname", "sensor")
	switch {
	case cause == "" && !strings.Contains(sensor, "{sensor}"):
		cause = "want {sensor} in it"
	case cause == "" && daemon == "" && p.has("sensor_topic"):
		cause = "want topic to be set too, or nobody learns when the daemon has ended"
	}
	if cause != "" {
		k.wrong(p, "sensor_topic", sensor, "%s", cause)
	}
	if cause != "" || daemon == "" {
		a.SensorTopic = ""
	}
}
