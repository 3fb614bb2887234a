package publisher

import (
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Log holds the accepted readings, in the order of acceptance, until each is
// settled: acknowledged, superseded, rejected or dropped. It alone knows what
// is settled. [NewMemoryLog] makes one in memory, [spool.Spool] is one in files.
type Log interface {
	// Append numbers a reading, by one per sensor and quantity, and keeps it.
	// Its position is above all earlier ones. Append neither fails nor waits
	// for a slow disk.
	Append(r sensors.Reading) spool.Record

	// Skip numbers a reading that is dropped at once, so that the gap shows, and
	// keeps nothing of it.
	Skip(r sensors.Reading) sensors.Reading

	// Next returns the first reading after a position that is not settled.
	// Without one, more reports that there is one which [Log.Load] must read
	// from a file first.
	Next(after uint64) (r spool.Record, ok, more bool)

	// Load reads the unsettled readings after a position into memory, which may
	// take long. It reports whether Next has something new to say.
	Load(after uint64) bool

	// Settle marks a reading as settled, and reports whether it was waiting
	// until now.
	Settle(position uint64) bool

	// Waits reports whether a reading is not settled.
	Waits(position uint64) bool

	// Waiting returns how many readings are not settled, including those lost
	// that Losses has yet to return.
	Waiting() int

	// Losses returns how many unsettled readings the log itself has lost since
	// the last call: dropped for lack of room, and damaged.
	Losses() (overflow, damaged int)

	// Commit makes settlements survive the process.
	Commit()
}
