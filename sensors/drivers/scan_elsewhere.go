package drivers

import (
	"slices"

	"sensorpub/sensors/drivers/option"
)

// Elsewhere returns the other addresses on the same I²C bus at which a chip for that
// driver answers. It is meant for a sensor that does not answer at its own address.
func (s Scanner) Elsewhere(driver string, options map[string]any) []uint16 {
	d, err := Lookup(driver)
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(d.Options, func(o option.Option) bool { return o.Name == "address" })
	v, errs := option.Check(d.Options, options)
	if i < 0 || len(errs) > 0 || v.Int("mux") != 0 {
		return nil
	}
	bus, err := s.Host.openI2C(v.String("bus"))
	if err != nil {
		return nil
	}
	defer bus.Close()
	look := &i2cLook{Scanner: s, bus: bus, number: v.String("bus")}
	var at []uint16
	for addr := uint16(d.Options[i].Min); addr <= uint16(d.Options[i].Max); addr++ {
		if int64(addr) == v.Int("address") || look.bound(addr) != "" {
			continue
		}
		f, there, err := look.probe(addr)
		if err != nil {
			return at
		}
		if there && f.Driver == driver {
			at = append(at, addr)
		}
	}
	return at
}
