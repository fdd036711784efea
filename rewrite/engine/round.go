package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// candidate is the fix that a round tries for a finding.
type candidate struct {
	finding *rule.Finding
	fix     *rule.Fix
}

// outcome is what a round did.
type outcome struct {
	next     *state
	changed  map[string]*source.File
	landed   []candidate
	rejected []Rejected
}

// round applies to s as many fixes as stand the gate.
func (r *runner) round(ctx context.Context, s *state) (outcome, error) {
	var out outcome
	refused := map[*rule.Fix]bool{}
	held := map[*rule.Fix]bool{} // stand alone, but not with the others: next round
	reject := func(c candidate, reason string) {
		refused[c.fix] = true
		out.rejected = append(out.rejected, Rejected{Finding: c.finding, Fix: *c.fix, Reason: reason})
	}
	for {
		chosen := r.choose(s, refused, held, reject)
		if len(chosen) == 0 && len(held) > 0 {
			for _, c := range r.choose(s, refused, nil, reject) {
				if held[c.fix] {
					chosen = []candidate{c}
					break
				}
			}
			clear(held)
		}
		if len(chosen) == 0 {
			return out, nil
		}
		attempt, err := r.try(ctx, s, chosen)
		if err != nil {
			return out, err
		}
		if len(attempt.failures) == 0 {
			out.next, out.changed, out.landed = attempt.next, attempt.changed, chosen
			return out, nil
		}
		culprits, err := r.culprits(ctx, s, chosen, attempt.failures)
		if err != nil {
			return out, err
		}
		for _, c := range culprits {
			if c.reason == "" {
				held[c.fix] = true
			} else {
				reject(c.candidate, c.reason)
			}
		}
	}
}

// culprit is a fix that does not stand the gate. Without a reason it does so
// alone, but not with the others.
type culprit struct {
	candidate
	reason string
}

// culprits returns the fixes, one at least, that make the others fail: those the
// failures name, else the last of the smallest failing prefix.
func (r *runner) culprits(ctx context.Context, s *state, chosen []candidate, failures []failure) ([]culprit, error) {
	if len(chosen) == 1 {
		return []culprit{{chosen[0], failures[0].reason}}, nil
	}
	named := map[int]bool{}
	for _, f := range failures {
		if f.culprit >= 0 {
			named[f.culprit] = true
		}
	}
	if len(named) == 0 {
		var failed error
		n := sort.Search(len(chosen)-1, func(i int) bool {
			if failed != nil {
				return true
			}
			part, err := r.try(ctx, s, chosen[:i+1])
			failed = err
			return len(part.failures) > 0
		})
		if failed != nil {
			return nil, failed
		}
		named[n] = true
	}
	var list []culprit
	for i, c := range chosen {
		if !named[i] {
			continue
		}
		alone, err := r.try(ctx, s, chosen[i:i+1])
		if err != nil {
			return nil, err
		}
		if len(alone.failures) > 0 {
			list = append(list, culprit{c, alone.failures[0].reason})
		} else {
			list = append(list, culprit{c, ""})
		}
	}
	return list, nil
}

// choose returns for each finding, in order, the best fix that may be tried and
// does not overlap those before it.
func (r *runner) choose(s *state, refused, held map[*rule.Fix]bool, reject func(candidate, string)) []candidate {
	var chosen []candidate
	var merged edit.Set
	for _, f := range s.findings {
		if !slices.Contains(r.opts.Rules, f.Rule) {
			continue
		}
		for i := range f.Fixes {
			c := candidate{f, &f.Fixes[i]}
			if !r.allowed(c.fix.Safety) || refused[c.fix] {
				continue
			}
			if reason := r.objection(s, c.fix); reason != "" {
				reject(c, reason)
				continue
			}
			if held[c.fix] {
				break
			}
			united, err := edit.Merge(merged, c.fix.Edits)
			if err == nil && apart(merged, c.fix.Edits) {
				merged = united
				chosen = append(chosen, c)
			}
			break // landed, or in the way of another: the next round
		}
	}
	return chosen
}

func (r *runner) allowed(s rule.Safety) bool {
	return s == rule.Safe || s == rule.Unsafe && r.opts.Unsafe
}

// objection says why a fix cannot be tried at all, "" when it can.
func (r *runner) objection(s *state, f *rule.Fix) string {
	if f.Edits.Empty() {
		return "the fix changes nothing"
	}
	if err := f.Edits.Validate(); err != nil {
		return "the fix is not whole: " + err.Error()
	}
	var files []*source.File
	for _, e := range f.Edits.Edits {
		files = append(files, e.Span.File)
	}
	for _, im := range f.Edits.Imports {
		files = append(files, im.File)
	}
	for _, file := range files {
		if reason := r.closed(s, file); reason != "" {
			return reason
		}
	}
	edits, err := r.resolve(s, f.Edits)
	if err != nil {
		return err.Error()
	}
	for _, file := range sortedFiles(edits) {
		about := s.traits.of(s.project.Module(file.Path).Tree)
		for _, e := range edits[file] {
			if about.inDamage(e.Span) {
				return fmt.Sprintf("%s:%d: the fix would edit a statement with a syntax error", file.Path, file.LineOf(e.Span.Start))
			}
		}
	}
	return ""
}

// closed says why a file may not be edited, "" when it may.
func (r *runner) closed(s *state, file *source.File) string {
	now, err := s.files.File(file.Path)
	if err != nil || now != file {
		return fmt.Sprintf("the fix edits another version of %s", file.Path)
	}
	if !r.editable(file.Path) {
		return fmt.Sprintf("the fix would edit %s, which is not among the files to change", file.Path)
	}
	m := s.project.Module(file.Path)
	if m == nil {
		return fmt.Sprintf("the fix would edit %s, which cannot be read", file.Path)
	}
	about := s.traits.of(m.Tree)
	switch {
	case m.Tree.Python2():
		return fmt.Sprintf("the fix would edit %s, which is Python 2", file.Path)
	case about.generated:
		return fmt.Sprintf("the fix would edit %s, which is generated", file.Path)
	case about.skip:
		return fmt.Sprintf("the fix would edit %s, which says skip-file", file.Path)
	}
	return ""
}

// resolve turns a set into the edits of each file, imports included.
func (r *runner) resolve(s *state, set edit.Set) (map[*source.File][]edit.Edit, error) {
	edits := map[*source.File][]edit.Edit{}
	for _, e := range set.Edits {
		edits[e.Span.File] = append(edits[e.Span.File], e)
	}
	imports := map[*source.File][]edit.Import{}
	var order []*source.File
	for _, im := range set.Imports {
		if imports[im.File] == nil {
			order = append(order, im.File)
		}
		imports[im.File] = append(imports[im.File], im)
	}
	for _, file := range order {
		m := s.project.Module(file.Path)
		if m == nil {
			return nil, fmt.Errorf("%s cannot be read", file.Path)
		}
		var more []edit.Edit
		var err error
		if failure := guard(func() { more, err = refactor.ResolveImports(m.Tree, m, imports[file]) }); failure != "" {
			err = errors.New(failure)
		}
		if err != nil {
			return nil, fmt.Errorf("imports of %s: %w", file.Path, err)
		}
		edits[file] = append(more, edits[file]...)
	}
	return edits, nil
}

func sortedFiles[T any](m map[*source.File]T) []*source.File {
	var files []*source.File
	for f := range m {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *source.File) int {
		if a.Path < b.Path {
			return -1
		}
		if a.Path > b.Path {
			return 1
		}
		return 0
	})
	return files
}
