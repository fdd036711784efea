package unpicklablecallable

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// place is where a function is handed over to run in a worker, with the way to
// give it more arguments in front of those it gets there.
type place struct {
	call, fn *syntax.Node
	kind     placeKind
	args     *syntax.Node // the tuple of arguments, nil if there is none
	key      string       // the keyword for it
	task     *process.Task
}

type placeKind int

const (
	behind placeKind = iota // submit(f, *args): arguments follow the function
	tuple                   // Process(target=f, args=()): arguments in a tuple
	only                    // map(f, items): only the function
)

// placeOf returns the place at which a call hands over a function; ok is false
// when fn is something else in it.
func placeOf(m *process.Model, call, fn *syntax.Node) (pl place, ok bool) {
	fn = syntax.Unparen(fn)
	is := func(n *syntax.Node) bool { return n != nil && syntax.Unparen(n) == fn }
	if t := m.TaskAt(call); t != nil {
		pl = place{call: call, fn: t.Func, kind: only, task: t}
		if t.Func.Parent.Is("keyword_argument") {
			return pl, is(t.Func)
		}
		args := syntax.CallArgs(call)
		switch t.Shape {
		case process.OnceSpread:
			pl.kind = behind
		case process.Once:
			pl.kind, pl.key = tuple, "args"
			pl.args = args.Keywords["args"]
			if len(args.Positional) > 1 {
				pl.args = args.Positional[1]
			}
		}
		return pl, is(t.Func)
	}
	o := m.ObjectAt(call)
	if o == nil {
		return place{}, false
	}
	if l := m.LaunchOf(o); l != nil {
		return place{call, l.Target, tuple, l.Args, "args", nil}, is(l.Target)
	}
	if pu := m.PoolOf(o); pu != nil {
		return place{call, pu.Initializer, tuple, pu.Initargs, "initargs", nil}, is(pu.Initializer)
	}
	return place{}, false
}

// canTake says whether arguments can be put in front of those that are there.
func (pl place) canTake() bool {
	switch pl.kind {
	case behind:
		return true
	case tuple:
		return pl.args == nil || pl.args.Is("tuple", "list")
	}
	return false
}

// hand writes the function, with arguments in front of those that are there.
func (pl place) hand(rw *refactor.Rewrite, fn string, args []string) {
	all := strings.Join(args, ", ")
	switch {
	case len(args) == 0:
		rw.Replace(pl.fn, fn)
		return
	case pl.kind == behind:
		rw.Replace(pl.fn, fn+", "+all)
		return
	}
	rw.Replace(pl.fn, fn)
	if pl.args == nil {
		text := "(" + all + ")"
		if len(args) == 1 {
			text = "(" + all + ",)"
		}
		if pl.task != nil {
			rw.AddArgument(pl.call, text)
		} else {
			rw.AddKeyword(pl.call, pl.key, text)
		}
		return
	}
	if elements := pl.args.NamedChildren(); len(elements) > 0 {
		rw.InsertBefore(elements[0], all+", ")
		if last := pl.args.Children[len(pl.args.Children)-2]; len(elements) == 1 && last.Kind == "," && last.Start == elements[0].End {
			rw.Replace(last, "") // the comma of a tuple of one
		}
	} else if pl.args.Is("list") {
		rw.Replace(pl.args, "["+all+"]")
	} else if len(args) == 1 {
		rw.Replace(pl.args, "("+all+",)")
	} else {
		rw.Replace(pl.args, "("+all+")")
	}
}
