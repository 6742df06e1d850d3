package web

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
	qr "github.com/piglig/go-qr"
)

// code is the QR code of a card's address, as SVG.
func (s *server) code(w http.ResponseWriter, r *http.Request) {
	id, q := chi.URLParam(r, "metric"), r.URL.Query()
	base := s.public(r)
	switch {
	case !s.known(id):
		writeError(w, http.StatusNotFound, "unknown_metric", "there is no metric "+id)
		return
	case base == "":
		writeError(w, http.StatusNotFound, "no_public_url", "a tablet does not reach this server under a name of this machine alone: start it with --public-url")
		return
	}
	address := base + "/card/" + id + "?region=" + url.QueryEscape(cmp.Or(q.Get("region"), s.Province))
	if n := q.Get("batch"); n != "" {
		address += "&batch=" + url.QueryEscape(n)
	}
	made, err := qr.EncodeText(address, qr.Medium)
	var svg []byte
	if err == nil {
		// Black on white with the four modules of quiet that readers need.
		svg, err = made.ToSVGBytes(qr.NewQrCodeImgConfig(1, 4))
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, "too_long", "the address of the card does not fit into a code: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(svg)
}
