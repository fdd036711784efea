package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Fix makes the loop recognise its sentinel. sure is false when not all items
// are known.
func (u *Unrecognised) Fix() (rw *refactor.Rewrite, sure bool, err error) {
	rw = refactor.New()
	switch u.Defect {
	case ByTruth:
		sure = noneApart(u.m, u.c.Channel)
		op := " is not None"
		if u.Test.Is("not_operator") {
			op = " is None"
		}
		text := u.item.Text()
		if u.item.Is("named_expression") {
			text = "(" + text + ")"
		}
		test := u.Test
		if test.Parent.Is("parenthesized_expression") {
			test = test.Parent
		}
		rw.Replace(test, text+op)
		return rw, sure, rw.Err()
	case ByItems:
		return rw, true, u.byIdentity(rw)
	}
	v, _ := u.m.Project.Only(u.Sentinel)
	if v.Kind == project.Literal {
		if u.item == nil || !v.Node.Is("string", "concatenated_string", "integer") {
			return nil, false, errors.New("the sentinel is not of a kind that survives pickling")
		}
		for _, put := range u.c.Puts() {
			if item := putItem(put); item == nil || equals(u.m, item, u.Sentinel, 0) == Unknown {
				sure = false
				break
			}
			sure = true
		}
		u.operator(rw, map[string]string{"is": "==", "is not": "!="}[u.op])
		return rw, sure, rw.Err()
	}
	sure, err = u.other(rw, v)
	if err == nil {
		err = rw.Err()
	}
	return rw, sure, err
}

// operator writes another operator into the comparison.
func (u *Unrecognised) operator(rw *refactor.Rewrite, op string) {
	replaceOperator(rw, u.Test, op)
}

func replaceOperator(rw *refactor.Rewrite, comparison *syntax.Node, op string) {
	sides := comparison.NamedChildren()
	rw.ReplaceRange(comparison.Tree.File, sides[0].End, sides[1].Start, " "+op+" ")
}

// byIdentity compares with None by identity, in place of a method of the items.
func (u *Unrecognised) byIdentity(rw *refactor.Rewrite) error {
	if !constant(u.m.Project, u.Sentinel).Is("none") {
		return errors.New("only None can be compared by is, and the sentinel is another constant")
	}
	if u.c.Form != Iter {
		u.operator(rw, map[string]string{"==": "is", "!=": "is not"}[u.op])
		return rw.Err()
	}
	loop := u.c.Loop
	left, right := loop.Field("left"), loop.Field("right")
	if !left.Is("identifier") || syntax.Unparen(right) != u.Test || loop.Field("alternative") != nil || loop.Children[0].Kind == "async" {
		return errors.New("the loop takes more than the item")
	}
	rw.ReplaceRange(loop.Tree.File, loop.Start, right.End, "while ("+left.Text()+" := "+u.Get.Node.Text()+"()) is not "+u.Sentinel.Text())
	return rw.Err()
}

// noneApart says whether every item of a channel is known, and None only where a
// put gives nothing else.
func noneApart(m *process.Model, ch *process.Channel) bool {
	for _, put := range puts(ch) {
		item := putItem(put)
		if item == nil {
			return false
		}
		switch equalsNone(m, item) {
		case Unknown:
			return false
		case Yes:
			if !constant(m.Project, item).Is("none") {
				return false
			}
		}
	}
	return true
}

// other gives a sentinel that is an object of its own another value: None where
// no item can be None, else a member of an Enum, which pickle finds again by name.
func (u *Unrecognised) other(rw *refactor.Rewrite, v project.Value) (sure bool, err error) {
	m := u.m
	assigned := v.Node.Parent
	if !assigned.Is("assignment") || assigned.Field("right") != v.Node || !assigned.Field("left").Is("identifier") && !assigned.Field("left").Is("attribute") {
		return false, errors.New("the sentinel has no name")
	}
	uses, err := sentinelUses(m, v)
	if err != nil {
		return false, err
	}
	free := true
	for _, ch := range uses.channels {
		for _, put := range puts(ch) {
			if item := putItem(put); item == nil || equalsNone(m, item) != No && !isSentinel(m, item, v) {
				free = false
			}
		}
	}
	sure = uses.sure && v.Kind == project.External
	mod := m.Project.ModuleOf(v.Node)
	if free {
		rw.Replace(v.Node, "None")
		for _, c := range uses.comparisons {
			for _, op := range [][2]string{{"==", "is"}, {"!=", "is not"}} {
				if operatorOf(c) == op[0] {
					replaceOperator(rw, c, op[1])
				}
			}
		}
		return sure, nil
	}
	name := assigned.Field("left")
	if assigned.Parent.Parent.Kind != "module" || mod.Tree.Root != v.Node.Tree.Root || v.Kind != project.External {
		return false, errors.New("items may be None, and the sentinel is made inside a function")
	}
	class := mod.FreshName(mod.Top, "Sentinel")
	rw.LinesBefore(assigned, "class "+class+"("+rw.Import(mod, "enum", "Enum")+"):", "\t"+name.Text()+" = "+rw.Quote(mod)+strings.ToLower(name.Text())+rw.Quote(mod))
	rw.Replace(v.Node, class+"."+name.Text())
	return sure, nil
}

