package option

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format writes a value of the option as TOML.
func (o Option) Format(x any) string {
	if n, ok := x.(int64); ok && o.Hex {
		return fmt.Sprintf("%#02x", n)
	}
	return Format(x)
}

// Format writes a value as TOML.
func Format(x any) string {
	switch x := x.(type) {
	case string:
		return strconv.Quote(x)
	case time.Duration:
		return strconv.Quote(ShortDuration(x))
	case float64:
		s := strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64)) // inf and nan, as in TOML
		if !strings.ContainsAny(s, ".en") {
			s += ".0"
		}
		return s
	case []float64:
		return formatList(x)
	case [][]float64:
		return formatList(x)
	case []string:
		return formatList(x)
	case []any:
		return formatList(x)
	case map[string]string:
		return formatTable(x)
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "a list of tables"
	}
	return fmt.Sprint(x)
}

func formatList[T any](x []T) string {
	parts := make([]string, len(x))
	for i, e := range x {
		parts[i] = Format(e)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func formatTable(x map[string]string) string {
	if len(x) == 0 {
		return "{}"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(x)) {
		parts = append(parts, key+" = "+strconv.Quote(x[key]))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// ShortDuration writes a duration without trailing zeros: "5m", "24h".
func ShortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// OneOf joins words for a message: "a", "b" or "c".
func OneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
