package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// gate compares the findings before and after some fixes and says what is wrong:
// a finding that was to be mended is still there, a finding is new, a rule or a
// file fails that did not. Rules not asked for are watched too.
//
// Findings after are matched with findings of the same rule before, each with
// one, by the first that holds of: same message, text and file; same place, carried
// through the edits, and same message; same place; same text; same message in the
// same file; same file. The mended ones take part in the second only, and in place
// and text once all others are served.
func (r *runner) gate(before, after *state, chosen []candidate, edits map[*source.File][]edit.Edit) []failure {
	var failures []failure
	known := map[[2]string]bool{} // by path and rule: the reason may name a line
	for _, f := range before.faults {
		known[[2]string{f.Path, f.Rule}] = true
	}
	for _, f := range after.faults {
		if !known[[2]string{f.Path, f.Rule}] {
			failures = append(failures, failure{suspect(chosen, f.Path, nil, 0, 0), faultText(f)})
		}
	}

	mended := map[*rule.Finding]int{} // index of the fix plus one
	for i, c := range chosen {
		mended[c.finding] = i + 1
	}
	moves := map[string]shift{}
	for file, list := range edits {
		moves[file.Path] = newShift(list)
	}
	was := make([]*trace, len(before.findings))
	for i, f := range before.findings {
		was[i] = &trace{finding: f, mended: mended[f]}
		was[i].start, was[i].end = moves[f.Span.File.Path].carry(f.Span.Start, f.Span.End)
	}
	left := slices.Clone(after.findings)
	pair := func(same func(w *trace, now *rule.Finding) bool) []*trace {
		var hit []*trace
		left = slices.DeleteFunc(left, func(now *rule.Finding) bool {
			for _, w := range was {
				if !w.taken && w.finding.Rule == now.Rule && same(w, now) {
					w.taken = true
					hit = append(hit, w)
					return true
				}
			}
			return false
		})
		return hit
	}
	path := func(f *rule.Finding) string { return f.Span.File.Path }
	place := func(w *trace, now *rule.Finding) bool {
		return path(w.finding) == path(now) && w.start < now.Span.End && now.Span.Start < w.end
	}
	text := func(w *trace, now *rule.Finding) bool { return words(w.finding) == words(now) }
	message := func(w *trace, now *rule.Finding) bool { return w.finding.Message == now.Message }

	pair(func(w *trace, now *rule.Finding) bool {
		return w.mended == 0 && path(w.finding) == path(now) && text(w, now) && message(w, now)
	})
	still := pair(func(w *trace, now *rule.Finding) bool { return place(w, now) && message(w, now) })
	still = slices.DeleteFunc(still, func(w *trace) bool { return w.mended == 0 })
	pair(func(w *trace, now *rule.Finding) bool { return w.mended == 0 && place(w, now) })
	pair(func(w *trace, now *rule.Finding) bool { return w.mended == 0 && text(w, now) })
	pair(func(w *trace, now *rule.Finding) bool {
		return w.mended == 0 && path(w.finding) == path(now) && message(w, now)
	})
	pair(func(w *trace, now *rule.Finding) bool { return w.mended == 0 && path(w.finding) == path(now) })
	still = append(still, pair(place)...)
	still = append(still, pair(text)...)
	for _, w := range still {
		failures = append(failures, failure{w.mended - 1, "the finding is still there after the fix: " + w.finding.Message})
	}
	for _, now := range left {
		line, _ := now.Span.File.Position(now.Span.Start)
		failures = append(failures, failure{suspect(chosen, path(now), moves[path(now)], now.Span.Start, now.Span.End), fmt.Sprintf("the fix makes a new finding at %s:%d: %s %s: %s",
			path(now), line, now.Rule.ID, now.Rule.Name, now.Message)})
	}
	return failures
}

// suspect returns the index of the one fix that edits a file or, of several, of
// the one that changed the text [start, end) of what came out; -1 when there is
// not just one.
func suspect(chosen []candidate, path string, moves shift, start, end int) int {
	var editors, near []int
	for i, c := range chosen {
		if !touches(*c.fix, path) {
			continue
		}
		editors = append(editors, i)
		if slices.ContainsFunc(c.fix.Edits.Edits, func(e edit.Edit) bool {
			from, to := moves.landed(e)
			return e.Span.File.Path == path && from <= end && start <= to
		}) {
			near = append(near, i)
		}
	}
	switch {
	case len(editors) == 1:
		return editors[0]
	case len(near) == 1 && moves != nil:
		return near[0]
	}
	return -1
}

func faultText(f Fault) string {
	switch {
	case f.Rule == "":
		return strings.TrimSpace("after the fix mpfix fails: " + f.Path + " " + f.Reason)
	case f.Path == "":
		return fmt.Sprintf("after the fix rule %s fails: %s", f.Rule, f.Reason)
	}
	return fmt.Sprintf("after the fix rule %s fails in %s: %s", f.Rule, f.Path, f.Reason)
}

// trace is a finding before the fixes and where its place went.
type trace struct {
	finding    *rule.Finding
	start, end int
	mended     int  // index of the fix that mends it plus one
	taken      bool // found again after them
}

// words is the text of a finding without regard to how it is laid out.
func words(f *rule.Finding) string {
	return strings.Join(strings.Fields(f.Span.Text()), " ")
}

// shift carries offsets of a file over its edits.
type shift []edit.Edit

func newShift(edits []edit.Edit) shift {
	s := slices.Clone(edits)
	slices.SortStableFunc(s, func(a, b edit.Edit) int {
		if a.Span.Start != b.Span.Start {
			return a.Span.Start - b.Span.Start
		}
		return a.Span.End - b.Span.End
	})
	return s
}

// carry returns where the bytes [start, end) are after the edits. A bound inside
// a replaced span goes to that side of the replacement which makes the result
// wider. What is inserted at start or end stays outside.
func (s shift) carry(start, end int) (int, int) {
	from, to, moved := start, end, 0
	for _, e := range s {
		grown := len(e.New) - (e.Span.End - e.Span.Start)
		if e.Span.End <= start {
			from = start + moved + grown
		} else if e.Span.Start < start {
			from = e.Span.Start + moved
		}
		if e.Span.Start < end {
			if e.Span.End <= end {
				to = end + moved + grown
			} else {
				to = e.Span.Start + moved + len(e.New)
			}
		}
		moved += grown
	}
	return from, to
}

// landed returns where the new text of one of the edits stands.
func (s shift) landed(one edit.Edit) (int, int) {
	moved := 0
	for _, e := range s {
		if e == one {
			break
		}
		moved += len(e.New) - (e.Span.End - e.Span.Start)
	}
	from := one.Span.Start + moved
	return from, from + len(one.New)
}
