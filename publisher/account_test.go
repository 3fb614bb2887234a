package publisher

import (
	"testing"

	"sensorpub/sensors"
)

func TestAccountBalances(t *testing.T) {
	dropped := func(n uint64) map[sensors.Reason]uint64 { return map[sensors.Reason]uint64{Damaged: n} }
	for name, c := range map[string]struct {
		account Account
		right   bool
	}{
		"nothing":               {Account{}, true},
		"of each some":          {Account{Read: 15, Acknowledged: 1, Sent: 2, Superseded: 3, Queued: 4, Dropped: dropped(5)}, true},
		"one is missing":        {Account{Read: 2, Acknowledged: 1}, false},
		"one is there twice":    {Account{Read: 1, Acknowledged: 1, Queued: 1}, false},
		"queued is below zero":  {Account{Read: 1, Acknowledged: 2, Queued: ^uint64(0)}, false},
		"dropped is below zero": {Account{Read: 1, Acknowledged: 2, Dropped: dropped(^uint64(0))}, false},
	} {
		if err := c.account.Check(); (err == nil) != c.right {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
