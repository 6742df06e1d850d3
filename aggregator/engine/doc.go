// Package engine embeds ClickHouse: the real engine, as the library libchdb,
// behind ClickHouse's HTTP interface.
//
// It has two sides. The engine is C++ that can crash, so it runs in a child
// process (Child, Serve) under a supervisor (Start), which keeps the listening
// socket: while the child is started again, clients wait instead of being
// refused. The child dies with its parent, even if that is killed.
//
//	p, err := engine.Start(ctx, engine.Config{Args: []string{"engine"}, Library: lib, Path: dir})
//	...
//	defer p.Stop(ctx)
//	// p.URL() is for any ClickHouse client over HTTP.
//
// # How a request runs
//
// Every request gets a session of the engine to itself, with its own settings and
// database, so that nothing of one request can reach another. A session is kept
// for later requests only after statements that leave nothing in it. At most
// Connections requests run at a time; others wait in order. When the client
// goes away the query is killed.
//
// A SELECT is fetched and sent in pieces, and an INSERT ... FORMAT is read in
// pieces, so neither is bounded in size nor held in memory. What is bounded:
//   - SQL text, 4 MiB (code 229, status 413). Rows after VALUES may be more if
//     they are the last of the request.
//   - a result in a format that frames all its rows (JSON, Pretty, Parquet,
//     Values and such), or with totals or extremes: 64 MiB of columns (code
//     396), unless the request sets max_result_bytes. JSONEachRow, CSV, TSV,
//     RowBinary, Native and their variants with names are not bounded.
//   - a result with wait_end_of_query=1: 64 MiB of output (code 396).
//
// An error after the first 256 KiB of output cannot change the status any more:
// it follows the rows in an __exception__ block, and the connection is broken
// off.
//
// # What is not there
//
// The interface knows no users, passwords, quotas or roles, and keeps no state
// for a session_id: all are accepted and mean nothing. External tables
// (multipart bodies), INTO OUTFILE, FROM INFILE and input() are refused. GET is
// read-only, as in the server. query_id is echoed but not known to
// system.processes. Native results for a client protocol version cannot hold
// types that clickhouse-go does not know, such as states of aggregate
// functions. There is no system.query_log, and there are no Replicated tables.
// Whoever reaches the interface may read files as the process, by the table
// function file: it is served on loopback only, to no browser page, unless told
// otherwise.
package engine
