// Package lostclass finds classes that pickle cannot find again, or whose
// objects cannot be unpickled, and puts them where it looks.
package lostclass

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed lostclass.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF309 lost-class.
var Rule = &rule.Rule{
	ID:    "MPF309",
	Name:  "lost-class",
	Title: "objects of a class cross to another process and cannot be unpickled there",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// makers are the functions that make a class and take its name first.
var makers = map[string]bool{
	"collections.namedtuple": true, "typing.NamedTuple": true, "enum.Enum": true, "enum.IntEnum": true, "enum.Flag": true, "dataclasses.make_dataclass": true,
}

func check(p *rule.Pass, match syntax.Match) {
	n := match.Node
	if n.Is("class_definition") {
		checkClass(p, p.Project.DefAt(n))
	} else if makers[p.Module.Qualified(n.Field("function"))] {
		checkMade(p, n)
	}
}

// checkMade judges a class that a call makes.
func checkMade(p *rule.Pass, call *syntax.Node) {
	name := syntax.CallArgs(call).Positional[0]
	typename, ok := syntax.StringValue(name)
	assignment := call.Parent
	if !ok || !assignment.Is("assignment") || !assignment.Field("left").Is("identifier") || assignment.Field("right") != call {
		return
	}
	b := p.Module.Binding(assignment.Field("left"))
	if b == nil || b.Single() == nil {
		return
	}
	local := b.Scope.Kind == scope.Function
	if !local && (b.Scope != p.Module.Top || typename == b.Name || p.Model.GuardOf(assignment) != nil) {
		return
	}
	if global := p.Module.Top.Names[typename]; !local && global != nil {
		if d := global.Single(); d != nil && d.Value != nil && p.Module.Binding(d.Value) == b {
			return // there is another name for it, the right one
		}
	}
	at := crosses(p, func(v project.Value) bool { return madeBy(p, v) == call })
	if at == nil {
		return
	}
	f := &rule.Finding{
		Span:  assignment.Span(),
		Trail: []rule.Note{{Span: at.Span(), Text: "an object of it crosses here"}},
	}
	rw := refactor.New()
	title := ""
	if local {
		f.Message = fmt.Sprintf("%s is made inside %s: pickle looks for it in the module and fails under every start method", b.Name, b.Scope.Name)
		if why := move(p, rw, assignment.Statement(), b); why != "" {
			f.Why = why
			p.Report(f)
			return
		}
		title = "define " + b.Name + " at module level"
	} else {
		f.Message = fmt.Sprintf("%s calls itself %s: pickle looks for %s in the module and fails under every start method", b.Name, typename, typename)
		title = "call it " + b.Name
	}
	if typename != b.Name {
		for _, c := range name.Children {
			if c.Is("string_content") {
				rw.Replace(c, b.Name)
			}
		}
	}
	offer(f, rw, title)
	p.Report(f)
}

// checkClass judges a class statement.
func checkClass(p *rule.Pass, class *project.Def) {
	if class == nil || class.Scope == nil {
		return
	}
	if !class.TopLevel() {
		checkLocal(p, class)
		return
	}
	access := recursion(p.Project, class)
	if access == nil {
		return
	}
	at := crosses(p, func(v project.Value) bool {
		return v.Kind == project.Instance && v.Def == class || v.Kind == project.Method && v.Recv != nil && v.Recv.Kind == project.Instance && v.Recv.Def == class
	})
	if at == nil {
		return
	}
	get := p.Project.DefAt(access.Ancestor("function_definition"))
	f := &rule.Finding{
		Span: access.Span(),
		Message: fmt.Sprintf("%s is not there yet while an object of %s is unpickled: __getattr__ calls itself without end, under every start method that pickles it",
			syntax.Head(access), class.Name),
		Trail: []rule.Note{{Span: at.Span(), Text: "an object of it crosses here"}},
	}
	rw := refactor.New()
	quote := rw.Quote(p.Module)
	name := get.Params()[1].Name
	rw.LinesAtTop(get.Body(), "if "+name+".startswith("+quote+"__"+quote+"):", "\traise AttributeError("+name+")")
	offer(f, rw, "leave special names to Python")
	p.Report(f)
}

// checkLocal judges a class inside a function whose objects are results; those
// that are sent to workers are the affair of MPF301.
func checkLocal(p *rule.Pass, class *project.Def) {
	at := returned(p, func(v project.Value) bool { return v.Kind == project.Instance && v.Def == class })
	if at == nil {
		return
	}
	f := &rule.Finding{
		Span:    class.Node.Field("name").Span(),
		Message: fmt.Sprintf("%s is defined inside a function: pickle cannot find it by its name, and the result of the worker is lost under every start method", class.Name),
		Trail:   []rule.Note{{Span: at.Span(), Text: "an object of it crosses here"}},
	}
	rw := refactor.New()
	b := p.Module.Binding(class.Node.Field("name"))
	if b == nil || b.Single() == nil || b.Scope.Kind != scope.Function {
		f.Why = "it is not bound once"
	} else if why := move(p, rw, class.Statement(), b); why != "" {
		f.Why = why
	} else {
		offer(f, rw, "define "+class.Name+" at module level")
	}
	p.Report(f)
}

// move takes the statement that binds a name to module level; why says what
// keeps it.
func move(p *rule.Pass, rw *refactor.Rewrite, stmt *syntax.Node, b *scope.Binding) (why string) {
	for _, free := range p.Module.FreeNames(stmt) {
		if free.Binding != nil && free.Binding != b && free.Binding.Scope != p.Module.Top {
			return "it reads the local variable " + free.Name
		}
	}
	if p.Module.Top.Names[b.Name] != nil {
		return "the module has a " + b.Name + " already"
	}
	for s := b.Scope.Parent; s != nil; s = s.Parent {
		if s.Names[b.Name] != nil {
			return "a function around has a " + b.Name + " already"
		}
	}
	rw.Move([]*syntax.Node{stmt}, process.TopStatement(stmt))
	return ""
}

func offer(f *rule.Finding, rw *refactor.Rewrite, title string) {
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: title, Safety: rule.Safe, Edits: set})
}
