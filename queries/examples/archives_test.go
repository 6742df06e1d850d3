package examples

import (
	"testing"

	"liaowang/queries/warehouse"
)

// Volumes on 15 March 2026. 1 came from 儋州市; its newer version counts. 4 is
// destroyed: no volume any more, but it was collected and archived in its time.
func archivesOfMarch(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("archives",
		`{"volume":1,"region":460105100,"category":"household","state":"archived","term":"permanent","items":30,"collected_at":"2026-01-31 15:59:59","archived_at":"2026-02-28 16:00:00","appraisal_due":"2026-04-13","version":2}`,
		`{"volume":2,"region":460105100,"category":"household","state":"collected","term":"thirty_years","items":10,"collected_at":"2026-01-31 16:00:00","appraisal_due":"2026-04-14","version":1}`,
		`{"volume":3,"region":460100,"category":"general","state":"collecting","term":"ten_years","items":2,"collected_at":"2025-03-31 16:00:00","appraisal_due":"2026-03-14","version":1}`,
		`{"volume":4,"region":460400100,"category":"project","state":"destroyed","term":"ten_years","items":5,"collected_at":"2025-03-31 15:59:59","archived_at":"2025-06-01 00:00:00","appraisal_due":"2026-03-15","version":3}`,
		`{"volume":5,"region":460400,"category":"project","state":"archived","term":"ten_years","items":7,"collected_at":"2025-05-01 00:00:00","archived_at":"2025-05-02 00:00:00","appraisal_due":"2026-03-15","version":1}`)
	x.insert("archives",
		`{"volume":1,"region":460400100,"category":"household","state":"collected","term":"permanent","items":20,"collected_at":"2026-01-31 15:59:59","version":1}`)
	return x
}

func TestArchives(t *testing.T) {
	x := archivesOfMarch(t)
	x.answers("archives.by_category",
		province+" household 2 1 50", province+" general 1 0 0", province+" project 1 1 100",
		haikou+" household 2 1 50", haikou+" general 1 0 0", xiuying+" household 2 1 50", danzhou+" project 1 1 100")
	x.answers("archives.by_state",
		province+" archived 2 37", province+" collected 1 10", province+" collecting 1 2", province+" destroyed 1 5",
		haikou+" archived 1 30", haikou+" collected 1 10", haikou+" collecting 1 2",
		xiuying+" archived 1 30", xiuying+" collected 1 10",
		danzhou+" archived 1 7", danzhou+" destroyed 1 5", nada+" destroyed 1 5")
	x.answers("archives.by_term",
		province+" permanent 1", province+" thirty_years 1", province+" ten_years 2",
		haikou+" permanent 1", haikou+" thirty_years 1", haikou+" ten_years 1",
		xiuying+" permanent 1", xiuying+" thirty_years 1", danzhou+" ten_years 1")
	// The thirty days are 15 March to 13 April: 1 is due on the last, 5 on the first,
	// 2 on the day after; 3 was due yesterday.
	x.answers("archives.appraisal",
		province+" 2 1", haikou+" 1 1", xiuying+" 1 0", danzhou+" 1 0")
	// The months begin with April 2025: 3 was collected in its first second, 4 one
	// second before. 1 was collected in January and archived on 1 March.
	x.calendar("archives.by_month", province, 12, "2025-04-01", "2026-03-01", " 0 0",
		"2025-04-01 1 0", "2025-05-01 1 1", "2025-06-01 0 1", "2026-01-01 1 0", "2026-02-01 1 0", "2026-03-01 0 1")
	x.calendar("archives.by_month", xiuying, 12, "2025-04-01", "2026-03-01", " 0 0",
		"2026-01-01 1 0", "2026-02-01 1 0", "2026-03-01 0 1")
	x.fails("archives.states")
	x.failsWhen("archives.states", func(metric string, answer warehouse.Answer) {
		if metric == "archives.by_state" {
			delete(answer, xiuying)
		}
	}, xiuying+" 不平, 案卷差2卷, 已归档差1卷")
}

func TestArchiveLoans(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("archive_loans",
		`{"loan":1,"volume":1,"region":460105100,"requested_at":"2026-03-14 00:00:00","version":1}`,
		// Due one millisecond before today begins: overdue; at its beginning: not yet.
		`{"loan":2,"volume":2,"region":460105100,"requested_at":"2026-03-01 00:00:00","approved_at":"2026-03-02 00:00:00","due_at":"2026-03-14 15:59:59.999","version":2}`,
		`{"loan":3,"volume":3,"region":460100,"requested_at":"2026-03-01 00:00:00","approved_at":"2026-03-02 00:00:00","due_at":"2026-03-14 16:00:00","version":1}`,
		// Returned in the first second of the thirty days, and one second before.
		`{"loan":4,"volume":4,"region":460400,"requested_at":"2026-02-01 00:00:00","approved_at":"2026-02-02 00:00:00","due_at":"2026-02-10 00:00:00","returned_at":"2026-02-13 16:00:00","version":1}`,
		`{"loan":5,"volume":4,"region":460400,"requested_at":"2026-02-01 00:00:00","approved_at":"2026-02-02 00:00:00","due_at":"2026-02-10 00:00:00","returned_at":"2026-02-13 15:59:59","version":1}`)
	x.insert("archive_loans",
		`{"loan":2,"volume":2,"region":460400100,"requested_at":"2026-03-01 00:00:00","version":1}`)
	x.answers("archives.loans",
		province+" 1 2 1 1", haikou+" 1 2 1 0", xiuying+" 1 1 1 0", danzhou+" 0 0 0 1")
}

func TestNoArchives(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("archives.by_category", "archives.by_state", "archives.by_term", "archives.loans", "archives.appraisal")
	x.quiet("archives.by_month", 12, "2025-04-01", "2026-03-01", " 0 0")
	x.fails("archives.states")
}
