package schedule

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"liaowang/aggregator/batch"
	"liaowang/screens/export"
)

// Where passwords are.
const (
	webDAVPassword = "LIAOWANG_WEBDAV_PASSWORD"
	mailPassword   = "LIAOWANG_SMTP_PASSWORD"
)

// patience is how long a server may take.
const patience = 2 * time.Minute

// doubtError says that a letter may have been sent.
type doubtError struct{ error }

// target names where a briefing goes, without a password.
func target(d *export.Deliver) string {
	switch {
	case d.Folder != "":
		return d.Folder
	case d.WebDAV != "":
		return withoutPassword(d.WebDAV)
	}
	return strings.Join(d.Mail.To, ", ")
}

func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}

// put writes, uploads or mails a file.
func (s *Scheduler) put(ctx context.Context, b *export.Briefing, name string, file *export.File) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch d := b.Deliver; {
	case d.Folder != "":
		return write(d.Folder, name, file.Body)
	case d.WebDAV != "":
		return s.upload(ctx, d.WebDAV, name, file)
	default:
		return s.mail(ctx, b, name, file)
	}
}

// write puts a file into a folder, whole or not at all.
func write(folder, name string, body []byte) error {
	f, err := os.CreateTemp(folder, ".briefing-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(folder, name))
}

// upload puts a file onto a WebDAV server, over one of the same name.
func (s *Scheduler) upload(ctx context.Context, folder, name string, file *export.File) error {
	u, err := url.Parse(folder)
	if err != nil {
		return err
	}
	user := u.User
	u.User = nil
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, u.JoinPath(name).String(), bytes.NewReader(file.Body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", file.Type)
	if user != nil {
		r.SetBasicAuth(user.Username(), s.Password(webDAVPassword))
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s", u.Host, answer.Status)
	}
	return nil
}

// mail sends a file as the attachment of a letter.
func (s *Scheduler) mail(ctx context.Context, b *export.Briefing, name string, file *export.File) error {
	d := b.Deliver.Mail
	m := mail.NewMsg()
	if err := errors.Join(m.From(d.From), m.To(d.To...)); err != nil {
		return err
	}
	m.Subject(b.Title + " " + s.Now().In(batch.Hall).Format("2006-01-02"))
	m.SetDateWithValue(s.Now())
	m.SetMessageID()
	m.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("%s\n\n验证码 %s\n%s", b.Title, file.Code, s.address(file.Code)))
	if err := m.AttachReader(name, bytes.NewReader(file.Body), mail.WithFileContentType(mail.ContentType(file.Type))); err != nil {
		return err
	}
	u, err := url.Parse(d.Server)
	if err != nil {
		return err
	}
	options := []mail.Option{mail.WithTimeout(patience), mail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSLPort(false))
	} else {
		// A password goes over an encrypted connection only; without one the server may have none.
		policy := mail.TLSOpportunistic
		if u.User != nil {
			policy = mail.TLSMandatory
		}
		options = append(options, mail.WithTLSPortPolicy(policy))
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		options = append(options, mail.WithPort(port))
	}
	if u.User != nil {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(s.Password(mailPassword)))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, m)
	// The letter was handed over and the answer is missing or no clear no, or it is what
	// comes after that failed.
	var sent *mail.SendError
	switch {
	case err == nil:
		return nil
	case m.IsDelivered():
		return nil
	case errors.As(err, &sent) && sent.Reason == mail.ErrSMTPDataClose && sent.ErrorCode() == 0:
		return &doubtError{err}
	}
	return err
}

func (s *Scheduler) address(code string) string {
	if s.Verify == "" {
		return ""
	}
	return s.Verify + code
}
