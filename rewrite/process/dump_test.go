package process_test

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// dump writes a model as text, one line for each thing it knows, with file and
// line of where it stands.
func dump(m *process.Model) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, o := range m.Objects {
		say("object %s %s%s", at(o.Made), o.Kind, about(
			o.Name != o.Kind.String(), "name="+o.Name,
			o.Root != "multiprocessing" && o.Root != "concurrent.futures", "root="+o.Root,
			o.Method != "", "method="+o.Method,
			o.Class != nil, "class="+name(o.Class),
			o.Managed, "managed",
			len(o.Entered) > 0, "entered",
		))
		for _, u := range o.Uses {
			say("  .%s %s%s", u.Name, at(u.Node), about(
				u.Call == nil, "uncalled", !u.Sole, "perhaps",
				m.InParent(u.Node), "parent", len(m.WorkersAt(u.Node)) > 0, "in "+workers(m.WorkersAt(u.Node))))
		}
	}
	for _, l := range m.Launches {
		_, literal := l.ArgsTuple()
		say("launch %s -> %s%s", at(l.Call), defs(l.Entries), about(!l.Known, "perhaps", l.Bound, "bound", !literal, "args elsewhere", true, count(m, l)))
		sent(say, m.Sent(l))
	}
	for _, pu := range m.Pools {
		say("pool %s%s", at(pu.Object.Made), about(len(pu.InitEntries) > 0, "initializer="+defs(pu.InitEntries)))
		sent(say, m.SentInit(pu))
	}
	for _, t := range m.Tasks {
		say("task %s %s -> %s%s", at(t.Call), t.Method, defs(t.Entries), about(!t.Known, "perhaps", t.Bound, "bound", t.Pool == nil, "some pool"))
		sent(say, m.SentTask(t))
	}
	for _, w := range m.Workers {
		say("worker %s reaches %s%s", name(w.Entry), defs(w.Reaches[1:]), about(m.DefInParent(w.Entry), "parent too"))
	}
	for _, c := range m.Channels {
		put, get := c.Producers(m), c.Consumers(m)
		say("channel %s from %s to %s", at(c.Object.Made), side(put), side(get))
	}
	for _, s := range m.Starts {
		text := about(m.Guarded(s.Node), "guarded", s.Method != "", s.Method)
		if run := m.AtImport(s.Node); run != nil {
			text += " at import by " + at(run.Stmt)
			for _, c := range run.Calls {
				text += " > " + at(c)
			}
		}
		say("start %s %s%s", at(s.Node), startKinds[s.Kind], text)
	}
	if method := m.Pinned(); method != "" {
		say("pinned %s", method)
	}
	for _, mod := range m.Project.Modules() {
		if is, why := m.MainLike(mod); !is {
			say("no main %s: %s", mod.Tree.File.Path, why)
		}
	}
	return b.String()
}

var startKinds = map[process.StartKind]string{
	process.StartProcess: "process", process.StartPool: "pool", process.StartExecutor: "executor", process.StartManager: "manager",
}

func at(n *syntax.Node) string {
	f := n.Tree.File
	return fmt.Sprintf("%s:%d", strings.TrimSuffix(f.Path, ".py"), f.LineOf(n.Start))
}

func name(d *project.Def) string {
	if d == nil {
		return ""
	}
	if d.IsLambda() {
		return "lambda:" + at(d.Node)
	}
	return d.QualName()
}

func defs(all []*project.Def) string {
	var names []string
	for _, d := range all {
		names = append(names, name(d))
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

func workers(all []*process.Worker) string {
	var entries []*project.Def
	for _, w := range all {
		entries = append(entries, w.Entry)
	}
	return defs(entries)
}

func about(pairs ...any) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].(bool) {
			text += " " + pairs[i+1].(string)
		}
	}
	return text
}

func count(m *process.Model, l *process.Launch) string {
	n, expr, known := m.Count(l)
	switch {
	case expr != nil && known:
		return fmt.Sprintf("x %d of %s", n, expr.Text())
	case expr != nil:
		return "x each of " + expr.Text()
	case known:
		return fmt.Sprintf("x %d", n)
	}
	return "x ?"
}

func sent(say func(string, ...any), all []process.Sending) {
	for _, s := range all {
		say("  sends %s%s", strings.Join(strings.Fields(s.Expr.Text()), " "), about(
			s.Param != "", "as "+s.Param, s.Each, "one by one", s.Role == process.SentCallable, "callable",
			s.Role == process.SentSelf, "self", s.Role == process.SentObject, "object"))
	}
}

func side(p process.Party) string {
	var names []string
	for _, l := range p.Launches {
		names = append(names, at(l.Call))
	}
	for _, t := range p.Tasks {
		names = append(names, at(t.Call))
	}
	for _, pu := range p.Inits {
		names = append(names, at(pu.Object.Made))
	}
	if p.Parent {
		names = append(names, "parent")
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
