package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"golang.org/x/text/encoding/simplifiedchinese"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/aggregator/intake"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		return
	}
	enginetest.Main(m)
}

var databases int

// province is an empty database with three villages in two townships.
type province struct {
	t   testing.TB
	w   *warehouse.Warehouse
	in  *intake.Intake
	url string
	key string
}

// newProvince has the tables that most tests need: to make all of them takes a
// second. What is asserted of migrations holds for these too (package warehouse).
func newProvince(t testing.TB) *province {
	t.Helper()
	return provinceAt(t, nextDatabase(t), "regions", "deliveries", "quarantine", "intake_keys", "intake_leases", "visits", "visits_daily", "visits_yearly", "registered", "households", "assets", "emergencies")
}

// fullProvince has every table, by migration, and an engine of its own.
func fullProvince(t testing.TB) *province {
	t.Helper()
	return provinceAt(t, enginetest.StartMigrated(t).URL())
}

func nextDatabase(t testing.TB) string {
	databases++
	return fmt.Sprintf("%s/intake_%d", enginetest.Shared(t).URL(), databases)
}

var madeTable = regexp.MustCompile(`^CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS (\w+)`)

func provinceAt(t testing.TB, url string, tables ...string) *province {
	t.Helper()
	w := enginetest.Open(t, url)
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) == 0 {
		err = w.Migrate(context.Background(), queries.Migrations())
	} else {
		var statements []string
		statements, err = s.DDL(queries.Layout{})
		for _, sql := range statements {
			if made := madeTable.FindStringSubmatch(sql); err == nil && made != nil && slices.Contains(tables, strings.TrimSuffix(made[1], "_view")) {
				err = w.Conn().Exec(context.Background(), sql)
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &province{t: t, w: w, url: url, key: t.TempDir() + "/intake.key"}
	key, err := intake.ReadOrMakeKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	p.in = intake.New(intake.Options{Conn: w.Conn(), Schema: s, Key: key})
	p.exec("INSERT INTO regions (code, level, parent, name, version) VALUES (460000,'province',0,'海南省',1), (460100,'county',460000,'海口市',1), (460105100,'township',460100,'长流镇',1), (460106100,'township',460100,'城西镇',1), (460105100201,'village',460105100,'甲村',1), (460105100202,'village',460105100,'乙村',1), (460106100201,'village',460106100,'丙村',1)")
	return p
}

func (p *province) exec(sql string) {
	p.t.Helper()
	if err := p.w.Conn().Exec(context.Background(), sql); err != nil {
		p.t.Fatal(err)
	}
}

// number asks for one number.
func (p *province) number(sql string) uint64 {
	p.t.Helper()
	var n uint64
	ask := func() error {
		return p.w.Conn().QueryRow(context.Background(), "SELECT toUInt64(("+sql+"))").Scan(&n)
	}
	err := ask()
	for range 20 { // a test may just have killed the engine
		if err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
		err = ask()
	}
	if err != nil {
		p.t.Fatal(sql, err)
	}
	return n
}

func (p *province) take(id, table, file string, content []byte) (*intake.Answer, error) {
	return p.takeAs(intake.Delivery{ID: id, Table: table, File: file, Content: bytes.NewReader(content)})
}

func (p *province) takeAs(d intake.Delivery) (*intake.Answer, error) {
	p.t.Helper()
	if d.Format == "" {
		d.Format, _ = intake.FormatOf(d.File)
	}
	return p.in.Take(context.Background(), d)
}

// taken takes a delivery and compares the counts.
func (p *province) taken(id, table, file, content string, accepted, rejected, duplicate uint64) *intake.Answer {
	p.t.Helper()
	a, err := p.take(id, table, file, []byte(content))
	if err != nil {
		p.t.Fatal(err)
	}
	if a.Accepted != accepted || a.Rejected != rejected || a.Duplicate != duplicate {
		p.t.Errorf("%s: accepted %d, rejected %d, duplicate %d; want %d, %d, %d; %+v", id, a.Accepted, a.Rejected, a.Duplicate, accepted, rejected, duplicate, a.Quarantine)
	}
	return a
}

// refused takes a delivery that is refused as a whole.
func (p *province) refused(id, table, file, content, code string) *intake.Refusal {
	p.t.Helper()
	a, err := p.take(id, table, file, []byte(content))
	var r *intake.Refusal
	if !errors.As(err, &r) || r.Code != code {
		p.t.Fatalf("%s: answer %+v, error %v; refusal %s is expected", id, a, err, code)
	}
	return r
}

const visitHead = "visit,household,village,at,kind,result\n"

func TestRowsLandInTheirTypes(t *testing.T) {
	p := newProvince(t)
	csv := "户编号,行政村代码,监测对象类型,致贫返贫风险,人数,状态,识别时间\n" +
		"H-1,460105100201,边缘易致贫户,因病、因残,4,监测中,2026-03-15 10:30:00\n" +
		"H-2,460105100202,unstable_lifted,illness,1,eliminated,2026-03-15T02:30:00.250Z\n"
	p.taken("d1", "households", "households.csv", csv, 2, 0, 0)
	got := p.number("SELECT count() FROM households FINAL WHERE (village, toString(type), causes, persons, toString(state), recognised_at) IN ((460105100201, 'marginal_poor', ['illness','disability'], 4, 'monitored', toDateTime64('2026-03-15 02:30:00', 3, 'UTC')), (460105100202, 'unstable_lifted', ['illness'], 1, 'eliminated', toDateTime64('2026-03-15 02:30:00.25', 3, 'UTC')))")
	if got != 2 {
		t.Errorf("%d rows are as delivered", got)
	}
	if n := p.number("SELECT countIf(household = 0 OR household >= 15996785194396516352) FROM households"); n != 0 { // 0xDE << 56
		t.Errorf("%d keys are outside their range", n)
	}
	assets := `{"asset":1,"village":460105100201,"class":"public_welfare","original_value":1000,"net_value":10,"state":"in_use","registered_at":"2026-01-01 00:00:00","kind":null,"confirmed":"是"}
{"asset":"2","village":"460105100201","class":"operating","original_value":1000,"net_value":10,"state":"在册","registered_at":"2026-01-01 00:00:00","kind":"road","project":"P7","annual_income":5}`
	p.taken("d2", "assets", "assets.ndjson", assets, 2, 0, 0)
	if n := p.number("SELECT count() FROM assets WHERE kind IS NULL AND project IS NULL AND confirmed AND NOT transferred AND annual_income = 0 OR kind = 'road' AND project > 0 AND annual_income = 5"); n != 2 {
		t.Errorf("%d assets are as delivered", n)
	}
}

func TestKeysOfAThingAreAlikeInEveryTable(t *testing.T) {
	p := newProvince(t)
	p.taken("a", "registered", "registered.csv", "household,village,stability,persons\nH7,460105100201,stable,3\n", 1, 0, 0)
	p.taken("b", "visits", "visits.csv", visitHead+"V1,H7,460105100201,2026-03-15 10:00:00,visit,no_risk\n", 1, 0, 0)
	if n := p.number("SELECT count() FROM visits WHERE household IN (SELECT household FROM registered)"); n != 1 {
		t.Error("the household of the visit is not the registered one")
	}
	if n := p.number("SELECT count() FROM visits WHERE household = visit"); n != 0 {
		t.Error("things of two kinds share a key")
	}
}

func TestABadRowGoesToQuarantineAndTheRestLands(t *testing.T) {
	p := newProvince(t)
	csv := visitHead +
		"1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n" + // line 2
		"2,1,4.60105E+11,2026-03-15 10:00:00,visit,no_risk\n" +
		"3,1,460105100299,2026-03-15 10:00:00,visit,no_risk\n" +
		"4,1,460105100201,2026-02-30 10:00:00,visit,no_risk\n" +
		"5,1,460105100201,2026-03-15 10:00:00,party,no_risk\n" +
		"6,,460105100201,2026-03-15 10:00:00,visit\n" +
		"7,,460105100201,2026-03-15 10:00:00,visit,no_risk\n" +
		"8,\"1\"2,460105100201,2026-03-15 10:00:00,visit,no_risk\n" +
		"张三,1,460105100201,1999-03-15 10:00:00,visit,no_risk\n" +
		"9,1,460105100201,2005-03-15 10:00:00,visit,no_risk\n" +
		"10,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n"
	a := p.taken("d", "visits", "2026年3月.csv", csv, 2, 9, 0)
	want := []string{"3 village is in scientific", "4 village is no village", "5 at must be a moment", "6 kind is neither", "7  has 5 values", "8 household is required", "9  cannot be read", "10 visit must be a number", "11 at is longer ago"}
	for i, w := range want {
		if got := fmt.Sprintf("%d %s %s", a.Quarantine[i].Line, a.Quarantine[i].Column, a.Quarantine[i].Reason); !strings.HasPrefix(got, w) {
			t.Errorf("quarantine %q, want %q", got, w)
		}
	}
	if n := p.number("SELECT count() FROM quarantine FINAL WHERE delivery = 'd' AND target = 'visits' AND file = '2026年3月.csv'"); n != 9 {
		t.Errorf("%d rows of quarantine", n)
	}
	if n := p.number("SELECT sum(visits) FROM visits_daily"); n != 2 {
		t.Errorf("the rollup has %d visits", n)
	}
}

func TestConstraintsOverTwoColumns(t *testing.T) {
	p := newProvince(t)
	a := p.taken("d", "assets", "assets.csv", "asset,village,class,original_value,net_value,state,registered_at\n"+
		"1,460105100201,operating,100,101,in_use,2026-01-01 00:00:00\n2,460105100201,operating,100,100,in_use,2026-01-01 00:00:00\n", 1, 1, 0)
	if a.Quarantine[0].Line != 2 || a.Quarantine[0].Column != "net_value" || !strings.Contains(a.Quarantine[0].Reason, "original_value") {
		t.Errorf("%+v", a.Quarantine)
	}
}

func TestADeliverySentTwiceCountsOnce(t *testing.T) {
	p := newProvince(t)
	csv := visitHead + "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n2,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n2,1,460105100201,2026-03-15 10:00:00,visit,no_risk\nx,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n"
	p.taken("d", "visits", "v.csv", csv, 2, 1, 1)
	if again := p.taken("d", "visits", "v.csv", csv, 2, 1, 1); !again.Repeated || len(again.Quarantine) != 1 {
		t.Errorf("%+v", again)
	}
	// Under another id each row is known already.
	p.taken("d2", "visits", "v.csv", csv, 0, 1, 3)
	if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != 2 || m != 2 {
		t.Errorf("%d visits, %d in the rollup", n, m)
	}
	p.refused("d", "visits", "v.csv", visitHead+"3,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", "other_content")
	p.refused("d", "visits", "v.csv", visitHead, "other_content")
	if n := p.number("SELECT count() FROM visits"); n != 2 {
		t.Errorf("%d visits after refused content", n)
	}
}

func TestStatesFollowTheirVersions(t *testing.T) {
	p := newProvince(t)
	head := "household,village,stability,persons,version\n"
	p.taken("a", "registered", "r.csv", head+"1,460105100201,stable,3,5\n2,460105100201,stable,3,5\n", 2, 0, 0)
	a := p.taken("b", "registered", "r.csv", head+
		"1,460105100201,stable,3,5\n"+ // the same
		"1,460105100201,stable,3,4\n"+ // older, says the same
		"1,460105100201,stable,4,4\n"+ // older, says otherwise
		"1,460105100201,stable,4,5\n"+ // contradicts
		"2,460105100201,stable,4,6\n"+ // newer
		"2,460105100201,stable,5,6\n"+ // contradicts the row before
		"3,460105100201,stable,5,1\n", 2, 3, 2)
	var lines []uint64
	for _, f := range a.Quarantine {
		lines = append(lines, f.Line)
	}
	if fmt.Sprint(lines) != "[4 5 7]" {
		t.Errorf("refused lines %v", lines)
	}
	// Without a version the delivery's moment is it: what is unchanged stays.
	p.taken("c", "registered", "r.csv", "household,village,stability,persons\n1,460105100201,stable,3\n2,460105100201,stable,9\n", 1, 0, 1)
	if n := p.number("SELECT sum(persons) FROM registered FINAL"); n != 3+9+5 {
		t.Errorf("%d persons", n)
	}
}

func TestAFileWithOtherColumnsIsRefusedBeforeAnythingLands(t *testing.T) {
	p := newProvince(t)
	row := "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk"
	r := p.refused("a", "visits", "v.csv", "visit,household,village,at,kind,result,weather\n"+row+",fine\n", "unknown_columns")
	if !strings.Contains(r.Message, "column 7") || !strings.Contains(r.Message, "household (户编号)") {
		t.Error(r.Message)
	}
	r = p.refused("b", "visits", "v.csv", "visit,household,village,at,kind\n1,1,460105100201,2026-03-15 10:00:00,visit\n", "missing_columns")
	if !strings.Contains(r.Message, "result (结果)") {
		t.Error(r.Message)
	}
	p.refused("c", "visits", "v.ndjson", `{"visit":1,"weather":"fine"}`, "unknown_columns")
	p.refused("d", "visits", "v.csv", "", "empty")
	p.refused("e", "visits", "v.csv", "visit,户编号,household,village,at,kind,result\n", "repeated_columns")
	p.refused("f", "no_such", "v.csv", "", "unknown_table")
	p.refused("g", "visits_daily", "v.csv", "", "unknown_table")
	p.refused("h", "deliveries", "v.csv", "", "unknown_table")
	p.refused("i", "visits", "v.parquet", "PAR1 this is none PAR1", "unreadable")
	p.refused("", "visits", "v.csv", visitHead, "bad_delivery")
	p.refused("13812345678", "visits", "v.csv", visitHead, "bad_delivery")
	if n := p.number("SELECT (SELECT count() FROM visits) + (SELECT count() FROM deliveries) + (SELECT count() FROM quarantine)"); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

func TestEncodingsAndCompression(t *testing.T) {
	p := newProvince(t)
	text := "走访编号,户编号,行政村代码,时间,类别,结果\n%s,1,460105100201,2026-03-15 10:00:00,帮扶走访,无风险\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(fmt.Sprintf(text, "1"))
	if err != nil {
		t.Fatal(err)
	}
	p.taken("gb", "visits", "v.csv", gb, 1, 0, 0)
	p.taken("bom", "visits", "v.csv", "\xef\xbb\xbf"+fmt.Sprintf(text, "2"), 1, 0, 0)
	// Names in ASCII, and the first Chinese character far below.
	var late strings.Builder
	late.WriteString(visitHead)
	for i := range 3000 {
		fmt.Fprintf(&late, "L%d,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", i)
	}
	late.WriteString("L9999,1,460105100201,2026-03-15 10:00:00,入户核实,无风险\n")
	gb, err = simplifiedchinese.GB18030.NewEncoder().String(late.String())
	if err != nil {
		t.Fatal(err)
	}
	p.taken("late", "visits", "v.csv", gb, 3001, 0, 0)
	p.taken("tabs", "visits", "v.csv", strings.ReplaceAll(fmt.Sprintf(text, "3"), ",", "\t"), 1, 0, 0)
	p.taken("semicolons", "visits", "v.csv", strings.ReplaceAll(fmt.Sprintf(text, "4"), ",", ";"), 1, 0, 0)
	p.taken("crlf", "visits", "v.csv", strings.ReplaceAll(fmt.Sprintf(text, "5"), "\n", "\r\n"), 1, 0, 0)

	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(fmt.Sprintf(text, "6")))
	z.Close()
	p.taken("gz", "visits", "v.csv.gz", packed.String(), 1, 0, 0)
	// The same content packed otherwise is the same content.
	p.taken("gz", "visits", "v.csv", fmt.Sprintf(text, "6"), 1, 0, 0)
	p.refused("cut", "visits", "v.csv.gz", packed.String()[:packed.Len()-12], "damaged")
	e, _ := zstd.NewWriter(nil)
	p.taken("zst", "visits", "v.csv.zst", string(e.EncodeAll([]byte(fmt.Sprintf(text, "7")), nil)), 1, 0, 0)
}

// parquetVisit is a visit as a department's program would write it.
type parquetVisit struct {
	Visit     int64     `parquet:"visit"`
	Household string    `parquet:"household"`
	Village   int64     `parquet:"village"`
	At        time.Time `parquet:"at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind,dict"`
	Result    *string   `parquet:"result,optional"`
}

func parquetFile[T any](t testing.TB, rows []T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, parquet.Compression(&parquet.Zstd))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	p := newProvince(t)
	risk := "risk_found"
	at := time.Date(2026, 3, 15, 2, 0, 0, 0, time.UTC)
	file := parquetFile(t, []parquetVisit{{1, "H1", 460105100201, at, "visit", &risk}, {2, "H1", 460105100201, at, "visit", nil}, {3, "H1", 46, at, "visit", &risk}})
	a := p.taken("p", "visits", "visits.parquet", string(file), 1, 2, 0)
	if a.Quarantine[0].Line != 2 || a.Quarantine[0].Column != "result" || a.Quarantine[1].Line != 3 {
		t.Errorf("%+v", a.Quarantine)
	}
	// The same visit comes as CSV.
	p.taken("c", "visits", "visits.csv", visitHead+"1,H1,460105100201,2026-03-15 10:00:00,visit,risk_found\n", 0, 0, 1)

	type household struct {
		Household  int64    `parquet:"household"`
		Village    float64  `parquet:"village"`
		Type       string   `parquet:"type"`
		Causes     []string `parquet:"causes,list"`
		Persons    int32    `parquet:"persons"`
		State      string   `parquet:"state"`
		Recognised string   `parquet:"recognised_at"`
	}
	p.taken("h", "households", "households.parquet", string(parquetFile(t, []household{
		{1, 460105100201, "marginal_poor", []string{"illness", "因残"}, 2, "monitored", "2026-03-15 10:00:00"},
		{2, 460105100201, "marginal_poor", nil, 2, "monitored", "2026-03-15 10:00:00"},
	})), 1, 1, 0)
	if n := p.number("SELECT count() FROM households WHERE causes = ['illness', 'disability']"); n != 1 {
		t.Error("the list of causes is not as delivered")
	}
}

func TestDryRun(t *testing.T) {
	p := newProvince(t)
	head := "household,village,stability,persons\n"
	p.taken("a", "registered", "r.csv", head+"1,460105100201,stable,3\n2,460105100201,stable,3\n3,460105100201,stable,3\n", 3, 0, 0)
	before := p.number("SELECT (SELECT count() FROM registered) + 1000 * (SELECT count() FROM deliveries) + 100000 * (SELECT count() FROM quarantine)")
	a, err := p.takeAs(intake.Delivery{ID: "dry", Table: "registered", File: "r.csv", DryRun: true,
		Content: strings.NewReader(head + "1,460105100201,stable,3\n2,460105100201,stable,4\n4,460105100201,stable,4\n5,460105100201,stable,x\n")})
	if err != nil {
		t.Fatal(err)
	}
	words, _ := json.Marshal(a)
	if want := `{"delivery":"dry","table":"registered","accepted":2,"rejected":1,"duplicate":1,"comparison":{"new":1,"changed":1,"unchanged":1,"gone":1},"quarantine":[{"line":5,"column":"persons","reason":"must be a whole number, at least 0, without unit or separators"}]}`; string(words) != want {
		t.Errorf("got  %s\nwant %s", words, want)
	}
	after := p.number("SELECT (SELECT count() FROM registered) + 1000 * (SELECT count() FROM deliveries) + 100000 * (SELECT count() FROM quarantine)")
	if before != after || p.number("SELECT count() FROM system.tables WHERE database = currentDatabase() AND (startsWith(name, 'intake_compare') OR startsWith(name, 'intake_mend'))") != 0 {
		t.Error("a dry run left something")
	}
}

// endless is a reader that fails after its text, as a connection that breaks.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("connection reset")
	}
	return n, err
}

