package config

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Card is the card that a machine runs from, and the board that it is in. A
// copy of a card has the same id.
type Card struct {
	ID    string // a hash of /etc/machine-id; "": there is none
	Board string // its serial number; "": it has none, and a MAC address may be that of an adapter
}

// CardOf returns the card of this machine. root is prepended to /etc and /sys,
// for tests.
func CardOf(root string) Card {
	machine := readTrimmed(root, machineIDFile)
	if machine == "" {
		return Card{}
	}
	sum := sha256.Sum256([]byte("sensorpub card " + machine))
	return Card{hex.EncodeToString(sum[:6]), serialNumber(root)}
}

// Remember adds the board to the lines that are kept on the card, and returns the
// board that the card was in before, "" if in no other. If there is one, the card
// was moved, or is a copy. With another machine id it counts as another card.
func (c Card) Remember(lines []string) (now []string, before string) {
	if c.ID == "" || c.Board == "" {
		return lines, ""
	}
	for _, line := range lines {
		if id, board, _ := strings.Cut(line, " "); id == c.ID && board != c.Board {
			before = board
		}
	}
	if before != "" {
		now = append(now, c.ID+" "+before)
	}
	return append(now, c.ID+" "+c.Board), before
}

// IsNew reports whether the card has come to this board since these lines were
// remembered.
func (c Card) IsNew(lines []string) bool {
	return len(lines) == 0 || lines[len(lines)-1] != c.ID+" "+c.Board
}

// Tail returns the end of a board's serial number, which is enough to find it by.
func Tail(board string) string {
	if len(board) <= 4 {
		return board
	}
	return "…" + board[len(board)-4:]
}
