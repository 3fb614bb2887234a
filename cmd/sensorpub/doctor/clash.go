package doctor

import (
	"context"
	"fmt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/spool"
)

// ownIDs gives a copy of a card ids of its own.
const ownIDs = "a copy needs ids of its own: sudo rm /etc/machine-id && sudo systemd-machine-id-setup && sudo hostnamectl set-hostname NAME, then reboot"

// checkCard reports whether the card was on another board before, as a copy was.
func (d *Doctor) checkCard(context.Context) {
	if d.config == nil || d.config.Spool.Dir == "" {
		return
	}
	memory := &spool.Lines{Dir: d.config.Spool.Dir, Name: spool.BoardName}
	lines, _ := memory.Load() // what is intact is true
	card := config.CardOf(d.config.Root)
	if _, before := card.Remember(lines); before != "" {
		d.say(statusWarn, "card", fmt.Sprintf("used on board %s before this one (%s), with the same machine id", config.Tail(before), config.Tail(card.Board)),
			ownIDs, "if it was moved and not copied: sudo rm "+memory.Path())
	}
}
