package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"liaowang/queries"
	"liaowang/queries/warehouse"
)

type releaseCommand struct {
	Check      string        `arg:"" optional:"" help:"Check of policy hold that is let pass although it fails; without one, releases are listed."`
	By         string        `help:"Who releases or revokes; it is shown with the batch and stays on record." placeholder:"NAME"`
	Why        string        `help:"Why; it is shown with the batch and stays on record. No personal data." placeholder:"TEXT"`
	For        time.Duration `help:"How long the release holds, as 90m or 12h; default: until it is revoked." placeholder:"DURATION"`
	Region     string        `help:"Code of the one failing region that is let pass; default: all." placeholder:"CODE"`
	Revoke     bool          `help:"End the releases of the check instead, or with --region those for that region."`
	ClickHouse string        `name:"clickhouse" help:"Database that the batches are made from; default: the engine of an up that runs here." default:"http://127.0.0.1:8123/liaowang" env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
	clusterFlag
}

// Help is the long help.
func (c *releaseCommand) Help() string {
	return "A batch in which a check of policy hold fails is not shown: the last good one stays on the walls. A release lets it pass. " +
		"The batch still says that the check fails, and who let it pass, since when, until when and why; no figure is adjusted. " +
		"A release is bound to the check, not to the failure that was seen: while it holds, whatever else fails in that check is let pass too " +
		"(--region keeps it to one region, and then every failing region needs one). When it is over or revoked, the next batch is held again; " +
		"what is on the walls stays there, marked. liaowang status names the checks that hold."
}

// mostListed is how many releases are listed.
const mostListed = 50

// longestWords bounds what is shown with every batch, in characters.
const longestWords = 200

var regionForm = regexp.MustCompile(`^[1-9][0-9]{5}([0-9]{3})?$`)

// Run releases, revokes or lists.
func (c *releaseCommand) Run(ctx context.Context, _ *slog.Logger) error {
	c.By, c.Why = strings.TrimSpace(c.By), strings.TrimSpace(c.Why)
	if err := c.validate(); err != nil {
		return err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{URL: c.ClickHouse, Cluster: c.Cluster, Existing: true})
	if err != nil {
		return err
	}
	defer w.Close()
	// The time at which this is said; the aggregator's clock says when it is over.
	now := time.Now().UTC().Truncate(time.Millisecond)
	switch {
	case c.Check == "":
		err = c.list(ctx, w, now, os.Stdout)
	case c.Revoke:
		err = c.revoke(ctx, w, now, os.Stdout)
	default:
		err = c.release(ctx, w, now, os.Stdout)
	}
	return reached(w.Address(), err)
}

// reached says of a database that does not answer, or is an older one, what to do.
func reached(address string, err error) error {
	var failed *warehouse.Error
	switch {
	case !errors.As(err, &failed):
		return err
	case failed.Code == 0:
		// The driver's own words hold its whole URL.
		why := "it does not answer"
		if sys := new(os.SyscallError); errors.As(err, &sys) {
			why = sys.Err.Error()
		}
		return fmt.Errorf("clickhouse %s: %s; is liaowang up running here? --clickhouse says where else the database is", address, why)
	case failed.Code == 60 || failed.Code == 81: // unknown table, unknown database
		return fmt.Errorf("the database has no table %s: up or aggregate of this version makes it at the start: %w", warehouse.HoldReleasesTable, err)
	}
	return err
}

func (c *releaseCommand) validate() error {
	if c.Check == "" {
		if c.By != "" || c.Why != "" || c.For != 0 || c.Region != "" || c.Revoke {
			return errors.New("release: which check? liaowang status names those that hold; without a check and without flags, releases are listed")
		}
		return nil
	}
	if err := c.known(); err != nil {
		return err
	}
	for _, text := range []string{c.By, c.Why} {
		if len([]rune(text)) > longestWords || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("--by and --why: one line of at most %d characters is expected, since every wall is told", longestWords)
		}
	}
	if c.Region != "" && !regionForm.MatchString(c.Region) {
		return fmt.Errorf("--region %s: a code of 6 digits (province, county) or 9 (township) is expected", c.Region)
	}
	switch {
	case c.Revoke && (c.Why != "" || c.For != 0):
		return errors.New("--revoke ends a release: --why and --for belong to one that is given")
	case c.Revoke:
		return nil
	case c.By == "":
		return errors.New("--by: who releases it? The batch and the record say it")
	case c.Why == "":
		return errors.New("--why: a reason is needed; the batch and the record say it")
	case c.For < 0 || c.For > 0 && c.For < time.Second:
		return fmt.Errorf("--for %s: a time from 1s on is expected", c.For)
	}
	return nil
}

// known refuses what is no check of policy hold, and names those that are.
func (c *releaseCommand) known() error {
	cat, err := queries.Load()
	if err != nil {
		return err
	}
	var holding []string
	for _, k := range cat.Checks {
		switch {
		case k.Policy == "hold":
			holding = append(holding, k.ID)
		case k.ID == c.Check:
			return fmt.Errorf("check %s is of policy %s: it holds no batch back, so there is nothing to release", k.ID, k.Policy)
		}
	}
	if !slices.Contains(holding, c.Check) {
		return fmt.Errorf("there is no check %q; those that can hold a batch are %s", c.Check, strings.Join(holding, ", "))
	}
	return nil
}

func (c *releaseCommand) release(ctx context.Context, w *warehouse.Warehouse, now time.Time, out io.Writer) error {
	r := warehouse.HoldRelease{Check: c.Check, Region: c.Region, At: now, By: c.By, Why: c.Why}
	if c.For > 0 {
		r.Until = now.Add(c.For)
	}
	if err := w.ReleaseHold(ctx, r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s is released%s, %s. End it with: liaowang release --revoke %s\n", r.Check, of(r.Region), until(r.Until), r.Check)
	return err
}

func (c *releaseCommand) revoke(ctx context.Context, w *warehouse.Warehouse, now time.Time, out io.Writer) error {
	ended, err := w.RevokeHold(ctx, c.Check, c.Region, c.By, now)
	if err != nil {
		return err
	}
	if len(ended) == 0 {
		return fmt.Errorf("%s is not released%s: liaowang release lists what is", c.Check, of(c.Region))
	}
	for _, r := range ended {
		if _, err := fmt.Fprintf(out, "%s is no longer released%s: %s had released it at %s, because %s\n", r.Check, of(r.Region), r.By, hall(r.At), r.Why); err != nil {
			return err
		}
	}
	return nil
}

func (c *releaseCommand) list(ctx context.Context, w *warehouse.Warehouse, now time.Time, out io.Writer) error {
	all, err := w.AllHoldReleases(ctx, mostListed)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "Nothing is released, and nothing ever was.")
		return err
	}
	rows := [][]string{{"", "check", "region", "by", "released", "until", "why"}}
	// Those that hold come first; the newest first otherwise.
	slices.SortStableFunc(all, func(a, b warehouse.HoldRelease) int { return rank(b.Active(now)) - rank(a.Active(now)) })
	for _, r := range all {
		state, end := "released", "it is revoked"
		if !r.Until.IsZero() {
			end = hall(r.Until)
		}
		switch {
		case !r.RevokedAt.IsZero():
			state, end = "revoked", hall(r.RevokedAt)
			if r.RevokedBy != "" {
				end += " by " + r.RevokedBy
			}
		case !r.Active(now):
			state = "over"
		}
		region := r.Region
		if region == "" {
			region = "all"
		}
		rows = append(rows, []string{state, r.Check, region, r.By, hall(r.At), end, r.Why})
	}
	return writeColumns(out, "", rows)
}

func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}

func of(region string) string {
	if region == "" {
		return ""
	}
	return " for region " + region
}

func until(t time.Time) string {
	if t.IsZero() {
		return "until it is revoked"
	}
	return "until " + hall(t)
}
