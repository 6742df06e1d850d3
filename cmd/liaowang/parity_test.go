package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	imagedraw "image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"liaowang/screens"
	"liaowang/screens/browsertest"
	"liaowang/screens/export/draw"
)

// How far an export may be from the glass: texts and shapes in CSS pixels, pictures in the
// share of pixels of a panel that differ clearly once the edges of letters are evened out.
const (
	textsApart  = 1.0
	shapesApart = 0.5
	pixelsApart = 0.015
)

// placed is a text or a shape and its place: left, top, right, bottom.
type placed struct {
	Text string
	Box  [4]float64
}

type parity struct {
	Live, Drawn, LiveShapes, DrawnShapes []placed
	Paged                                bool
	Place                                [4]float64
}

// exportIsTheGlass holds a screen's export against the glass: the same texts and shapes in
// the same places, and the same picture.
func exportIsTheGlass(t *testing.T, p *process, tab *browsertest.Tab, d *draw.Drawer, s *screens.Screen) {
	t.Helper()
	var number string
	tab.Eval("document.documentElement.dataset.batch", &number)
	var snapshot json.RawMessage
	p.get("/api/scene/"+s.ID+"/460000?batch="+number, &snapshot)
	scene, err := draw.Read(*s, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if got := strconv.FormatUint(scene.Batch.Number, 10); got != number {
		t.Fatalf("the glass shows batch %s, the snapshot is of %s", number, got)
	}
	ctx := context.Background()
	svg, err := d.Screen(ctx, scene, draw.Look{Theme: draw.Dark})
	if err != nil {
		t.Fatal(err)
	}
	exported, err := d.PNG(ctx, svg, 1)
	if err != nil {
		t.Fatal(err)
	}
	shown := tab.Picture()
	if *lookDir != "" && !*lookSmall {
		for name, picture := range map[string][]byte{"glass": shown, "export": exported} {
			if err := os.WriteFile(filepath.Join(*lookDir, s.ID+"-"+name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	js, err := os.ReadFile("testdata/parity.js")
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, spec := range s.Panels {
		ids = append(ids, spec.ID)
	}
	arguments, err := json.Marshal([]any{ids, string(svg)})
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]parity
	tab.Eval("("+string(js)+")(..."+string(arguments)+")", &found)
	glass, export := levels(t, shown), levels(t, exported)
	for _, spec := range s.Panels {
		got := found[spec.ID]
		if len(got.Live) == 0 {
			t.Errorf("%s/%s: the glass shows no text", s.ID, spec.ID)
		}
		texts := 0.0
		if !got.Paged {
			texts = farthest(t, s.ID+"/"+spec.ID, got.Live, got.Drawn, textsApart)
		}
		shapes := farthest(t, s.ID+"/"+spec.ID+" shapes", got.LiveShapes, got.DrawnShapes, shapesApart)
		pixels := differ(glass, export, got.Place)
		if pixels > pixelsApart && !got.Paged {
			t.Errorf("%s/%s: %.1f %% of the picture differ", s.ID, spec.ID, pixels*100)
		}
		t.Logf("%s/%s (%s): %d texts, at most %.2f apart, %d shapes, at most %.2f, %.2f %% of pixels", s.ID, spec.ID, spec.Kind, len(got.Live), texts, len(got.LiveShapes), shapes, pixels*100)
	}
}

// farthest pairs what is on the glass with what is drawn, and gives how far the farthest of a
// pair are from each other.
func farthest(t *testing.T, where string, live, drawn []placed, most float64) (far float64) {
	t.Helper()
	left := slices.Clone(drawn)
	for _, l := range live {
		best, distance := -1, math.Inf(1)
		for i, d := range left {
			if d.Text != l.Text {
				continue
			}
			away := 0.0
			for k := range l.Box {
				away = max(away, math.Abs(l.Box[k]-d.Box[k]))
			}
			if away < distance {
				best, distance = i, away
			}
		}
		if best < 0 {
			t.Errorf("%s: %q is on the glass at %v and not in the export", where, l.Text, l.Box)
			continue
		}
		if distance > most {
			t.Errorf("%s: %q is at %v on the glass, at %v in the export", where, l.Text, l.Box, left[best].Box)
		}
		far = max(far, distance)
		left = slices.Delete(left, best, best+1)
	}
	for _, d := range left {
		t.Errorf("%s: %q is in the export at %v and not on the glass", where, d.Text, d.Box)
	}
	return far
}

// levels is a picture in shades of grey, the mean of 4 × 4 pixels each: hinting and
// subpixels of letters differ between programs, places and strokes do not.
func levels(t *testing.T, picture []byte) *image.Gray {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	from := image.NewRGBA(decoded.Bounds())
	imagedraw.Draw(from, from.Rect, decoded, from.Rect.Min, imagedraw.Src)
	size := from.Rect.Size()
	to := image.NewGray(image.Rect(0, 0, size.X/4, size.Y/4))
	for y := range size.Y / 4 {
		for x := range size.X / 4 {
			sum := 0
			for row := range 4 {
				// By bytes: two million pixels a picture are many for the race detector.
				at := (4*y+row)*from.Stride + 16*x
				for k, shade := range from.Pix[at : at+16] {
					if k%4 != 3 {
						sum += int(shade)
					}
				}
			}
			to.Pix[to.PixOffset(x, y)] = uint8(sum / 48)
		}
	}
	return to
}

// clearly is the least difference of two shades of grey, of 255, that is counted.
const clearly = 40

// differ is the share of a place in which two pictures differ clearly.
func differ(a, b *image.Gray, place [4]float64) float64 {
	r := image.Rect(int(place[0])/4, int(place[1])/4, int(place[2])/4, int(place[3])/4).Intersect(a.Rect).Intersect(b.Rect)
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if d := int(a.GrayAt(x, y).Y) - int(b.GrayAt(x, y).Y); d > clearly || d < -clearly {
				n++
			}
		}
	}
	return float64(n) / float64(max(r.Dx()*r.Dy(), 1))
}
