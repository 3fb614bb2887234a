package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
)

// compressedLicences are the licences of what this program contains: Go and each
// module that is linked into it. A test writes the file and checks that it is current.
//
//go:embed licenses.txt.gz
var compressedLicences []byte

// writeLicences writes them as text.
func writeLicences(w io.Writer) error {
	r, err := gzip.NewReader(bytes.NewReader(compressedLicences))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}
