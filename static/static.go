// Package static holds what the browser gets: pages, styles, modules, ECharts
// and maps, embedded, so that nothing is fetched from outside at run time.
package static

import "embed"

// Files are the pages (wall.html, hall.html, card.html, compare.html, verify.html: html/template) and the
// assets, by their paths below this folder.
//
//go:embed icon.svg wall.html hall.html card.html compare.html verify.html css js maps/hainan.json maps/LICENSE vendor/echarts
var Files embed.FS
