package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fatih/color"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// Text writes findings for people: where, what, the source line, the trail that
// leads to it, and what can be done. refused are fixes that the engine did not
// apply, with its reasons. The error is that of w.
func Text(w io.Writer, findings []*rule.Finding, refused []engine.Rejected, colored bool) error {
	out := bufio.NewWriter(w)
	p := newPalette(colored)
	reasons := reasonsOf(refused)
	for i, f := range findings {
		if i > 0 {
			fmt.Fprintln(out)
		}
		p.finding(out, f, reasons[keyOf(f)])
	}
	return out.Flush()
}

func (p *palette) finding(out io.Writer, f *rule.Finding, refused string) {
	fmt.Fprintf(out, "%s: %s %s: %s\n", p.path.Sprint(place(f.Span)), p.level(f.Rule.Level).Sprint(f.Rule.Level),
		p.bold.Sprint(f.Rule.ID+" "+f.Rule.Name), visible(f.Message))
	if f.Span.Valid() {
		line, underline := snippet(f.Span)
		number := strconv.Itoa(f.Span.File.LineOf(f.Span.Start))
		if line != "" {
			line = " " + line
		}
		fmt.Fprintf(out, "  %s%s\n", p.dim.Sprint(number+" |"), line)
		blank := strings.Repeat(" ", len(number))
		mark, carets := blankOf(underline)
		fmt.Fprintf(out, "  %s %s%s\n", p.dim.Sprint(blank+" |"), mark, p.level(f.Rule.Level).Sprint(carets))
	}
	for _, note := range f.Trail {
		fmt.Fprintf(out, "    %s: %s\n", p.trail.Sprint(place(note.Span)), visible(note.Text))
	}
	p.remedy(out, f, refused)
}

// remedy says what becomes of a finding: the best fix, or why there is none.
func (p *palette) remedy(out io.Writer, f *rule.Finding, refused string) {
	if len(f.Fixes) > 0 {
		best := f.Fixes[0]
		label := map[rule.Safety]string{
			rule.Safe:   "fix (safe)",
			rule.Unsafe: "fix (unsafe, look first)",
			rule.Manual: "by hand",
		}[best.Safety]
		fmt.Fprintf(out, "  %s: %s\n", p.fix.Sprint(label), visible(best.Title))
	}
	switch {
	case refused != "":
		fmt.Fprintf(out, "  %s: %s\n", p.warning.Sprint("not fixed"), visible(refused))
	case f.Why != "":
		fmt.Fprintf(out, "  %s: %s\n", p.dim.Sprint("no safe fix"), visible(f.Why))
	}
}

func (p *palette) level(l rule.Level) *color.Color {
	switch l {
	case rule.Error:
		return p.err
	case rule.Warning:
		return p.warning
	}
	return p.hygiene
}

func blankOf(underline string) (blank, carets string) {
	carets = strings.TrimLeft(underline, " ")
	return underline[:len(underline)-len(carets)], carets
}

// key tells findings of two rounds apart without regard to the line's number.
type key struct{ rule, path, message, line string }

func keyOf(f *rule.Finding) key {
	k := key{rule: f.Rule.ID, message: f.Message}
	if f.Span.File != nil {
		k.path = f.Span.File.Path
		k.line = strings.TrimSpace(f.Span.File.Line(f.Span.File.LineOf(f.Span.Start)))
	}
	return k
}

func reasonsOf(refused []engine.Rejected) map[key]string {
	reasons := map[key]string{}
	for _, r := range refused {
		if k := keyOf(r.Finding); reasons[k] == "" {
			reasons[k] = r.Reason
		}
	}
	return reasons
}
