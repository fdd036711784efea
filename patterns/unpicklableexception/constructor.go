package unpicklableexception

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// constructor is the __init__ of an exception with what it leaves in args.
type constructor struct {
	p      *project.Project
	class  *project.Def
	def    *project.Def
	params []project.Param // without self
	// super is the call of the next constructor, nil if there is none: then args
	// holds what the exception was made with.
	super *syntax.Node
	next  *constructor // of a project class above, nil for a builtin
	given []*syntax.Node
}

// initOf reads the constructor of a class; nil when it is not understood.
func initOf(p *project.Project, class *project.Def) *constructor {
	return readInit(p, class, 0)
}

func readInit(p *project.Project, class *project.Def, depth int) *constructor {
	def := p.Method(class, "__init__")
	if def == nil || def.Class == nil || len(def.Params()) == 0 || depth > 8 || len(def.Decorators()) > 0 {
		return nil
	}
	c := &constructor{p: p, class: class, def: def, params: def.Params()[1:]}
	ok := true
	def.Walk(func(n *syntax.Node) {
		switch {
		case n.Is("attribute") && n.Field("attribute").Text() == "args" && project.StoredTo(n):
			ok = false
		case n.Is("call") && n.Field("function").Is("attribute") && n.Field("function").Field("attribute").Text() == "__init__":
			if c.super != nil || n.Statement() == nil || n.Statement().Parent != def.Body() {
				ok = false
			}
			c.super = n
		}
	})
	if !ok {
		return nil
	}
	if c.super == nil {
		return c
	}
	args := syntax.CallArgs(c.super)
	if len(args.Names)+len(args.Stars)+len(args.DoubleStars)+len(args.Later) > 0 {
		return nil
	}
	c.given = args.Positional
	object := c.super.Field("function").Field("object")
	if object.Is("call") && object.Field("function").Text() == "super" {
		line, _, _ := p.Ancestors(def.Class)
		for _, base := range line[1:] {
			if base.Scope.Names["__init__"] != nil {
				if c.next = readInit(p, base, depth+1); c.next == nil {
					return nil
				}
				break
			}
		}
		return c
	}
	if len(c.given) == 0 || c.given[0].Text() != def.Self() { // Base.__init__(self, …)
		return nil
	}
	c.given = c.given[1:]
	v, only := p.Only(object)
	switch {
	case only && v.Kind == project.Class && p.Method(v.Def, "__init__") != nil:
		if c.next = readInit(p, v.Def, depth+1); c.next == nil {
			return nil
		}
	case only && (v.Kind == project.External || v.Kind == project.Class):
	default:
		return nil
	}
	return c
}

// args returns what the constructor leaves in args, in terms of its own code;
// nil elements stand for what a constructor above makes. made is false when args
// holds what the exception was made with.
func (c *constructor) args() (args []*syntax.Node, made bool) {
	switch {
	case c.super == nil:
		return nil, false
	case c.next == nil:
		return c.given, true
	}
	above, made := c.next.args()
	if !made {
		return nil, false
	}
	for _, a := range above {
		var own *syntax.Node
		if i := c.next.index(a); i >= 0 && i < len(c.given) {
			own = c.given[i]
		}
		args = append(args, own)
	}
	return args, true
}

// index returns the position of the parameter that an expression is, -1 if it
// is none.
func (c *constructor) index(e *syntax.Node) int {
	for i, param := range c.params {
		if e.Is("identifier") && e.Text() == param.Name {
			return i
		}
	}
	return -1
}

// required counts the positional parameters without a default, and all.
func (c *constructor) required() (least, most int, keywords []string, star bool) {
	for _, param := range c.params {
		switch {
		case param.Star == 1:
			star = true
		case param.Star == 2:
		case param.KwOnly:
			if param.Default == nil {
				keywords = append(keywords, param.Name)
			}
		default:
			most++
			if param.Default == nil {
				least++
			}
		}
	}
	return least, most, keywords, star
}

// fits says whether the constructor can be called with its args at all.
func (c *constructor) fits() bool {
	least, most, keywords, star := c.required()
	args, made := c.args()
	return made && len(keywords) == 0 && len(args) >= least && (star || len(args) <= most)
}

// fault says why args do not do to build the exception again, "" if they do.
func (c *constructor) fault(raised []*syntax.Node) string {
	least, most, keywords, star := c.required()
	if len(keywords) > 0 {
		return fmt.Sprintf("%s is a keyword-only parameter", keywords[0])
	}
	args, made := c.args()
	if !made {
		for _, n := range raised {
			if call := syntax.Unparen(n); call.Is("call") {
				if given := syntax.CallArgs(call); len(given.Stars) == 0 && len(given.DoubleStars) == 0 && len(given.Positional) < least {
					return fmt.Sprintf("args holds %d of %d arguments, those given by position", len(given.Positional), least)
				}
			}
		}
		return ""
	}
	switch {
	case len(args) < least:
		return fmt.Sprintf("args holds %d of %d arguments", len(args), least)
	case len(args) > most && !star:
		return fmt.Sprintf("args holds %d arguments, the constructor takes %d", len(args), most)
	}
	for i, a := range args {
		if i < most && c.index(a) != i && formatted(a) {
			return "its message takes the place of " + c.params[i].Name
		}
	}
	return ""
}

// formatted says whether an expression puts a message together; nil, made by a
// constructor above, counts.
func formatted(n *syntax.Node) bool {
	if n == nil || n.Is("binary_operator") {
		return true
	}
	if n.Is("call") {
		f := n.Field("function")
		return f.Is("attribute") && f.Field("attribute").Text() == "format"
	}
	found := false
	n.Walk(func(c *syntax.Node) bool {
		found = found || c.Is("interpolation")
		return !found
	})
	return found
}
