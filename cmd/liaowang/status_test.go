package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// run runs the program to its end.
func run(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := command(args...)
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return both.String(), exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return both.String(), 0
}

// becomes waits until liaowang status says all that is wanted, and exits so.
func (p *process) becomes(code int, want ...string) {
	p.t.Helper()
	out, got := "", 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		out, got = run(p.t.(*testing.T), "status", "--url", p.url, "--over", "100ms")
		all := got == code
		for _, w := range want {
			all = all && strings.Contains(out, w)
		}
		if all {
			return
		}
	}
	p.t.Fatalf("liaowang status exits with %d, wanted %d with %q:\n%s", got, code, want, out)
}

// An operator sees on a terminal what holds the walls, lets it pass, sees that it says
// so, and takes that back.
func TestAnOperatorSeesAndReleasesAHold(t *testing.T) {
	p := up(t, "--data", loaded(t), "--demo", "still")
	clickhouse := p.engine + "/liaowang"
	p.becomes(0, "shown       current", "leader", "term 1", "演示数据", "total ", "slowest metric", "registered.reported  建档立卡：分项合计 = 上报总数")
	// A month's sum that is booked on a county is in no township's chain.
	p.exec("INSERT INTO funds_monthly (township, month, step, flows, amount) SELECT 460100, toStartOfMonth(max(month)), 'issued', 1, 70000 FROM funds_monthly")
	p.becomes(1, "HELD", "source      held, since 20", "Held back by\n  funds.balance  资金链条：流入 = 流出  不平", "liaowang release funds.balance")

	for _, tt := range []struct{ want, args string }{
		{"there is no check \"funds.balanc\"; those that can hold a batch are accounts.roles,", "funds.balanc --by 王 --why 更正中"},
		{"is of policy note: it holds no batch back", "registered.reported --by 王 --why 更正中"},
		{"--why: a reason is needed", "funds.balance --by 王"},
		{"--by: who releases it?", "funds.balance --why 更正中"},
		{"--region 46: a code of 6 digits", "funds.balance --by 王 --why 更正中 --region 46"},
		{"release: which check?", "--by 王 --why 更正中"},
		{"funds.balance is not released", "--revoke funds.balance"},
	} {
		args := append([]string{"release", "--clickhouse", clickhouse}, strings.Fields(tt.args)...)
		if out, code := run(t, args...); code != 1 || !strings.Contains(out, tt.want) {
			t.Errorf("release %s exits with %d: %s", tt.args, code, out)
		}
	}
	if out, code := run(t, "release", "--clickhouse", clickhouse); code != 0 || !strings.Contains(out, "nothing ever was") {
		t.Errorf("%d: %s", code, out)
	}

	if out, code := run(t, "release", "funds.balance", "--clickhouse", clickhouse, "--by", "王值班", "--why", "口径 更正中", "--for", "2h"); code != 0 || !strings.Contains(out, "funds.balance is released, until ") {
		t.Fatalf("%d: %s", code, out)
	}
	p.becomes(0, "1 fail and are released", "  hold  funds.balance", "released by 王值班 at 20", ": 口径 更正中")
	if out, _ := run(t, "release", "--clickhouse", clickhouse); !strings.Contains(out, "released  funds.balance  all     王值班") {
		t.Errorf("the list says\n%s", out)
	}
	var found standing
	out, code := run(t, "status", "--url", p.url, "--json", "--over", "100ms")
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 0 || found.Verdict != verdictCurrent || found.Health.State != "ok" || found.Batch.Number < 2 || found.Stages["total"] == 0 {
		t.Errorf("%v, %d: %.2000s", err, code, out)
	}

	if out, code := run(t, "release", "--revoke", "funds.balance", "--clickhouse", clickhouse, "--by", "李班长"); code != 0 || !strings.Contains(out, "no longer released: 王值班") {
		t.Fatalf("%d: %s", code, out)
	}
	p.becomes(1, "HELD", "Held back by\n  funds.balance")
	p.exec("ALTER TABLE funds_monthly DELETE WHERE township = 460100 SETTINGS mutations_sync = 1")
	p.becomes(0, "shown       current", "50 hold, 2 fail\n")
	if out, _ := run(t, "release", "--clickhouse", clickhouse); !strings.Contains(out, "revoked  funds.balance  all     王值班") || !strings.Contains(out, "by 李班长") {
		t.Errorf("the list says\n%s", out)
	}
}

func TestStatusSaysWhatItCannotReach(t *testing.T) {
	out, code := run(t, "status", "--url", "http://127.0.0.1:1")
	if code != 2 || !strings.Contains(out, "http://127.0.0.1:1 cannot be reached: connection refused") {
		t.Errorf("%d: %s", code, out)
	}
	out, code = run(t, "release", "--clickhouse", "http://user:secret@127.0.0.1:1/liaowang")
	if code != 1 || !strings.Contains(out, "127.0.0.1:1: connection refused; is liaowang up running here?") || strings.Contains(out, "secret") {
		t.Errorf("%d: %s", code, out)
	}
}

// A Chinese character is two columns wide.
func TestColumnsStandBelowEachOther(t *testing.T) {
	var b strings.Builder
	if err := writeColumns(&b, " ", [][]string{{"甲乙", "a", "x"}, {"a", "丙", "y"}, {"a line by itself that is long"}}); err != nil {
		t.Fatal(err)
	}
	if want := " 甲乙  a   x\n a     丙  y\n a line by itself that is long\n"; b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
