package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"liaowang/aggregator/intake"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// deliveryFlags say who may deliver rows, and under what key.
type deliveryFlags struct {
	NetworkDelivers bool `name:"let-everyone-on-the-network-deliver" help:"Take deliveries from other machines. There are no accounts yet: whoever reaches the server can write every table."`
	serialFlags
	IntakeKey string `help:"File with the key that deliveries are hashed with; default: intake.key in the data folder, made where there is none." placeholder:"FILE"`
}

// serialFlags say which numbers are no phones.
type serialFlags struct {
	Serials []string `help:"Key columns (household, visit …) in which a number of 11 digits is a serial of a department's: one in sixteen looks like a mobile phone number, and is refused where this is not said." placeholder:"COLUMN"`
}

// check refuses what is no key column.
func (f serialFlags) check(s *queries.Schema) error {
	known := intake.KeyColumns(s)
	for _, name := range f.Serials {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--serials %s: no table has such a key column; there are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// deliveries is the server's side of intake. The server listens before ClickHouse
// is there; until then senders are asked to wait.
type deliveries struct {
	network bool
	handler atomic.Pointer[http.Handler]
}

// open begins to take deliveries into w. Files that have to be whole before they are
// read wait in folder data. Without the key that the database was filled under the
// walls go on, and senders are told what is missing.
func (d *deliveries) open(ctx context.Context, w *warehouse.Warehouse, f deliveryFlags, data string, log *slog.Logger) error {
	s, err := queries.LoadSchema()
	if err != nil {
		return err
	}
	if err := f.serialFlags.check(s); err != nil {
		return err
	}
	keyFile, err := f.keyFile(data)
	if err != nil {
		return err
	}
	var h http.Handler
	key, err := intake.OpenKey(ctx, w.Conn(), keyFile)
	var refusal *intake.Refusal
	switch {
	case errors.As(err, &refusal):
		log.Error("no deliveries are taken", "err", err)
		h = refusal
	case err != nil:
		return err
	default:
		in := intake.New(intake.Options{Conn: w.Conn(), Schema: s, Key: key, Serials: f.Serials, Logger: log, Spool: data})
		if err := in.Clean(ctx); err != nil {
			return err
		}
		h = in.Handler()
	}
	d.handler.Store(&h)
	return nil
}

// refuse takes no deliveries, and says why.
func (d *deliveries) refuse(why http.Handler) { d.handler.Store(&why) }

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
