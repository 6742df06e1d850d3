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
	lookDir   = flag.String("look-dir", "", "folder to write pictures of the screens to; none are taken without it")
	lookOnly  = flag.String("look-only", "", "take only the picture of this name")
	lookSmall = flag.Bool("look-small", false, "take pictures for docs, small")
)

// TestLook takes pictures of the demo province, standing still, where something is out of
// the ordinary. TestScreens takes those of every screen on every display; see make
// screenshots.
func TestLook(t *testing.T) {
	if *lookDir == "" {
		return
	}
	p := up(t, "--data", t.TempDir(), "--demo", "still")
	for _, s := range []struct {
		name, path    string
		width, height int
	}{
		{"upright-tablet", "/wall/overview", 768, 1024},
		{"light-tablet", "/wall/people?theme=light", 1024, 768},
		{"county", "/wall/overview?region=469006", 1920, 1080},
		{"suppressed-county", "/wall/overview?region=469024", 1920, 1080},
		{"suppressed-township", "/wall/overview?region=460107004", 1920, 1080},
		{"suppressed-tablet", "/wall/overview?region=460107004", 1024, 1366},
		{"sansha", "/wall/overview?region=460300", 1920, 1080},
		{"hall", "/", 1920, 1080},
	} {
		if *lookOnly != "" && *lookOnly != s.name {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			tab := browsertest.Open(t, s.width, s.height)
			tab.Goto(p.url + s.path)
			tab.Until("/第 \\d+ 批/.test(document.body.innerText)", 20*time.Second)
			time.Sleep(time.Second) // ECharts draws in the frames that follow
			tab.Screenshot(filepath.Join(*lookDir, s.name+".png"))
			if e := tab.Errors(); len(e) > 0 {
				t.Error(fmt.Sprint(e))
			}
		})
	}
}
