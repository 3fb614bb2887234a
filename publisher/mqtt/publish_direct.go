//go:build !paho

package mqtt

// throughLibrary says that messages go through the library too, which takes twice
// as long. The build tag paho makes it so, to tell a fault of this package from
// one of the library.
const throughLibrary = false
