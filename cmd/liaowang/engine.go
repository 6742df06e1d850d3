package main

import (
	"context"
	"log/slog"

	"liaowang/aggregator/engine"
)

// engineCommand is the child process that up starts; see engine.Config.Args.
type engineCommand struct {
	Library     string `required:""`
	Path        string `required:""`
	Connections int    `default:"4"`
	ListenerFD  int    `name:"listener-fd" required:""`
	LifelineFD  int    `name:"lifeline-fd" required:""`
	AllowRemote bool
}

func (c *engineCommand) Run(ctx context.Context, log *slog.Logger) error {
	return engine.Child(ctx, engine.ChildOptions{
		Library: c.Library, Path: c.Path, Connections: c.Connections,
		ListenerFD: c.ListenerFD, LifelineFD: c.LifelineFD, AllowRemote: c.AllowRemote, Logger: log,
	})
}
