// Package report writes what mpfix found and did: for people, for GitHub's logs.
// Nothing it writes lets the text of a program act on the terminal or the log.
package report

import "github.com/fatih/color"

// palette is the colours of one output; without colour all of them are plain.
type palette struct {
	path, bold, dim               *color.Color
	err, warning, hygiene         *color.Color
	trail, fix                    *color.Color
	added, addedWord              *color.Color
	removed, removedWord          *color.Color
	code, heading, header, diffAt *color.Color
}

func newPalette(colored bool) *palette {
	c := func(attributes ...color.Attribute) *color.Color {
		paint := color.New(attributes...)
		if colored {
			paint.EnableColor()
		} else {
			paint.DisableColor()
		}
		return paint
	}
	return &palette{
		path:        c(color.Bold),
		bold:        c(color.Bold),
		dim:         c(color.Faint),
		err:         c(color.FgRed, color.Bold),
		warning:     c(color.FgYellow, color.Bold),
		hygiene:     c(color.FgBlue, color.Bold),
		trail:       c(color.FgCyan),
		fix:         c(color.FgGreen),
		added:       c(color.FgGreen),
		addedWord:   c(color.FgGreen, color.Bold, color.ReverseVideo),
		removed:     c(color.FgRed),
		removedWord: c(color.FgRed, color.Bold, color.ReverseVideo),
		code:        c(color.FgCyan),
		heading:     c(color.Bold, color.Underline),
		header:      c(color.Bold),
		diffAt:      c(color.FgCyan),
	}
}
