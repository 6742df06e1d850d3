package web

import (
	"container/list"
	"sync"

	"liaowang/queries/warehouse"
)

// recall keeps the frames of the batches that were asked for last, up to a number of
// bytes: whoever looks at a batch mostly asks for more of it.
type recall struct {
	most int

	mu    sync.Mutex
	bytes int
	last  *list.List // of *recalledBatch, the last one asked for in front
	at    map[warehouse.BatchID]*list.Element
}

type recalledBatch struct {
	id     warehouse.BatchID
	frames []warehouse.RecordedFrame
	bytes  int
}

func newRecall(most int) *recall {
	return &recall{most: most, last: list.New(), at: map[warehouse.BatchID]*list.Element{}}
}

// get gives the frames of a batch, which are not to be changed.
func (c *recall) get(id warehouse.BatchID) ([]warehouse.RecordedFrame, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.at[id]
	if e == nil {
		return nil, false
	}
	c.last.MoveToFront(e)
	return e.Value.(*recalledBatch).frames, true
}

// put keeps the frames of a batch, unless they alone are too many.
func (c *recall) put(id warehouse.BatchID, frames []warehouse.RecordedFrame) {
	const each = 100 // a frame beside what it holds
	b := &recalledBatch{id: id, frames: frames}
	for _, f := range frames {
		b.bytes += each + len(f.Metric) + len(f.Region) + len(f.Rows)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[id] != nil || b.bytes > c.most {
		return
	}
	c.at[id] = c.last.PushFront(b)
	for c.bytes += b.bytes; c.bytes > c.most; {
		oldest := c.last.Remove(c.last.Back()).(*recalledBatch)
		delete(c.at, oldest.id)
		c.bytes -= oldest.bytes
	}
}
