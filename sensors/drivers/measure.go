package drivers

import (
	"context"
	"fmt"
	"time"

	"sensorpub/sensors"
)

// reject returns the error of a value that arrived but is known to be false.
func reject(reason sensors.Reason, format string, args ...any) error {
	return &sensors.Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// measured rejects a temperature that the probe cannot measure, such as the
// 127.94 °C of a DS18B20 that had too little power to convert.
func measured(celsius, low, high float64) (float64, error) {
	if celsius < low || celsius > high {
		return 0, reject(sensors.OutRange, "%g °C, the range is %g to %g", celsius, low, high)
	}
	return celsius, nil
}

// celsius returns the value of a thermometer.
func celsius(value float64) []sensors.Measurement {
	return []sensors.Measurement{{Quantity: sensors.Temperature.Name, Value: value}}
}

// within returns the value of a thermometer that measures low to high.
func within(value, low, high float64) ([]sensors.Measurement, error) {
	value, err := measured(value, low, high)
	if err != nil {
		return nil, err
	}
	return celsius(value), nil
}

// climate returns the values of a hygrometer.
func climate(celsius, percent float64) []sensors.Measurement {
	return []sensors.Measurement{
		{Quantity: sensors.Temperature.Name, Value: celsius},
		{Quantity: sensors.Humidity.Name, Value: percent},
	}
}

// crop brings a relative humidity that is off the scale back to its end, as the
// data sheets advise: at 0 and 100 % the noise is on both sides.
func crop(percent float64) float64 {
	return min(max(percent, 0), 100)
}

// cropNoise crops a humidity that is off the scale by no more than the sensors of
// the kernel's drivers are at their ends: -6 to 106 %.
func cropNoise(percent float64) float64 {
	if percent < -6 || percent > fullest {
		return percent
	}
	return crop(percent)
}

// only reports whether all bytes are b.
func only(b byte, answer []byte) bool {
	for _, x := range answer {
		if x != b {
			return false
		}
	}
	return true
}

// pause waits for d, or returns the error of ctx if that ends before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
