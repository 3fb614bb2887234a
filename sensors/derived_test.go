package sensors

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// derived computes a quantity from values by name.
func derived(t *testing.T, name string, altitude float64, in map[string]float64) (float64, *Rejection) {
	t.Helper()
	from := make(map[string]input)
	for quantity, v := range in {
		from[quantity] = input{value: v}
	}
	q, ok := QuantityNamed(name)
	if !ok {
		t.Fatalf("got no quantity %s", name)
	}
	return Probe{Quantities: []Quantity{q}, Altitude: altitude}.derive(0, from)
}

func wantDerived(t *testing.T, name string, altitude float64, in map[string]float64, want, within float64) {
	t.Helper()
	got, bad := derived(t, name, altitude, in)
	if bad != nil || math.Abs(got-want) > within {
		t.Errorf("%s at %g m of %v: got %.3f and %v, want %g", name, altitude, in, got, bad, want)
	}
}

// DIN 4108-3, table of dew points: degrees with one decimal.
func TestDewPointOfTheTable(t *testing.T) {
	for celsius, row := range map[float64]map[float64]float64{
		30: {30: 10.5, 40: 14.9, 50: 18.4, 60: 21.4, 70: 23.9, 80: 26.2, 90: 28.2, 95: 29.1},
		20: {30: 1.9, 40: 6.0, 50: 9.3, 60: 12.0, 70: 14.4, 80: 16.4, 90: 18.3, 95: 19.2},
		10: {50: 0.1, 60: 2.6, 70: 4.8, 80: 6.7, 90: 8.4},
	} {
		for percent, want := range row {
			wantDerived(t, "dew_point", 0, map[string]float64{"temperature": celsius, "humidity": percent}, want, 0.1)
		}
	}
}

// Smithsonian Meteorological Tables, table 94: saturation vapour pressure over
// water in hPa, by Goff and Gratch. Air at 0 °C with that of a lower temperature
// has its dew point there.
func TestDewPointBelowZeroIsOverWater(t *testing.T) {
	for celsius, hPa := range map[float64]float64{-10: 2.8627, -20: 1.2540, -30: 0.5088, -40: 0.1891} {
		in := map[string]float64{"temperature": 0, "humidity": 100 * hPa / 6.1078}
		wantDerived(t, "dew_point", 0, in, celsius, 0.07)
	}
}

func TestSaturatedAirIsAtItsDewPoint(t *testing.T) {
	for _, celsius := range []float64{-45, -10, 0, 25, 60} {
		wantDerived(t, "dew_point", 0, map[string]float64{"temperature": celsius, "humidity": 100}, celsius, 1e-9)
	}
}

// The usual table of the vapour that saturated air holds, in g/m³ with one decimal.
// The Magnus formula is 0.4 % below it where it is hot.
func TestAbsoluteHumidityOfTheTable(t *testing.T) {
	for celsius, want := range map[float64]float64{
		0: 4.8, 5: 6.8, 10: 9.4, 15: 12.8, 20: 17.3, 25: 23.0, 30: 30.4, 35: 39.6, 40: 51.1,
	} {
		wantDerived(t, "absolute_humidity", 0, map[string]float64{"temperature": celsius, "humidity": 100}, want, 0.05+0.004*want)
		wantDerived(t, "absolute_humidity", 0, map[string]float64{"temperature": celsius, "humidity": 50}, want/2, 0.05+0.002*want)
	}
	wantDerived(t, "absolute_humidity", 0, map[string]float64{"temperature": 20, "humidity": 0}, 0, 0)
}

// ICAO Doc 7488/3, table of pressures over the geopotential altitude.
func TestSeaLevelPressureOfTheStandardAtmosphere(t *testing.T) {
	for altitude, hPa := range map[float64]float64{-500: 1074.78, 0: 1013.25, 500: 954.608, 1000: 898.745, 2000: 794.952, 3000: 701.085} {
		wantDerived(t, "sea_level_pressure", altitude, map[string]float64{"pressure": hPa}, 1013.25, 0.02)
	}
}

func TestSeaLevelPressureWithTheTemperature(t *testing.T) {
	// From the table by which a weather station reduces, with its barometer 11.38 m
	// above the sea, at 1 °C: pressure and correction, with two decimals.
	for hPa, correction := range map[float64]float64{970: 1.38, 980: 1.39, 1000: 1.42, 1015: 1.44, 1030: 1.46} {
		in := map[string]float64{"pressure": hPa, "temperature": 1}
		wantDerived(t, "sea_level_pressure", 11.38, in, hPa+correction, 0.0051)
	}
	// With the temperature of the standard atmosphere, what that gives.
	for altitude, hPa := range map[float64]float64{500: 954.608, 750: 926.34} {
		in := map[string]float64{"pressure": hPa, "temperature": 15 - 0.0065*altitude}
		wantDerived(t, "sea_level_pressure", altitude, in, 1013.25, 0.03)
	}
	// WMO-No. 8 in its own notation: log10(p0/p) = Kp·H / (T + a·H/2 + e·Ch). Its
	// constant is 0.06 % below that of the standard atmosphere.
	e := 0.5 * 6.112 * math.Exp(17.62*25/(243.12+25))
	want := 950 * math.Pow(10, 0.0148275*500/(25+273.15+0.0065*500/2+e*0.12))
	wantDerived(t, "sea_level_pressure", 500, map[string]float64{"pressure": 950, "temperature": 25, "humidity": 50}, want, 0.05)
}

