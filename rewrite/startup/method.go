package startup

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// MethodFault says what is wrong with a call of set_start_method.
type MethodFault int

// The faults, all of which end in "context has already been set" (CPython,
// Lib/multiprocessing/context.py, DefaultContext.set_start_method).
const (
	MethodFine     MethodFault = iota
	MethodAtImport             // children call it again while they import the module
	MethodTwice                // it is called a second time
	MethodLate                 // the default context is in use already
)

// Method is a call of set_start_method that raises in the parent or in children.
type Method struct {
	Pin   *process.Pin
	Fault MethodFault
	// Earlier is the call or object that sets the context before it; nil for
	// MethodAtImport and for a call that runs again itself.
	Earlier *syntax.Node

	model *process.Model
	stmt  *syntax.Node
}

// LookMethod judges a call; nil when it is no call of set_start_method, or nothing
// wrong with it is known.
func LookMethod(m *process.Model, call *syntax.Node) *Method {
	for _, pin := range m.Pins() {
		if pin.Call != call {
			continue
		}
		if !binding(m, pin) {
			return nil
		}
		f := &Method{Pin: pin, model: m, stmt: call.Statement()}
		f.judge()
		if f.Fault == MethodFine {
			return nil
		}
		return f
	}
	return nil
}

// binding says whether a call of set_start_method is certain to run and raises
// when a method is set already.
func binding(m *process.Model, pin *process.Pin) bool {
	args := syntax.CallArgs(pin.Call)
	if !pin.Certain && !looped(m, pin.Call, 0) || len(args.Positional) != 1 || len(args.Names)+len(args.Stars)+len(args.DoubleStars) > 0 {
		return false // force=True, or not known
	}
	for up := pin.Call.Parent; up != nil && !up.Is("function_definition"); up = up.Parent {
		if up.Kind == "try_statement" {
			return false
		}
		if up.Kind == "if_statement" && m.GuardOf(pin.Call) != up {
			return false // it may ask whether a method is set
		}
	}
	return len(m.Starts) > 0
}

// looped says whether a call runs under no condition but loops and main guards, by
// a chain of single calls.
func looped(m *process.Model, n *syntax.Node, depth int) bool {
	for c, up := n, n.Parent; up != nil; c, up = up, up.Parent {
		switch up.Kind {
		case "while_statement", "try_statement", "conditional_expression", "boolean_operator", "lambda", "match_statement":
			return false
		case "if_statement":
			if m.GuardOf(n) != up || c.FieldName != "consequence" {
				return false
			}
		case "function_definition":
			d := m.Project.DefAt(up)
			if d == nil || depth > 8 {
				return false
			}
			calls, complete := m.Project.Callers(d)
			return complete && len(calls) == 1 && calls[0].Indirect == nil && looped(m, calls[0].Node, depth+1)
		}
	}
	return true
}

func (f *Method) judge() {
	m, call := f.model, f.Pin.Call
	if m.AtImport(call) != nil {
		if f.Pin.Method != "fork" {
			f.Fault = MethodAtImport
		}
		return
	}
	for _, other := range m.Pins() {
		if other == f.Pin || !binding(m, other) {
			continue
		}
		if runsBefore(m, other.Call, call) && (!runsBefore(m, call, other.Call) || other.Call.Start < call.Start) {
			f.Fault, f.Earlier = MethodTwice, other.Call
			return
		}
	}
	if f.again() {
		f.Fault = MethodTwice
		return
	}
	for _, o := range m.Objects {
		if fixesContext(o) && f.surely(o.Made) {
			f.Fault, f.Earlier = MethodLate, o.Made
			return
		}
	}
}

// again says whether the call runs a second time.
func (f *Method) again() bool {
	m := f.model
	if len(process.Loops(f.Pin.Call)) > 0 {
		return true
	}
	d := m.Project.Enclosing(f.Pin.Call)
	if d == nil {
		return false
	}
	calls, _ := m.Project.Callers(d)
	for i, c := range calls {
		if c.Indirect != nil || m.Project.Enclosing(c.Node) == nil && m.AtImport(c.Node) != nil {
			return false
		}
		if len(process.Loops(c.Node)) > 0 || i > 0 && runsBefore(m, calls[i-1].Node, c.Node) {
			return true
		}
	}
	return false
}

// fixesContext says whether making an object settles the default context.
func fixesContext(o *process.Object) bool {
	if o.Contextual || o.Managed || o.Root != "multiprocessing" && o.Root != "concurrent.futures" {
		return false
	}
	if syntax.CallArgs(o.Made).Keywords["mp_context"] != nil {
		return false
	}
	switch o.Kind {
	case process.Pool, process.Executor, process.Manager, process.Queue, process.JoinableQueue, process.SimpleQueue, process.Lock, process.Condition,
		process.Event, process.Barrier, process.SharedValue, process.SharedArray:
		return o.Class == nil
	}
	return false
}

// surely says whether a node is certain to have run before the call: it is made
// while the module is imported, or stands above it in a block around it.
func (f *Method) surely(n *syntax.Node) bool {
	m, call := f.model, f.Pin.Call
	if !runsBefore(m, n, call) {
		return false
	}
	if run := m.AtImport(n); run != nil {
		return m.Project.Enclosing(n) == nil && n.Tree == call.Tree
	}
	if m.Project.Enclosing(n) != m.Project.Enclosing(call) || n.Statement() == nil {
		return false
	}
	block := n.Block()
	for up := n.Parent; up != nil && up != block; up = up.Parent {
		if up.Is("lambda", "conditional_expression", "boolean_operator") {
			return false
		}
	}
	return call.Within(block)
}

