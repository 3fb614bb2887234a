package publisher

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sensorpub/sensors"
)

// An Encoder makes the payload of a message. The payload is a fresh slice,
// because the client library keeps it until the acknowledgement, and never
// empty, because an empty retained payload deletes what is retained.
type Encoder interface {
	Encode(r sensors.Reading) ([]byte, error)
}

// Text writes what Python's str(round(v, Precision)) prints for ordinary
// values: 28.4, 28.0, -0.5; with Precision 0, as str(round(v)): 28. It never
// writes an exponent or -0.0.
type Text struct {
	Precision int // decimals kept
}

func (t Text) Encode(r sensors.Reading) ([]byte, error) {
	v, err := round(r.Value, t.Precision)
	if err != nil {
		return nil, err
	}
	return appendDecimal(nil, v, t.Precision), nil
}

// Binary packs the value as Python's struct.pack(Format, round(v, Precision)).
type Binary struct {
	Format    string // ">d", "<d": IEEE 754 binary64; ">f", "<f": binary32
	Precision int
}

func (b Binary) Encode(r sensors.Reading) ([]byte, error) {
	v, err := round(r.Value, b.Precision)
	if err != nil {
		return nil, err
	}
	switch b.Format {
	case ">d":
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(v)), nil
	case "<d":
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)), nil
	}
	f := float32(v)
	if math.IsInf(float64(f), 0) {
		return nil, fmt.Errorf("encode %v: too large for a 32-bit float", v)
	}
	switch b.Format {
	case ">f":
		return binary.BigEndian.AppendUint32(nil, math.Float32bits(f)), nil
	case "<f":
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(f)), nil
	}
	panic("publisher: binary format " + strconv.Quote(b.Format))
}

// JSON writes an object with the value, its unit, its sensor and node, the time of
// measurement and the sequence number. A time that cannot be true, because the
// clock was not set yet, is null.
type JSON struct {
	Node      string
	Precision int
}

func (j JSON) Encode(r sensors.Reading) ([]byte, error) {
	v, err := round(r.Value, j.Precision)
	if err != nil {
		return nil, err
	}
	var at *string
	if !r.Time.Before(sensors.Epoch) {
		text := r.Time.UTC().Format(sensors.TimeLayout)
		at = &text
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err = enc.Encode(struct {
		Value    json.RawMessage `json:"value"`
		Unit     string          `json:"unit"`
		Quantity string          `json:"quantity"`
		Sensor   string          `json:"sensor"`
		Node     string          `json:"node"`
		Time     *string         `json:"time"`
		Seq      uint64          `json:"seq"`
	}{
		appendDecimal(nil, v, j.Precision), r.Unit, r.Quantity, r.Sensor, j.Node,
		at, r.Seq,
	})
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// round returns the double nearest to v that has at most precision decimals,
// exactly as Python's round(v, precision): ties are judged by the exact binary
// value. NaN and infinity are errors.
func round(v float64, precision int) (float64, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("encode %v: not a number that can be published", v)
	}
	var b [32]byte // spares an allocation
	return strconv.ParseFloat(string(strconv.AppendFloat(b[:0], v, 'f', precision, 64)), 64)
}

// appendDecimal writes v, which has at most so many decimals, with the fewest
// digits that give v again: a whole number where no decimals are kept, else with at
// least one decimal.
func appendDecimal(b []byte, v float64, precision int) []byte {
	if v == 0 {
		v = 0 // not -0.0
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', -1, 64)
	if precision > 0 && bytes.IndexByte(b[start:], '.') < 0 {
		b = append(b, ".0"...)
	}
	return b
}

// A Decoded is the content of a payload.
type Decoded struct {
	Value float64
	Unit  string    // if the payload has it
	Time  time.Time // the same
}

// Decode decodes a payload in any of the encodings. format is that of a binary
// payload whose topic is known; with "" the encoding is guessed.
func Decode(payload []byte, format string) (Decoded, error) {
	if format != "" {
		return decodeBinary(payload, format)
	}
	text := string(payload)
	if v, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && v-v == 0 {
		return Decoded{Value: v}, nil
	}
	var j struct {
		Value *float64
		Unit  string
		Time  time.Time
	}
	if json.Unmarshal(payload, &j) == nil && j.Value != nil {
		return Decoded{*j.Value, j.Unit, j.Time}, nil
	}
	guess := map[int]string{4: ">f", 8: ">d"}[len(payload)]
	if guess != "" {
		if d, err := decodeBinary(payload, guess); err == nil && math.Abs(d.Value) < 1e15 { // a word in small letters is larger
			return d, nil
		}
	}
	return Decoded{}, fmt.Errorf("payload %q is neither a number nor JSON", clip(text))
}

func decodeBinary(p []byte, format string) (Decoded, error) {
	var order binary.ByteOrder = binary.BigEndian
	if format[0] == '<' {
		order = binary.LittleEndian
	}
	switch {
	case format[1] == 'd' && len(p) == 8:
		return Decoded{Value: math.Float64frombits(order.Uint64(p))}, nil
	case format[1] == 'f' && len(p) == 4:
		// The shortest decimal that makes it: 28.4 and not 28.399999618530273.
		text := strconv.FormatFloat(float64(math.Float32frombits(order.Uint32(p))), 'g', -1, 32)
		v, err := strconv.ParseFloat(text, 64)
		return Decoded{Value: v}, err
	}
	return Decoded{}, fmt.Errorf("payload %q has %d bytes, too few or too many for %s", clip(string(p)), len(p), format)
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
