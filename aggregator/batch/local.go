package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Local is a Redis inside this process, for one machine with nothing installed
// beside. It holds what can be computed again; nothing of it is kept on disk.
type Local struct {
	server *miniredis.Miniredis
	stop   context.CancelFunc
	done   chan struct{}
}

// StartLocal starts a Redis in this process on a loopback port of its own.
func StartLocal() (*Local, error) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("redis in this process: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Local{server: server, stop: stop, done: make(chan struct{})}
	go l.age(ctx)
	return l, nil
}

// age lets keys expire: miniredis keeps no clock of its own.
func (l *Local) age(ctx context.Context) {
	defer close(l.done)
	const step = 100 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.server.FastForward(step)
		}
	}
}

// URL is what Connect takes. All frames at once take a second here, on a busy machine
// several; nothing but work keeps this server from answering.
func (l *Local) URL() string {
	return "redis://" + l.server.Addr() + "/0?read_timeout=1m&write_timeout=1m"
}

// Close stops it; its data is gone.
func (l *Local) Close() {
	l.stop()
	<-l.done
	l.server.Close()
}
