package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"

	"liaowang/screens"
)

var recordScenes = flag.String("record-scenes", "", "file to write the scenes of the demo province to, as screens/export/draw is tested with; none are written without it")

// TestRecordScenes records every screen of the still demo province, of a county and of
// 三沙市, which has no figures, all of one batch: make scenes.
func TestRecordScenes(t *testing.T) {
	if *recordScenes == "" {
		return
	}
	p := up(t, "--data", loaded(t), "--demo", "still")
	var now struct{ Batch uint64 }
	p.get("/api/batch", &now)
	var all []screens.Screen
	p.get("/api/screens", &all)
	var file bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"460000", "460400", "460300"} {
		for _, s := range all {
			var line bytes.Buffer
			var scene json.RawMessage
			path := fmt.Sprintf("/api/scene/%s/%s?batch=%d", s.ID, region, now.Batch)
			if status := p.get(path, &scene); status != http.StatusOK {
				t.Fatalf("%s: %d", path, status)
			}
			if err := json.Compact(&line, scene); err != nil {
				t.Fatal(err)
			}
			line.WriteByte('\n')
			if _, err := zipped.Write(line.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*recordScenes, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