func operatorOf(c *syntax.Node) string {
	sides := c.NamedChildren()
	return strings.Join(strings.Fields(c.Tree.File.Text[sides[0].End:sides[1].Start]), " ")
}

// isSentinel says whether an expression is known to hold the value made at the
// place of the sentinel.
func isSentinel(m *process.Model, n *syntax.Node, v project.Value) bool {
	only, ok := m.Project.Only(n)
	return ok && only.Same(v)
}

// usesOf is where a program mentions a sentinel.
type usesOf struct {
	channels    []*process.Channel // it is put into
	comparisons []*syntax.Node
	sure        bool // every mention is understood
}

// sentinelUses goes through all mentions of a sentinel. The error says which is
// for something else than to be put and compared.
func sentinelUses(m *process.Model, v project.Value) (usesOf, error) {
	uses := usesOf{sure: true}
	var err error
	items := map[*syntax.Node]*process.Channel{}
	gets := map[*syntax.Node]*process.Channel{}
	for _, ch := range m.Channels {
		for _, put := range puts(ch) {
			if item := putItem(put); item != nil {
				items[item] = ch
			}
		}
		for _, get := range ch.Get {
			if get.Call != nil {
				gets[get.Call] = ch
			}
		}
	}
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if !n.Is("identifier", "attribute") || n.FieldName == "name" && n.Parent.Is("keyword_argument") || n.FieldName == "attribute" ||
				n.Kind == "identifier" && !mod.IsLoad(n) || n.Kind == "attribute" && project.StoredTo(n) {
				return true
			}
			values, _ := m.Project.Values(n)
			holds := false
			for _, have := range values {
				holds = holds || have.Same(v)
			}
			if !holds {
				return true
			}
			up := n.Parent
			switch {
			case items[n] != nil:
				if len(values) == 1 || !has(channelObjects(uses.channels), items[n].Object) {
					uses.channels = append(uses.channels, items[n])
				}
			case up.Is("comparison_operator") && len(up.NamedChildren()) == 2:
				other := up.NamedChildren()[0]
				if other == n {
					other = up.NamedChildren()[1]
				}
				uses.comparisons = append(uses.comparisons, up)
				uses.sure = uses.sure && itemOf(m, mod, other, gets)
			case up.Is("comparison_operator"):
				err = errors.New("the sentinel stands in a longer comparison")
			case up.Is("argument_list") && iterSentinel(m, up.Parent, n):
			case up.Is("attribute"):
				err = errors.New("something of the sentinel is looked up")
			case len(values) > 1:
				// a name that holds items: they are compared elsewhere
			case passedOn(m, n):
			default:
				err = errors.New("the sentinel is used for something else too")
			}
			return true
		})
	}
	return uses, err
}

func channelObjects(channels []*process.Channel) (objects []*process.Object) {
	for _, ch := range channels {
		objects = append(objects, ch.Object)
	}
	return objects
}

// iterSentinel says whether n is the sentinel of iter(f, n).
func iterSentinel(m *process.Model, call, n *syntax.Node) bool {
	args := syntax.CallArgs(call)
	return m.Project.ModuleOf(call).Qualified(call.Field("function")) == "builtins.iter" && len(args.Positional) == 2 && args.Positional[1] == n
}

// itemOf says whether a name holds nothing but items taken from channels.
func itemOf(m *process.Model, mod *scope.Module, n *syntax.Node, gets map[*syntax.Node]*process.Channel) bool {
	n = syntax.Unparen(n)
	if n.Is("named_expression") {
		return gets[n.Field("value")] != nil
	}
	if gets[n] != nil {
		return true
	}
	if !n.Is("identifier") {
		return false
	}
	b := mod.Binding(n)
	if b == nil || len(b.Defs) == 0 {
		return false
	}
	for _, d := range b.Defs {
		if gets[d.Value] == nil {
			return false
		}
	}
	return true
}

// passedOn says whether a name is an argument for a process, or for a function
// of the project.
func passedOn(m *process.Model, n *syntax.Node) bool {
	up := n.Parent
	for up.Is("tuple", "list", "pair", "dictionary", "keyword_argument", "argument_list") {
		if call := up.Parent; up.Kind == "argument_list" {
			if o := m.ObjectAt(call); o != nil && o.Kind == process.Process {
				return true
			}
			return up == n.Parent && len(m.Project.CalledBy(call)) > 0 || n.Parent.Is("keyword_argument") && len(m.Project.CalledBy(call)) > 0
		}
		up = up.Parent
	}
	return false
}
