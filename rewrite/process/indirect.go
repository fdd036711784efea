package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Indirect is the table of functions that call what they are given: processes,
// threads, pools, executors, partials and some builtins. It is what
// project.Options.Indirect asks for.
func Indirect(look project.Lookup, call *syntax.Node, callee string) []project.Indirect {
	args := syntax.CallArgs(call)
	at := func(i int, keyword string) *syntax.Node {
		if e := args.Keywords[keyword]; e != nil {
			return e
		}
		if i >= 0 && i < len(args.Positional) {
			return args.Positional[i]
		}
		return nil
	}
	callee = strings.TrimSuffix(callee, ".__init__")
	callee = strings.TrimSuffix(callee, "()")
	var found []project.Indirect
	add := func(fn *syntax.Node, positional []project.Arg, rest, mapping *syntax.Node, restElement bool) {
		if fn == nil {
			return
		}
		ind := project.Indirect{Func: fn, Args: positional, Keywords: map[string]project.Arg{}, Mapping: mapping}
		if rest != nil {
			ind.Rest = &project.Arg{Expr: rest, Element: restElement}
		}
		found = append(found, throughPartial(look, ind)...)
	}
	t, known := Callable(callee)
	switch {
	case known && (t.Kind == Process || t.Kind == Thread && t.Name != "Timer"):
		add(at(1, "target"), nil, at(3, "args"), at(4, "kwargs"), false)
	case known && t.Kind == Thread:
		add(at(1, "function"), nil, at(2, "args"), at(3, "kwargs"), false)
	case known && t.Kind == Pool:
		add(at(1, "initializer"), nil, at(2, "initargs"), nil, false)
	case known && t.Kind == ThreadPool && !strings.HasSuffix(callee, "Executor"):
		add(at(1, "initializer"), nil, at(2, "initargs"), nil, false)
	case known && t.Kind == Executor:
		add(at(2, "initializer"), nil, at(3, "initargs"), nil, false)
	case known && t.Kind == ThreadPool:
		add(at(2, "initializer"), nil, at(3, "initargs"), nil, false)
	}
	if known {
		return found
	}
	if owner, method, ok := cutMethod(callee); ok {
		t, ok := made(owner)
		switch {
		case ok && (t.Kind == Pool || t.Kind == ThreadPool && !strings.Contains(owner, "Executor")):
			shape, task := poolTasks[method]
			switch {
			case !task:
			case shape == OneEach:
				add(at(0, "func"), each(at(1, "iterable")), nil, nil, false)
			case shape == StarEach:
				add(at(0, "func"), nil, at(1, "iterable"), nil, true)
			case shape == Once:
				add(at(0, "func"), nil, at(1, "args"), at(2, "kwds"), false)
			}
			for _, name := range []string{"callback", "error_callback"} {
				if cb := args.Keywords[name]; cb != nil {
					found = append(found, project.Indirect{Func: cb, Unknown: true})
				}
			}
		case ok && (t.Kind == Executor || t.Kind == ThreadPool):
			if shape, task := executorTasks[method]; task {
				found = append(found, throughPartial(look, spread(args, at(0, "fn"), shape))...)
			}
		case ok && t.Kind == Result && method == "add_done_callback":
			found = append(found, project.Indirect{Func: at(0, "fn"), Unknown: true})
		case method == "run_in_executor" && len(args.Positional) > 1:
			ind := project.Indirect{Func: args.Positional[1], Keywords: map[string]project.Arg{}}
			for _, e := range args.Positional[2:] {
				ind.Args = append(ind.Args, project.Arg{Expr: e})
			}
			found = append(found, throughPartial(look, ind)...)
		}
		return found
	}
	switch callee {
	case "functools.partial":
		if fn := at(0, ""); fn != nil {
			ind := spread(args, fn, OnceSpread)
			ind.Unknown = true
			found = append(found, ind)
		}
	case "builtins.map", "builtins.filter", "itertools.starmap":
		if callee == "itertools.starmap" {
			add(at(0, ""), nil, at(1, ""), nil, true)
		} else {
			var positional []project.Arg
			for _, e := range args.Positional[min(1, len(args.Positional)):] {
				positional = append(positional, project.Arg{Expr: e, Element: true})
			}
			add(at(0, ""), positional, nil, nil, false)
		}
	case "builtins.sorted", "builtins.min", "builtins.max":
		if key := args.Keywords["key"]; key != nil {
			found = append(found, project.Indirect{Func: key, Args: each(at(0, ""))})
		}
	case "signal.signal", "atexit.register":
		i := 1
		if callee == "atexit.register" {
			i = 0
		}
		if fn := at(i, ""); fn != nil {
			found = append(found, project.Indirect{Func: fn, Unknown: true})
		}
	case "asyncio.to_thread":
		found = append(found, throughPartial(look, spread(args, at(0, "func"), OnceSpread))...)
	}
	return found
}

func each(iterable *syntax.Node) []project.Arg {
	if iterable == nil {
		return nil
	}
	return []project.Arg{{Expr: iterable, Element: true}}
}

// spread is the call f(*args, **kwargs) of submit(f, *args, **kwargs); for map
// each argument gives its elements.
func spread(args syntax.Args, fn *syntax.Node, shape TaskShape) project.Indirect {
	ind := project.Indirect{Func: fn, Keywords: map[string]project.Arg{}}
	for _, e := range args.Positional[min(1, len(args.Positional)):] {
		ind.Args = append(ind.Args, project.Arg{Expr: e, Element: shape == OneEach})
	}
	if len(args.Stars) == 1 && len(args.Later) == 0 && shape == OnceSpread {
		ind.Rest = &project.Arg{Expr: args.Stars[0]}
	} else if len(args.Stars) > 0 {
		ind.Unknown = true
	}
	if shape == OnceSpread {
		for name, e := range args.Keywords {
			if name != "fn" {
				ind.Keywords[name] = project.Arg{Expr: e}
			}
		}
		if len(args.DoubleStars) > 0 {
			ind.Unknown = true
		}
	}
	return ind
}

// throughPartial replaces the call of a functools.partial object by the call of
// the function inside it. Func stays what it is when it is no partial.
func throughPartial(look project.Lookup, ind project.Indirect) []project.Indirect {
	if ind.Func == nil {
		return nil
	}
	values, _ := look(ind.Func)
	all := []project.Indirect{ind}
	for _, v := range values {
		if !v.Is("functools.partial()") || v.Node == nil {
			continue
		}
		args := syntax.CallArgs(v.Node)
		if len(args.Positional) == 0 {
			continue
		}
		inner := ind
		inner.Func = args.Positional[0]
		inner.Args = nil
		for _, e := range args.Positional[1:] {
			inner.Args = append(inner.Args, project.Arg{Expr: e})
		}
		inner.Args = append(inner.Args, ind.Args...)
		inner.Keywords = map[string]project.Arg{}
		for name, e := range args.Keywords {
			inner.Keywords[name] = project.Arg{Expr: e}
		}
		for name, a := range ind.Keywords {
			inner.Keywords[name] = a
		}
		inner.Unknown = inner.Unknown || len(args.Stars) > 0 || len(args.DoubleStars) > 0
		all = append(all, inner)
	}
	return all
}
