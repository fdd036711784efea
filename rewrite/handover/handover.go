// Package handover passes values of the parent process to the functions that
// use them in workers, so that they need not be found by name: as arguments of
// a Process, threaded through the functions on the way, as attributes of a
// Process subclass, or through the initializer of a pool.
//
// A handover is whole or not made at all: when one start, call or function on
// the way is out of sight, Plan says why.
package handover

import (
	"fmt"
	"sort"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Value is one value to hand over.
type Value struct {
	// Name is what the value is called in the workers: the name of the
	// parameter, or of the global that a pool's initializer sets.
	Name string
	// Readers are the functions that use the value.
	Readers []*project.Def
	// Expr says how the value is written at a place in the parent: where a
	// worker is started, a pool is made, or a function that needs the value is
	// called. ok is false where the value cannot be had; then the function
	// around the place gets it as a parameter too.
	Expr func(site *syntax.Node) (text string, ok bool)
}

// Plan is a handover that can be made.
type Plan struct {
	model  *process.Model
	values []*route
	pools  []*process.PoolUse
	home   *scope.Module // where the pools' tasks find the globals
}

// route is the way of one value.
type route struct {
	Value
	need     []*project.Def            // functions that get the parameter
	attr     map[*project.Def]bool     // classes that get the attribute
	sites    map[*syntax.Node]string   // calls outside need, with the text to pass
	calls    map[*syntax.Node][]callTo // every call that passes it on
	order    []*syntax.Node
	byGlobal map[*project.Def]bool // readers in pool tasks
}

type callTo struct {
	call   project.Call
	caller *project.Def
}

// Make finds the way of every value from the parent to its readers. The error
// says in one sentence what stands in the way.
func Make(m *process.Model, values ...Value) (*Plan, error) {
	p := &Plan{model: m}
	for _, v := range values {
		r := &route{
			Value: v, attr: map[*project.Def]bool{}, sites: map[*syntax.Node]string{},
			calls: map[*syntax.Node][]callTo{}, byGlobal: map[*project.Def]bool{},
		}
		if err := p.find(r); err != nil {
			return nil, err
		}
		p.values = append(p.values, r)
	}
	return p, nil
}

// Ref returns how a reader writes the value once it is handed over: the name
// of the parameter or global, or the attribute of self.
func (p *Plan) Ref(name string, reader *project.Def) string {
	for _, r := range p.values {
		if r.Name == name && reader.Class != nil && r.attr[reader.Class] {
			return reader.Self() + "." + name
		}
	}
	return name
}

// Global says whether the value reaches the reader as a global that a pool's
// initializer sets.
func (p *Plan) Global(name string, reader *project.Def) bool {
	for _, r := range p.values {
		if r.Name == name && r.byGlobal[reader] {
			return true
		}
	}
	return false
}

// find works out the way of one value.
func (p *Plan) find(r *route) error {
	var launched, pooled []*process.Worker
	for _, d := range r.Readers {
		for _, w := range p.model.WorkersOf(d) {
			if len(w.Launches) > 0 {
				launched = append(launched, w)
			}
			if len(w.Tasks) > 0 || len(w.InitOf) > 0 {
				pooled = append(pooled, w)
			}
		}
	}
	switch {
	case len(launched) > 0 && len(pooled) > 0:
		return fmt.Errorf("%s runs both in a Process and in a pool", r.Readers[0].QualName())
	case len(pooled) > 0:
		return p.byInitializer(r, pooled)
	}
	return p.byArgument(r)
}

// byArgument threads the value through every function between the starts and
// the readers.
func (p *Plan) byArgument(r *route) error {
	queue := append([]*project.Def(nil), r.Readers...)
	seen := map[*project.Def]bool{}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		if seen[d] {
			continue
		}
		seen[d] = true
		next, err := p.into(r, d)
		if err != nil {
			return err
		}
		queue = append(queue, next...)
	}
	sort.Slice(r.order, func(i, j int) bool { return less(r.order[i], r.order[j]) })
	return nil
}

func less(a, b *syntax.Node) bool {
	if pa, pb := a.Tree.File.Path, b.Tree.File.Path; pa != pb {
		return pa < pb
	}
	return a.Start < b.Start
}

