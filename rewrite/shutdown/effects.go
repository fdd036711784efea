package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// mayLeave says whether a statement may end the function, the loop around it or
// the program.
func mayLeave(s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "function_definition", "lambda", "class_definition":
			return false
		case "return_statement", "raise_statement", "assert_statement", "yield":
			found = true
		case "break_statement", "continue_statement":
			if loop := n.Ancestor("for_statement", "while_statement"); loop == nil || !loop.Within(s) {
				found = true
			}
		case "call":
			switch n.Field("function").Text() {
			case "sys.exit", "exit", "quit", "os._exit":
				found = true
			}
		}
		return true
	})
	return found
}

// outer are modules whose functions look at the world outside the program,
// which the joined processes may have changed.
var outer = []string{"os.", "shutil.", "pathlib.", "subprocess.", "sqlite3.", "glob.", "json.load", "pickle.load", "builtins.open", "time."}

// reads says whether a statement looks at something other than the channels that
// the joined processes may write: files, shared values, managers.
func (u *Undrained) reads(s *syntax.Node) bool {
	m := u.model
	found := false
	for _, o := range m.Objects {
		if isChannel(o.Kind) || o.Kind == process.Process {
			continue
		}
		for _, use := range o.Uses {
			if use.Node.Within(s) {
				found = true
			}
		}
	}
	look := func(n *syntax.Node) {
		if n.Kind != "call" {
			return
		}
		name := m.Project.ModuleOf(n).Qualified(n.Field("function"))
		for _, prefix := range outer {
			if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "os.path.join") {
				found = true
			}
		}
	}
	s.Walk(func(n *syntax.Node) bool {
		look(n)
		if n.Kind == "call" {
			for _, d := range m.Project.CalledBy(n) {
				for _, r := range m.Project.Reaches(d) {
					r.Walk(look)
				}
			}
		}
		return true
	})
	return found
}

func isChannel(k process.Kind) bool {
	switch k {
	case process.Queue, process.JoinableQueue, process.SimpleQueue, process.Connection:
		return true
	}
	return false
}

// speaks says whether a statement does more than read and keep: it prints, or
// calls something whose effect may be seen.
func speaks(m *process.Model, s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" {
			return true
		}
		f := n.Field("function")
		if f.Is("attribute") {
			switch f.Field("attribute").Text() {
			case "get", "recv", "append", "extend", "update", "add", "items", "values", "close", "join_thread":
				return true
			}
		}
		switch m.Project.ModuleOf(n).Qualified(f) {
		case "builtins.range", "builtins.len", "builtins.sorted", "builtins.list", "builtins.dict", "builtins.set", "builtins.tuple", "builtins.sum",
			"builtins.zip", "builtins.enumerate", "builtins.min", "builtins.max":
			return true
		}
		found = true
		return true
	})
	return found
}
