package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/spool"
)

// ownIDs gives a copy of a card ids of its own.
const ownIDs = "a copy needs ids of its own: sudo rm /etc/machine-id && sudo systemd-machine-id-setup && sudo hostnamectl set-hostname NAME, then reboot"

// checkCard reports whether the card was on another board before, as a copy was.
func (d *Doctor) checkCard(context.Context) {
	if d.config == nil {
		return
	}
	dir := cmp.Or(d.config.Spool.Dir, d.StateDir)
	if dir == "" {
		return
	}
	memory := &spool.Lines{Dir: dir, Name: spool.BoardName}
	lines, _ := memory.Load() // what is intact is true
	card := config.CardOf(d.config.Root)
	if _, before := card.Remember(lines); before != "" {
		d.say(statusWarn, "card", fmt.Sprintf("used on board %s before this one (%s), with the same machine id", config.Tail(before), config.Tail(card.Board)),
			ownIDs, "if it was moved and not copied: sudo rm "+memory.Path())
	}
}

// checkMachine reports which machine has published the last report of the node.
func (d *Doctor) checkMachine(ctx context.Context, t *trial) {
	n, on := d.config.Announced("")
	topic, own := n.Diagnostics.Topic, d.config.Machine
	if !on || topic == "" || own == "" || t.connect(ctx) != nil {
		return
	}
	step, cancel := context.WithTimeout(ctx, t.step)
	defer cancel()
	if t.tap.Subscribe(step, topic) != nil || t.listen(ctx, d.listen) != nil {
		return // what may be read at all is said elsewhere
	}
	machine := ""
	for _, m := range t.tap.Messages() {
		var r struct {
			Machine string `json:"machine"`
		}
		if m.Topic == topic && json.Unmarshal(m.Payload, &r) == nil && r.Machine != "" {
			if machine = r.Machine; machine != own {
				break
			}
		}
	}
	switch finding := fmt.Sprintf("%s is of machine %s, this is machine %s", topic, machine, own); {
	case machine == "":
	case machine == own:
		d.say(statusOK, "machine", fmt.Sprintf("%s is of this machine, %s", topic, own))
	case d.holder > 0:
		d.say(statusFail, "machine", finding+": both publish as node "+d.config.Node, ownIDs)
	default:
		d.say(statusWarn, "machine", finding, ownIDs, "nothing is wrong if the card was moved from there or the node was replaced")
	}
}