// into gives the value to one function; it returns the callers that need it
// themselves to pass it on.
func (p *Plan) into(r *route, d *project.Def) ([]*project.Def, error) {
	m := p.model
	if d.IsLambda() {
		return nil, fmt.Errorf("a lambda uses %s", r.Name)
	}
	target := d
	if w := m.WorkerOf(d); w != nil && d.Class != nil && d.Name == "run" && subclassRun(w) {
		// run() of a Process subclass takes no arguments: the value travels as
		// an attribute that the constructor sets.
		r.attr[d.Class] = true
		init := d.Class.Scope.Names["__init__"]
		if init == nil || init.Single() == nil {
			return nil, fmt.Errorf("%s has no constructor of its own to take %s", d.Class.Name, r.Name)
		}
		target = m.Project.Method(d.Class, "__init__")
	} else if d.Class != nil && r.attr[d.Class] {
		return nil, nil
	} else if d.Class != nil && runsOnlyInSubclass(m, d) {
		// Another method of a Process subclass: it finds the attribute.
		run := m.Project.Method(d.Class, "run")
		if run == nil {
			return nil, fmt.Errorf("%s is out of sight", d.QualName())
		}
		return []*project.Def{run}, nil
	}
	if b := target.Scope.Names[r.Name]; b != nil {
		return nil, fmt.Errorf("%s has a name %s of its own", target.QualName(), r.Name)
	}
	if target.Class != nil {
		for _, sub := range m.Project.Subclasses(target.Class) {
			if sub.Scope.Names[target.Name] != nil {
				return nil, fmt.Errorf("%s is overridden in %s", target.QualName(), sub.Name)
			}
		}
	}
	calls, complete := m.Project.Callers(target)
	if !complete {
		return nil, fmt.Errorf("%s is also called from where mpfix cannot see", target.QualName())
	}
	if len(calls) == 0 {
		return nil, fmt.Errorf("nothing in sight calls %s", target.QualName())
	}
	r.need = append(r.need, target)
	var more []*project.Def
	for _, c := range calls {
		if c.Indirect != nil && c.Indirect.Unknown {
			return nil, fmt.Errorf("%s is called with arguments that mpfix cannot see", target.QualName())
		}
		caller := m.Project.Enclosing(c.Node)
		if _, done := r.calls[c.Node]; !done {
			r.order = append(r.order, c.Node)
		}
		r.calls[c.Node] = append(r.calls[c.Node], callTo{c, caller})
		if contains(r.Readers, caller) || contains(r.need, caller) {
			continue
		}
		if caller == nil || len(m.WorkersOf(caller)) == 0 {
			if text, ok := r.Expr(c.Node); ok {
				r.sites[c.Node] = text
				continue
			}
		}
		if caller == nil {
			return nil, fmt.Errorf("%s does not exist where %s is called", r.Name, target.QualName())
		}
		more = append(more, caller)
	}
	return more, nil
}

