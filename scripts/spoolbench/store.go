package main

import (
	"encoding/binary"
	"math"
	"path/filepath"
	"time"

	"github.com/tidwall/wal"
	"go.etcd.io/bbolt"

	"sensorpub/sensors"
)

// A store keeps readings in the order in which they come.
type store interface {
	// append adds readings, and where the store is durable returns when they
	// would outlive a power cut.
	append(batch []sensors.Reading) error
	// each calls f with each reading that can be read.
	each(f func(sensors.Reading)) error
	close() error
}

// reading is the n-th one. All of it follows from n, so that a wrong one shows.
func reading(n int) sensors.Reading {
	return sensors.Reading{
		Sensor: "outside", Quantity: "temperature", Unit: "°C", Value: float64(n) / 3, Seq: uint64(n),
		Time: time.Unix(1_767_323_045, 0).Add(time.Duration(n) * time.Second).UTC(),
	}
}

// encode is the record of a reading in the stores of others: as long as that
// in the spool without its frame, 80 bytes.
func encode(r sensors.Reading) []byte {
	b := binary.LittleEndian.AppendUint64(nil, r.Seq) // its position
	b = binary.LittleEndian.AppendUint64(b, r.Seq)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Value))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Time.UnixNano()))
	b = append(b, make([]byte, 24)...) // the boot, and the time since that
	for _, s := range []string{r.Sensor, r.Quantity, r.Unit} {
		b = append(append(b, byte(len(s))), s...)
	}
	return b
}

// decode is the opposite of encode, of a record that may be anything.
func decode(b []byte) (r sensors.Reading, ok bool) {
	if len(b) < 56 {
		return r, false
	}
	r.Seq = binary.LittleEndian.Uint64(b[8:])
	r.Value = math.Float64frombits(binary.LittleEndian.Uint64(b[16:]))
	r.Time = time.Unix(0, int64(binary.LittleEndian.Uint64(b[24:]))).UTC()
	b = b[56:]
	for _, s := range []*string{&r.Sensor, &r.Quantity, &r.Unit} {
		if len(b) == 0 || len(b) <= int(b[0]) {
			return r, false
		}
		*s, b = string(b[1:1+b[0]]), b[1+b[0]:]
	}
	return r, len(b) == 0
}

// A boltStore is a bucket with a key for each sequence number, and one
// transaction for each batch.
type boltStore struct{ db *bbolt.DB }

var bucket = []byte("readings")

func openBolt(dir string, durable bool) (store, error) {
	db, err := bbolt.Open(filepath.Join(dir, "readings.db"), 0o600, &bbolt.Options{Timeout: time.Second, NoSync: !durable})
	if err != nil {
		return nil, err
	}
	return boltStore{db}, nil
}

func (s boltStore) append(batch []sensors.Reading) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucket)
		for i := 0; err == nil && i < len(batch); i++ {
			err = b.Put(binary.BigEndian.AppendUint64(nil, batch[i].Seq), encode(batch[i]))
		}
		return err
	})
}

func (s boltStore) each(f func(sensors.Reading)) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if b == nil {
			return nil
		}
		return b.ForEach(func(_, v []byte) error {
			r, _ := decode(v)
			f(r)
			return nil
		})
	})
}

func (s boltStore) close() error { return s.db.Close() }

// A walStore is a log, with one batch for each.
type walStore struct {
	log  *wal.Log
	next uint64
}

func openWAL(dir string, durable bool) (store, error) {
	options := *wal.DefaultOptions
	options.NoSync = !durable
	log, err := wal.Open(filepath.Join(dir, "wal"), &options)
	if err != nil {
		return nil, err
	}
	last, err := log.LastIndex()
	return &walStore{log, last + 1}, err
}

func (s *walStore) append(batch []sensors.Reading) error {
	var b wal.Batch
	for _, r := range batch {
		b.Write(s.next, encode(r))
		s.next++
	}
	return s.log.WriteBatch(&b)
}

func (s *walStore) each(f func(sensors.Reading)) error {
	first, err := s.log.FirstIndex()
	for i := first; err == nil && i > 0 && i < s.next; i++ {
		b, err := s.log.Read(i)
		if err != nil {
			continue
		}
		r, _ := decode(b)
		f(r)
	}
	return err
}

func (s *walStore) close() error { return s.log.Close() }