func TestADeliveryThatWasCutOffIsSentAgain(t *testing.T) {
	p := newProvince(t).beside(func(o *intake.Options) { o.ChunkRows = 10_000 })
	var b strings.Builder
	b.WriteString(visitHead)
	for i := range 25_000 {
		fmt.Fprintf(&b, "%d,%d,460105100201,2026-03-%02d 10:00:00,visit,no_risk\n", i, i%1000, i%28+1)
	}
	_, err := p.takeAs(intake.Delivery{ID: "d", Table: "visits", File: "v.csv", Content: broken{strings.NewReader(b.String()[:b.Len()*2/3])}})
	if err == nil {
		t.Fatal("a broken connection was not noticed")
	}
	if n := p.number("SELECT count() FROM visits"); n != 10_000 {
		t.Errorf("%d visits landed before the break", n)
	}
	p.taken("d", "visits", "v.csv", b.String(), 25_000, 0, 0)
	if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != 25_000 || m != 25_000 {
		t.Errorf("%d visits, %d in the rollup", n, m)
	}
}

// An engine that is killed between a table and its rollup leaves rows that the
// rollup does not count. The next run of the delivery counts them, once.
func TestARollupThatLacksAChunkIsMended(t *testing.T) {
	p := newProvince(t)
	csv := visitHead + "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n2,1,460105100201,2026-03-16 10:00:00,visit,no_risk\n"
	p.taken("before", "visits", "v.csv", visitHead+"0,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", 1, 0, 0)
	p.exec("ALTER TABLE visits_daily ADD CONSTRAINT shut CHECK visits = 0")
	if _, err := p.take("d", "visits", "v.csv", []byte(csv)); err == nil {
		t.Fatal("the rollup took rows that its constraint forbids")
	}
	p.exec("ALTER TABLE visits_daily DROP CONSTRAINT shut")
	if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != 3 || m != 1 {
		t.Fatalf("%d visits, %d in the rollup: the engine does otherwise than this test expects", n, m)
	}
	for range 2 {
		p.taken("d", "visits", "v.csv", csv, 2, 0, 0)
		if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != 3 || m != 3 {
			t.Errorf("%d visits, %d in the rollup", n, m)
		}
	}
	if n := p.number("SELECT count() FROM system.tables WHERE database = currentDatabase() AND (startsWith(name, 'intake_compare') OR startsWith(name, 'intake_mend'))"); n != 0 {
		t.Errorf("%d tables are left", n)
	}
}