func contains(defs []*project.Def, d *project.Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// subclassRun says whether the entry is run by start() of a Process subclass.
func subclassRun(w *process.Worker) bool {
	for _, l := range w.Launches {
		if l.Object.Class != nil && l.Target == nil {
			return true
		}
	}
	return false
}

// runsOnlyInSubclass says whether a method belongs to a Process subclass and
// its run() reaches it.
func runsOnlyInSubclass(m *process.Model, d *project.Def) bool {
	for _, w := range m.WorkersOf(d) {
		if w.Entry.Class != nil && d.Class != nil && subclassRun(w) && w.Entry != d {
			line, _, _ := m.Project.Ancestors(w.Entry.Class)
			if contains(line, d.Class) {
				return true
			}
		}
	}
	return false
}

// byInitializer lets every pool that runs the readers set a global.
func (p *Plan) byInitializer(r *route, workers []*process.Worker) error {
	for _, d := range r.Readers {
		r.byGlobal[d] = true
		if p.home == nil {
			p.home = d.Module
		}
		if d.Module != p.home {
			return fmt.Errorf("%s is used in the pool's workers in two modules", r.Name)
		}
	}
	for _, w := range workers {
		for _, t := range w.Tasks {
			if t.Pool == nil {
				return fmt.Errorf("the pool that runs %s is not known", w.Entry.QualName())
			}
			if !hasPool(p.pools, t.Pool) {
				p.pools = append(p.pools, t.Pool)
			}
		}
		for _, pu := range w.InitOf {
			if !hasPool(p.pools, pu) {
				p.pools = append(p.pools, pu)
			}
		}
	}
	for _, pu := range p.pools {
		if pu.Initializer != nil {
			if len(pu.InitEntries) != 1 || pu.InitEntries[0].Module != p.home || pu.InitEntries[0].IsLambda() || !pu.InitEntries[0].TopLevel() {
				return fmt.Errorf("the pool has an initializer that mpfix cannot extend")
			}
			if args := pu.Initargs; args != nil && !args.Is("tuple", "list") {
				return fmt.Errorf("the pool's initargs are not written out where it is made")
			}
		}
		if _, ok := r.Expr(pu.Object.Made); !ok {
			return p.toPool(r, pu)
		}
	}
	return nil
}

// toPool threads the value to the function that makes the pool.
func (p *Plan) toPool(r *route, pu *process.PoolUse) error {
	maker := pu.Object.In
	if maker == nil {
		return fmt.Errorf("%s does not exist where the pool is made", r.Name)
	}
	queue := []*project.Def{maker}
	for i := 0; i < len(queue); i++ {
		if contains(queue[:i], queue[i]) {
			continue
		}
		more, err := p.into(r, queue[i])
		if err != nil {
			return err
		}
		queue = append(queue, more...)
	}
	return nil
}

func hasPool(pools []*process.PoolUse, pu *process.PoolUse) bool {
	for _, have := range pools {
		if have == pu {
			return true
		}
	}
	return false
}

// Write makes the handover: parameters, arguments, attributes, initializers.
// How the readers use the value is left to the caller.
func (p *Plan) Write(rw *refactor.Rewrite) {
	for _, r := range p.values {
		for _, d := range r.need {
			p.addParameter(rw, r, d)
		}
		for _, n := range r.order {
			for _, c := range r.calls[n] {
				text, ok := r.sites[n]
				if !ok {
					text = p.textIn(r, c.caller)
				}
				p.pass(rw, r, c.call, text)
			}
		}
	}
	p.writeInitializers(rw)
}

// textIn is how a function that has the value passes it on.
func (p *Plan) textIn(r *route, caller *project.Def) string {
	if caller != nil && caller.Class != nil && r.attr[caller.Class] {
		return caller.Self() + "." + r.Name
	}
	return r.Name
}

// keywordOnly says whether a function must take the value by keyword: behind
// *args or defaults a positional parameter would take what callers pass there.
func keywordOnly(d *project.Def) bool {
	for _, pr := range d.Params() {
		if pr.Star > 0 || pr.Default != nil || pr.KwOnly {
			return true
		}
	}
	return false
}

func (p *Plan) addParameter(rw *refactor.Rewrite, r *route, d *project.Def) {
	if keywordOnly(d) {
		rw.AddKeywordOnly(d.Node, r.Name)
	} else {
		rw.AddParameter(d.Node, r.Name, "")
	}
	if d.Name == "__init__" && d.Class != nil && r.attr[d.Class] {
		line := d.Self() + "." + r.Name + " = " + r.Name
		if stmts := d.Body().NamedChildren(); len(stmts) > 0 {
			rw.LinesAfter(stmts[len(stmts)-1], line)
		}
	}
}

// pass adds the value to one call.
func (p *Plan) pass(rw *refactor.Rewrite, r *route, c project.Call, text string) {
	d := c.Def
	if d.IsClass() {
		d = p.model.Project.Method(d, "__init__")
	}
	keyword := keywordOnly(d) || c.Indirect != nil && (c.Indirect.Mapping != nil || len(c.Indirect.Keywords) > 0)
	args := syntax.CallArgs(c.Node)
	if c.Indirect == nil {
		if keyword || len(args.Names) > 0 || len(args.Stars) > 0 || len(args.DoubleStars) > 0 {
			rw.AddKeyword(c.Node, r.Name, text)
		} else {
			rw.AddArgument(c.Node, text)
		}
		return
	}
	if c.Indirect.Rest == nil && len(c.Indirect.Args) > 0 && args.Keywords["target"] == nil {
		// submit(f, a), partial(f, a): the arguments stand in the call itself.
		rw.AddKeyword(c.Node, r.Name, text)
		return
	}
	if keyword {
		p.passKeyword(rw, r, c, args, text)
		return
	}
	if c.Indirect.Rest != nil && args.Keywords["args"] == nil {
		if !c.Indirect.Rest.Expr.Is("tuple", "list") {
			rw.Fail(fmt.Errorf("the arguments of %s are not written out", c.Node.Field("function").Text()))
			return
		}
		rw.AddElement(c.Indirect.Rest.Expr, text)
		return
	}
	rw.AddKeywordElement(c.Node, "args", text)
}

func (p *Plan) passKeyword(rw *refactor.Rewrite, r *route, c project.Call, args syntax.Args, text string) {
	if c.Indirect.Mapping != nil && args.Keywords["kwargs"] == nil {
		rw.Fail(fmt.Errorf("the keyword arguments of %s are not written out", c.Node.Field("function").Text()))
		return
	}
	rw.AddKeywordItem(c.Node, "kwargs", r.Name, text)
}

// writeInitializers lets each pool set the globals, one initializer for all.
func (p *Plan) writeInitializers(rw *refactor.Rewrite) {
	var values []*route
	for _, r := range p.values {
		if len(r.byGlobal) > 0 {
			values = append(values, r)
		}
	}
	if len(values) == 0 || len(p.pools) == 0 {
		return
	}
	var made string // the name of the new initializer
	extended := map[*project.Def]bool{}
	for _, pu := range p.pools {
		if pu.Initializer != nil {
			if d := pu.InitEntries[0]; !extended[d] {
				extended[d] = true
				p.extend(rw, d, values)
			}
			p.extendArgs(rw, pu, values)
			continue
		}
		if made == "" {
			made = p.define(rw, values)
		}
		ref := made
		if pu.Object.Module != p.home {
			ref = rw.Import(pu.Object.Module, p.home.Name, made)
		}
		texts := ""
		for _, r := range values {
			texts += p.atPool(r, pu) + ", "
		}
		if len(values) == 1 {
			texts = texts[:len(texts)-1]
		} else {
			texts = texts[:len(texts)-2]
		}
		rw.AddKeyword(pu.Object.Made, "initializer", ref)
		rw.AddKeyword(pu.Object.Made, "initargs", "("+texts+")")
	}
}

// atPool is how the value is written where a pool is made.
func (p *Plan) atPool(r *route, pu *process.PoolUse) string {
	if text, ok := r.Expr(pu.Object.Made); ok {
		return text
	}
	return p.textIn(r, pu.Object.In)
}

// define writes a new initializer above the first reader and returns its name.
func (p *Plan) define(rw *refactor.Rewrite, values []*route) string {
	first := values[0].Readers[0]
	for _, r := range values {
		for _, d := range r.Readers {
			if d.Node.Start < first.Node.Start {
				first = d
			}
		}
	}
	name := p.home.FreshName(p.home.Top, "init_worker")
	params, globals := "", ""
	var lines []string
	for i, r := range values {
		if i > 0 {
			params += ", "
			globals += ", "
		}
		params += "shared_" + trimmed(r.Name)
		globals += r.Name
		lines = append(lines, "\t"+r.Name+" = shared_"+trimmed(r.Name))
	}
	lines = append([]string{"def " + name + "(" + params + "):", "\tglobal " + globals}, lines...)
	rw.LinesBefore(process.TopStatement(first.Node), lines...)
	return name
}

// trimmed is a name less its leading underscores; constants are written small.
func trimmed(name string) string {
	for len(name) > 1 && name[0] == '_' {
		name = name[1:]
	}
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return name
}

// extend adds the values to an initializer that is there.
func (p *Plan) extend(rw *refactor.Rewrite, d *project.Def, values []*route) {
	var lines []string
	for _, r := range values {
		param := "shared_" + trimmed(r.Name)
		rw.AddParameter(d.Node, param, "")
		rw.DeclareGlobal(d.Node, r.Name)
		lines = append(lines, r.Name+" = "+param)
	}
	rw.LinesAtTop(d.Node, lines...)
}

// extendArgs adds the values to the arguments of a pool's initializer.
func (p *Plan) extendArgs(rw *refactor.Rewrite, pu *process.PoolUse, values []*route) {
	args := syntax.CallArgs(pu.Object.Made)
	for _, r := range values {
		if pu.Initargs != nil && args.Keywords["initargs"] == nil {
			rw.AddElement(pu.Initargs, p.atPool(r, pu))
		} else {
			rw.AddKeywordElement(pu.Object.Made, "initargs", p.atPool(r, pu))
		}
	}
}
