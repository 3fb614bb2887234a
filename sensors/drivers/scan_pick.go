package drivers

import (
	"path/filepath"
)

// An attached device has a name, and a path that may distinguish it from others of
// that name.
type attached struct{ name, path string }

// nameOr returns the name of a device or, if it has none, the end of its path.
func nameOr(name, path string) string {
	if name == "" && path != "" {
		return filepath.Base(path)
	}
	return name
}

// unnamed completes a find of a device without a name with its path alone.
func unnamed(f Find, driver string, options map[string]any, this attached, all []attached) Find {
	for _, path := range []string{filepath.Base(this.path), this.path} {
		here := 0
		for _, a := range all {
			if path != "" && (device{place: a.path}).at(path) {
				here++
			}
		}
		if here == 1 {
			delete(options, "chip")
			delete(options, "device")
			options["path"] = path
			return found(f, driver, options)
		}
	}
	f.Note, f.Ready = "it has no name, and another has the same path", false
	return f
}

// pick completes a find with the options that select it among all.
func pick(f Find, driver string, options map[string]any, this attached, all []attached) Find {
	if this.name == "" {
		return unnamed(f, driver, options, this, all)
	}
	base := filepath.Base(this.path)
	named, here, based := 0, 0, 0
	for _, a := range all {
		if a.name != this.name {
			continue
		}
		named++
		if a.path == this.path {
			here++
		}
		if filepath.Base(a.path) == base {
			based++
		}
	}
	switch {
	case named == 1:
		return found(f, driver, options)
	case here > 1 || this.path == "":
		f.Note, f.Ready = "one of several with this name that cannot be distinguished", false
		return f
	case based > 1:
		base = this.path
	}
	f.Note = "at " + base
	options["path"] = base
	return found(f, driver, options)
}
