package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// state is one version of all files and what the rules say of it.
type state struct {
	files    *memo
	project  *project.Project // nil when it could not be built
	trees    map[*source.File]*syntax.Tree
	findings []*rule.Finding // of the files asked for, watched rules too; sorted
	faults   []Fault

	unreadable []Unreadable
	damaged    []source.Span
	traits     traitCache
}

// analyse judges the files. The trees are those of an earlier state, used again
// for files that are still the same.
func (r *runner) analyse(ctx context.Context, files *memo, trees map[*source.File]*syntax.Tree) (*state, error) {
	s := &state{files: files}
	parsed, err := r.parse(ctx, s, trees)
	if err != nil {
		return nil, err
	}
	entries := make([]string, 0, len(parsed))
	s.trees = make(map[*source.File]*syntax.Tree, len(parsed))
	for _, t := range parsed {
		entries = append(entries, t.File.Path)
		s.trees[t.File] = t
	}
	var model *process.Model
	if failure := guard(func() {
		p := project.New(files, entries, project.Options{
			Query:    r.query,
			Trees:    s.trees,
			Indirect: process.Indirect,
		})
		model = process.New(p)
		s.project = p
	}); failure != "" {
		s.project = nil
		s.faults = append(s.faults, Fault{Reason: "model of the program: " + failure})
		return s, ctx.Err()
	}
	s.trees = s.project.Trees()
	modules := r.judged(s)
	for _, m := range modules {
		s.damaged = append(s.damaged, m.Tree.Errors...)
	}
	if err := r.judge(ctx, s, model, modules); err != nil {
		return nil, err
	}
	s.trees = s.project.Trees()
	slices.SortFunc(s.findings, compareFindings)
	s.findings = slices.CompactFunc(s.findings, sameFinding)
	slices.SortFunc(s.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason))
	})
	return s, nil
}

// parse reads the files asked for and parses those that pass the prefilter.
func (r *runner) parse(ctx context.Context, s *state, old map[*source.File]*syntax.Tree) ([]*syntax.Tree, error) {
	paths := s.files.paths
	texts := make([]*source.File, len(paths))
	unread := make([]error, len(paths))
	if err := parallel(ctx, r.workers, len(paths), func(i int) {
		if failure := guard(func() { texts[i], unread[i] = s.files.File(paths[i]) }); failure != "" {
			unread[i] = errors.New(failure)
		}
		if unread[i] == nil && texts[i] == nil {
			unread[i] = &fs.PathError{Op: "open", Path: paths[i], Err: fs.ErrNotExist}
		}
		if unread[i] != nil {
			texts[i] = nil
			return
		}
		r.looks.note(texts[i])
	}); err != nil {
		return nil, err
	}
	for i, err := range unread {
		if err != nil {
			s.unreadable = append(s.unreadable, Unreadable{Path: paths[i], Err: err})
		}
	}
	picked := r.looks.prefilter(texts)
	trees := make([]*syntax.Tree, len(picked))
	faults := make([]string, len(picked))
	if err := parallel(ctx, r.workers, len(picked), func(i int) {
		if t := old[picked[i]]; t != nil {
			trees[i] = t
			return
		}
		faults[i] = guard(func() {
			t, err := syntax.Parse(picked[i], r.query)
			if err != nil {
				faults[i] = err.Error()
			}
			trees[i] = t
		})
	}); err != nil {
		return nil, err
	}
	for i, reason := range faults {
		if reason != "" {
			s.faults = append(s.faults, Fault{Path: picked[i].Path, Reason: reason})
		}
	}
	return slices.DeleteFunc(trees, func(t *syntax.Tree) bool { return t == nil }), nil
}

// judged lists the modules in which rules may find something: those asked for
// that are Python 3 and are not told to be skipped.
func (r *runner) judged(s *state) []*scope.Module {
	var list []*scope.Module
	for _, m := range s.project.Modules() {
		t := m.Tree
		if r.asked[t.File.Path] && !t.Python2() && !s.traits.of(t).skip {
			list = append(list, m)
		}
	}
	return list
}

// judge runs every rule over its candidates in every module.
func (r *runner) judge(ctx context.Context, s *state, model *process.Model, modules []*scope.Module) error {
	type job struct {
		module  *scope.Module
		rule    *rule.Rule
		matches []syntax.Match
		found   []*rule.Finding
		fault   string
	}
	var jobs []*job
	for _, m := range modules {
		byRule := make([][]syntax.Match, len(r.rules))
		for _, match := range m.Tree.Matches {
			byRule[match.Query] = append(byRule[match.Query], match)
		}
		for i, matches := range byRule {
			if len(matches) > 0 && r.rules[i].Check != nil {
				jobs = append(jobs, &job{module: m, rule: r.rules[i], matches: matches})
			}
		}
	}
	if err := parallel(ctx, r.workers, len(jobs), func(i int) {
		j := jobs[i]
		j.fault = guard(func() {
			pass := &rule.Pass{Rule: j.rule, Module: j.module, Project: s.project, Model: model}
			for _, match := range j.matches {
				j.rule.Check(pass, match)
			}
			j.found = pass.Findings()
		})
	}); err != nil {
		return err
	}
	for _, j := range jobs {
		fault := j.fault
		if fault == "" {
			fault = r.keep(s, j.found)
		}
		if fault != "" {
			s.faults = append(s.faults, Fault{Path: j.module.Tree.File.Path, Rule: j.rule.ID, Reason: fault})
		}
	}
	return nil
}

// keep adds the findings that stand in the files asked for and that nothing
// silences. It returns what is wrong with a finding, if so.
func (r *runner) keep(s *state, found []*rule.Finding) (fault string) {
	for _, f := range found {
		if !f.Span.Valid() {
			fault = "reported a span outside its file"
			continue
		}
		path := f.Span.File.Path
		if now, err := s.files.File(path); err != nil || now != f.Span.File {
			fault = fmt.Sprintf("reported another version of %s", path)
			continue
		}
		m := s.project.Module(path)
		if m == nil || !r.asked[path] || m.Tree.Python2() {
			continue
		}
		t := m.Tree
		about := s.traits.of(t)
		if about.skip || about.inDamage(f.Span) || about.silenced(f) {
			continue
		}
		if about.generated {
			f.Fixes, f.Why = nil, "the file is generated: the change belongs into what generates it"
		}
		s.findings = append(s.findings, f)
	}
	return fault
}

func compareFindings(a, b *rule.Finding) int {
	return cmp.Or(
		cmp.Compare(a.Span.File.Path, b.Span.File.Path),
		cmp.Compare(a.Span.Start, b.Span.Start),
		cmp.Compare(a.Rule.ID, b.Rule.ID),
		cmp.Compare(a.Rule.Name, b.Rule.Name),
		cmp.Compare(a.Span.End, b.Span.End),
		cmp.Compare(a.Message, b.Message),
	)
}

// sameFinding says whether two neighbours tell the same.
func sameFinding(a, b *rule.Finding) bool { return compareFindings(a, b) == 0 }
