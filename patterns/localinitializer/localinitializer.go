// Package localinitializer finds initializers of pools that set a local variable
// where the workers read a global one, and declares it global.
package localinitializer

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed localinitializer.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF311 local-initializer.
var Rule = &rule.Rule{
	ID:    "MPF311",
	Name:  "local-initializer",
	Title: "an initializer sets a local variable instead of the global one",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// lost is a local variable that should be the global one.
type lost struct {
	binding *scope.Binding
	read    *syntax.Node // where a worker reads the global one
	exists  bool         // the module binds it too
}

func check(p *rule.Pass, match syntax.Match) {
	d := p.Project.DefAt(match.Node)
	if d == nil || d.Scope == nil || d.IsGenerator() {
		return
	}
	var pools []*process.PoolUse
	for _, w := range p.Model.WorkersOf(d) {
		pools = append(pools, w.InitOf...)
	}
	if len(pools) == 0 {
		return
	}
	var names []lost
	for _, b := range p.Module.AssignedIn(d.Scope) {
		if l, ok := judge(p, d, b, pools); ok {
			names = append(names, l)
		}
	}
	if len(names) == 0 {
		return
	}
	first := names[0]
	sees := "a NameError"
	if first.exists {
		sees = "what the module set"
	}
	f := &rule.Finding{
		Span: first.binding.Defs[0].Node.Span(),
		Message: fmt.Sprintf("%s is a local variable of %s: the workers read the global one and see %s under every start method",
			first.binding.Name, d.Name, sees),
		Trail: []rule.Note{
			{Span: first.read.Span(), Text: "a worker reads it here"},
			{Span: pools[0].Object.Made.Span(), Text: "the pool"},
		},
	}
	fix(f, d, names)
	p.Report(f)
}

// judge says whether a variable of an initializer is meant to be global.
func judge(p *rule.Pass, d *project.Def, b *scope.Binding, pools []*process.PoolUse) (lost, bool) {
	if b.Scope != d.Scope || len(b.NonlocalIn) > 0 {
		return lost{}, false
	}
	for _, def := range b.Defs {
		if def.Kind != scope.Assign && def.Kind != scope.AugAssign && def.Kind != scope.Imported {
			return lost{}, false
		}
	}
	global := p.Module.Top.Names[b.Name]
	l := lost{binding: b, exists: global != nil}
	own := len(b.Uses) > 0 && b.Defs[0].Kind != scope.AugAssign // "n += 1" has no value of its own to add to
	if global != nil && (own && !placeholder(global) || !assigned(global)) {
		return lost{}, false // it may well be a variable of its own
	}
	for _, w := range p.Model.Workers {
		if !tasksOf(w, pools) {
			continue
		}
		for _, r := range w.Reaches {
			if r.Module != p.Module || l.read != nil || r == d {
				continue
			}
			r.Walk(func(n *syntax.Node) {
				if l.read == nil && n.Is("identifier") && n.Text() == b.Name && p.Module.IsLoad(n) && p.Module.Binding(n) == global && p.Module.ScopeOf(n).Lookup(b.Name) == global {
					l.read = n
				}
			})
			if global != nil && slices.Contains(global.GlobalIn, r.Scope) {
				return lost{}, false // the worker sets it itself
			}
		}
	}
	for _, w := range p.Model.Workers { // another initializer that does it right
		for _, r := range w.Reaches {
			if len(w.InitOf) > 0 && global != nil && slices.Contains(global.GlobalIn, r.Scope) {
				return lost{}, false
			}
		}
	}
	return l, l.read != nil
}

// tasksOf says whether a worker runs tasks of one of the pools, or of one that
// is not known.
func tasksOf(w *process.Worker, pools []*process.PoolUse) bool {
	for _, t := range w.Tasks {
		if t.Pool == nil || slices.Contains(pools, t.Pool) {
			return true
		}
	}
	return false
}

// assigned says whether a name is an ordinary variable of its module.
func assigned(b *scope.Binding) bool {
	for _, d := range b.Defs {
		switch d.Kind {
		case scope.Assign, scope.AnnOnly, scope.Global, scope.AugAssign, scope.For, scope.With:
		default:
			return false
		}
	}
	return true
}

// placeholder says whether a name holds nothing but None.
func placeholder(b *scope.Binding) bool {
	for _, d := range b.Defs {
		if d.Kind == scope.Assign && !d.Value.Is("none") {
			return false
		}
	}
	return true
}

// fix declares the names global.
func fix(f *rule.Finding, d *project.Def, names []lost) {
	var list []string
	rw := refactor.New()
	for _, l := range names {
		list = append(list, l.binding.Name)
		for _, def := range l.binding.Defs {
			if t := def.Node.Field("type"); t != nil && def.Kind == scope.Assign {
				// an annotated name cannot be declared global
				rw.ReplaceRange(def.Node.Tree.File, def.Name.End, t.End, "")
			}
		}
	}
	text := strings.Join(list, ", ")
	if have := declaration(d); have != nil {
		words := have.NamedChildren()
		rw.InsertAfter(words[len(words)-1], ", "+text)
	} else {
		rw.LinesAtTop(d.Body(), "global "+text)
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "declare " + text + " global in the initializer", Safety: rule.Safe, Edits: set})
}

// declaration returns the first global statement of a function.
func declaration(d *project.Def) *syntax.Node {
	for _, c := range d.Body().NamedChildren() {
		if c.Is("global_statement") {
			return c
		}
	}
	return nil
}
