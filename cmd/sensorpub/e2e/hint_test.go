package e2e

import "testing"

// A broker that does not accept a retained message or its QoS closes the
// connection and says nothing.
func TestWhatTheBrokerMayNotAcceptIsNamed(t *testing.T) {
	t.Parallel()
	const off = "[availability]\ntopic = \"\"\n"
	for _, c := range []struct{ name, option, availability, want string }{
		{"the retained will", "retain_available false", "", "the broker may not accept a retained will at QoS 1"},
		{"the QoS of the will", "max_qos 0", "", "the broker may not accept a retained will at QoS 1"},
		{"the retained message", "retain_available false", off, "its topic (access list), its QoS, its retain flag or its size"},
		{"the QoS of the message", "max_qos 0", off, "its topic (access list), its QoS, its retain flag or its size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := startMosquitto(t, c.option)
			d := startDaemon(t, brokerConfig(m.tcp())+c.availability+once("outside", 1))
			d.stderr.await(t, c.want)
		})
	}
}
