package project

import (
	"slices"
	"sync"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Def is a function, a method, a lambda or a class of the project.
type Def struct {
	Node   *syntax.Node // function_definition, lambda or class_definition
	Module *scope.Module
	Name   string // "" for a lambda
	Scope  *scope.Scope
	Class  *Def // the class whose method it is, or nil

	paramsOnce sync.Once
	params     []Param
	bodyOnce   sync.Once // guards what is read off the body
	returns    []*syntax.Node
	yields     bool
}

// Param is one parameter of a function.
type Param struct {
	Name    string
	Node    *syntax.Node // the parameter node in the list
	Ident   *syntax.Node // its identifier
	Default *syntax.Node // or nil
	Star    int          // 1 for *args, 2 for **kwargs
	KwOnly  bool
	PosOnly bool
}

// IsClass says whether the definition is a class.
func (d *Def) IsClass() bool { return d.Node.Kind == "class_definition" }

// IsLambda says whether the definition is a lambda.
func (d *Def) IsLambda() bool { return d.Node.Kind == "lambda" }

// QualName is Python's __qualname__ of the definition.
func (d *Def) QualName() string {
	if d.Scope != nil {
		return d.Scope.QualName()
	}
	return d.Name
}

// Body returns the block of a function or class, the expression of a lambda.
func (d *Def) Body() *syntax.Node { return d.Node.Field("body") }

// Statement returns the whole statement, decorators included; nil for a lambda.
func (d *Def) Statement() *syntax.Node {
	if d.IsLambda() {
		return nil
	}
	if d.Node.Parent.Is("decorated_definition") {
		return d.Node.Parent
	}
	return d.Node
}

// Decorators lists the expressions behind the @ signs, outermost first.
func (d *Def) Decorators() []*syntax.Node {
	if !d.Node.Parent.Is("decorated_definition") {
		return nil
	}
	var found []*syntax.Node
	for _, c := range d.Node.Parent.NamedChildren() {
		if c.Kind == "decorator" {
			if e := c.NamedChildren(); len(e) > 0 {
				found = append(found, e[0])
			}
		}
	}
	return found
}

// DecoratedBy says whether one of the decorators is the named builtin or
// library object ("builtins.staticmethod"), called or not.
func (d *Def) DecoratedBy(qualified ...string) bool {
	for _, e := range d.Decorators() {
		if e.Kind == "call" {
			e = e.Field("function")
		}
		name := d.Module.Qualified(e)
		for _, q := range qualified {
			if name == q {
				return true
			}
		}
	}
	return false
}

// IsStatic says whether the method takes neither self nor the class.
func (d *Def) IsStatic() bool { return d.DecoratedBy("builtins.staticmethod") }

// IsClassMethod says whether the method takes the class.
func (d *Def) IsClassMethod() bool { return d.DecoratedBy("builtins.classmethod") }

// IsAsync says whether it is a coroutine function.
func (d *Def) IsAsync() bool {
	return len(d.Node.Children) > 0 && d.Node.Children[0].Kind == "async"
}

// IsGenerator says whether its own body yields.
func (d *Def) IsGenerator() bool {
	if d.IsClass() || d.IsLambda() {
		return false
	}
	d.bodyOnce.Do(d.readBody)
	return d.yields
}

func (d *Def) readBody() {
	d.walkOwn(func(n *syntax.Node) {
		switch n.Kind {
		case "yield":
			if n.Named {
				d.yields = true
			}
		case "return_statement":
			if c := n.NamedChildren(); len(c) > 0 {
				d.returns = append(d.returns, c[0])
			}
		}
	})
	d.returns = slices.Clip(d.returns)
}

// TopLevel says whether pickle can find the definition by its qualified name:
// it stands at module level or in a class that does.
func (d *Def) TopLevel() bool {
	if d.IsLambda() {
		return false
	}
	for s := d.Scope.Parent; s != nil; s = s.Parent {
		if s.Kind != scope.TopLevel && s.Kind != scope.Class {
			return false
		}
	}
	return true
}

// Self returns the name of a method's first parameter, "" if it has none.
func (d *Def) Self() string {
	if d.Class == nil || d.IsStatic() {
		return ""
	}
	if params := d.Params(); len(params) > 0 && params[0].Star == 0 {
		return params[0].Name
	}
	return ""
}

// Params lists the parameters in order.
func (d *Def) Params() []Param {
	d.paramsOnce.Do(func() { d.params = slices.Clip(parameters(d.Node)) })
	return d.params
}

func parameters(def *syntax.Node) []Param {
	list := def.Field("parameters")
	if list == nil {
		return nil
	}
	var params []Param
	kwOnly := false
	for _, n := range list.Children {
		if !n.Named && n.Kind != "*" && n.Kind != "/" {
			continue
		}
		pr := Param{Node: n, KwOnly: kwOnly}
		switch n.Kind {
		case "identifier":
			pr.Ident = n
		case "default_parameter":
			pr.Ident, pr.Default = n.Field("name"), n.Field("value")
		case "typed_default_parameter":
			pr.Ident, pr.Default = n.Field("name"), n.Field("value")
		case "typed_parameter":
			if c := n.NamedChildren(); len(c) > 0 {
				pr.Ident = c[0]
			}
		case "list_splat_pattern", "dictionary_splat_pattern":
			pr.Ident = n
		case "positional_separator", "/":
			for i := range params {
				params[i].PosOnly = true
			}
			continue
		case "keyword_separator", "*":
			kwOnly = true
			continue
		default:
			continue
		}
		if pr.Ident.Is("list_splat_pattern", "dictionary_splat_pattern") {
			pr.Star = 1
			if pr.Ident.Kind == "dictionary_splat_pattern" {
				pr.Star = 2
			}
			kwOnly = true
			if c := pr.Ident.NamedChildren(); len(c) > 0 {
				pr.Ident = c[0]
			}
		}
		if pr.Ident == nil || pr.Ident.Kind != "identifier" {
			continue
		}
		pr.Name = pr.Ident.Text()
		params = append(params, pr)
	}
	return params
}

// Param returns the parameter of a name, and its position.
func (d *Def) Param(name string) (Param, int) {
	for i, pr := range d.Params() {
		if pr.Name == name {
			return pr, i
		}
	}
	return Param{}, -1
}

// walkOwn visits the nodes of the body that run when the definition runs,
// leaving out nested functions and classes.
func (d *Def) walkOwn(visit func(*syntax.Node)) {
	body := d.Body()
	if body == nil {
		return
	}
	body.Walk(func(n *syntax.Node) bool {
		if n != body && n.Is("function_definition", "class_definition", "lambda") {
			return false
		}
		visit(n)
		return true
	})
}

// Walk visits the nodes of the body that run when the function is called: all
// but the bodies of nested functions and lambdas.
func (d *Def) Walk(visit func(*syntax.Node)) { d.walkOwn(visit) }

// Returns lists the values that return statements hand back (the body of a
// lambda); a bare return and the end of the body give none.
func (d *Def) Returns() []*syntax.Node {
	if d.IsLambda() {
		return []*syntax.Node{d.Body()}
	}
	d.bodyOnce.Do(d.readBody)
	return d.returns
}

// DefAt returns the definition of a function_definition, lambda or
// class_definition node.
func (p *Project) DefAt(n *syntax.Node) *Def {
	p.lock()
	defer p.mu.Unlock()
	return p.defAt(n)
}

func (p *Project) defAt(n *syntax.Node) *Def {
	if d, ok := p.defs[n]; ok {
		return d
	}
	m := p.moduleOf(n)
	if m == nil || !n.Is("function_definition", "lambda", "class_definition") {
		return nil
	}
	d := &Def{Node: n, Module: m, Scope: m.ScopeFor(n)}
	if name := n.Field("name"); name != nil {
		d.Name = name.Text()
	}
	p.defs[n] = d
	if d.Scope != nil && n.Kind == "function_definition" {
		if outer := d.Scope.Parent; outer != nil {
			for outer.Kind == scope.TypeParams && outer.Parent != nil {
				outer = outer.Parent
			}
			if outer.Kind == scope.Class {
				d.Class = p.defAt(outer.Node)
			}
		}
	}
	return d
}

// Enclosing returns the function or lambda in which a node runs, nil at module
// or class level.
func (p *Project) Enclosing(n *syntax.Node) *Def {
	p.lock()
	defer p.mu.Unlock()
	return p.enclosing(n)
}

func (p *Project) enclosing(n *syntax.Node) *Def {
	m := p.moduleOf(n)
	if m == nil {
		return nil
	}
	s := m.ScopeOf(n)
	if s == nil {
		return nil
	}
	if f := s.Function(); f != nil {
		return p.defAt(f.Node)
	}
	return nil
}
