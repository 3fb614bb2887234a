//go:build !faults

package spool

// exhaustive tests open the spool after every damage, and not after some.
const exhaustive = false
