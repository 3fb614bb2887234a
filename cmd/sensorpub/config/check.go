package config

import "strings"

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
	names := map[string]string{"node": k.c.Node, "hostname": k.host}
	broker, b := k.root.below("broker"), &k.c.Broker
	checkBroker(&k.Errors, broker, b, names, k.env.Getenv)
	checkURLs(&k.Errors, broker, b, k.env.Getenv)
	checkTLS(&k.Errors, broker.below("tls"), b)
	checkSpool(&k.Errors, k.root.below("spool"), &k.c.Spool, k.env.Getenv)
	checkHTTP(&k.Errors, k.root.below("http"), k.c.HTTP)
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

// goodLevel reports whether a name can be one level of a topic.
func goodLevel(name string) bool {
	return name != "" && len(name) <= maxString && !strings.ContainsFunc(name, badInLevel)
}

// checkTemplates checks the topic templates that are not a sensor's own.
func (k *checker) checkTemplates() {
	c := k.c
	k.checkAvailability()
	if cause := checkTemplate(c.Publish.Topic, placeholders...); cause != "" {
		k.wrong(k.root.below("publish"), "topic", c.Publish.Topic, "%s", cause)
	}
	checkUnits(&k.Errors, k.root.below("publish"), c.Publish.Unit, nil)
	checkHomeAssistant(&k.Errors, k.root.below("homeassistant"), &k.c.HomeAssistant)
}

// checkAvailability checks the templates of the topics for "online" and
// "offline". Sensors need the daemon's: without it, a subscriber could not tell that
// their statuses are no longer maintained.
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
		cause = "want topic to be set too, or subscribers do not learn when the daemon has stopped"
	}
	if cause != "" {
		k.wrong(p, "sensor_topic", sensor, "%s", cause)
	}
	if cause != "" || daemon == "" {
		a.SensorTopic = ""
	}
}
