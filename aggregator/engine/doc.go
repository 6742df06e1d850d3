// Package engine embeds ClickHouse: the real server, as the library libchdb.
//
// The server is C++ that can crash, so it runs in a child process (Child) under a
// supervisor (Start), which listens for it and hands requests on: while the child is
// started again, clients wait instead of being refused. The child dies with its parent,
// even if that is killed.
//
//	p, err := engine.Start(ctx, engine.Config{Args: []string{"engine"}, Library: lib, Path: dir})
//	...
//	defer p.Stop(ctx)
//	// p.URL() is for any ClickHouse client over HTTP; p.NativeURL with p.Dial is for
//	// this process, over the native protocol.
//
// # How it is a server
//
// The library's command line is that of clickhouse local, which opens the ports of a
// server when it is told to (SYSTEM START LISTEN) and lasts as long as its last
// statement. The child gives it two free ports on loopback and one user whose password
// only the supervisor has, so that nobody goes past the supervisor: over HTTP that
// refuses what a browser's page sends from elsewhere (cross-origin requests, foreign
// names), and comes as this user whatever a request says.
//
// # What is different from a server
//
// Users, passwords and pages (/play, /dashboard) are not there. When a client of HTTP
// goes away, its query is killed. There is no system.query_log, and replicated tables
// take no rows. Whoever reaches the interface may read files as the process, by the
// table function file: it is served on loopback only unless told otherwise.
package engine
