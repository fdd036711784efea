package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// WorkersAt lists the workers in which the code at a node may run, other than
// by importing the module again.
func (m *Model) WorkersAt(n *syntax.Node) []*Worker {
	d := m.Project.Enclosing(n)
	if d == nil {
		return nil
	}
	return m.inWorker[d]
}

// WorkersOf lists the workers that reach a definition.
func (m *Model) WorkersOf(d *project.Def) []*Worker { return m.inWorker[d] }

// WorkerOf returns the worker whose entry is the definition, nil if none.
func (m *Model) WorkerOf(d *project.Def) *Worker { return m.byEntry[d] }

// InParent says whether the code at a node may run in the process that starts
// the workers: at module level, or in a function that such code calls, or in
// one that nobody in the project calls and that is no worker.
func (m *Model) InParent(n *syntax.Node) bool {
	d := m.Project.Enclosing(n)
	return d == nil || m.inParent[d]
}

// DefInParent is InParent for the body of a definition.
func (m *Model) DefInParent(d *project.Def) bool { return m.inParent[d] }

// ImportRun says why a function runs while a module is imported: the statement
// at module level and the chain of calls from it.
type ImportRun struct {
	Module *scope.Module
	Stmt   *syntax.Node   // the unguarded statement at module level
	Calls  []*syntax.Node // the calls that lead to the function, outermost first
}

// AtImport says whether the code at a node runs while its module (or one that
// calls it) is imported, that is outside every main guard, and how it comes to.
func (m *Model) AtImport(n *syntax.Node) *ImportRun {
	if m.Guarded(n) || m.Dead(n) {
		return nil
	}
	if d := m.Project.Enclosing(n); d != nil {
		return m.imports[d]
	}
	return &ImportRun{Module: m.Project.ModuleOf(n), Stmt: topStatement(n)}
}

// topStatement returns the statement at module level that holds a node.
func topStatement(n *syntax.Node) *syntax.Node {
	for n.Parent != nil && n.Parent.Kind != "module" {
		n = n.Parent
	}
	return n
}

// TopStatement returns the statement at module level that holds a node.
func TopStatement(n *syntax.Node) *syntax.Node { return topStatement(n) }

// methodInName returns the start method that the name of a context class
// stands for: "multiprocessing.context.SpawnContext().Queue" is "spawn".
func methodInName(name string) string {
	for sub, method := range map[string]string{
		"SpawnContext": "spawn", "SpawnProcess": "spawn", "ForkContext": "fork", "ForkProcess": "fork",
		"ForkServerContext": "forkserver", "ForkServerProcess": "forkserver",
	} {
		if strings.Contains(name, "."+sub) {
			return method
		}
	}
	return ""
}

// Loops lists the loops and comprehensions around a node inside its function
// (or module), innermost first.
func Loops(n *syntax.Node) []*syntax.Node {
	var found []*syntax.Node
	for c, up := n, n.Parent; up != nil; c, up = up, up.Parent {
		switch up.Kind {
		case "function_definition", "lambda", "class_definition":
			return found
		case "for_statement":
			if c.FieldName == "body" {
				found = append(found, up)
			}
		case "while_statement":
			if c.FieldName == "body" || c.FieldName == "condition" {
				found = append(found, up)
			}
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			if c.FieldName == "body" {
				found = append(found, up)
			}
		}
	}
	return found
}
