// Package schedule delivers briefings at their times (每日简报): into a folder, to a WebDAV
// server or by e-mail. Each is delivered once: a run is noted in ClickHouse before it begins
// and when it has ended, and one process at a time has it.
package schedule

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/robfig/cron/v3"

	"liaowang/aggregator/batch"
	"liaowang/screens/export"
)

// lateness is how long after its time a briefing is still delivered: a server that was down
// at half past seven delivers at nine, and not in the evening.
const lateness = 6 * time.Hour

// plan is one briefing with its times.
type plan struct {
	briefing export.Briefing
	times    cron.Schedule
}

// Plans reads the times of the briefings that are delivered. The error says of each that is
// wrong what is expected.
func Plans(list []export.Briefing) (plans []plan, err error) {
	var errs []error
	for _, b := range list {
		if b.Deliver == nil {
			continue
		}
		times, err := check(b.Deliver)
		if err != nil {
			errs = append(errs, fmt.Errorf("briefings/%s.yaml: deliver: %w", b.Name, err))
			continue
		}
		plans = append(plans, plan{b, times})
	}
	return plans, errors.Join(errs...)
}

func check(d *export.Deliver) (cron.Schedule, error) {
	times, err := cron.ParseStandard(d.Cron)
	if err != nil {
		return nil, fmt.Errorf(`cron %q: minute, hour, day, month and weekday are expected, as "30 7 * * *": %w`, d.Cron, err)
	}
	if !slices.Contains([]export.Format{export.PPTX, export.PDF, export.XLSX}, d.Format) {
		return nil, fmt.Errorf("format %q: pptx, pdf or xlsx is expected", d.Format)
	}
	targets := 0
	if d.Folder != "" {
		if targets++; !filepath.IsAbs(d.Folder) {
			return nil, fmt.Errorf("folder %q: an absolute path is expected", d.Folder)
		}
	}
	if d.WebDAV != "" {
		targets++
		if u, err := url.Parse(d.WebDAV); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, errors.New("webdav: https://user@host/folder/ is expected; the password is in LIAOWANG_WEBDAV_PASSWORD")
		}
	}
	if d.Mail != nil {
		targets++
		if u, err := url.Parse(d.Mail.Server); err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
			return nil, errors.New("mail.server: smtp://user@host:587 or smtps://user@host is expected; the password is in LIAOWANG_SMTP_PASSWORD")
		}
		if len(d.Mail.To) == 0 {
			return nil, errors.New("mail.to is empty")
		}
		for _, a := range append([]string{d.Mail.From}, d.Mail.To...) {
			if _, err := mail.ParseAddress(a); err != nil {
				return nil, fmt.Errorf("mail: %q is no address", a)
			}
		}
	}
	if targets != 1 {
		return nil, errors.New("one of folder, webdav and mail is expected; a further one is a briefing of its own")
	}
	return times, nil
}

// Calendar says which days are worked. The zero Calendar is Monday to Friday.
type Calendar struct {
	// Rest are days on which nobody works although it is a weekday, Work those of a
	// weekend that are worked for them (调休), as 2026-10-01.
	Rest []string `yaml:"rest"`
	Work []string `yaml:"work"`
}

// calendarFile is beside the briefings; its ending is another, so that it is none of them.
const calendarFile = "working-days.yml"

// ReadCalendar reads the calendar beside the briefings, if there is one.
func ReadCalendar(files fs.FS) (c Calendar, err error) {
	text, err := fs.ReadFile(files, calendarFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	} else if err != nil {
		return c, err
	}
	if err := yaml.UnmarshalWithOptions(text, &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("briefings/%s:%w", calendarFile, err)
	}
	for _, day := range slices.Concat(c.Rest, c.Work) {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return c, fmt.Errorf("briefings/%s: %q: a day as 2026-10-01 is expected", calendarFile, day)
		}
	}
	return c, nil
}

// works says whether a day of the hall is worked.
func (c Calendar) works(at time.Time) bool {
	at = at.In(batch.Hall)
	day := at.Format(time.DateOnly)
	switch {
	case slices.Contains(c.Work, day):
		return true
	case slices.Contains(c.Rest, day):
		return false
	}
	return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday
}

// due is the last time up to now at which the briefing was to be delivered, if that is not
// too long ago; else the zero time.
func (p *plan) due(now time.Time, c Calendar) (last time.Time) {
	for at := p.times.Next(now.Add(-lateness).In(batch.Hall)); !at.IsZero() && !at.After(now); at = p.times.Next(at) {
		if !p.briefing.Deliver.WorkingDays || c.works(at) {
			last = at
		}
	}
	return last
}
