package calledtarget

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// arguments are those of a call, written for a constructor that takes them as a
// tuple and a dict.
type arguments struct {
	tuple, keywords      string // "" when there are none
	list                 []*syntax.Node
	named                bool // there are keyword arguments
	generator, commented bool
}

func (a arguments) empty() bool { return len(a.list) == 0 }

func collect(call *syntax.Node, quote string) arguments {
	var a arguments
	list := call.Field("arguments")
	if list.Is("generator_expression") {
		a.generator, a.list = true, []*syntax.Node{list}
		return a
	}
	var elements, pairs []string
	var star, mapping string
	for _, c := range list.NamedChildren() {
		a.list = append(a.list, c)
		switch c.Kind {
		case "keyword_argument":
			a.named = true
			pairs = append(pairs, quote+c.Field("name").Text()+quote+": "+c.Field("value").Text())
		case "dictionary_splat":
			a.named = true
			mapping = strings.TrimLeft(c.Text(), "* ")
			pairs = append(pairs, c.Text())
		case "list_splat":
			star = strings.TrimLeft(c.Text(), "* ")
			elements = append(elements, c.Text())
		case "generator_expression":
			a.generator = true
		default:
			elements = append(elements, c.Text())
		}
	}
	switch {
	case len(elements) == 1 && star != "":
		a.tuple = star
	case len(elements) == 1:
		a.tuple = "(" + elements[0] + ",)"
	case len(elements) > 1:
		a.tuple = "(" + strings.Join(elements, ", ") + ")"
	}
	switch {
	case len(pairs) == 1 && mapping != "":
		a.keywords = mapping
	case len(pairs) > 0:
		a.keywords = "{" + strings.Join(pairs, ", ") + "}"
	}
	a.commented = commented(call)
	return a
}

// commented says whether a comment stands inside the call; it would be lost.
func commented(call *syntax.Node) bool {
	for _, c := range call.Tree.Comments {
		if c.Within(call) {
			return true
		}
	}
	return false
}

// spread writes the arguments behind the function, as submit takes them.
func (a arguments) spread(p *rule.Pass, rw *refactor.Rewrite, s site, inner *syntax.Node) {
	fn := inner.Field("function").Text()
	texts := []string{fn}
	for _, c := range a.list {
		texts = append(texts, c.Text())
	}
	all := strings.Join(texts, ", ")
	if a.named && s.what == "run_in_executor" {
		rw.Replace(s.fn, rw.ImportIn(p.Module, s.call, "functools", "partial")+"("+all+")")
		return
	}
	rw.Replace(s.fn, all)
}
