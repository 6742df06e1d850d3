// Package examples holds, as tests, hand-made rows and the answers that every
// metric and check must give for them. Each test says in its own words why.
package examples
