package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// SentRole says as what a value goes to a child.
type SentRole int

// The roles of what is sent.
const (
	SentArgument SentRole = iota // an argument of the function that the child calls
	SentCallable                 // that function, or the partial around it
	SentSelf                     // the object whose bound method it is, or that is called itself
	SentObject                   // the Process object of a subclass with its attributes
)

// Sending is one expression whose value is pickled for a child: for a Process
// when it is started (spawn and forkserver only), for a pool with every task.
type Sending struct {
	Expr *syntax.Node
	Role SentRole
	// Entry is the function that gets it, Param the name of its parameter; nil
	// and "" when that is not known. A *args parameter counts as not known.
	Entry *project.Def
	Param string
	// Each: it is the elements of Expr that are sent, one with each task.
	Each bool
	// Class of the object, for SentSelf and SentObject, nil if it is not known.
	Class *project.Def
}

// ArgsTuple returns the elements of args=(…) when it is written in place as a
// tuple or list, starred ones included; literal is false for any other
// expression, and true without elements when there is no args at all.
func (l *Launch) ArgsTuple() (elements []*syntax.Node, literal bool) {
	if l.Args == nil {
		return nil, true
	}
	if !l.Args.Is("tuple", "list") {
		return nil, false
	}
	return l.Args.NamedChildren(), true
}

// Sent lists what a process is sent when it is started.
func (m *Model) Sent(l *Launch) []Sending {
	s := &sender{m: m, entry: only(l.Entries)}
	if l.Object.Class != nil {
		s.add(Sending{Expr: l.Call, Role: SentObject, Class: l.Object.Class})
	}
	if l.Target != nil {
		s.callable(l.Target)
	}
	s.arguments(l.Args)
	s.keywords(l.Kwargs)
	return s.found
}

// SentTask lists what a pool is sent with the task.
func (m *Model) SentTask(t *Task) []Sending {
	s := &sender{m: m, entry: only(t.Entries)}
	s.callable(t.Func)
	args := syntax.CallArgs(t.Call)
	switch {
	case t.Method == "run_in_executor":
		s.list(args.Positional[min(2, len(args.Positional)):])
	case t.Shape == OnceSpread:
		s.list(args.Positional[min(1, len(args.Positional)):])
		for _, e := range args.Later {
			s.argument(e, "", false)
		}
		for _, name := range args.Names {
			if name != "fn" {
				s.argument(args.Keywords[name], name, false)
			}
		}
	case t.Shape == Once:
		s.arguments(argument(args, 1, "args"))
		s.keywords(argument(args, 2, "kwds"))
	case t.Shape == StarEach:
		s.starEach(argument(args, 1, "iterable"))
	case t.Pool != nil && t.Pool.Object.Kind == Pool:
		s.each(argument(args, 1, "iterable"), s.next())
	default: // an executor's map takes several iterables
		for _, e := range args.Positional[min(1, len(args.Positional)):] {
			s.each(e, s.next())
		}
	}
	return s.found
}

// SentInit lists what every worker of a pool is sent for its initializer. It
// is handed over like the arguments of a Process, without pickling under fork.
func (m *Model) SentInit(pu *PoolUse) []Sending {
	if pu.Initializer == nil {
		return nil
	}
	s := &sender{m: m, entry: only(pu.InitEntries)}
	s.callable(pu.Initializer)
	s.arguments(pu.Initargs)
	return s.found
}

func only(entries []*project.Def) *project.Def {
	if len(entries) == 1 {
		return entries[0]
	}
	return nil
}

// sender collects what is sent to one entry.
type sender struct {
	m     *Model
	entry *project.Def
	at    int // the position of the entry's next parameter
	found []Sending
}

func (s *sender) add(one Sending) {
	if one.Expr != nil {
		s.found = append(s.found, one)
	}
}

// next returns the name of the next positional parameter, "" for none.
func (s *sender) next() string {
	i := s.at
	s.at++
	if s.entry == nil {
		return ""
	}
	if params := s.entry.Params(); i < len(params) && params[i].Star == 0 && !params[i].KwOnly {
		return params[i].Name
	}
	return ""
}

func (s *sender) argument(expr *syntax.Node, param string, each bool) {
	one := Sending{Expr: expr, Param: param, Each: each, Entry: s.entry}
	s.add(one)
}

// list adds positional arguments as written.
func (s *sender) list(exprs []*syntax.Node) {
	for _, e := range exprs {
		if e.Is("list_splat") {
			s.at = 1 << 20
			s.argument(e, "", false)
			continue
		}
		s.argument(e, s.next(), false)
	}
}