// A list of one value is refused where a value is asked for: the file that mends it
// is another.
func TestAMendedListIsOtherContent(t *testing.T) {
	p := newProvince(t)
	row := `{"visit":%s,"household":1,"village":460105100201,"at":"2026-03-15 10:00:00","kind":"visit","result":"no_risk"}`
	p.taken("d", "visits", "v.ndjson", fmt.Sprintf(row, `["1"]`), 0, 1, 0)
	p.refused("d", "visits", "v.ndjson", fmt.Sprintf(row, `"1"`), "other_content")
}

// A compressed file that would fill the disk is refused before it does.
func TestAParquetFileThatInflatesIsRefused(t *testing.T) {
	p := newProvince(t)
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 200 {
		_, _ = z.Write(zeros)
	}
	z.Close()
	p.refused("bomb", "visits", "v.parquet.zst", b.String(), "too_large")
}

// Moments that ClickHouse could not keep are refused: rows of them would be deleted
// as old ones, or not be found again.
func TestMomentsThatCannotBeKeptAreRefused(t *testing.T) {
	p := newProvince(t)
	p.taken("far", "visits", "v.csv", visitHead+"1,1,460105100201,2090-12-31 23:59:59,visit,no_risk\n2,1,460105100201,2150-03-15 10:00:00,visit,no_risk\n", 1, 1, 0)
	p.exec("OPTIMIZE TABLE visits FINAL")
	if n := p.number("SELECT count() FROM visits"); n != 1 {
		t.Errorf("%d rows are kept", n)
	}
}