func TestNothingIsDerivedWhereTheFormulaDoesNotHold(t *testing.T) {
	for _, c := range []struct {
		name, quantity string
		in             map[string]float64
		want           string
	}{
		{"too cold", "dew_point", map[string]float64{"temperature": -45.5, "humidity": 50}, "rejected (range): dew_point: temperature is -45.5 °C, the range is -45 to 60"},
		{"too hot", "absolute_humidity", map[string]float64{"temperature": 61, "humidity": 50}, "rejected (range): absolute_humidity: temperature is 61 °C, the range is -45 to 60"},
		{"a temperature for the pressure that is not that of the air", "sea_level_pressure", map[string]float64{"temperature": 85, "pressure": 1000}, "rejected (range): sea_level_pressure: temperature is 85 °C, the range is -45 to 60"},
		{"a humidity that a calibration has moved", "dew_point", map[string]float64{"temperature": 20, "humidity": 100.5}, "rejected (range): dew_point: humidity is 100.5 %, the range is 0 to 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, bad := derived(t, c.quantity, 0, c.in)
			if bad == nil || bad.Error() != c.want {
				t.Errorf("got %v and %v, want %s", got, bad, c.want)
			}
		})
	}
	// The result is checked like any other value.
	for _, in := range []map[string]float64{{"temperature": 20, "humidity": 0}, {"temperature": -40, "humidity": 5}} {
		v, bad := derived(t, "dew_point", 0, in)
		d, _ := DerivationOf("dew_point")
		if bad != nil || Judge(d.Quantity, v) == nil {
			t.Errorf("got %v and %v of %v, want a value out of range", v, bad, in)
		}
	}
}

// dewProbe measures temperature, humidity and, from both, the dew point.
func dewProbe(read func(n int) (celsius, percent float64), signals ...Signal) *fake {
	f := &fake{name: "a", bus: "1", interval: 10 * time.Second, also: []Quantity{Humidity, DewPoint}, signals: signals}
	f.read = func(n int) ([]Measurement, error) {
		t, u := read(n)
		return []Measurement{{"temperature", t}, {"humidity", u}}, nil
	}
	return f
}

func TestDerivedValuesAreOfOneReadAndCalibrated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := dewProbe(func(n int) (float64, float64) { return 19, 40 + float64(n)*10 },
			Signal{Calibration: Calibration{Offset: 1}, Hidden: true},
			Signal{Filter: Filter{Median: 3, Deadband: 30}},
			Signal{Derived: true, Calibration: Calibration{Offset: 0.5}})
		sink := &store{}
		r := run(t, sink, a)
		r.until(a, 25*time.Second)
		// Of 20 °C, and the humidity before the median; the temperature is hidden,
		// and the humidity published once because of its deadband.
		var got []float64
		for _, m := range sink.readings {
			if m.Quantity != "humidity" {
				got = append(got, math.Round(m.Value*100)/100)
			}
		}
		if want := []float64{6.48, 9.76, 12.5}; !slices.Equal(got, want) || len(sink.readings) != 4 {
			t.Errorf("got %v of %d readings, want %v of 4", got, len(sink.readings), want)
		}
		if want := []string{"a humidity deadband", "a humidity deadband"}; !slices.Equal(sink.rejected, want) {
			t.Errorf("rejected: got %q, want %q", sink.rejected, want)
		}
	})
}

func TestNothingIsDerivedFromARejectedValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := [][2]float64{{20, 50}, {20, 101}, {45, 50}, {20, 50}}
		a := dewProbe(func(n int) (float64, float64) { return values[n][0], values[n][1] },
			Signal{Filter: Filter{MaxStep: 5, Confirmations: 2}, Hidden: true}, Signal{}, Signal{Derived: true})
		sink := &store{}
		r := run(t, sink, a)
		r.until(a, 35*time.Second)
		var got []string
		for _, m := range sink.readings {
			got = append(got, m.Quantity)
		}
		if want := []string{"humidity", "dew_point", "humidity", "humidity", "dew_point"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if want := []string{"a humidity range", "a dew_point range", "a dew_point step"}; !slices.Equal(sink.rejected, want) {
			t.Errorf("rejected: got %q, want %q", sink.rejected, want)
		}
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="rejected (range): humidity is 101 %, the range is 0 to 100"`,
			`level=INFO msg="sensor available again" sensor=a failures=1 after=20s`)
	})
}

func TestDerivedReadingsOfASingleRead(t *testing.T) {
	p := Probe{
		Name: "a", Quantities: []Quantity{DewPoint, Temperature, Humidity},
		Signals: []Signal{{Derived: true}, {Hidden: true}, {}},
	}
	good, err := p.Readings([]Measurement{{"temperature", 20}, {"humidity", 50}}, time.Time{})
	if err != nil || len(good) != 2 || good[0].Quantity != "humidity" || good[1].Quantity != "dew_point" || math.Abs(good[1].Value-9.26) > 0.01 {
		t.Errorf("got %+v and %v, want a humidity of 50 %% and a dew point of 9.26 °C", good, err)
	}
	good, err = p.Readings([]Measurement{{"temperature", -50}, {"humidity", 50}}, time.Time{})
	if len(good) != 1 || err == nil {
		t.Errorf("got %+v and %v, want the humidity and an error", good, err)
	}
}

// A rejected read counts for what would have been published of it.
func TestRejectedReadCountsForDerivedQuantities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := dewProbe(nil, Signal{Hidden: true}, Signal{}, Signal{Derived: true})
		a.read = func(int) ([]Measurement, error) { return nil, &Rejection{CRC, "noise"} }
		sink := &store{}
		r := run(t, sink, a)
		r.until(a, 5*time.Second)
		if want := []string{"a humidity crc", "a dew_point crc"}; !slices.Equal(sink.rejected, want) {
			t.Errorf("rejected: got %q, want %q", sink.rejected, want)
		}
	})
}
