package spool

import (
	"strconv"
	"strings"
	"time"
)

// A segment is one file of a store. The lock of the index guards it.
type segment struct {
	number uint64
	bytes  int64     // what it counts for max_bytes
	have   intervals // the readings in it that can be read, or could be
	whole  bool      // the snapshot that it begins with is complete
	failed time.Time // since when it cannot be read; zero: it can
	tried  time.Time // when it was read last, since then
}

const segmentSuffix = ".seg"

// segmentNumber parses the name of a segment's file.
func segmentNumber(name string) (number uint64, ok bool) {
	hex, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(hex) != 16 || strings.ToLower(hex) != hex {
		return 0, false
	}
	number, err := strconv.ParseUint(hex, 16, 63)
	return number, err == nil
}

// absurd is a number that no segment comes to have by counting. Only a header
// that says so makes it one to count on from, or there might be none left.
const absurd = 1 << 62
