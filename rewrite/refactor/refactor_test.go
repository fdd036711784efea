package refactor

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// code is a parsed file in a test.
type code struct {
	t    *testing.T
	tree *syntax.Tree
	mod  *scope.Module
}

func parse(t *testing.T, text string) *code {
	t.Helper()
	tree, err := syntax.Parse(source.New("test.py", text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &code{t, tree, scope.New(tree, "test", "")}
}

// at returns the smallest named node at the first place of the given text.
func (c *code) at(text string) *syntax.Node {
	c.t.Helper()
	if c.tree.File.Newline != "\n" {
		text = strings.ReplaceAll(text, "\n", c.tree.File.Newline)
	}
	i := strings.Index(c.tree.File.Text, text)
	if i < 0 {
		c.t.Fatalf("no %q in the source", text)
	}
	return c.tree.NodeAt(i, i+len(strings.TrimRight(text, "\r\n")))
}

// stmt returns the statement in which the given text first begins.
func (c *code) stmt(text string) *syntax.Node {
	c.t.Helper()
	if c.tree.File.Newline != "\n" {
		text = strings.ReplaceAll(text, "\n", c.tree.File.Newline)
	}
	i := strings.Index(c.tree.File.Text, text)
	if i < 0 {
		c.t.Fatalf("no %q in the source", text)
	}
	s := c.tree.NodeAt(i, i+1).Statement()
	if s == nil {
		c.t.Fatalf("%q is in no statement", text)
	}
	return s
}

func (c *code) stmts(texts ...string) []*syntax.Node {
	var list []*syntax.Node
	for _, s := range texts {
		list = append(list, c.stmt(s))
	}
	return list
}

func (r *Rewrite) result(c *code) (string, error) {
	set, err := r.Set()
	if err != nil {
		return "", err
	}
	edits, err := ResolveImports(c.tree, c.mod, set.Imports)
	if err != nil {
		return "", err
	}
	f, err := edit.Apply(c.tree.File, append(edits, set.Edits...))
	if err != nil {
		return "", err
	}
	return f.Text, nil
}

// refused stands for an error.
const refused = "<refused>"

type story struct {
	name   string
	before string
	do     func(*code, *Rewrite)
	after  string // or refused
}

func tell(t *testing.T, stories []story) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			s.before = strings.TrimPrefix(s.before, "\n")
			s.after = strings.TrimPrefix(s.after, "\n")
			for _, style := range []struct {
				name   string
				change func(string) string
			}{
				{"", func(s string) string { return s }},
				{"CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
			} {
				before, after := style.change(s.before), style.change(s.after)
				c := parse(t, before)
				r := New()
				s.do(c, r)
				got, err := r.result(c)
				if s.after == refused {
					if err == nil {
						t.Errorf("%s: no error, but\n%s", style.name, got)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", style.name, err)
					continue
				}
				if got != after {
					t.Errorf("%s: got\n%s\nwant\n%s", style.name, show(got), show(after))
				}
				if again := parse(t, got); len(again.tree.Errors) > 0 && len(c.tree.Errors) == 0 {
					t.Errorf("%s: result does not parse:\n%s", style.name, got)
				}
			}
		})
	}
}

func show(s string) string {
	return strings.NewReplacer("\r", "␍", "\t", "→   ").Replace(s)
}
