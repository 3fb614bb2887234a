package hatest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// unitsOf is the table of units by device class of
// https://developers.home-assistant.io/docs/core/entity/sensor, to the byte.
var unitsOf = map[string]string{
	"temperature": "°C °F K", "temperature_delta": "°C °F K", "humidity": "%", "absolute_humidity": "g/m³ mg/m³", "moisture": "%",
	"atmospheric_pressure": "cbar bar hPa mmHg inHg inH₂O kPa mbar Pa psi", "pressure": "cbar bar hPa mmHg inHg inH₂O kPa mbar mPa Pa psi",
	"carbon_dioxide": "ppm", "carbon_monoxide": "ppb ppm µg/m³ mg/m³", "volatile_organic_compounds": "µg/m³ mg/m³",
	"volatile_organic_compounds_parts": "ppm ppb", "aqi": "", "nitrogen_dioxide": "ppb ppm µg/m³", "ozone": "ppb ppm µg/m³",
	"pm1": "µg/m³", "pm25": "µg/m³", "pm4": "µg/m³", "pm10": "µg/m³", "illuminance": "lx", "irradiance": "W/m² BTU/(h⋅ft²)",
	"voltage": "V mV µV kV MV", "current": "A mA µA", "power": "mW W kW MW GW TW",
	"energy":    "J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal",
	"frequency": "mHz Hz kHz MHz GHz", "conductivity": "S/cm mS/cm µS/cm", "ph": "", "distance": "km m cm mm mi nmi yd in",
	"speed": "m/s km/h mph kn ft/s", "wind_speed": "m/s km/h mph kn ft/s", "wind_direction": "°",
	"precipitation": "mm cm in", "precipitation_intensity": "mm/h mm/d in/h in/d",
	"water": "L gal m³ ft³ CCF MCF", "gas": "L m³ ft³ CCF MCF",
	"volume_flow_rate": "m³/h m³/min m³/s ft³/min L/h L/min L/s gal/d gal/h gal/min mL/s",
	"battery":          "%", "signal_strength": "dB dBm", "duration": "d h min s ms µs", "sound_pressure": "dB dBA",
	"weight": "g kg mg µg oz lb st", "timestamp": "", "uptime": "", "enum": "",
}

var componentKeys = []string{
	"platform", "name", "unique_id", "default_entity_id", "entity_category", "state_topic", "value_template", "encoding", "qos",
	"device_class", "options", "unit_of_measurement", "state_class", "suggested_display_precision", "expire_after",
	"availability", "availability_mode", "availability_topic", "availability_template", "payload_available", "payload_not_available",
	"icon", "force_update", "enabled_by_default", "last_reset_value_template",
}

var goodEntityID = regexp.MustCompile(`^sensor\.[a-z0-9]+(_[a-z0-9]+)*$`)

// component checks one component; root is the message of its device, or nil if
// it has a message of its own.
func (v *validator) component(key string, c, root map[string]any) {
	where := "component " + key
	if !goodID.MatchString(key) {
		v.add("%s: not an id", where)
	}
	if root != nil {
		if c["platform"] != "sensor" {
			v.add("%s: platform: %v", where, c["platform"])
		}
		if len(c) == 1 {
			return // it is removed
		}
	}
	v.keys(where, c, componentKeys...)
	v.shared(where, c)
	_, rootTopic := root["availability_topic"]
	_, rootList := root["availability"]
	_, list := c["availability"]
	if _, single := c["availability_topic"]; single && rootList || list && rootTopic {
		v.add("%s: the other form of availability than the device", where)
	}
	for _, k := range []string{"unique_id", "name"} {
		if v.text(where, c, k) == "" {
			v.add("%s: %s: missing", where, k)
		}
	}
	if id := v.text(where, c, "default_entity_id"); !goodEntityID.MatchString(id) {
		v.add("%s: default_entity_id: %q", where, id)
	}
	if cat, there := c["entity_category"]; there && cat != "diagnostic" {
		v.add("%s: entity_category: %v is not for sensors", where, cat)
	}
	v.topic(where, c, "state_topic")
	if _, there := c["qos"]; !there {
		v.add("%s: qos: missing, which not every version takes from the device", where)
	}
	for _, k := range []string{"expire_after", "suggested_display_precision"} {
		n, isNumber := c[k].(json.Number)
		i, err := n.Int64()
		if _, there := c[k]; there && (!isNumber || err != nil || i < 0) {
			v.add("%s: %s: %v", where, k, c[k])
		}
	}
	v.value(where, c)
	v.encoding(where, c, root)
}

