package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens/hub"
)

// rebuilt makes a batch of before of some of its frames, and that of the regions. An empty
// metric means all that there are for the region.
func (s *server) rebuilt(ctx context.Context, b *warehouse.Recorded, keys []batch.Key) (*hub.Shown, error) {
	var header batch.Header
	if err := json.Unmarshal(b.Header, &header); err != nil {
		return nil, fmt.Errorf("record of batch %d: %w", b.Number, err)
	}
	var frames []*batch.Frame
	if !slices.Contains(keys, batch.Key{Region: s.Province}) {
		keys = append(keys, batch.Key{Metric: queries.RegionsMetric, Region: s.Province})
	}
	for _, k := range keys {
		found, err := s.past.frames(ctx, b, k.Metric, k.Region)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			f := &batch.Frame{Metric: one.Metric, Region: one.Region, Changed: one.Changed}
			if err := json.Unmarshal(one.Rows, &f.Rows); err != nil {
				return nil, fmt.Errorf("record of batch %d: %s/%s: %w", b.Number, one.Metric, one.Region, err)
			}
			frames = append(frames, f)
		}
	}
	return hub.NewShown(&header, frames)
}
