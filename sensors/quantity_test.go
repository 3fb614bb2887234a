package sensors

import "testing"

func TestJudgeWritesNumbersInFull(t *testing.T) {
	for _, c := range []struct {
		q    Quantity
		v    float64
		want string // "": v may be true
	}{
		{CO2, 40000, ""},
		{CO2, 4e6, "co2 is 4000000 ppm, the range is 0 to 40000"},
		{CO2, 1e300, "co2 is 1e+300 ppm, the range is 0 to 40000"},
		{PH, 14.5, "ph is 14.5, the range is 0 to 14"},
		{Resistance, -0.5, "resistance is -0.5 Ω, the range is 0 to 1000000000"},
	} {
		got := ""
		if r := Judge(c.q, c.v); r != nil {
			got = r.Detail
		}
		if got != c.want {
			t.Errorf("%s %v: got %q, want %q", c.q.Name, c.v, got, c.want)
		}
	}
}
