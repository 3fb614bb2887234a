package drivers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// A mockScript is a list of steps, one per reading, repeated. An empty script is all
// ok.
type mockScript struct {
	steps []mockStep
	step  int // the current one
	done  int // how often it was executed
}

// A mockStep is one step, executed count times in a row.
type mockStep struct {
	name     string
	duration time.Duration // of slow and hang
	count    int
}

// mockSteps are the names of the steps, see [mockProbe.do].
var mockSteps = []string{
	"ok", "crc", "power-on-85", "zero", "unplug", "slow", "spike", "stuck", "hang", "nan", "out-of-range",
}

// parseMockScript reads steps such as "ok*5, slow=2s*3, unplug".
func parseMockScript(script string) (mockScript, error) {
	var s mockScript
	if strings.TrimSpace(script) == "" {
		return s, nil
	}
	for i, text := range strings.Split(script, ",") {
		text = strings.TrimSpace(text)
		step, err := parseMockStep(text)
		if err != nil {
			return mockScript{}, fmt.Errorf("step %d %q: %w", i+1, text, err)
		}
		s.steps = append(s.steps, step)
	}
	return s, nil
}

func parseMockStep(text string) (mockStep, error) {
	text, count, counted := strings.Cut(text, "*")
	name, duration, timed := strings.Cut(text, "=")
	step := mockStep{name: name, count: 1}
	var err error
	if !slices.Contains(mockSteps, name) {
		return step, errors.New(option.Suggest(name, mockSteps))
	}
	if timed {
		if name != "slow" && name != "hang" {
			return step, fmt.Errorf("%s takes no duration", name)
		}
		if step.duration, err = time.ParseDuration(duration); err != nil || step.duration <= 0 {
			return step, fmt.Errorf("want a duration such as %s=2s", name)
		}
	} else if name == "slow" {
		return step, errors.New("want a duration such as slow=2s")
	}
	if counted {
		if step.count, err = strconv.Atoi(count); err != nil || step.count < 1 {
			return step, fmt.Errorf("want a count such as %s*5", text)
		}
	}
	return step, nil
}

// next returns the step for one reading and advances.
func (s *mockScript) next() mockStep {
	if len(s.steps) == 0 {
		return mockStep{name: "ok"}
	}
	step := s.steps[s.step]
	if s.done++; s.done == step.count {
		s.step, s.done = (s.step+1)%len(s.steps), 0
	}
	return step
}

// do executes a step:
//
//	ok            the true value
//	slow=2s       the true value, after that time
//	crc           a rejection: checksum
//	power-on-85   a rejection: power-on value
//	zero          a rejection: all zero
//	nan           not a number, for the bus to reject
//	out-of-range  above the possible range, for the bus to reject
//	spike         far off but possible, for the filter to reject
//	stuck         the last true value again: a frozen probe
//	unplug        an error, so that the probe is opened again
//	hang, hang=9s blocks until ctx ends or for that time, then an error
func (p *mockProbe) do(ctx context.Context, step mockStep) ([]sensors.Measurement, error) {
	switch step.name {
	case "slow":
		if err := pause(ctx, step.duration); err != nil {
			return nil, err
		}
	case "hang":
		return nil, hang(ctx, step.duration)
	case "unplug":
		return nil, errUnplugged
	case "crc":
		return nil, reject(sensors.CRC, "simulated")
	case "power-on-85":
		return nil, reject(sensors.PowerOn, "85 °C, simulated")
	case "zero":
		return nil, reject(sensors.AllZero, "simulated")
	case "stuck":
		if p.previous != nil {
			return p.previous, nil
		}
		return p.peek(time.Now()), nil
	case "nan", "out-of-range", "spike":
		return p.falsify(step.name, p.peek(time.Now())), nil
	}
	return p.take(time.Now()), nil
}

// falsify makes each value wrong as the step says.
func (p *mockProbe) falsify(step string, values []sensors.Measurement) []sensors.Measurement {
	for i, c := range p.curves {
		v := &values[i].Value
		switch {
		case step == "nan":
			*v = math.NaN()
		case step == "out-of-range":
			*v = c.quantity.Max + c.spike
		case *v+c.spike > c.quantity.Max:
			*v -= c.spike
		default:
			*v += c.spike
		}
	}
	return values
}

// hang blocks until ctx ends or, where d is not 0, for d.
func hang(ctx context.Context, d time.Duration) error {
	if d == 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := pause(ctx, d); err != nil {
		return err
	}
	return fmt.Errorf("no answer for %v", d)
}
