package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/publisher"
)

// checkBrokers tests the connection to each broker, step by step.
func (d *Doctor) checkBrokers(ctx context.Context) {
	if d.config == nil {
		return
	}
	b := d.config.Broker
	m, err := d.config.MQTT(ctx, d.log)
	if err != nil {
		d.say(statusFail, "credentials", err.Error(), "a file that only root can read: sudo sensorpub doctor")
		return
	}
	if b.Username != "" && m.Password == "" {
		d.say(statusWarn, "credentials", fmt.Sprintf("user %q has no password", b.Username),
			"set broker.password_file; a credential of the service is found with sudo CREDENTIALS_DIRECTORY=/run/credentials/sensorpub.service sensorpub doctor")
	}
	d.checkOwnCertificate(ctx)
	m.ClientID = mqtt.SideID(m.ClientID, "doctor") // with the same id, the broker would disconnect the daemon
	for _, u := range b.Servers {
		if ctx.Err() == nil && d.checkName(ctx, u) && d.checkTCP(ctx, u) && (!mqtt.Encrypted(u) || d.checkTLS(ctx, u)) {
			d.checkMQTT(ctx, m, u)
		}
	}
}

// checkName looks up the host.
func (d *Doctor) checkName(ctx context.Context, u *url.URL) bool {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		d.say(statusSkip, "DNS", host+" is an address")
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, d.step)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		d.say(statusFail, "DNS", err.Error(), mqtt.Hint(err))
		return false
	}
	d.say(statusOK, "DNS", host+" is "+strings.Join(addrs, ", "))
	return true
}

// checkTCP opens a connection.
func (d *Doctor) checkTCP(ctx context.Context, u *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, d.step)
	defer cancel()
	start := time.Now()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		hint := "is the broker's machine on and in this network? Does a firewall block the port?"
		if strings.Contains(err.Error(), "refused") {
			hint = "no broker listens on that port; Mosquitto 2 accepts only local connections until you add a listener and a password file, or allow_anonymous"
		}
		d.say(statusFail, "TCP", err.Error(), hint)
		return false
	}
	conn.Close()
	d.say(statusOK, "TCP", fmt.Sprintf("%s answers within %d ms", u.Host, time.Since(start).Milliseconds()+1))
	return true
}

// checkMQTT logs in, and checks that messages get through and that no other
// daemon uses the node name.
func (d *Doctor) checkMQTT(ctx context.Context, m *mqtt.Client, u *url.URL) {
	m.URLs = []*url.URL{u}
	s := d.logIn(ctx, m)
	if s == nil {
		return
	}
	defer s.Disconnect()
	as := "without a user name"
	if m.Username != "" {
		as = fmt.Sprintf("as user %q", m.Username)
	}
	d.say(statusOK, "login", mqtt.Display(u)+" accepts "+m.ClientID+" "+as)
	around := d.checkPublish(ctx, s)
	if around == nil || errors.Is(around, mqtt.ErrSwallowed) {
		d.checkAlone(ctx, s, around == nil)
	}
}

// logIn connects, or says why it cannot and returns nil.
func (d *Doctor) logIn(ctx context.Context, m *mqtt.Client) *mqtt.Session {
	once := func(will *mqtt.Message) (*mqtt.Session, error) {
		ctx, cancel := context.WithTimeout(ctx, d.step)
		defer cancel()
		return m.Once(ctx, will)
	}
	will := d.will()
	s, err := once(will)
	var refused *mqtt.RefusedError
	if err != nil && will != nil && ctx.Err() == nil && !errors.As(err, &refused) {
		var without error
		if s, without = once(nil); without == nil {
			s.Disconnect()
			d.say(statusFail, "login", err.Error(),
				`the broker accepts the connection without a retained will at QoS 1: allow it there, or set availability.topic = ""`)
			return nil
		}
		err = without
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		d.say(statusFail, "login", err.Error(), mqtt.Hint(err))
		return nil
	}
	return s
}

// will is of the kind that the daemon has, which some brokers refuse. As it is
// empty, nothing stays on the broker if the connection breaks.
func (d *Doctor) will() *mqtt.Message {
	if d.config.Availability.Topic == "" {
		return nil
	}
	return &mqtt.Message{Topic: "sensorpub/" + d.config.Node + "/doctor/will", QoS: 1, Retain: true}
}

// checkPublish sends a message to itself.
func (d *Doctor) checkPublish(ctx context.Context, s *mqtt.Session) error {
	topic := "sensorpub/" + d.config.Node + "/doctor/" + rand.Text()
	around, cancel := context.WithTimeout(ctx, d.step)
	defer cancel()
	start := time.Now()
	err := mqtt.RoundTrip(around, s, topic)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, mqtt.ErrSwallowed):
		d.say(statusFail, "publish", err.Error(),
			"the broker's access list silently forbids writing or reading there; for Mosquitto, add: topic readwrite sensorpub/"+d.config.Node+"/#",
			"no fault if this user may only publish: subscribe as another user to see what arrives")
	case err != nil:
		d.say(statusFail, "publish", err.Error(), "look at the broker's log and access list")
	default:
		d.say(statusOK, "publish", fmt.Sprintf("a message to %s came back within %d ms", topic, time.Since(start).Milliseconds()+1))
	}
	return err
}

// checkAlone watches the availability topic for another daemon with the same
// node name and therefore, unless it is configured, perhaps the same client id.
// Connecting with that id would disconnect the daemon. If readable is false,
// the broker hides messages, possibly the status as well.
func (d *Doctor) checkAlone(ctx context.Context, s *mqtt.Session, readable bool) {
	topic := d.config.Availability.Topic
	if topic == "" {
		d.say(statusSkip, "client id", "a clash cannot be detected without availability.topic")
		return
	}
	messages, err := mqtt.Listen(ctx, s, topic, d.listen)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.say(statusWarn, "client id", err.Error(), "allow the user to read "+topic)
		return
	}
	if len(messages) == 0 && !readable {
		d.say(statusSkip, "client id", topic+" cannot be read")
		return
	}
	d.judgeStatus(topic, messages)
}

// judgeStatus says what the messages of the availability topic mean.
func (d *Doctor) judgeStatus(topic string, messages []mqtt.Message) {
	changes, status := 0, "empty"
	for _, m := range messages {
		if !m.Retain {
			changes++
		}
		status = string(m.Payload)
	}
	other := fmt.Sprintf("give each machine its own node (and broker.client_id, if it is set): %q is used twice", d.config.Node)
	switch online := status == publisher.Online; {
	case changes > 1:
		d.say(statusFail, "client id", fmt.Sprintf("%s changed %d times in %v: two daemons keep disconnecting each other", topic, changes, d.listen), other)
	case online && !d.Daemon:
		d.say(statusWarn, "client id", topic+" is online, but no daemon is running on this machine", other,
			"a daemon that was just killed stays online until the broker notices")
	case !online && d.Daemon:
		d.say(statusWarn, "client id", fmt.Sprintf("%s is %s, but a daemon is running on this machine", topic, status),
			"journalctl -u sensorpub says why; or it runs with another configuration")
	case online:
		d.say(statusOK, "client id", topic+" is online: the daemon on this machine")
	default:
		d.say(statusOK, "client id", "no other daemon is online in "+topic)
	}
}
