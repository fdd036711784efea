package engine

import (
	"context"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// attempt is what some fixes make of a state.
type attempt struct {
	next     *state
	changed  map[string]*source.File
	failures []failure // why the gate stays shut; empty when it opens
}

// failure is one thing that is wrong after some fixes.
type failure struct {
	culprit int // index of the fix it is due to, -1 when that is not known
	reason  string
}

// try applies the fixes and judges the outcome. The error is only that of ctx.
func (r *runner) try(ctx context.Context, s *state, chosen []candidate) (attempt, error) {
	var a attempt
	fail := func(format string, args ...any) (attempt, error) {
		a.failures = append(a.failures, failure{-1, fmt.Sprintf(format, args...)})
		return a, ctx.Err()
	}
	var set edit.Set
	for _, c := range chosen {
		var err error
		if set, err = edit.Merge(set, c.fix.Edits); err != nil {
			return fail("%v", err)
		}
	}
	edits, err := r.resolve(s, set)
	if err != nil {
		return fail("%v", err)
	}
	a.changed = map[string]*source.File{}
	for _, file := range sortedFiles(edits) {
		after, err := edit.Apply(file, edits[file])
		if err != nil {
			return fail("%v", err)
		}
		if after == file {
			continue
		}
		if _, err := after.Encode(); err != nil {
			return fail("%v", err)
		}
		a.changed[file.Path] = after
	}
	if len(a.changed) == 0 {
		return fail("the fix changes nothing")
	}

	// The trees of the changed files, and no new syntax error in them.
	trees := make(map[*source.File]*syntax.Tree, len(s.trees))
	for f, t := range s.trees {
		trees[f] = t
	}
	for _, file := range sortedFiles(edits) {
		after := a.changed[file.Path]
		if after == nil {
			continue
		}
		var t *syntax.Tree
		var err error
		if failure := guard(func() { t, err = syntax.Parse(after, r.query) }); failure != "" {
			return fail("%s: %s", file.Path, failure)
		}
		if err != nil {
			return fail("%v", err)
		}
		if span, ok := newError(s.project.Module(file.Path).Tree, t); ok {
			line, column := after.Position(span.Start)
			a.failures = append(a.failures, failure{
				suspect(chosen, file.Path, newShift(edits[file]), span.Start, span.End),
				fmt.Sprintf("the fix makes a syntax error at %s:%d:%d", file.Path, line, column),
			})
		}
		trees[after] = t
		delete(trees, file)
	}

	if len(a.failures) > 0 {
		return a, ctx.Err()
	}
	files := &memo{base: source.Overlay(s.files, a.changed), paths: s.files.paths, files: map[string]*slot{}}
	if a.next, err = r.analyse(ctx, files, trees); err != nil {
		return a, err
	}
	a.failures = r.gate(s, a.next, chosen, edits)
	return a, ctx.Err()
}

// newError returns an error of after that before does not have: errors are told
// apart by their text, since lines move.
func newError(before, after *syntax.Tree) (source.Span, bool) {
	had := map[string]int{}
	for _, e := range before.Errors {
		had[e.Text()]++
	}
	for _, e := range after.Errors {
		if had[e.Text()] == 0 {
			return e, true
		}
		had[e.Text()]--
	}
	return source.Span{}, false
}
