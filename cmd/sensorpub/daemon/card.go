package daemon

import (
	"slices"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/spool"
)

// checkCard logs, once, that the card was on another board before, and remembers
// this one.
func (d *Daemon) checkCard(c *config.Config) {
	if c.Spool.Dir == "" {
		return
	}
	memory := &spool.Lines{Dir: c.Spool.Dir, Name: spool.BoardName}
	lines, err := memory.Load()
	if err != nil {
		d.log.Debug("board of the card cannot be read", "cause", err)
	}
	card := config.CardOf(c.Root)
	now, before := card.Remember(lines)
	if slices.Equal(now, lines) {
		return
	}
	if before != "" && card.IsNew(lines) {
		d.log.Warn("this card was used on another board before", "before", config.Tail(before), "board", config.Tail(card.Board),
			"hint", "nothing is wrong if it was moved; a copy needs its own machine id and host name: sensorpub doctor says how")
	}
	if err := memory.Save(now); err != nil {
		d.log.Debug("board of the card cannot be remembered", "cause", err)
	}
}