// value checks what kind of value a component says it has.
func (v *validator) value(where string, c map[string]any) {
	class, unit, state := v.text(where, c, "device_class"), v.text(where, c, "unit_of_measurement"), v.text(where, c, "state_class")
	units, known := unitsOf[class]
	_, hasUnit := c["unit_of_measurement"]
	switch {
	case class == "" && c["device_class"] != nil:
		v.add("%s: device_class: empty", where)
	case class != "" && !known:
		v.add("%s: device_class: %s is not known", where, class)
	case hasUnit && unit == "":
		v.add("%s: unit_of_measurement: empty", where)
	case class != "" && units == "" && hasUnit:
		v.add("%s: unit_of_measurement: %s has none", where, class)
	case class != "" && units != "" && !slices.Contains(strings.Fields(units), unit):
		v.add("%s: unit_of_measurement: %q does not fit %s", where, unit, class)
	}
	options, isList := c["options"].([]any)
	if (c["options"] != nil) != (class == "enum") || c["options"] != nil && (!isList || len(options) == 0) {
		v.add("%s: options: %v with device_class %q", where, c["options"], class)
	}
	text := class == "enum" || class == "timestamp" || class == "uptime"
	switch {
	case text && (state != "" || unit != ""):
		v.add("%s: state_class, unit_of_measurement: not for %s", where, class)
	case text:
	case state == "":
		v.add("%s: state_class: missing, so there are no statistics", where)
	case !slices.Contains([]string{"measurement", "measurement_angle", "total", "total_increasing"}, state):
		v.add("%s: state_class: %s", where, state)
	case state == "measurement" && slices.Contains([]string{"water", "gas", "volume", "energy"}, class):
		v.add("%s: state_class: %s is not a measurement", where, class)
	}
	if t, there := c["value_template"]; there && !goodTemplate(fmt.Sprint(t)) {
		v.add("%s: value_template: %v", where, t)
	}
}

// goodTemplate reports whether a template has its braces in pairs.
func goodTemplate(t string) bool {
	inside, ok := strings.CutPrefix(t, "{{ ")
	inside, end := strings.CutSuffix(inside, " }}")
	return ok && end && inside != "" && !strings.ContainsAny(inside, "{}")
}

// encoding checks that a component whose payloads are bytes understands its
// availability, to which the encoding applies too.
func (v *validator) encoding(where string, c, root map[string]any) {
	entries, own := c["availability"].([]any)
	if !own {
		entries, _ = root["availability"].([]any)
	}
	if _, there := root["encoding"]; there {
		v.add("root: encoding: not every version passes it on")
	}
	raw, there := c["encoding"]
	if there && raw != "" && raw != "utf-8" {
		v.add("%s: encoding: %v", where, raw)
	}
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		asBytes := entry["value_template"] == "{{ value }}" && entry["payload_available"] == "b'online'" && entry["payload_not_available"] == "b'offline'"
		asText := entry["value_template"] == nil && (entry["payload_available"] == nil || entry["payload_available"] == "online") &&
			(entry["payload_not_available"] == nil || entry["payload_not_available"] == "offline")
		if raw == "" && there && !asBytes || !(raw == "" && there) && !asText {
			v.add("%s: availability: never available with encoding %v", where, raw)
		}
	}
	template := fmt.Sprint(c["value_template"])
	if strings.Contains(template, "unpack(") != (there && raw == "") {
		v.add("%s: value_template: %v with encoding %v", where, template, raw)
	}
}
