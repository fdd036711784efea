package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/patch"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// Page is a run as a page of Markdown, for the summary of a job.
type Page struct {
	Headline string // one sentence
	Findings []*rule.Finding
	Refused  []engine.Rejected
	Changes  []engine.Change
	Locate   func(path string) string // the name of a file from the top of the repository; nil leaves it
	// Budget is the most bytes the page may have. What does not fit is counted
	// and left out whole.
	Budget int

	reasons map[key]string
}

// room is kept for the sentences that say what was left out.
const room = 1 << 10

// WriteTo writes the page: findings by file, the grave ones first when there is
// not room for all, then the changes as a diff. Nothing taken from a program or
// a file's name is read as Markdown or HTML. The error is that of w.
func (p Page) WriteTo(w io.Writer) (int64, error) {
	p.reasons = reasonsOf(p.Refused)
	var b strings.Builder
	b.WriteString("## mpfix\n\n" + prose(p.Headline) + "\n")
	limit := p.Budget - room
	if len(p.Changes) > 0 {
		limit = limit * 2 / 3
	}
	p.findings(&b, limit)
	p.changes(&b, p.Budget-room)
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (p Page) locate(path string) string {
	if p.Locate == nil {
		return path
	}
	return p.Locate(path)
}

func (p Page) findings(b *strings.Builder, limit int) {
	kept := p.fitting(limit - b.Len())
	file := ""
	for _, i := range kept {
		f := p.Findings[i]
		if path := p.pathOf(f); path != file {
			file = path
			b.WriteString("\n" + p.heading(path))
		}
		b.WriteString(p.item(f))
	}
	if rest := len(p.Findings) - len(kept); rest > 0 {
		fmt.Fprintf(b, "\n%s not shown here: run mpfix for all.\n", count(rest, "more finding"))
	}
}

// fitting returns the indexes of the findings there is room for, in their order.
func (p Page) fitting(limit int) []int {
	order := make([]int, len(p.Findings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(p.Findings[a].Rule.Level - p.Findings[b].Rule.Level) })
	for n, i := range order {
		limit -= len(p.item(p.Findings[i])) + len(p.heading(p.pathOf(p.Findings[i]))) + 1
		if limit < 0 {
			order = order[:n]
			break
		}
	}
	slices.Sort(order)
	return order
}

func (p Page) pathOf(f *rule.Finding) string {
	if f.Span.File == nil {
		return "?"
	}
	return p.locate(f.Span.File.Path)
}

func (p Page) heading(path string) string { return "### " + code(path) + "\n\n" }

// item is a finding as an item of a list.
func (p Page) item(f *rule.Finding) string {
	var b strings.Builder
	where := ""
	if f.Span.File != nil {
		where = fmt.Sprintf(" line %d", f.Span.File.LineOf(f.Span.Start))
	}
	fmt.Fprintf(&b, "- **%s**%s, %s %s: %s\n", f.Rule.Level, where, prose(f.Rule.ID), prose(f.Rule.Name), prose(f.Message))
	if f.Span.Valid() {
		if line, _ := snippet(f.Span); line != "" {
			mark := fence(line)
			fmt.Fprintf(&b, "  %spython\n  %s\n  %s\n", mark, line, mark)
		}
	}
	for _, note := range f.Trail {
		where := "?"
		if note.Span.File != nil {
			where = fmt.Sprintf("%s:%d", p.locate(note.Span.File.Path), note.Span.File.LineOf(note.Span.Start))
		}
		fmt.Fprintf(&b, "  - %s: %s\n", code(where), prose(note.Text))
	}
	if len(f.Fixes) > 0 {
		fmt.Fprintf(&b, "  - %s fix: %s\n", f.Fixes[0].Safety, prose(f.Fixes[0].Title))
	}
	switch refused := p.reasons[keyOf(f)]; {
	case refused != "":
		fmt.Fprintf(&b, "  - not fixed: %s\n", prose(refused))
	case f.Why != "":
		fmt.Fprintf(&b, "  - no safe fix: %s\n", prose(f.Why))
	}
	return b.String()
}

func (p Page) changes(b *strings.Builder, limit int) {
	if len(p.Changes) == 0 {
		return
	}
	const before, after = "\n<details><summary>The changes</summary>\n\n", "\n</details>\n"
	limit -= b.Len() + len(before) + len(after)
	b.WriteString(before)
	rest := 0
	for _, c := range p.Changes {
		text := p.diff(c)
		if len(text) > limit {
			rest++
			continue
		}
		limit -= len(text)
		b.WriteString(text)
	}
	b.WriteString(after)
	if rest > 0 {
		fmt.Fprintf(b, "\nThe changes of %s are not shown here: they are in the patch.\n", count(rest, "more file"))
	}
}

// diff is a change as a block of code.
func (p Page) diff(c engine.Change) string {
	var b strings.Builder
	name := visible(p.locate(c.Path))
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
	for _, h := range patch.Lines(c.Before, c.After) {
		b.WriteString(h.Header() + "\n")
		for _, line := range h.Lines {
			b.WriteString(string(line.Kind) + tabbed(strings.TrimSuffix(line.Text, "\r")) + "\n")
			if line.NoNewline {
				b.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	mark := fence(b.String())
	return mark + "diff\n" + b.String() + mark + "\n"
}
