package batch_test

import (
	"fmt"
	"testing"

	"liaowang/aggregator/batch"
)

func TestACheckThatFailsEverywhereKeepsTheWidestFailures(t *testing.T) {
	k := batch.Check{OK: true}
	for i := range 300 {
		k.Fail(batch.Failure{Region: fmt.Sprint(460000 + i), Words: fmt.Sprintf("不平, 差%d户", i+1)})
	}
	if k.OK || k.Words != "不平, 差1户" || k.Failed != 300 || len(k.Failures) != batch.MostFailures ||
		k.Failures[0].Region != "460000" || k.Failures[19].Region != "460019" {
		t.Errorf("the check says %+v", k)
	}
}
