package publisher

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sensorpub/sensors"
)

// Reasons for dropping an accepted reading.
const (
	Overflow sensors.Reason = "overflow" // the queue was full
	Expired  sensors.Reason = "max-age"  // it waited longer than max_age
	Stopped  sensors.Reason = "stopped"  // it was read while the daemon was stopping
	Damaged  sensors.Reason = "damaged"  // its record in the spool cannot be read
	Unwanted sensors.Reason = "unwanted" // it comes from the spool, and its sensor or quantity is no longer configured
	Removed  sensors.Reason = "removed"  // it was read while its sensor was being removed from the configuration
	Refused  sensors.Reason = "refused"  // the broker refuses messages to its topic
	Encoding sensors.Reason = "encoding" // its value does not fit the encoding (a rejection)
)

// DropReasons are the possible keys of [Account.Dropped].
var DropReasons = []sensors.Reason{Overflow, Expired, Stopped, Damaged, Unwanted, Removed, Refused}

// An Account counts the values read since the start by what happened to them.
// It balances at all times: see [Account.Check].
type Account struct {
	Read         uint64                    // values that came from a probe
	Acknowledged uint64                    // a PUBACK (QoS 1) or PUBCOMP (QoS 2) came from the broker
	Sent         uint64                    // QoS 0: handed to the network; there is no acknowledgement
	Superseded   uint64                    // valid, but not sent because another reading replaces it: a newer one (backlog "latest") or one that hardly differs (deadband)
	Rejected     map[sensors.Reason]uint64 // false or suspected to be, by reason
	Dropped      map[sensors.Reason]uint64 // valid, but dropped, by reason
	Queued       uint64                    // waiting, or sent and not yet acknowledged

	Recovered uint64 // of those read, how many an earlier process had left in the spool
}

// Check returns an error if a value is missing from the account or counted twice.
func (a Account) Check() error {
	parts := []uint64{a.Acknowledged, a.Sent, a.Superseded, a.Queued}
	parts = slices.AppendSeq(parts, maps.Values(a.Rejected))
	parts = slices.AppendSeq(parts, maps.Values(a.Dropped))
	sum, most := uint64(0), uint64(0)
	for _, n := range parts {
		sum += n
		most = max(most, n) // one that went below zero would still make the sum right
	}
	if sum != a.Read || most > a.Read {
		return fmt.Errorf("account does not balance: %d were read, %d are accounted for (%v)", a.Read, sum, a)
	}
	return nil
}

// String writes the account as one line: "read 12 = acknowledged 9 + …".
func (a Account) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "read %d = acknowledged %d", a.Read, a.Acknowledged)
	if a.Sent > 0 {
		fmt.Fprintf(&b, " + sent at QoS 0 %d", a.Sent)
	}
	fmt.Fprintf(&b, " + superseded %d + rejected %s + dropped %s + queued %d",
		a.Superseded, byReason(a.Rejected), byReason(a.Dropped), a.Queued)
	return b.String()
}

func (a Account) clone() Account {
	a.Rejected, a.Dropped = maps.Clone(a.Rejected), maps.Clone(a.Dropped)
	return a
}

// byReason writes "3 (crc 2, range 1)".
func byReason(m map[sensors.Reason]uint64) string {
	if len(m) == 0 {
		return "0"
	}
	var parts []string
	for _, r := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", r, m[r]))
	}
	return fmt.Sprintf("%d (%s)", sensors.Total(m), strings.Join(parts, ", "))
}
