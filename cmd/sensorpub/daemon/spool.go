package daemon

import (
	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/spool"
)

// openSpool opens the spool and takes over what an earlier process left in it.
func (d *Daemon) openSpool(c config.Spool, cache int) error {
	keeps := &heart{name: "spool"}
	boot := bootID()
	if boot == "" {
		d.log.Warn("boot id cannot be read: after a restart sequence numbers jump ahead and times are not corrected",
			"file", bootIDFile)
	}
	sp := &spool.Spool{
		Dir: c.Dir, RuntimeDir: c.RuntimeDir,
		SpillAfter: c.SpillAfter, FlushInterval: c.FlushInterval, MaxBytes: c.MaxBytes,
		Cache: cache, BootID: boot, Clock: bootClock, Log: d.log, Beat: keeps.beat,
	}
	left, err := sp.Open()
	if err != nil {
		return err
	}
	if left.Waiting > 0 || left.Damaged > 0 {
		d.log.Info("spool opened", "waiting", left.Waiting, "damaged", left.Damaged)
	}
	d.queue.Restore(sp, left)
	d.spool = sp
	d.watchdog.hearts = append(d.watchdog.hearts, keeps)
	return nil
}
