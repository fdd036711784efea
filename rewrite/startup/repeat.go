package startup

import (
	"fmt"
	"sort"
	"strings"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Repeat is a plan that lets workers make a setting of the parent themselves: in
// the initializer of their pool, or first in the function that a Process runs.
type Repeat struct {
	setting *Setting
	module  *scope.Module
	passed  []passed
	pools   []*process.PoolUse
	entries []*project.Def
	hand    *handover.Plan
	direct  *syntax.Node // the call whose function is the initializer as it is
	extend  *project.Def // the initializer that the pools have
}

// passed is one value of the parent that the setting needs.
type passed struct {
	text  string // the expression in the parent: "options.digits"
	param string
	nodes []*syntax.Node
}

// PlanRepeat plans the repetition; the error says in one sentence what stands in
// the way.
func (s *Setting) PlanRepeat() (*Repeat, error) {
	m := s.model
	r := &Repeat{setting: s, module: m.Project.ModuleOf(s.Stmt)}
	if s.Seed {
		return nil, fmt.Errorf("workers that repeat it would all draw the same numbers: each needs a seed of its own")
	}
	if len(s.Do) == 0 {
		return nil, fmt.Errorf("it is made elsewhere than the processes are started")
	}
	if r.module = m.Project.ModuleOf(s.Do[0]); s.Home != nil && s.Home.Statement() == nil {
		return nil, fmt.Errorf("a lambda starts the processes")
	}
	if err := r.values(); err != nil {
		return nil, err
	}
	for _, w := range s.Workers {
		if err := r.worker(w); err != nil {
			return nil, err
		}
		for _, stmt := range s.Do {
			for _, at := range starts(w) {
				if !at.Within(stmt.Block()) && m.Project.Enclosing(at) == s.Home {
					return nil, fmt.Errorf("it is made under a condition")
				}
			}
		}
	}
	if len(r.pools) > 0 && len(r.entries) > 0 {
		return nil, fmt.Errorf("workers of a pool and processes rely on it")
	}
	if len(r.entries) > 0 {
		return r, r.byArgument()
	}
	return r, r.byInitializer()
}

// values finds what the statements read that exists in the parent only.
func (r *Repeat) values() error {
	m := r.setting.model
	names := map[string]bool{}
	for _, stmt := range r.setting.Do {
		var err error
		if c, _ := repeats(m, stmt, stmt, map[*project.Def]bool{}); c != nil {
			return fmt.Errorf("%s does more than to set it", syntax.Head(c))
		}
		stmt.Walk(func(n *syntax.Node) bool {
			if n.Is("lambda", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "named_expression", "await") {
				err = fmt.Errorf("%s cannot be repeated elsewhere", syntax.Head(n))
				return false
			}
			if n.Is("call") && visibleCall(external(m, n.Field("function"))) {
				err = fmt.Errorf("%s gives something else in each process", syntax.Head(n))
				return false
			}
			if !n.Is("identifier") || n.FieldName == "attribute" || n.Parent.Is("keyword_argument") && n.FieldName == "name" {
				return true
			}
			b := r.module.Binding(n)
			if b == nil || b.Scope == r.module.Top && r.everywhere(b) {
				return true
			}
			if m.Project.Enclosing(n) == nil && b.Scope != r.module.Top {
				return true
			}
			err = r.pass(n, b, names)
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// everywhere says whether each child has a module-level name.
func (r *Repeat) everywhere(b *scope.Binding) bool {
	for _, d := range b.Defs {
		if d.Scope != r.module.Top || r.setting.model.AtImport(d.Name) == nil {
			return false
		}
	}
	return true
}

// pass adds the value of a name, or of the attribute of it that is read.
func (r *Repeat) pass(n *syntax.Node, b *scope.Binding, names map[string]bool) error {
	m := r.setting.model
	for _, d := range b.Defs {
		if d.Kind == scope.Imported || d.Name.Within(r.setting.Do[0]) {
			return fmt.Errorf("%s is bound where the parent makes the setting", b.Name)
		}
	}
	expr := n
	for expr.Parent.Is("attribute") && expr.FieldName == "object" && !(expr.Parent.Parent.Is("call") && expr.Parent.FieldName == "function") && !project.StoredTo(expr.Parent) {
		expr = expr.Parent
	}
	if project.StoredTo(expr.Parent) && expr.FieldName == "object" || expr.FieldName == "function" || expr.Parent.Is("attribute") {
		return fmt.Errorf("it is made on %s, which the parent has for itself", expr.Text())
	}
	values, _ := m.Project.Values(expr)
	for _, v := range values {
		if v.Kind == project.Function && !v.Def.TopLevel() || v.Kind == project.External && strings.HasPrefix(v.Name, "logging.") ||
			len(m.Breaks(v, process.Sent{Situation: process.AtStart, Expr: expr})) > 0 {
			return fmt.Errorf("%s cannot be passed to workers", expr.Text())
		}
	}
	for i := range r.passed {
		if r.passed[i].text == expr.Text() {
			r.passed[i].nodes = append(r.passed[i].nodes, expr)
			return nil
		}
	}
	param := expr.Text()
	if expr.Is("attribute") {
		param = expr.Field("attribute").Text()
	}
	if names[param] {
		return fmt.Errorf("two values are called %s", param)
	}
	names[param] = true
	r.passed = append(r.passed, passed{expr.Text(), param, []*syntax.Node{expr}})
	return nil
}

// worker finds the place where a worker can make the setting.
func (r *Repeat) worker(w *process.Worker) error {
	if len(w.Launches) > 0 {
		if len(w.Tasks) > 0 || w.Entry.Module != r.module || w.Entry.IsLambda() || w.Entry.Class != nil || !w.Entry.TopLevel() ||
			r.setting.model.DefInParent(w.Entry) {
			return fmt.Errorf("%s is not only run by processes of this module", w.Entry.QualName())
		}
		r.entries = append(r.entries, w.Entry)
		return nil
	}
	for _, t := range w.Tasks {
		switch {
		case t.Pool == nil:
			return fmt.Errorf("the pool that runs %s is not known", w.Entry.QualName())
		case t.Pool.Object.In != r.setting.Home || t.Pool.Object.Module != r.module:
			return fmt.Errorf("the pool is made elsewhere")
		case t.Pool.Object.Root != "multiprocessing" && t.Pool.Object.Root != "concurrent.futures":
			return fmt.Errorf("a pool of %s is not known to take an initializer", t.Pool.Object.Root)
		}
		if t.Pool.Object.Made.Start < r.setting.Do[len(r.setting.Do)-1].Start {
			return fmt.Errorf("the pool is made above it")
		}
		known := false
		for _, p := range r.pools {
			known = known || p == t.Pool
		}
		if !known {
			r.pools = append(r.pools, t.Pool)
		}
	}
	return nil
}

// byArgument plans the setting at the top of what processes run.
func (r *Repeat) byArgument() error {
	if r.setting.Home == nil && len(r.passed) > 0 {
		for _, p := range r.passed {
			for _, e := range r.entries {
				if e.Scope.Names[p.param] != nil {
					return fmt.Errorf("%s has a name %s of its own", e.QualName(), p.param)
				}
			}
		}
	}
	var values []handover.Value
	for _, p := range r.passed {
		values = append(values, handover.Value{
			Name:    p.param,
			Readers: r.entries,
			Expr: func(site *syntax.Node) (string, bool) {
				return p.text, r.setting.model.Project.Enclosing(site) == r.setting.Home && site.Start > r.setting.Do[0].Start
			},
		})
	}
	if len(values) == 0 {
		return nil
	}
	plan, err := handover.Make(r.setting.model, values...)
	r.hand = plan
	return err
}

// byInitializer plans the setting in the initializer of the pools.
func (r *Repeat) byInitializer() error {
	m := r.setting.model
	for _, p := range r.pools {
		if p.Initializer == nil {
			if r.extend != nil {
				return fmt.Errorf("only some of the pools have an initializer")
			}
			continue
		}
		if len(p.InitEntries) != 1 || p.InitEntries[0].Module != r.module || p.InitEntries[0].Class != nil || !p.InitEntries[0].TopLevel() ||
			p.InitEntries[0].IsLambda() || m.DefInParent(p.InitEntries[0]) || len(r.pools) > 1 {
			return fmt.Errorf("the pool has an initializer that mpfix cannot extend")
		}
		if p.Initargs != nil && !p.Initargs.Is("tuple", "list") {
			return fmt.Errorf("the pool's initargs are not written out where it is made")
		}
		r.extend = p.InitEntries[0]
		for _, v := range r.passed {
			if r.extend.Scope.Names[v.param] != nil {
				return fmt.Errorf("%s has a name %s of its own", r.extend.QualName(), v.param)
			}
		}
		for _, pr := range r.extend.Params() {
			if pr.Star > 0 || pr.Default != nil || pr.KwOnly {
				return fmt.Errorf("the pool has an initializer that mpfix cannot extend")
			}
		}
	}
	if r.extend == nil && len(r.setting.Do) == 1 {
		r.direct = r.plainCall(r.setting.Do[0])
	}
	return nil
}

// plainCall returns the call that a statement is when its function can be the
// initializer as it is: one of the module, given positional arguments.
func (r *Repeat) plainCall(stmt *syntax.Node) *syntax.Node {
	c := stmt.NamedChildren()[0]
	if !c.Is("call") || !c.Field("function").Is("identifier") {
		return nil
	}
	v, ok := r.setting.model.Project.Only(c.Field("function"))
	args := syntax.CallArgs(c)
	if !ok || v.Kind != project.Function || !v.Def.TopLevel() || len(args.Names)+len(args.Stars)+len(args.DoubleStars) > 0 {
		return nil
	}
	for _, a := range args.Positional {
		if !a.Is("identifier", "attribute", "string", "integer", "float", "true", "false", "none") {
			return nil
		}
	}
	return c
}

// Write makes the change.
func (r *Repeat) Write(rw *refactor.Rewrite) {
	if len(r.entries) > 0 {
		if r.hand != nil {
			r.hand.Write(rw)
		}
		for _, e := range r.entries {
			rw.LinesAtTop(e.Node, r.lines("")...)
		}
		return
	}
	name, args := "", []string{}
	switch {
	case r.extend != nil:
		for _, p := range r.passed {
			rw.AddParameter(r.extend.Node, p.param, "")
			made := r.pools[0].Object.Made
			if args := r.pools[0].Initargs; args != nil && syntax.CallArgs(made).Keywords["initargs"] == nil {
				rw.AddElement(args, p.text)
			} else {
				rw.AddKeywordElement(made, "initargs", p.text)
			}
		}
		rw.LinesAtTop(r.extend.Node, r.lines("")...)
		return
	case r.direct != nil:
		name = r.direct.Field("function").Text()
		for _, a := range syntax.CallArgs(r.direct).Positional {
			args = append(args, a.Text())
		}
	default:
		name = r.module.FreshName(r.module.Top, "init_worker")
		var params []string
		for _, p := range r.passed {
			params = append(params, p.param)
			args = append(args, p.text)
		}
		def := append([]string{"def " + name + "(" + strings.Join(params, ", ") + "):"}, r.lines("\t")...)
		rw.LinesBefore(process.TopStatement(r.setting.Do[0]), def...)
	}
	for _, p := range r.pools {
		rw.AddKeyword(p.Object.Made, "initializer", name)
		if len(args) == 1 {
			rw.AddKeyword(p.Object.Made, "initargs", "("+args[0]+",)")
		} else if len(args) > 1 {
			rw.AddKeyword(p.Object.Made, "initargs", "("+strings.Join(args, ", ")+")")
		}
	}
}

// lines are the statements as a worker makes them.
func (r *Repeat) lines(indent string) []string {
	var out []string
	for _, stmt := range r.setting.Do {
		text := stmt.Text()
		var all []struct {
			at, end int
			param   string
		}
		for _, p := range r.passed {
			for _, n := range p.nodes {
				if n.Within(stmt) {
					all = append(all, struct {
						at, end int
						param   string
					}{n.Start - stmt.Start, n.End - stmt.Start, p.param})
				}
			}
		}
		sort.Slice(all, func(i, j int) bool { return all[i].at > all[j].at })
		for _, a := range all {
			text = text[:a.at] + a.param + text[a.end:]
		}
		out = append(out, r.unindented(stmt, text, indent)...)
	}
	return out
}

// unindented splits a statement into lines with the indentation of its first one
// taken off the others.
func (r *Repeat) unindented(stmt *syntax.Node, text, indent string) []string {
	lines := strings.Split(text, "\n")
	src := stmt.Tree.Root.Text()
	from := stmt.Start - stmt.Tree.Root.Start
	begin := from
	for begin > 0 && src[begin-1] != '\n' {
		begin--
	}
	margin := src[begin:from]
	if strings.TrimSpace(margin) != "" {
		margin = ""
	}
	for i := range lines {
		if i > 0 {
			lines[i] = strings.TrimPrefix(lines[i], margin)
		}
		lines[i] = indent + lines[i]
	}
	return lines
}
