package panel

// The colours of the charts: those of static/css/tokens.css, which a test
// compares. One accent in steps of light; warnings have no colour here.
const (
	colourText    = "#f2f5f7" // figures
	colourLabel   = "#b6c3cb" // names beside figures
	colourQuiet   = "#8a9aa4" // what may be overlooked
	colourLine    = "#2a3942"
	colourTrack   = "#1b272e"
	colourGround  = "#0c1216"
	colourAccent  = "#3f9ccc"
	colourChanged = "#1d5f82" // plate behind a number that has just changed
	colourNoData  = "#232c32"
	colourHidden  = "#4c565d" // a county whose number is suppressed
	colourRed     = "#c8372d" // of warnings, as their words
	colourYellow  = "#f0b43c"
	colourGreen   = "#4f9a72"
	colourSea     = "#4d6573" // coast and dashed line of the inset
)

// shades are the steps of the map, dark to light. White stays legible on each.
func shades() []string {
	return []string{"#172c38", "#1a4053", "#1d546e", "#21678a", "#25769b"}
}

// Sizes in units of the wall: a unit is 1/1080 of its height, and the view
// scales the whole chart. Nothing is smaller than sizeSmall.
const (
	sizeSmall  = 16
	sizeLabel  = 17
	sizeNumber = 18
)

const fontFamily = `"Noto Sans CJK SC","Source Han Sans SC","Source Han Sans CN","Noto Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif`
