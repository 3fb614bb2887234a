//go:build ignore

package main

import (
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"os"
	"os/signal"
	"slices"

	"go.etcd.io/bbolt"
)

func main() {
	conn, err := tls.Dial("tcp", os.Args[1], nil)
	slog.Error("bbolt", "cause", err, "conn", conn)
	json.NewEncoder(os.Stdout).Encode(os.Args)
	signal.Notify(make(chan os.Signal))
	slices.Sort(os.Args)
	name := os.Args[1]
	db, err := bbolt.Open(name, 0o600, nil)
	db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(name))
		b.Put([]byte(name), []byte(name))
		b.Delete([]byte(name))
		return err
	})
	db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(name)).ForEach(func(k, v []byte) error { return nil })
	})
	slog.Error("bbolt", "cause", err, "close", db.Close())
}
