package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/hub/client"
	"liaowang/screens/hub/fanout"
)

// scenes are the states of each scene, one for each batch of a recording, as the hub
// draws them.
type scenes struct {
	all    []hub.Scene
	states map[hub.Scene][]state
}

// state is all that a display needs to draw a batch: the header, and each panel's data.
// The options of the charts do not change; a page has them already.
type state struct {
	header map[string]any
	panels json.RawMessage
}

// draw lets a hub in this process draw the recording, and keeps what it draws.
func draw(ctx context.Context, rec *fanout.Recording, all []hub.Scene, province string) (*scenes, error) {
	local, err := batch.StartLocal()
	if err != nil {
		return nil, err
	}
	defer local.Close()
	redis, err := batch.Connect(local.URL())
	if err != nil {
		return nil, err
	}
	defer redis.Close()
	store := batch.NewStore(redis, province)
	feed, err := fanout.NewFeed(ctx, store, rec, time.Now)
	if err != nil {
		return nil, err
	}
	cat, err := queries.Load()
	if err != nil {
		return nil, err
	}
	screens, err := screens.Load(cat)
	if err != nil {
		return nil, err
	}
	h := hub.New(hub.Options{Store: store, Catalogue: cat, Screens: screens, Province: province, Build: "versus", Node: "versus"})
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	server := httptest.NewServer(h)
	defer server.Close()
	defer func() { stop(); <-ended }()
	out := &scenes{all: all, states: map[hub.Scene][]state{}}
	var watching []<-chan *client.Picture
	for _, scene := range all {
		c, err := client.New(client.Options{URL: "ws" + strings.TrimPrefix(server.URL, "http"), Scene: client.Scene(scene)})
		if err != nil {
			return nil, err
		}
		go func() { _ = c.Run(ctx) }() // its end is seen below
		watching = append(watching, c.Pictures())
	}
	for i := range len(rec.Steps) + 1 {
		for j, pictures := range watching {
			p, err := until(ctx, pictures, feed.Number())
			if err != nil {
				return nil, fmt.Errorf("scene %v, batch %d: %w", all[j], feed.Number(), err)
			}
			s, err := stateOf(p)
			if err != nil {
				return nil, err
			}
			out.states[all[j]] = append(out.states[all[j]], s)
		}
		if i < len(rec.Steps) {
			if _, err := feed.Publish(ctx); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// until waits for the picture of a batch.
func until(ctx context.Context, pictures <-chan *client.Picture, number uint64) (*client.Picture, error) {
	end := time.After(fanout.Patience)
	for {
		select {
		case p, ok := <-pictures:
			if !ok {
				return nil, fmt.Errorf("the hub shows no such scene")
			}
			if p.Batch.Number == number {
				return p, nil
			}
		case <-end:
			return nil, fmt.Errorf("no picture within %s", fanout.Patience)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func stateOf(p *client.Picture) (s state, err error) {
	text, err := json.Marshal(p)
	if err != nil {
		return s, err
	}
	type panel struct {
		ID   string          `json:"id"`
		Data json.RawMessage `json:"data"`
	}
	var picture struct {
		Batch  map[string]any `json:"batch"`
		Panels []panel        `json:"panels"`
	}
	if err := json.Unmarshal(text, &picture); err != nil {
		return s, err
	}
	s.header = picture.Batch
	s.panels, err = json.Marshal(picture.Panels)
	return s, err
}

// publisher publishes the states of all scenes through a node of its own, by turns, as
// the hub's feed does.
type publisher struct {
	node   *centrifuge.Node
	scenes *scenes
	delta  bool
	number int // of the batch that was published last
	next   int // index of the state that follows
}

// Rewind lets the first state follow next.
func (p *publisher) Rewind() { p.next = 0 }

// Publish publishes the next state of each scene; the number is that of the publication.
func (p *publisher) Publish(context.Context) (fanout.Published, error) {
	var out fanout.Published
	for i, scene := range p.scenes.all {
		states := p.scenes.states[scene]
		s := states[p.next%len(states)]
		now := time.Now()
		s.header["batch"], s.header["as_of"] = p.number+1, now.UTC().Truncate(time.Millisecond)
		body, err := json.Marshal(struct {
			hub.Scene
			Batch  map[string]any  `json:"batch"`
			Panels json.RawMessage `json:"panels"`
		}{scene, s.header, s.panels})
		if err != nil {
			return out, err
		}
		if i == 0 {
			out.At = time.Now().UnixNano()
		}
		r, err := p.node.Publish(channel(scene), body, centrifuge.WithHistory(1, time.Hour), centrifuge.WithDelta(p.delta))
		if err != nil {
			return out, err
		}
		if i > 0 && r.Offset != out.Number {
			return out, fmt.Errorf("scene %v is at %d, the first at %d", scene, r.Offset, out.Number)
		}
		out.Number = r.Offset
	}
	p.number++
	p.next++
	return out, nil
}
