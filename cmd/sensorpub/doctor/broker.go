package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/terminal"
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
		d.say(statusFail, "credentials", err.Error(), d.secretHint(err))
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
	addrs, err := mqtt.LookUp(ctx, "ip", host)
	if err != nil {
		d.say(statusFail, "DNS", err.Error(), mqtt.Hint(err))
		return false
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap() // not ::ffff:127.0.0.1
	}
	d.say(statusOK, "DNS", host+" is "+strings.Trim(fmt.Sprint(addrs), "[]"))
	return true
}

// checkTCP opens a connection.
func (d *Doctor) checkTCP(ctx context.Context, u *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, d.step)
	defer cancel()
	start := time.Now()
	conn, err := mqtt.Dial(ctx, "tcp", u.Host)
	if err != nil {
		d.say(statusFail, "TCP", err.Error(), tcpHint(err))
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
	t := &trial{client: m, step: d.step, ack: d.config.Broker.AckTimeout, subjects: d.subjects()}
	defer t.end()
	if !t.take(d.logIn(ctx, m)) {
		return
	}
	as := "without a user name"
	if m.Username != "" {
		as = fmt.Sprintf("as user %q", m.Username)
	}
	d.say(statusOK, "login", mqtt.Display(u)+" accepts "+m.ClientID+" "+as)
	readable := d.checkPublish(ctx, t)
	d.checkRetain(ctx, t)
	if ctx.Err() != nil {
		return
	}
	if err := t.survey(ctx, d.listen); ctx.Err() != nil {
		return
	} else if err != nil {
		d.say(statusFail, "topics", err.Error(), mqtt.Hint(err))
		return
	}
	d.checkAlone(t, readable)
	d.checkMachine(ctx, t)
	d.checkTopics(ctx, t)
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
	if errors.As(err, &refused) && will != nil && !refused.Known() && ctx.Err() == nil {
		will.Payload = []byte(publisher.Offline) // some brokers refuse an empty one, which the daemon never has
		s, err = once(will)
	}
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
// empty unless the broker insists, nothing stays there if the connection breaks.
func (d *Doctor) will() *mqtt.Message {
	if d.config.Availability.Topic == "" {
		return nil
	}
	return &mqtt.Message{Topic: "sensorpub/" + d.config.Node + "/doctor/will", QoS: 1, Retain: true}
}

// checkAlone watches the availability topic for another daemon with the same
// node name and therefore, unless it is configured, perhaps the same client id.
// Connecting with that id would disconnect the daemon. If readable is false,
// the broker hides messages, possibly the status as well.
func (d *Doctor) checkAlone(t *trial, readable bool) {
	if d.config.Availability.Topic == "" {
		finding := "a clash with another machine cannot be detected without availability.topic"
		if d.holder > 0 {
			finding += fmt.Sprintf("; on this machine process %d uses it", d.holder)
		}
		d.say(statusSkip, "client id", finding)
		return
	}
	own := t.subjects[0]
	switch {
	case own.closed != nil:
		d.say(statusWarn, "client id", own.closed.Error(), "allow the user to read "+own.message.Topic)
	case len(t.status) == 0 && !readable:
		d.say(statusSkip, "client id", own.message.Topic+" cannot be read")
	default:
		d.judgeStatus(own.message.Topic, t.status)
	}
}

// judgeStatus says what the messages of the availability topic mean.
func (d *Doctor) judgeStatus(topic string, messages []mqtt.Message) {
	changes, status, shown := 0, "empty", "empty"
	for _, m := range messages {
		if !m.Retain {
			changes++
		}
		status = string(m.Payload)
		shown = terminal.Text(status[:min(len(status), 40)])
	}
	other := fmt.Sprintf("give each machine its own node (and broker.client_id, if it is set): %q is used twice", d.config.Node)
	switch online := status == publisher.Online; {
	case changes > 1:
		d.say(statusFail, "client id", fmt.Sprintf("%s changed %d times in %v: two daemons keep disconnecting each other", topic, changes, d.listen), other)
	case online && d.holder == 0:
		d.say(statusWarn, "client id", topic+" is online, but no daemon with this client id is running on this machine", other,
			"a daemon that was just killed stays online until the broker notices")
	case !online && d.holder > 0:
		d.say(statusWarn, "client id", fmt.Sprintf("%s is %s, but the daemon on this machine is running as process %d", topic, shown, d.holder),
			"its log says why: journalctl -u sensorpub")
	case online:
		d.say(statusOK, "client id", fmt.Sprintf("%s is online: the daemon on this machine, process %d", topic, d.holder))
	default:
		d.say(statusOK, "client id", "no other daemon is online in "+topic)
	}
}