// callable adds the function, and what is bound to it.
func (s *sender) callable(fn *syntax.Node) {
	s.add(Sending{Expr: fn, Role: SentCallable, Entry: s.entry})
	values, _ := s.m.Project.Values(fn)
	for _, v := range values {
		switch {
		case v.Kind == project.Method:
			self := Sending{Expr: fn, Role: SentSelf, Entry: v.Def, Param: v.Def.Self()}
			if v.Def.IsClassMethod() {
				s.at = 1
				continue
			}
			if v.Recv != nil && v.Recv.Def != nil {
				self.Class = v.Recv.Def
			}
			if fn.Is("attribute") {
				self.Expr = fn.Field("object")
			}
			s.at = 1
			s.add(self)
		case v.Kind == project.Instance:
			s.at = 1
			s.add(Sending{Expr: fn, Role: SentSelf, Entry: s.entry, Class: v.Def})
		case v.Kind == project.Class:
			s.at = 1
		case v.Is("functools.partial()") && v.Node != nil:
			args := syntax.CallArgs(v.Node)
			if len(args.Positional) > 0 {
				s.callable(args.Positional[0])
				s.list(args.Positional[1:])
			}
			for _, name := range args.Names {
				s.argument(args.Keywords[name], name, false)
			}
		}
	}
}

// arguments adds the elements of args=.
func (s *sender) arguments(expr *syntax.Node) {
	if expr == nil {
		return
	}
	for i, list := range s.tuples(expr) {
		start := s.at
		if list == nil {
			s.argument(expr, "", false)
			continue
		}
		s.list(list)
		if i < len(s.tuples(expr))-1 {
			s.at = start
		}
	}
}

// tuples returns the elements of each tuple or list that an expression may
// hold; a nil list stands for what cannot be seen.
func (s *sender) tuples(expr *syntax.Node) [][]*syntax.Node {
	if expr.Is("tuple", "list") {
		return [][]*syntax.Node{expr.NamedChildren()}
	}
	values, known := s.m.Project.Values(expr)
	var found [][]*syntax.Node
	for _, v := range values {
		switch {
		case len(v.Items) > 0:
			found = append(found, v.Items)
		case v.Kind == project.Literal && v.Node.Is("tuple", "list", "expression_list"):
			found = append(found, append([]*syntax.Node{}, v.Node.NamedChildren()...))
		case v.Kind == project.Literal && v.Node.Is("none"):
		default:
			known = false
		}
	}
	if !known || len(found) == 0 {
		found = append(found, nil)
	}
	return found
}

// keywords adds the values of kwargs=.
func (s *sender) keywords(expr *syntax.Node) {
	if expr == nil {
		return
	}
	values, known := s.m.Project.Values(expr)
	for _, v := range values {
		switch {
		case v.Kind == project.Literal && v.Node.Is("dictionary"):
			for _, pair := range v.Node.NamedChildren() {
				if pair.Kind != "pair" {
					s.argument(pair, "", false)
					continue
				}
				name, _ := syntax.StringValue(pair.Field("key"))
				s.argument(pair.Field("value"), name, false)
			}
		case v.Is("builtins.dict()") && v.Node != nil:
			args := syntax.CallArgs(v.Node)
			for _, name := range args.Names {
				s.argument(args.Keywords[name], name, false)
			}
		default:
			known = false
		}
	}
	if !known || len(values) == 0 {
		s.argument(expr, "", false)
	}
}

// each adds the elements of an iterable, one for each task.
func (s *sender) each(expr *syntax.Node, param string) {
	if expr == nil {
		return
	}
	v, ok := s.m.Project.Only(expr)
	switch {
	case ok && v.Kind == project.Literal && v.Node.Is("list", "tuple", "set"):
		for _, e := range v.Node.NamedChildren() {
			s.argument(e, param, e.Is("list_splat"))
		}
	case ok && v.Kind == project.Literal && v.Node.Is("list_comprehension", "set_comprehension", "generator_expression"):
		s.argument(v.Node.Field("body"), param, false)
	case ok && v.Is("itertools.repeat()") && v.Node != nil && len(syntax.CallArgs(v.Node).Positional) > 0:
		s.argument(syntax.CallArgs(v.Node).Positional[0], param, false)
	default:
		s.argument(expr, param, true)
	}
}

// starEach adds the elements of the tuples in an iterable.
func (s *sender) starEach(expr *syntax.Node) {
	if expr == nil {
		return
	}
	start := s.at
	spread := func(e *syntax.Node) {
		s.at = start
		e = syntax.Unparen(e)
		if e.Is("tuple", "list") {
			s.list(e.NamedChildren())
			return
		}
		s.argument(e, "", false)
	}
	v, ok := s.m.Project.Only(expr)
	switch {
	case ok && v.Kind == project.Literal && v.Node.Is("list", "tuple", "set"):
		for _, e := range v.Node.NamedChildren() {
			spread(e)
		}
	case ok && v.Kind == project.Literal && v.Node.Is("list_comprehension", "set_comprehension", "generator_expression"):
		spread(v.Node.Field("body"))
	case ok && v.Is("builtins.zip()") && v.Node != nil && len(syntax.CallArgs(v.Node).Stars) == 0:
		for _, e := range syntax.CallArgs(v.Node).Positional {
			s.each(e, s.next())
		}
	default:
		s.argument(expr, "", true)
	}
}
