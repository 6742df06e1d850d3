package batch

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long a subscription may say nothing before it is asked whether it lives, and
// how long the answer may take; and the pause before the next one is tried.
const (
	newsQuiet = time.Second
	newsPause = 200 * time.Millisecond
)

// News hints that a batch or a status may be new, until ctx is done; the channel is
// closed then. Hints that are not taken are one. A hint may be lost: what is stored is
// the truth, and a reader looks from time to time anyway.
func (s *Store) News(ctx context.Context) <-chan struct{} {
	hints := make(chan struct{}, 1)
	go func() {
		defer close(hints)
		for ctx.Err() == nil {
			s.listen(ctx, hints)
			select {
			case <-ctx.Done():
			case <-time.After(newsPause):
			}
		}
	}()
	return hints
}

// listen hands on what one subscription hears until it breaks or does not answer. The
// client's own channel would wait for minutes where the server is frozen or
// its machine is gone: nothing closes the connection then.
func (s *Store) listen(ctx context.Context, hints chan<- struct{}) {
	subscribe := s.client.Subscribe
	if s.hint == hintSharded {
		subscribe = s.client.SSubscribe
	}
	sub := subscribe(ctx, s.news)
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { sub.Close() })()
	asked := false
	for {
		said, err := sub.ReceiveTimeout(ctx, newsQuiet)
		if err != nil {
			var slow net.Error
			if asked || !errors.As(err, &slow) || !slow.Timeout() || sub.Ping(ctx) != nil {
				return
			}
			asked = true
			continue
		}
		asked = false
		switch said := said.(type) {
		case *redis.Pong:
			continue
		case *redis.Subscription:
			if said.Kind == "sunsubscribe" {
				return // the keys have moved to another server
			}
		}
		// A message, or the subscription's begin: what came before it was not heard.
		select {
		case hints <- struct{}{}:
		default:
		}
	}
}
