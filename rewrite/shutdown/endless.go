package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Endless says whether a consumer never ends: nothing in its loop leaves it, or
// only a sentinel does that nobody puts.
func (c *Consumer) Endless(m *process.Model) bool {
	if c.closedPipe() || !c.runsDry(m) || c.escapes(m) {
		return false
	}
	switch c.End {
	case Never:
		// An item of another kind than the rest may make the loop raise, on
		// purpose.
		for _, u := range c.Puts() {
			if item := putItem(u); item.Is("none") || item != nil && constant(m.Project, item).Is("none") {
				return false
			}
		}
		return true
	case BySentinel:
		if constant(m.Project, c.Sentinel) == nil {
			return false
		}
		for _, u := range c.Puts() {
			if putsSentinel(m, u, c.Sentinel) != No {
				return false
			}
		}
		return true
	}
	return false
}

// runsDry says whether the items are known to run out: every put is made by code
// that mpfix sees being run, and none stands in a loop that may go on for ever.
//
// A loop that itself waits for items goes on for ever only if those do.
func (c *Consumer) runsDry(m *process.Model) bool { return c.runsDryWithin(m, map[*syntax.Node]bool{}) }

func (c *Consumer) runsDryWithin(m *process.Model, seen map[*syntax.Node]bool) bool {
	if seen[c.Loop] {
		return false // a circle of workers
	}
	seen[c.Loop] = true
	for _, u := range c.Puts() {
		for _, loop := range process.Loops(u.Node) {
			if !loop.Is("while_statement") || !alwaysTrue(loop.Field("condition")) || loop == c.Loop {
				continue
			}
			if exits, known := exitsOf(m, loop); known && len(exits) > 0 {
				continue
			}
			if feeder := At(m, loop); feeder == nil || !feeder.runsDryWithin(m, seen) {
				return false
			}
		}
		if u.In == nil || m.WorkerOf(u.In) != nil {
			continue
		}
		if calls, complete := m.Project.Callers(u.In); len(calls) == 0 && !complete && u.In.Class == nil {
			return false // a callback
		}
	}
	return len(c.Puts()) > 0
}

// closedPipe says whether the sending end of a pipe is closed somewhere: recv
// then raises EOFError.
func (c *Consumer) closedPipe() bool {
	p := c.Channel.Peer
	return c.Channel.Object.Kind == process.Connection && (p == nil || len(p.Object.Used("close")) > 0)
}

// escapes says whether the channel is handed to code that mpfix does not see,
// which may put items too.
func (c *Consumer) escapes(m *process.Model) bool {
	o := c.Channel.Object
	if o.Kind == process.Connection && c.Channel.Peer != nil {
		o = c.Channel.Peer.Object
	}
	found := false
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if found || !n.Is("identifier", "attribute") || !n.Parent.Is("argument_list", "keyword_argument") || n.FieldName == "name" {
				return !found
			}
			call := n.Ancestor("call")
			if n.Parent.Kind == "keyword_argument" && n.Parent.Parent.Parent != call || n.Parent.Kind == "argument_list" && n.Parent.Parent != call {
				return true
			}
			if objects, _ := m.ObjectsOf(n); !has(objects, o) {
				return true
			}
			name := mod.Qualified(call.Field("function"))
			if len(m.Project.CalledBy(call)) == 0 && !strings.HasPrefix(name, "builtins.") && m.ObjectAt(call) == nil && name != "functools.partial" {
				if f := call.Field("function"); !f.Is("attribute") || !passesOn[f.Field("attribute").Text()] {
					found = true
				}
			}
			return true
		})
	}
	return found
}

// passesOn are methods that keep or hand over their arguments and put nothing.
var passesOn = map[string]bool{"append": true, "extend": true, "add": true, "__init__": true}

// End makes the consumers leave their loops: the sentinel test in each loop that
// has none, one sentinel for each process after the last item, the joins, and
// the closing of the queue. sure is false when an expert would look first.
func (p *Protocol) End() (rw *refactor.Rewrite, sure bool, err error) {
	m := p.model
	sentinel, test, sure, err := p.chooseSentinel()
	if err != nil {
		return nil, false, err
	}
	rw = refactor.New()
	name := sentinel
	if sentinel == stopName {
		mod := m.Project.ModuleOf(p.consumers[0].Loop)
		name = mod.FreshName(mod.Top, stopName)
		defineConstant(rw, mod, name, `"`+stopName+`"`)
		test = "== " + name
		if parent := m.Project.ModuleOf(p.top); parent != mod {
			if mod.Name == "" {
				return nil, false, errors.New("the worker's module has no name to import it by")
			}
			name = rw.Import(parent, mod.Name, name)
		}
	}
	for _, c := range p.consumers {
		if c.End != Never {
			continue
		}
		if err := c.writeTest(m, rw, test); err != nil {
			return nil, false, err
		}
	}
	p.WriteSentinels(rw, name)
	return rw, sure, rw.Err()
}

const stopName = "STOP"

// chooseSentinel returns the text of the sentinel in the parent, and the test
// for it in the worker. The workers' own sentinel comes first; else None, when
// no item is None; else a string constant, since it survives pickling and an
// object() does not.
func (p *Protocol) chooseSentinel() (text, test string, sure bool, err error) {
	m := p.model
	for _, c := range p.consumers {
		if c.End != BySentinel {
			continue
		}
		lit := constant(m.Project, c.Sentinel)
		if lit == nil {
			return "", "", false, errors.New("the sentinel is not a constant")
		}
		text = lit.Text()
		if c.Sentinel.Is("identifier") && c.Loop.Tree.Root == p.top && m.Project.ModuleOf(p.top).Globals()[c.Sentinel.Text()] != nil {
			text = c.Sentinel.Text()
		}
		test = "== " + text
		if lit.Is("none") {
			test = "is None"
		}
		return text, test, true, nil
	}
	none := p.consumers[0].noneLiteral()
	maybe, known := false, true
	for _, u := range puts(p.channel) {
		item := putItem(u)
		if item == nil {
			known = false
			continue
		}
		switch equalsNone(m, item) {
		case Yes:
			maybe = true
		case Unknown:
			known = false
		}
	}
	for _, c := range p.consumers {
		maybe = maybe || none || c.noneLiteral()
	}
	if !maybe {
		return "None", "is None", true, nil
	}
	return stopName, "", known && !strings.Contains(p.top.Tree.File.Text, stopName), nil
}

// noneLiteral says whether the loop compares its item with None.
func (c *Consumer) noneLiteral() bool {
	if c.Get.Call == nil {
		return false
	}
	item := c.itemName()
	if !item.Is("identifier") {
		return false
	}
	found := false
	c.Loop.Walk(func(n *syntax.Node) bool {
		if s := comparedWith(n, item.Text(), "is", "is not", "==", "!="); s.Is("none") {
			found = true
		}
		return true
	})
	return found
}

// defineConstant puts an assignment behind the imports of a module.
func defineConstant(rw *refactor.Rewrite, mod *scope.Module, name, value string) {
	var last *syntax.Node
	body := mod.Tree.Root.NamedChildren()
	for _, s := range body {
		if s.Is("import_statement", "import_from_statement", "future_import_statement") {
			last = s
		} else if last != nil {
			break
		}
	}
	if last != nil {
		rw.LinesAfter(last, "", name+" = "+value)
	} else if len(body) > 0 {
		rw.LinesBefore(body[0], name+" = "+value, "")
	}
}