// SetOnce is a plan that sets the start method once, first under the main guard.
type SetOnce struct {
	f      *Method
	before *syntax.Node // the statement it goes before
	module *scope.Module
	drop   []*syntax.Node // statements that go
	// Sure says that it is set as before, only earlier.
	Sure bool
}

// Plan works out where the method is set instead; the error says in one sentence
// what stands in the way.
func (f *Method) Plan() (*SetOnce, error) {
	m := f.model
	if f.stmt.Kind != "expression_statement" || len(f.stmt.NamedChildren()) != 1 || f.stmt.NamedChildren()[0] != f.Pin.Call {
		return nil, fmt.Errorf("the call is part of another statement")
	}
	if f.Pin.Method == "" {
		return nil, fmt.Errorf("which start method is set is not written out")
	}
	s := &SetOnce{f: f, module: f.Pin.Module, Sure: f.Fault != MethodTwice}
	if f.Fault == MethodAtImport && f.stmt.Parent.Kind != "module" {
		return nil, fmt.Errorf("it is set in a function that runs while the module is imported")
	}
	guard, err := handover.MainGuard(f.Pin.Module)
	if err != nil && f.Fault == MethodAtImport {
		if guard, err = s.ofProgram(); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, fmt.Errorf("the module has no main guard to set it under")
	}
	for _, n := range guard.Field("consequence").NamedChildren() {
		if !freezes(m, n) {
			s.before = n
			break
		}
	}
	if s.before == nil {
		return nil, fmt.Errorf("nothing else stands under the guard")
	}
	for _, o := range m.Objects {
		if run := m.AtImport(o.Made); run != nil && fixesContext(o) {
			return nil, fmt.Errorf("%s is made while a module is imported, before the method could be set", syntax.Head(o.Made))
		}
	}
	if f.Fault != MethodAtImport && !f.fromGuard(guard) {
		return nil, fmt.Errorf("it is set on more ways than from the main guard")
	}
	s.drop = append(s.drop, f.stmt)
	for _, other := range m.Pins() {
		if other == f.Pin || !other.Runs || other.Module != f.Pin.Module && other.Module != s.module {
			continue
		}
		stmt := other.Call.Statement()
		if other.Method != f.Pin.Method {
			return nil, fmt.Errorf("the program sets two start methods: a context of its own for each, by get_context(), would do")
		}
		if f.Fault == MethodTwice && stmt.Kind == "expression_statement" && other.Module == f.Pin.Module && binding(m, other) {
			s.drop = append(s.drop, stmt)
		}
	}
	return s, nil
}

// ofProgram finds the main guard of the one program that imports the module.
func (s *SetOnce) ofProgram() (*syntax.Node, error) {
	s.Sure = false
	importers := s.f.model.Project.Importers(s.module)
	if len(importers) == 0 {
		return nil, fmt.Errorf("the program has no main guard yet")
	}
	if len(importers) > 1 {
		return nil, fmt.Errorf("several modules import this one; which of them is the program is not known")
	}
	s.module = importers[0]
	return handover.MainGuard(s.module)
}

// fromGuard says whether what the call stands in is called from the guard alone.
func (f *Method) fromGuard(guard *syntax.Node) bool {
	m := f.model
	seen := map[*project.Def]bool{}
	queue := []*syntax.Node{f.Pin.Call}
	for i := 0; i < len(queue); i++ {
		d := m.Project.Enclosing(queue[i])
		if d == nil {
			if !queue[i].Within(guard) {
				return false
			}
			continue
		}
		if seen[d] {
			continue
		}
		seen[d] = true
		calls, complete := m.Project.Callers(d)
		if !complete || len(calls) == 0 {
			return false
		}
		for _, c := range calls {
			queue = append(queue, c.Node)
		}
	}
	return true
}

// freezes says whether a statement is freeze_support(), which comes first.
func freezes(m *process.Model, s *syntax.Node) bool {
	if s.Kind != "expression_statement" || len(s.NamedChildren()) != 1 || s.NamedChildren()[0].Kind != "call" {
		return false
	}
	return m.Project.ModuleOf(s).Qualified(s.NamedChildren()[0].Field("function")) == "multiprocessing.freeze_support"
}

// Write makes the change.
func (s *SetOnce) Write(rw *refactor.Rewrite) {
	for _, d := range s.drop[1:] {
		rw.Delete(d)
	}
	stmt := s.drop[0]
	if s.before == stmt {
		return
	}
	if s.module == s.f.Pin.Module {
		rw.Move([]*syntax.Node{stmt}, s.before)
		return
	}
	arg := syntax.CallArgs(s.f.Pin.Call).Positional[0]
	ref := rw.ImportIn(s.module, s.before, "multiprocessing", "set_start_method")
	rw.Delete(stmt)
	rw.LinesBefore(s.before, ref+"("+arg.Text()+")")
	rw.DropUnused(s.f.Pin.Module, root(s.f.Pin.Call.Field("function")), stmt)
}

func root(n *syntax.Node) string {
	for n.Is("attribute") {
		n = n.Field("object")
	}
	return n.Text()
}
