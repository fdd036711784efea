// Package rule is the contract between an anti-pattern and the engine: what a
// rule is, what it is given, and what it hands back.
package rule

import (
	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Level says how bad a fault is.
type Level int

// The levels. Error and Warning are on by default.
const (
	Error   Level = iota // fails, hangs or loses data under some start method
	Warning              // does so under load or timing
	Hygiene              // leaks until exit
)

// String returns "error", "warning" or "hygiene".
func (l Level) String() string {
	switch l {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "hygiene"
}

// Safety says how much review a fix needs.
type Safety int

// The degrees of safety.
const (
	Safe   Safety = iota // every use was seen; same behaviour less the fault
	Unsafe               // an expert would make it but look first
	Manual               // shown as a sketch, never applied
)

// String returns "safe", "unsafe" or "manual".
func (s Safety) String() string {
	switch s {
	case Safe:
		return "safe"
	case Unsafe:
		return "unsafe"
	}
	return "manual"
}

// Rule is one anti-pattern. Query nominates candidate nodes, Check judges them.
type Rule struct {
	ID    string // "MPF101"
	Name  string // "unguarded-start": the folder's words, with dashes
	Title string // one line, in lower case, without a full stop
	Doc   string // the pattern's README
	Query string // tree-sitter query
	Level Level
	Check func(*Pass, syntax.Match)
}

// Family returns the first digit's group of the ID, "MPF1" for "MPF101".
func (r *Rule) Family() string {
	if len(r.ID) < 4 {
		return r.ID
	}
	return r.ID[:4]
}

// Pass is what Check is given for one (module, rule): the module, the project
// it stands in and the model of its processes. All of them are read-only.
type Pass struct {
	Rule    *Rule
	Module  *scope.Module
	Project *project.Project
	Model   *process.Model

	findings []*Finding
}

// Report adds a finding. The engine fills in the rule.
func (p *Pass) Report(f *Finding) {
	f.Rule = p.Rule
	p.findings = append(p.findings, f)
}

// Findings returns what was reported so far, in that order.
func (p *Pass) Findings() []*Finding { return p.findings }

// Finding is one fault at one place.
type Finding struct {
	Rule    *Rule
	Span    source.Span
	Message string // one sentence without a full stop: what happens and under which start method
	Trail   []Note // the worker, the place it is started, the other file
	Fixes   []Fix  // best first; may be empty
	Why     string // why there is no safe fix, if so
}

// Note is one step of a finding's trail.
type Note struct {
	Span source.Span
	Text string
}

// Fix is one way to mend a finding. Its edits land together or not at all.
type Fix struct {
	Title  string
	Safety Safety
	Edits  edit.Set
}
