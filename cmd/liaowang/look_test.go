package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"liaowang/screens/browsertest"
)

var (
	lookAt  = flag.String("look-at", "", "URL of a running server to take pictures of")
	lookDir = flag.String("look-dir", "", "folder to write them to; none are taken without it")
)

// TestLook takes pictures of a running server at the sizes that matter; see
// make screenshots.
func TestLook(t *testing.T) {
	if *lookDir == "" {
		return
	}
	for _, s := range []struct {
		name, path    string
		width, height int
	}{
		{"overview-1080", "/wall/overview", 1920, 1080},
		{"overview-2160", "/wall/overview", 3840, 2160},
		{"overview-wide", "/wall/overview", 7680, 2160},
		{"overview-tablet", "/wall/overview", 1024, 768},
		{"overview-portrait", "/wall/overview", 768, 1024},
		{"county", "/wall/overview?region=469006", 1920, 1080},
		{"sansha", "/wall/overview?region=460300", 1920, 1080},
		{"hall", "/", 1920, 1080},
	} {
		t.Run(s.name, func(t *testing.T) {
			tab := browsertest.Open(t, s.width, s.height)
			tab.Goto(*lookAt + s.path)
			tab.Until("document.readyState === 'complete'", 10*time.Second)
			time.Sleep(2 * time.Second)
			tab.Screenshot(filepath.Join(*lookDir, s.name+".png"))
			if e := tab.Errors(); len(e) > 0 {
				t.Error(fmt.Sprint(e))
			}
		})
	}
}
