package child

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestAProgramIsBounded(t *testing.T) {
	roomy := Limits{Time: time.Minute, Memory: 1 << 30, Output: 1 << 20}
	if out, err := Run(t.Context(), exec.Command("cat"), strings.NewReader("瞭望"), roomy); err != nil || string(out) != "瞭望" {
		t.Errorf("cat gives %q, %v", out, err)
	}
	short, tight := roomy, roomy
	short.Time, tight.Output = 50*time.Millisecond, 1000
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		cmd    *exec.Cmd
		limits Limits
		want   string
	}{
		"it does not end":    {exec.Command("sleep", "600"), short, "sleep was not done after 50ms"},
		"it writes too much": {exec.Command("yes"), tight, "yes made more than"},
		"it fails":           {exec.Command("cat", "/nothing/here"), roomy, "/nothing/here"},
		"it is not there":    {exec.Command("/nothing/here"), roomy, "here: "},
	} {
		if _, err := Run(t.Context(), c.cmd, nil, c.limits); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Run(cancelled, exec.Command("sleep", "600"), nil, roomy); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits for it: %v", err)
	}
}
