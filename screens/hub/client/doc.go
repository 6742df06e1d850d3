// Package client follows a scene on the hub's stream (PROTOCOL.md of package hub): it
// connects, keeps the picture current, comes back by itself with what it has, and says
// when what it holds is no longer live.
//
//	c, err := client.New(client.Options{URL: "ws://127.0.0.1:8080/ws", Scene: client.Scene{Screen: "overview", Region: "460000"}})
//	if err != nil { … }
//	go func() { done <- c.Run(ctx) }()
//	for p := range c.Pictures() {
//		… p.Batch.Number, p.Panel("monitored"), p.Lost, p.Status …
//		c.Drawn(p, client.Drawing{At: time.Now()}) // where a person sees it
//	}
//	err = <-done // nil after ctx is done; else why the client may not come back
//
// Latest value wins: a reader who takes his time finds the newest picture, and never a
// queue. A picture is never changed once it is handed out.
package client
