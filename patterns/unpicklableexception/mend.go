package unpicklableexception

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// mend passes the arguments on to args where nobody sees them there, or writes a
// __reduce__; subclasses with constructors of their own get one too.
func mend(p *rule.Pass, c *constructor) (title string, set edit.Set, err error) {
	rw := refactor.New()
	var others []*constructor
	for _, sub := range p.Project.Subclasses(c.class) {
		if sub == c.class || sub.Scope.Names["__init__"] == nil {
			continue
		}
		if sub.Scope.Names["__reduce__"] != nil {
			continue
		}
		other := initOf(p.Project, sub)
		if other == nil {
			return "", set, fmt.Errorf("the constructor of %s is not understood", sub.Name)
		}
		others = append(others, other)
	}
	if names, ok := c.passable(); ok && len(others) == 0 {
		if c.super == nil {
			rw.LinesAtTop(c.def.Body(), "super().__init__("+names+")")
		} else {
			list := c.super.Field("arguments")
			if syntax.CallArgs(c.super).Positional == nil || len(c.given) == len(syntax.CallArgs(c.super).Positional) {
				rw.Replace(list, "("+names+")")
			} else {
				rw.Replace(list, "("+c.def.Self()+", "+names+")")
			}
		}
		title = "pass all arguments to the base class"
	} else {
		for _, one := range append([]*constructor{c}, others...) {
			if err := one.reduce(rw); err != nil {
				return "", set, err
			}
		}
		title = "write a __reduce__"
	}
	set, err = rw.Set()
	return title, set, err
}

// passable lists the parameters for a call of the base class that takes them
// all; ok is false when the message would show them or the names do not do.
func (c *constructor) passable() (names string, ok bool) {
	if c.next != nil || len(c.params) == 0 {
		return "", false
	}
	if c.super != nil && c.p.Method(c.class, "__str__") == nil {
		return "", false
	}
	for _, g := range c.given {
		if c.index(g) < 0 {
			return "", false // a text that would be lost
		}
	}
	var list []string
	for _, param := range c.params {
		if param.KwOnly || param.Star > 0 || c.rebound(param.Name) {
			return "", false
		}
		list = append(list, param.Name)
	}
	if c.super != nil && c.p.Method(c.class, "__str__") != nil && usesArgs(c.p.Method(c.class, "__str__")) {
		return "", false
	}
	return strings.Join(list, ", "), true
}

// rebound says whether the constructor gives a parameter another value.
func (c *constructor) rebound(name string) bool {
	b := c.def.Scope.Names[name]
	return b == nil || b.Single() == nil
}

// usesArgs says whether a __str__ leaves the text to the base class.
func usesArgs(d *project.Def) bool {
	found := false
	d.Walk(func(n *syntax.Node) {
		found = found || n.Is("identifier") && (n.Text() == "args" || n.Text() == "super" || n.Text() == "__str__")
	})
	return found
}

// reduce writes the __reduce__ of a class below its constructor.
func (c *constructor) reduce(rw *refactor.Rewrite) error {
	var values, keywords []string
	for _, param := range c.params {
		if param.Star > 0 {
			return fmt.Errorf("the constructor of %s takes *args or **kwargs", c.class.Name)
		}
		text, ok := c.kept(param.Name)
		if !ok {
			return fmt.Errorf("%s does not keep %s", c.class.Name, param.Name)
		}
		if param.KwOnly {
			keywords = append(keywords, param.Name+"="+text)
		} else {
			values = append(values, text)
		}
	}
	self := c.def.Self()
	build := "type(" + self + ")"
	if len(keywords) > 0 {
		build = rw.ImportIn(c.class.Module, c.class.Node, "functools", "partial") + "(" + build + ", " + strings.Join(keywords, ", ") + ")"
	}
	tuple := "(" + strings.Join(values, ", ") + ")"
	if len(values) == 1 {
		tuple = "(" + values[0] + ",)"
	}
	rw.LinesAfter(c.def.Statement(), "def __reduce__("+self+"):", "\treturn "+build+", "+tuple)
	return nil
}

// kept returns the expression that holds a parameter's value later: the
// attribute it is stored in, here or by a constructor above, or its place in
// args.
func (c *constructor) kept(name string) (text string, ok bool) {
	if c.rebound(name) {
		return "", false
	}
	self := c.def.Self()
	c.def.Walk(func(n *syntax.Node) {
		if left := n.Field("left"); n.Is("assignment") && left.Is("attribute") && left.Field("object").Text() == self &&
			n.Field("right").Is("identifier") && n.Field("right").Text() == name && n.Statement().Parent == c.def.Body() {
			text, ok = left.Text(), true
		}
	})
	if ok {
		return text, true
	}
	for i, g := range c.given {
		if g.Is("identifier") && g.Text() == name {
			if c.next == nil {
				return fmt.Sprintf("%s.args[%d]", self, i), true
			}
			if i < len(c.next.params) {
				if text, ok := c.next.kept(c.next.params[i].Name); ok {
					return strings.Replace(text, c.next.def.Self()+".", self+".", 1), true
				}
			}
		}
	}
	return "", false
}
