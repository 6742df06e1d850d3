package main

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"

	"liaowang/aggregator/intake"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// deliveryFlags say who may deliver rows, and under what key.
type deliveryFlags struct {
	NetworkDelivers bool   `name:"let-everyone-on-the-network-deliver" help:"Take deliveries from other machines. There are no accounts yet: whoever reaches the server can write every table."`
	IntakeKey       string `help:"File with the key that deliveries are hashed with; default: intake.key in the data folder, made where there is none." placeholder:"FILE"`
}

// deliveries is the server's side of intake. The server listens before ClickHouse
// is there; until then senders are asked to wait.
type deliveries struct {
	network bool
	handler atomic.Pointer[http.Handler]
}

// open begins to take deliveries into w.
// Files that have to be whole before they are read wait in folder data.
func (d *deliveries) open(w *warehouse.Warehouse, keyFile, data string, log *slog.Logger) error {
	s, err := queries.LoadSchema()
	if err != nil {
		return err
	}
	key, err := intake.ReadOrMakeKey(keyFile)
	if err != nil {
		return err
	}
	h := intake.New(intake.Options{Conn: w.Conn(), Schema: s, Key: key, Logger: log, Spool: data}).Handler()
	d.handler.Store(&h)
	return nil
}

// keyFile is where the key is.
func (f deliveryFlags) keyFile(data string) (string, error) {
	if f.IntakeKey != "" {
		return f.IntakeKey, nil
	}
	return filepath.Join(data, "intake.key"), os.MkdirAll(data, 0o700)
}

func (d *deliveries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := d.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Retry-After", "5")
	http.Error(w, `{"error":{"code":"not_ready","message":"the server is starting: send it again in a moment"}}`, http.StatusServiceUnavailable)
}
