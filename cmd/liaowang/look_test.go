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

// TestLookEmergencies takes pictures of two emergencies at once, and of the alarm of the second.
func TestLookEmergencies(t *testing.T) {
	if *lookDir == "" {
		return
	}
	p := up(t, "--data", t.TempDir(), "--demo", "still")
	tabs := map[string]*browsertest.Tab{}
	for _, s := range []struct {
		name          string
		width, height int
	}{{"1080", 1920, 1080}, {"2160", 3840, 2160}, {"wide", 7680, 2160}, {"portrait", 1080, 1920}, {"tablet", 1024, 768}} {
		tab := browsertest.Open(t, s.width, s.height)
		tab.Goto(p.url + "/wall/overview?carousel=duty")
		tab.Until(isLive, patience)
		tabs[s.name] = tab
	}
	p.exec(`INSERT INTO emergencies (emergency, name, kind, level, started_at, cutoff_at, plan, excludes, version) VALUES (77, '强台风红霞', 'typhoon', 'second', '2026-11-24 00:00:00', '2026-11-24 00:00:00', '防汛防风防旱应急预案', '三沙市、昌江黎族自治县七叉镇', 1)`)
	for name, tab := range tabs {
		tab.Until(`document.documentElement.dataset.alarm === 'red'`, patience)
		time.Sleep(500 * time.Millisecond) // the border is on
		tab.Screenshot(filepath.Join(*lookDir, "alarm-"+name+".png"))
	}
	time.Sleep(12 * time.Second) // it stands in the head
	for name, tab := range tabs {
		tab.Screenshot(filepath.Join(*lookDir, "alarm-head-"+name+".png"))
		tab.Goto(p.url + "/wall/emergency")
		tab.Until(isLive+` && document.querySelector('#panel-event').innerText.includes('红霞')`, patience)
		settle(tab)
		tab.Screenshot(filepath.Join(*lookDir, "emergencies-"+name+".png"))
	}
}
