package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/centrifugal/centrifuge"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
)

// path is that of the plain server's WebSocket endpoint.
const path = "/connection/websocket"

// offsetsPath tells which publication brought which batch.
const offsetsPath = "/offsets"

// channel is the one that a scene is published in.
func channel(s hub.Scene) string { return "scene:" + s.Screen + ":" + s.Region }

// newNode makes a node whose broker is Redis.
func newNode(redis string) (*centrifuge.Node, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, err
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: redis})
	if err != nil {
		return nil, err
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return nil, err
	}
	node.SetBroker(broker)
	return node, nil
}

// plainFlags are what can be set of the plain server.
type plainFlags struct {
	Ping    time.Duration `help:"Pause between two signs of life of the plain server: the hub's; centrifuge's default is 25s." default:"5s"`
	Deflate bool          `help:"Let the plain server deflate, each message once (CompressionPreparedMessageCacheSize)."`
}

func (f plainFlags) args() []string {
	args := []string{"--ping", f.Ping.String()}
	if f.Deflate {
		args = append(args, "--deflate")
	}
	return args
}

// config is that of the plain server: what the library offers for many idle connections is
// switched on.
func (f plainFlags) config() centrifuge.WebsocketConfig {
	c := centrifuge.WebsocketConfig{
		ReadBufferSize: 1024, UseWriteBufferPool: true, ProcessCommandsOffReadLoop: true, WriteTimeout: 10 * time.Second,
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: f.Ping, PongTimeout: f.Ping * 9 / 10}, // it must be less
	}
	if f.Deflate {
		c.Compression, c.CompressionLevel, c.CompressionMinSize, c.CompressionPreparedMessageCacheSize = true, 5, 128, 16<<20
	}
	return c
}

type serveCommand struct {
	plainFlags
	Redis    string   `required:"" help:"Redis that the broker uses."`
	Listen   string   `required:"" help:"Address of the server."`
	Draw     bool     `help:"Draw the scenes of the frames that are in Redis, and publish them."`
	Delta    bool     `help:"Publish so that deltas can be made."`
	Province string   `default:"460000" help:"Code of the province."`
	Scene    []string `help:"What is drawn: screen/region."`
}

// Run serves until ctx is done: whoever comes may subscribe to a scene and gets its newest
// state, and from then on every one; as deltas if he asks for them.
func (c *serveCommand) Run(ctx context.Context) error {
	node, err := newNode(c.Redis)
	if err != nil {
		return err
	}
	node.OnConnect(func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
			answer(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{
				EnableRecovery: true, RecoveryMode: centrifuge.RecoveryModeCache, AutoCacheRecover: true,
				AllowedDeltaTypes: []centrifuge.DeltaType{centrifuge.DeltaTypeFossil},
			}}, nil)
		})
	})
	if err := node.Run(); err != nil {
		return err
	}
	stream := centrifuge.NewWebsocketHandler(node, c.config())
	mux := http.NewServeMux()
	mux.Handle(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{})))
	}))
	if c.Draw {
		connection, err := batch.Connect(c.Redis)
		if err != nil {
			return err
		}
		defer connection.Close()
		d, err := newDrawer(batch.NewStore(connection, c.Province), node, c.Delta, c.Province, scenesOf(c.Scene))
		if err != nil {
			return err
		}
		if err := d.look(ctx); err != nil { // there is something to show
			return err
		}
		mux.HandleFunc(offsetsPath, d.serveOffsets)
		go func() {
			if err := d.run(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "drawing:", err)
				os.Exit(1)
			}
		}()
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // it ends anyway
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
