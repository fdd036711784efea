package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// WriteClose closes the queue behind the last join of a consumer, unless the
// program closes it already.
func (p *Protocol) WriteClose(rw *refactor.Rewrite) {
	if p.joined == nil {
		return
	}
	if lines := p.closing(p.joined); lines != nil && !p.joined.Is("return_statement") {
		rw.LinesAfter(p.joined, lines...)
	}
}

// closing returns the lines that close the queue behind a statement, nil when it
// is closed elsewhere, used later, or of a kind that need not be closed.
func (p *Protocol) closing(after *syntax.Node) []string {
	return closeLines(p.model, p.channel.Object, p.text, p.fn, p.block, after)
}

// closeLines returns the lines that close a queue behind a statement of a block
// of a function. Of the queues of multiprocessing only those with a feeder
// thread have join_thread (Lib/multiprocessing/queues.py).
func closeLines(m *process.Model, o *process.Object, text string, fn *project.Def, block, after *syntax.Node) []string {
	if o.Kind != process.Queue && o.Kind != process.JoinableQueue || after == nil || text == "" {
		return nil
	}
	if len(o.Used("close", "join_thread", "cancel_join_thread")) > 0 {
		return nil
	}
	if inLoop(block) && (o.Made.Tree != block.Tree || stmtIn(block, o.Made) == nil) {
		return nil
	}
	root := after.Tree.Root
	late := false
	visit := func(n *syntax.Node) {
		if n.Start >= after.End && n.Is("identifier", "attribute") && m.Project.Enclosing(n) == fn {
			if objects, _ := m.ObjectsOf(n); has(objects, o) {
				late = true
			}
		}
	}
	if fn != nil {
		fn.Walk(visit)
	} else {
		root.Walk(func(n *syntax.Node) bool { visit(n); return true })
	}
	if late {
		return nil
	}
	return []string{text + ".close()", text + ".join_thread()"}
}

func has(objects []*process.Object, o *process.Object) bool {
	for _, x := range objects {
		if x == o {
			return true
		}
	}
	return false
}

// inLoop says whether a block is run again and again by a loop of its function.
func inLoop(block *syntax.Node) bool {
	return block.Parent.Is("for_statement", "while_statement") || len(process.Loops(block)) > 0
}
