package config

import (
	"cmp"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// convert converts a value from TOML to the type of a field, which holds its
// default. Its error says what would be right. Driver options already cover
// most types.
func convert(f reflect.StructField, def, found any) (any, error) {
	o := option.Option{Default: def, OneOf: strings.Fields(f.Tag.Get("oneof"))}
	if f.Tag.Get("toml") == "unit" {
		o.Meant = sensors.UnitMeant
	}
	if low := f.Tag.Get("min"); low != "" {
		o.Min, o.Max = limit(low), limit(cmp.Or(f.Tag.Get("max"), "inf"))
	}
	switch def := def.(type) {
	case int:
		o.Default = int64(def)
		n, err := o.Convert(found)
		i, _ := n.(int64)
		return int(i), err
	case *float64:
		o.Default = 0.0
		x, err := o.Convert(found)
		v, _ := x.(float64)
		return &v, err
	case []string:
		if s, ok := found.(string); ok && len(o.OneOf) > 0 {
			o.Default = "" // a single one needs no brackets
			_, err := o.Convert(s)
			return []string{s}, err
		}
	case [][]float64:
		return pairs(found)
	case map[string]any:
		if _, ok := found.(map[string]any); !ok {
			return nil, errors.New("want a table such as { values = [28.4] }")
		}
		return found, nil
	}
	return o.Convert(found)
}

// limit parses the tag of a limit: a number, or a duration, which it returns in
// seconds.
func limit(tag string) float64 {
	if d, err := time.ParseDuration(tag); err == nil {
		return d.Seconds()
	}
	x, err := strconv.ParseFloat(tag, 64)
	if err != nil {
		panic("config: " + err.Error())
	}
	return x
}

func pairs(found any) ([][]float64, error) {
	list, ok := found.([]any)
	all := make([][]float64, len(list))
	for i, x := range list {
		pair, err := option.Option{Default: []float64{}}.Convert(x)
		all[i], _ = pair.([]float64)
		ok = ok && err == nil
	}
	if !ok {
		return nil, errors.New("want a list of pairs such as [[0.2, 0.0], [99.1, 100.0]]")
	}
	return all, nil
}
