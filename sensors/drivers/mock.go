package drivers

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// mock is a simulated probe: for a first try on a laptop, the demonstration and the
// fault suite. With values, its first quantity repeats exactly those; everything else
// follows the curve of a day. A script makes it fail.
var mock = Driver{
	Name:       "mock",
	Simulated:  true,
	Summary:    "a simulated probe, for trying things out and for tests",
	Quantities: mockQuantities(),
	Accuracy:   "exact with values, ±3 times noise otherwise",
	Wiring:     "none",
	Options: []option.Option{
		{Name: "quantities", Default: []string{"temperature"}, OneOf: sensors.Names(mockQuantities()), Doc: "what to simulate"},
		{Name: "values", Default: []float64{}, Doc: "values of the first quantity, exact, repeated in order; empty: a curve"},
		{Name: "baseline", Default: 20.0, Doc: "middle of the first quantity's curve; humidity 50, pressure 1013.25, co2 600 …"},
		{Name: "amplitude", Default: 5.0, Doc: "amplitude of the curve around its middle; humidity -10, pressure 3, co2 200 …"},
		{Name: "noise", Default: 0.1, Max: 1e6, Doc: "standard deviation of each value; humidity 0.5, pressure 0.05, co2 10 …"},
		{Name: "period", Default: 24 * time.Hour, Min: 1, Max: 366 * 86400, Doc: "length of the curve, which starts at midnight UTC"},
		{Name: "seed", Default: int64(0), Doc: "the same seed gives the same curve; 0: derived from the sensor's name"},
		{Name: "script", Default: "", Doc: "what each reading does, repeated, such as \"ok*5, crc, power-on-85, unplug*3, slow=2s\""},
	},
	configure: configureMock,
}

// A mockCurve is the course of one quantity through the day.
type mockCurve struct {
	quantity                   sensors.Quantity
	baseline, amplitude, noise float64
	spike                      float64 // how far off a spike is
}

// mockCurves are those of the quantities that go up and down.
var mockCurves = []mockCurve{
	{sensors.Temperature, 20, 5, 0.1, 40},
	{sensors.Humidity, 50, -10, 0.5, 40}, // warm air is dry
	{sensors.Pressure, 1013.25, 3, 0.05, 40},
	{sensors.CO2, 600, 200, 10, 4000},
	{sensors.VOC, 150, 100, 5, 2000},
	{sensors.PM1, 5, 3, 0.3, 500},
	{sensors.PM25, 8, 4, 0.4, 500},
	{sensors.PM10, 12, 6, 0.5, 500},
	{sensors.Illuminance, 500, 450, 5, 50000},
	{sensors.Voltage, 12.6, 0.6, 0.01, 12},
	{sensors.Current, 1.5, 1, 0.01, 10},
	{sensors.Power, 18, 12, 0.1, 500},
	{sensors.Resistance, 1e4, 2000, 5, 1e5},
	{sensors.Conductivity, 450, 50, 2, 5000},
	{sensors.PH, 7, 0.3, 0.02, 4},
	{sensors.Moisture, 40, -8, 0.3, 40},
	{sensors.Distance, 1.2, 0.1, 0.005, 10},
	{sensors.Frequency, 50, 0.02, 0.005, 10},
	{sensors.Rotation, 1200, 300, 5, 10000},
}

func mockQuantities() (all []sensors.Quantity) {
	for _, c := range mockCurves {
		all = append(all, c.quantity)
	}
	return all
}

// A mockProbe is a configured mock. It holds all state, so that reopening it leaves no
// gap in its values. Only the goroutine of its bus uses it.
type mockProbe struct {
	curves []mockCurve // the first is the one that values and baseline are for
	period time.Duration
	seed   uint64
	script mockScript

	values   []float64
	next     int                   // in values
	previous []sensors.Measurement // the last true values
}

func configureMock(_ Host, sensor string, v option.Values) (sensors.Probe, error) {
	p := &mockProbe{period: v.Duration("period"), seed: uint64(v.Int("seed")), values: v.Floats("values")}
	names := v.Strings("quantities")
	if err := each(names); err != nil {
		return sensors.Probe{}, err
	}
	var quantities []sensors.Quantity
	for _, name := range names {
		c := mockCurves[slices.Index(sensors.Names(mockQuantities()), name)]
		p.curves, quantities = append(p.curves, c), append(quantities, c.quantity)
	}
	if err := p.curves[0].shape(v); err != nil {
		return sensors.Probe{}, err
	}
	if p.seed == 0 {
		p.seed = hash(sensor)
	}
	var err error
	if p.script, err = parseMockScript(v.String("script")); err != nil {
		return sensors.Probe{}, fmt.Errorf("options.script = %q: %w", v.String("script"), err)
	}
	open := func() (sensors.Sensor, error) { return &mockSensor{probe: p}, nil }
	return sensors.Probe{Bus: "mock " + sensor, Quantities: quantities, Open: open}, nil
}

// shape applies the user's options to the curve.
func (c *mockCurve) shape(v option.Values) error {
	for _, o := range []struct {
		name string
		to   *float64
	}{{"baseline", &c.baseline}, {"amplitude", &c.amplitude}, {"noise", &c.noise}} {
		if !v.Given(o.name) {
			continue
		}
		if len(v.Floats("values")) > 0 {
			return fmt.Errorf("options.%s: has no effect with values", o.name)
		}
		*o.to = v.Float(o.name)
	}
	return nil
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// peek returns the values of a faultless reading at now without consuming them.
func (p *mockProbe) peek(now time.Time) []sensors.Measurement {
	out := make([]sensors.Measurement, len(p.curves))
	for i, c := range p.curves {
		out[i].Quantity = c.quantity.Name
		if i == 0 && len(p.values) > 0 {
			out[i].Value = p.values[p.next]
		} else {
			out[i].Value = c.at(now, p.period, p.seed)
		}
	}
	return out
}

// take is like peek and advances to the next value.
func (p *mockProbe) take(now time.Time) []sensors.Measurement {
	out := p.peek(now)
	if len(p.values) > 0 {
		p.next = (p.next + 1) % len(p.values)
	}
	p.previous = out
	return out
}

// at returns the curve's value at an instant. It is lowest at a sixth of the period (4
// o'clock) and highest half a period later, each up to a 24th of the period late,
// depending on the seed.
func (c mockCurve) at(now time.Time, period time.Duration, seed uint64) float64 {
	stream := hash(c.quantity.Name)
	late := rand.New(rand.NewPCG(seed, stream)).Float64() / 24
	turn := float64(now.UnixNano()%int64(period)) / float64(period)
	noise := rand.New(rand.NewPCG(seed, stream^uint64(now.UnixNano()))).NormFloat64()
	v := c.baseline - c.amplitude*math.Cos(2*math.Pi*(turn-1.0/6-late)) + c.noise*max(-3, min(noise, 3))
	return math.Round(v*1000) / 1000
}

// A mockSensor is an open mock.
type mockSensor struct {
	probe *mockProbe
	gone  bool // unplugged; has to be opened again
}

var errUnplugged = errors.New("the probe does not answer")

// Read executes the script's next step. A step without a true value does not consume
// one.
func (s *mockSensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	if s.gone {
		return nil, errUnplugged
	}
	values, err := s.probe.do(ctx, s.probe.script.next())
	_, rejected := errors.AsType[*sensors.Rejection](err)
	s.gone = err != nil && !rejected
	return slices.Clone(values), err
}

// Close does nothing.
func (s *mockSensor) Close() error { return nil }
