package project_test

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// launches is the call of a process's target.
func launches(_ project.Lookup, call *syntax.Node, callee string) []project.Indirect {
	if callee != "multiprocessing.Process" {
		return nil
	}
	args := syntax.CallArgs(call).Keywords
	return []project.Indirect{{Func: args["target"], Rest: &project.Arg{Expr: args["args"]}}}
}

// The first question leads to the table of indirect calls through the caller of
// slug, whose argument in turn depends on that table.
func TestIndirectCallsAreWholeForTheFirstQuestion(t *testing.T) {
	f := source.New("main.py", `import multiprocessing as mp


def slug(title):
    return "-".join(title.lower().split())


def worker(titles):
    while True:
        title = titles.get()
        print(slug(title))


def main():
    titles = mp.Queue()
    mp.Process(target=worker, args=(titles,)).start()
`)
	p := project.New(source.Memory(f), []string{"main.py"}, project.Options{Indirect: launches})
	p.Module("main.py").Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind == "call" {
			p.Values(n)
		}
		if n.Kind == "attribute" && n.Text() == "titles.get" {
			v, ok := p.Only(n.Field("object"))
			if !ok || v.ResultOf() != "multiprocessing.Queue" {
				t.Errorf("titles is %+v, %v", v, ok)
			}
		}
		return true
	})
}
