// Package fanout measures how a push server brings the batches of a province to many
// displays: how long a batch needs, what it costs the server's processor and the wire, and
// what a connection costs its memory.
//
// Three processes take part, so that what one of them costs is known: the one that
// publishes and measures (Bench), the server under test (Server), and the crowd of
// displays (Crowd, which runs ServeCrowd in a process of its own). What they say to
// each other over WebSocket is a Dialect, so that another server can be measured in the
// same way: package liaowang/screens/hub/versus does.
package fanout
