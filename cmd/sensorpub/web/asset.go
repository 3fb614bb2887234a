package web

import (
	_ "embed" // the files of the page
	"fmt"
	"hash/crc32"
	"net/http"
)

var (
	//go:embed page/index.html
	page []byte
	//go:embed page/style.css
	style []byte
	//go:embed page/app.js
	script []byte
)

// An asset is a file of the page.
type asset struct {
	contentType string
	content     []byte
}

// assets returns the files of the page by their path.
func assets() map[string]asset {
	return map[string]asset{
		"/":          {"text/html; charset=utf-8", page},
		"/style.css": {"text/css; charset=utf-8", style},
		"/app.js":    {"text/javascript; charset=utf-8", script},
	}
}

// serveAsset serves a file of the page. A browser keeps it, but asks each time
// whether it is still the same.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := assets()[r.URL.Path]
	if !ok {
		fail(w, http.StatusNotFound, "there is no such page")
		return
	}
	tag := fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(a.content))
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType)
	w.Write(a.content)
}
