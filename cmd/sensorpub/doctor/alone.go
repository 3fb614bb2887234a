package doctor

import (
	"fmt"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// checkAlone watches the availability topic for another daemon with the same
// node name and therefore, unless it is configured, perhaps the same client id.
// Connecting with that id would disconnect the daemon. If readable is false,
// the broker hides messages, possibly the status as well.
func (b *broker) checkAlone(readable bool) {
	if b.config.Availability.Topic == "" {
		finding := "a clash with another machine cannot be detected without availability.topic"
		if b.holder > 0 {
			finding += fmt.Sprintf("; on this machine process %d uses it", b.holder)
		}
		b.say(statusSkip, "client id", finding)
		return
	}
	own := b.trial.subjects[0]
	switch {
	case own.closed != nil:
		b.say(statusWarn, "client id", own.closed.Error(), "allow the user to read "+own.message.Topic)
	case len(b.trial.status) == 0 && !readable:
		b.say(statusSkip, "client id", own.message.Topic+" cannot be read")
	default:
		b.judgeStatus(own.message.Topic, b.trial.status)
	}
}

// judgeStatus says what the messages of the availability topic mean.
func (b *broker) judgeStatus(topic string, messages []mqtt.Message) {
	changes, status, shown := 0, "empty", "empty"
	for _, m := range messages {
		if !m.Retain {
			changes++
		}
		status = string(m.Payload)
		shown = terminal.Text(status[:min(len(status), 40)])
	}
	other := fmt.Sprintf("give each machine its own node (and broker.client_id, if it is set): %q is used twice", b.config.Node)
	switch online := status == publisher.Online; {
	case changes > 1:
		b.say(statusFail, "client id", fmt.Sprintf("%s changed %d times in %v: two daemons keep disconnecting each other", topic, changes, b.listen), other)
	case online && b.holder == 0:
		b.say(statusWarn, "client id", topic+" is online, but no daemon with this client id is running on this machine", other,
			"a daemon that was just killed stays online until the broker notices")
	case !online && b.holder > 0:
		b.say(statusWarn, "client id", fmt.Sprintf("%s is %s, but the daemon on this machine is running as process %d", topic, shown, b.holder),
			"its log says why: journalctl -u sensorpub")
	case online:
		b.say(statusOK, "client id", fmt.Sprintf("%s is online: the daemon on this machine, process %d", topic, b.holder))
	default:
		b.say(statusOK, "client id", "no other daemon is online in "+topic)
	}
}
