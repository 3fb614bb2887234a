package drivers

// An iioDevice is a device that was found, or one of its channels.
type iioDevice struct {
	device     string // for options.device
	path       string // where it is attached
	channel    string // for options.channel; "" if not needed
	quantities []string
	unreadable error  // nil: it can be read
	shunt      string // see chipInput
}

// listIIO lists the iio devices of a machine that measure a known quantity. A device
// with several channels of a quantity is listed once for each.
func listIIO(h Host) ([]iioDevice, error) {
	all, err := h.devices(iioClass)
	var found []iioDevice
	for _, d := range all {
		names, err := iioChannels(d)
		if err != nil {
			continue // it has just gone
		}
		unreadable := iioRefused.of(d, "iio")
		plain := iioDevice{device: d.name, path: d.place, unreadable: unreadable}
		for _, k := range iioKinds {
			if _, err := k.channel(d, names, ""); err == nil {
				plain.quantities = append(plain.quantities, k.quantity.Name)
				plain.shunt = max(plain.shunt, shuntOf(d, "", k.quantity.Name))
				continue
			}
			for _, channel := range k.channels(d, names) {
				if !k.inUnit(d, channel) {
					continue
				}
				found = append(found, iioDevice{d.name, d.place, channel, []string{k.quantity.Name}, unreadable, ""})
			}
		}
		if len(plain.quantities) > 0 {
			found = append(found, plain)
		}
	}
	return found, err
}
