package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/spool"
)

// ownIDs gives a copy of a card its own ids.
const ownIDs = "a copy needs its own ids: sudo rm /etc/machine-id && sudo systemd-machine-id-setup && sudo hostnamectl set-hostname NAME, then reboot"

// checkCard reports whether the card was on another board before, as a copy was.
// stateDir is where the daemon remembers it if it has no spool.
func checkCard(r *report, c *config.Config, stateDir string) {
	dir := cmp.Or(c.Spool.Dir, stateDir)
	if dir == "" {
		return
	}
	memory := &spool.Lines{Dir: dir, Name: spool.BoardName}
	lines, _ := memory.Load() // what is intact is true
	card := config.CardOf(c.Root)
	if _, before := card.Remember(lines); before != "" {
		r.say(statusWarn, "card", fmt.Sprintf("used on board %s before this one (%s), with the same machine id", config.Tail(before), config.Tail(card.Board)),
			ownIDs, "if it was moved and not copied: sudo rm "+memory.Path())
	}
}

// checkMachine reports which machine has published the node's last diagnostics.
func (b *broker) checkMachine(ctx context.Context) {
	n, on := b.config.Announced("")
	topic, own := n.Diagnostics.Topic, b.config.Machine
	if !on || topic == "" || own == "" || b.trial.connect(ctx) != nil {
		return
	}
	step, cancel := context.WithTimeout(ctx, b.trial.step)
	defer cancel()
	if b.trial.tap.Subscribe(step, topic) != nil || b.trial.listen(ctx, b.listen) != nil {
		return // another check reports what cannot be read
	}
	machine := ""
	for _, m := range b.trial.tap.Messages() {
		var r struct {
			Machine string `json:"machine"`
		}
		if m.Topic == topic && json.Unmarshal(m.Payload, &r) == nil && r.Machine != "" {
			if machine = r.Machine[:min(len(r.Machine), 40)]; machine != own {
				break
			}
		}
	}
	switch finding := fmt.Sprintf("%s comes from machine %s, but this is machine %s", topic, machine, own); {
	case machine == "":
	case machine == own:
		b.say(statusOK, "machine", fmt.Sprintf("%s comes from this machine, %s", topic, own))
	case b.holder > 0:
		b.say(statusFail, "machine", finding+": both publish as node "+b.config.Node, ownIDs)
	default:
		b.say(statusWarn, "machine", finding, ownIDs, "nothing is wrong if the card was moved from there or the node was replaced")
	}
}
