//go:build ignore

package main

import (
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"os"
	"os/signal"
	"slices"

	"github.com/tidwall/wal"
)

func main() {
	conn, err := tls.Dial("tcp", os.Args[1], nil)
	slog.Error("wal", "cause", err, "conn", conn)
	json.NewEncoder(os.Stdout).Encode(os.Args)
	signal.Notify(make(chan os.Signal))
	slices.Sort(os.Args)
	name := os.Args[1]
	l, err := wal.Open(name, nil)
	var b wal.Batch
	b.Write(1, []byte(name))
	l.WriteBatch(&b)
	l.TruncateFront(1)
	first, _ := l.FirstIndex()
	last, _ := l.LastIndex()
	record, _ := l.Read(first)
	slog.Error("wal", "cause", err, "last", last, "record", record, "close", l.Close())
}
