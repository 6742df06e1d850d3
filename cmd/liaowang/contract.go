package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"liaowang/aggregator/intake"
	"liaowang/queries"
)

type contractCommand struct {
	Tables []string `arg:"" optional:"" name:"table" help:"Tables; none: all that take deliveries."`
	Format string   `help:"markdown for people, json-schema for programs, example for a file to start from (example-ndjson: as JSON)." enum:"markdown,json-schema,example,example-ndjson" default:"markdown"`
}

// Run prints the contracts.
func (c *contractCommand) Run() error {
	s, err := queries.LoadSchema()
	if err != nil {
		return err
	}
	tables := c.Tables
	if len(tables) == 0 {
		tables = intake.Deliverable(s)
	}
	if c.Format == "json-schema" && len(tables) > 1 || strings.HasPrefix(c.Format, "example") && len(tables) > 1 {
		return fmt.Errorf("--format %s: name one table of %s", c.Format, strings.Join(intake.Deliverable(s), ", "))
	}
	today := time.Now()
	for i, name := range tables {
		t, ok := s.Table(name)
		if !ok || !t.Delivered() {
			return fmt.Errorf("there is no table %q that takes deliveries; there are %s", name, strings.Join(intake.Deliverable(s), ", "))
		}
		if i > 0 {
			fmt.Println()
		}
		var text []byte
		switch c.Format {
		case "markdown":
			text = []byte(s.Markdown(t, today))
		case "json-schema":
			text, err = s.JSONSchema(t)
			text = append(text, '\n')
		case "example":
			text, err = s.ExampleCSV(t, today)
		case "example-ndjson":
			text, err = s.ExampleNDJSON(t, today)
		}
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(text); err != nil {
			return err
		}
	}
	return nil
}
