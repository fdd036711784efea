// Package engine runs rules over a snapshot and applies their fixes in rounds.
//
// A round judges one baseline: the files that may matter are parsed, linked and
// modelled, every rule judges its candidates, and of the fixes those that do not
// overlap are applied in the order of path, offset and rule. What comes out is
// judged again before it counts: no new syntax error, no finding that was to be
// mended still there, no new finding, no rule that fails. A fix that does not
// stand this is taken out with its reason, and the round repeated. Every fix
// that lands lowers the number of findings, so the rounds end.
//
// Equal input gives equal output, whatever the number of workers and the order
// of the paths.
package engine

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Options say what Run does. The zero value finds nothing.
type Options struct {
	Rules []*rule.Rule // whose findings are reported and fixed
	// Watch are further rules. Their findings are neither reported nor fixed,
	// but a fix that makes a new one is rejected.
	Watch  []*rule.Rule
	Fix    bool // apply fixes; otherwise only find
	Unsafe bool // apply unsafe fixes too
	// Editable says whether fixes may change a file. Nil: those that
	// Snapshot.Paths lists.
	Editable  func(path string) bool
	MaxRounds int // at most so many rounds of fixes; 0 means until nothing is left to fix
	Workers   int // how many files and rules are worked on at once; 0 means GOMAXPROCS
}

// Result is what Run found and did.
type Result struct {
	// Findings of the untouched files that Snapshot.Paths lists, sorted by
	// path, offset and rule.
	Findings []*rule.Finding
	// Remaining are the findings after the last round, in the same order; the
	// Findings when nothing was to be fixed. They name the changed files.
	Remaining []*rule.Finding
	Changed   []Change   // sorted by path
	Applied   []Applied  // in the order in which they landed
	Rejected  []Rejected // fixes that were tried on the last state and refused
	Faults    []Fault    // rules and files that failed, sorted
	// Damaged are the spans the grammar could not read, of untouched files.
	Damaged    []source.Span
	Unreadable []Unreadable // sorted by path

	Files  int // paths of the snapshot
	Parsed int // files that were parsed, imported ones too
	Rounds int // rounds in which a fix landed
}

// Change is one file that fixes changed.
type Change struct {
	Path          string
	Before, After *source.File
	Fixes         []Applied // those that edit this file
}

// Applied is a fix that landed. The Finding names the version of the file which
// its round began with.
type Applied struct {
	Finding *rule.Finding
	Fix     rule.Fix
	Round   int // from 1
}

// Rejected is a fix that was not applied although its safety allowed it.
type Rejected struct {
	Finding *rule.Finding
	Fix     rule.Fix
	Reason  string
}

// Fault is a failure of mpfix itself. Rule is empty when none was running; Path
// is empty when the failure belongs to no file.
type Fault struct {
	Path   string
	Rule   string // ID
	Reason string
}

// Unreadable is a file of the snapshot that could not be read.
type Unreadable struct {
	Path string
	Err  error
}

// Run judges the files that snap lists, and with Options.Fix mends them in memory.
// The error is that of ctx when it ended, or of a query that does not compile;
// everything wrong with a file or a rule is told in the Result.
func Run(ctx context.Context, snap source.Snapshot, opts Options) (*Result, error) {
	r := &runner{opts: opts, rules: slices.Clone(opts.Rules), workers: opts.Workers}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	for _, w := range opts.Watch {
		if !slices.Contains(r.rules, w) {
			r.rules = append(r.rules, w)
		}
	}
	queries := make([]string, len(r.rules))
	for i, rl := range r.rules {
		queries[i] = rl.Query
	}
	var err error
	if r.query, err = syntax.Compile(queries); err != nil {
		return nil, fmt.Errorf("queries of the rules: %w", err)
	}
	base := newMemo(snap)
	r.asked = pathSet(base.Paths())
	r.editable = opts.Editable
	if r.editable == nil {
		r.editable = func(path string) bool { return r.asked[path] }
	}

	state, err := r.analyse(ctx, base, nil)
	if err != nil {
		return nil, err
	}
	res := &Result{
		Findings:   r.reported(state.findings),
		Faults:     state.faults,
		Damaged:    state.damaged,
		Unreadable: state.unreadable,
		Files:      len(r.asked),
		Parsed:     len(state.trees),
	}
	res.Remaining = res.Findings
	if opts.Fix {
		if err := r.mend(ctx, state, res); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// runner holds what stays the same in all rounds.
type runner struct {
	opts     Options
	rules    []*rule.Rule // to report, then to watch
	query    *syntax.Query
	workers  int
	asked    map[string]bool
	editable func(string) bool
	looks    looks
}

// reported leaves out the findings of watched rules.
func (r *runner) reported(findings []*rule.Finding) []*rule.Finding {
	var list []*rule.Finding
	for _, f := range findings {
		if slices.Contains(r.opts.Rules, f.Rule) {
			list = append(list, f)
		}
	}
	return list
}

func pathSet(paths []string) map[string]bool {
	set := make(map[string]bool, len(paths))
	for _, p := range paths {
		set[p] = true
	}
	return set
}
