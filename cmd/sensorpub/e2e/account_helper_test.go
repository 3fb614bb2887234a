package e2e

import (
	"regexp"
	"strconv"
)

// An account is the final account in the log.
type account struct {
	read, acknowledged, sent, superseded, rejected, dropped, queued int
}

var accountLine = regexp.MustCompile(`account="read (\d+) = acknowledged (\d+)(?: \+ sent at QoS 0 (\d+))?` +
	` \+ superseded (\d+) \+ rejected (\d+)(?: \([^)]*\))? \+ dropped (\d+)(?: \([^)]*\))? \+ queued (\d+)"\n`)

// account parses the account at the end of the log and checks that it balances.
func (p *process) account() account {
	p.tb.Helper()
	found := accountLine.FindStringSubmatch(p.stderr.String())
	if found == nil {
		p.tb.Fatal("no account in the log")
	}
	var n [7]int
	for i := range n {
		n[i], _ = strconv.Atoi(found[i+1]) // "" is 0
	}
	a := account{n[0], n[1], n[2], n[3], n[4], n[5], n[6]}
	if sum := a.acknowledged + a.sent + a.superseded + a.rejected + a.dropped + a.queued; sum != a.read {
		p.tb.Errorf("the account does not balance, its sum is %d: %s", sum, found[0])
	}
	return a
}
