package hatest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	jsonTemplate   = regexp.MustCompile(`^\{\{ value_json\.(\w+)(?:\['([^']*)'\])? \}\}$`)
	unpackTemplate = regexp.MustCompile(`^\{\{ value \| unpack\('([<>][df])'\)(?: \| round\((\d+)\))? \}\}$`)
)

// render evaluates a template as Home Assistant does. Of its language it knows
// what a simple node needs, and returns an error for the rest.
func render(template string, payload []byte, isBinary bool) (string, error) {
	if m := unpackTemplate.FindStringSubmatch(template); m != nil && isBinary {
		return unpack(m[1], m[2], payload)
	}
	if m := jsonTemplate.FindStringSubmatch(template); m != nil && !isBinary {
		return lookUp(m[1], m[2], payload)
	}
	switch {
	case template == "{{ value }}" && isBinary:
		return pythonBytes(payload), nil
	case (template == "{{ value }}" || template == "") && !isBinary:
		return string(payload), nil
	}
	return "", fmt.Errorf("template %q, binary %v: not known here", template, isBinary)
}

// pythonBytes is what Python prints of bytes.
func pythonBytes(b []byte) string {
	var s strings.Builder
	s.WriteString("b'")
	for _, c := range b {
		if c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&s, `\x%02x`, c)
			continue
		}
		s.WriteByte(c)
	}
	return s.String() + "'"
}

// unpack is Python's struct.unpack of one number, and its round.
func unpack(format, decimals string, payload []byte) (string, error) {
	var order binary.ByteOrder = binary.BigEndian
	if format[0] == '<' {
		order = binary.LittleEndian
	}
	var v float64
	switch {
	case format[1] == 'd' && len(payload) == 8:
		v = math.Float64frombits(order.Uint64(payload))
	case format[1] == 'f' && len(payload) == 4:
		v = float64(math.Float32frombits(order.Uint32(payload)))
	default:
		return "", fmt.Errorf("unpack %s: %d bytes", format, len(payload))
	}
	if decimals != "" {
		n, _ := strconv.Atoi(decimals)
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'f', n, 64), 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64), nil
}

// lookUp returns a value of a JSON object, or of an object in it. A value that is
// not there is nothing.
func lookUp(key, inner string, payload []byte) (string, error) {
	root, err := Object(payload)
	if err != nil {
		return "", err
	}
	v, there := root[key]
	if inner != "" {
		object, ok := v.(map[string]any)
		if !ok {
			return "", fmt.Errorf("%s: no object in %s", key, payload)
		}
		v, there = object[inner]
	}
	if !there {
		return "", nil
	}
	switch v := v.(type) {
	case nil:
		return "None", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("%s %s: %v is neither text nor a number", key, inner, v)
}
