package draw

import (
	"fmt"
	"regexp"
	"strings"

	"liaowang/static"
)

// colours are the colours of a theme by the names that they have in
// static/css/tokens.css: "text", "label", "shade-0".
type colours map[string]string

// themes are the colours of both, read from the style sheet of the live view.
type themes struct {
	dark, light colours
	// lighten finds the light colour for a dark one, as static/js/theme.js does.
	lighten map[string]string
}

var (
	themeBlock = regexp.MustCompile(`\[data-theme="(dark|light)"\]\s*\{([^}]*)\}`)
	token      = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b`)
	colour     = regexp.MustCompile(`#[0-9a-f]{6}\b`)
)

func readThemes() (*themes, error) {
	css, err := static.Files.ReadFile("css/tokens.css")
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	t := &themes{dark: colours{}, light: colours{}, lighten: map[string]string{}}
	for _, block := range themeBlock.FindAllStringSubmatch(string(css), -1) {
		to := t.dark
		if block[1] == "light" {
			to = t.light
		}
		for _, m := range token.FindAllStringSubmatch(block[2], -1) {
			to[m[1]] = m[2]
		}
	}
	for name, dark := range t.dark {
		light, ok := t.light[name]
		if !ok {
			return nil, fmt.Errorf("draw: tokens.css: --%s has no light colour", name)
		}
		if !strings.HasPrefix(name, "on-") { // charts have no words on a warning's ground
			t.lighten[dark] = light
		}
	}
	if t.dark["ground"] == "" {
		return nil, fmt.Errorf("draw: tokens.css: no theme is found in it")
	}
	return t, nil
}

func (t *themes) of(theme Theme) colours {
	if theme == Dark {
		return t.dark
	}
	return t.light
}

// paint gives a chart's option, or its data, the colours of a theme.
func (t *themes) paint(theme Theme, json []byte) string {
	if theme == Dark {
		return string(json)
	}
	return colour.ReplaceAllStringFunc(string(json), func(c string) string {
		if light, ok := t.lighten[c]; ok {
			return light
		}
		return c
	})
}
