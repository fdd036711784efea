package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// apart says how runs of a worker depend on each other.
type apart struct {
	m       *process.Model
	reads   bool // files
	writes  bool // files
	depends bool // one run may read what another has left
	ordered bool // the order of the runs shows in what they print or hand over
}

// apartOf looks at all that an entry of a worker runs.
func apartOf(m *process.Model, entry *project.Def) apart {
	a := apart{m: m}
	for _, d := range m.Reach(entry) {
		d.Walk(a.look)
	}
	a.depends = a.depends || a.reads && a.writes
	return a
}

var readsFiles = map[string]bool{"read_text": true, "read_bytes": true, "exists": true, "listdir": true, "glob": true, "iterdir": true, "stat": true,
	"is_file": true, "is_dir": true, "isfile": true, "isdir": true, "getsize": true, "scandir": true}

var writesFiles = map[string]bool{"write_text": true, "write_bytes": true, "unlink": true, "mkdir": true, "rename": true, "replace": false, "rmdir": true,
	"makedirs": true, "touch": true, "remove": false, "rmtree": true, "copyfile": true, "copy2": true}

func (a *apart) look(n *syntax.Node) {
	switch n.Kind {
	case "call":
		a.lookCall(n)
	case "identifier", "attribute":
		if n.Parent.Is("attribute") && n.FieldName != "object" || n.Parent.Is("keyword_argument") && n.FieldName == "name" {
			return
		}
		objects, _ := a.m.ObjectsOf(n)
		for _, o := range objects {
			switch o.Kind {
			case process.SharedValue, process.RawValue, process.SharedArray, process.RawArray, process.SharedMemory, process.Proxy:
				if o.Kind != process.Proxy || !strings.HasSuffix(o.Name, "Lock") && !strings.HasSuffix(o.Name, "Queue") {
					a.lookShared(n)
				}
			case process.Condition, process.Event, process.Barrier:
				a.depends = true
			}
		}
	}
}

func (a *apart) lookCall(n *syntax.Node) {
	f := n.Field("function")
	switch a.m.Project.ModuleOf(n).Qualified(f) {
	case "builtins.print", "sys.stdout.write":
		a.ordered = true
	case "builtins.open":
		args := syntax.CallArgs(n)
		mode := args.Keywords["mode"]
		if len(args.Positional) > 1 {
			mode = args.Positional[1]
		}
		text, ok := syntax.StringValue(mode)
		switch {
		case mode != nil && (!ok || strings.ContainsAny(text, "a+")):
			a.ordered = true
			a.reads = a.reads || !ok || strings.Contains(text, "+")
			a.writes = true
		case strings.ContainsAny(text, "wx"):
			a.writes = true
		default:
			a.reads = true
		}
	}
	if !f.Is("attribute") {
		return
	}
	name := f.Field("attribute").Text()
	a.reads = a.reads || readsFiles[name]
	a.writes = a.writes || writesFiles[name]
	objects, _ := a.m.ObjectsOf(f.Field("object"))
	for _, o := range objects {
		if ch := a.m.ChannelOf(o); ch != nil {
			switch name {
			case "put", "put_nowait", "send", "send_bytes":
				a.ordered = a.ordered || !sortedReads(a.m, ch)
			default:
				a.depends = true
			}
		}
	}
}

// lookShared looks at a mention of shared memory: stores into elements, appends
// and sums under a lock can be done in any order.
func (a *apart) lookShared(n *syntax.Node) {
	up := n.Parent
	switch {
	case up.Is("subscript") && up.Field("value") == n && up.Parent.Is("assignment") && up.FieldName == "left":
	case up.Is("argument_list", "keyword_argument"):
	case up.Is("attribute") && up.Field("attribute").Text() == "append":
		a.ordered = true
	case up.Is("attribute") && up.Field("attribute").Text() == "get_lock":
	case up.Is("attribute") && up.Field("attribute").Text() == "value" && up.Parent.Is("augmented_assignment") && up.FieldName == "left" && up.Ancestor("with_statement") != nil:
	default:
		a.depends = true
	}
}

// sortedReads says whether the order in which items come from a channel does not
// show: they are sorted, summed up, or stored by key.
func sortedReads(m *process.Model, ch *process.Channel) bool {
	reads := ch.Get
	if ch.Peer != nil {
		reads = append(reads[:len(reads):len(reads)], ch.Peer.Get...)
	}
	for _, g := range reads {
		blind := false
		for up := g.Node.Parent; up != nil && !up.Is("block", "module"); up = up.Parent {
			if up.Is("call") {
				switch m.Project.ModuleOf(up).Qualified(up.Field("function")) {
				case "builtins.sorted", "builtins.set", "builtins.dict", "builtins.sum", "builtins.max", "builtins.min", "collections.Counter":
					blind = true
				}
			}
			if up.Is("dictionary_comprehension", "set_comprehension", "augmented_assignment") || up.Is("assignment") && up.Field("left").Is("subscript") {
				blind = true
			}
		}
		if s := g.Node.Statement(); !blind && s.Is("expression_statement") {
			if next := s.Next(); next.Is("expression_statement") && len(next.NamedChildren()) == 1 {
				c := next.NamedChildren()[0]
				blind = c.Is("augmented_assignment") || c.Is("assignment") && c.Field("left").Is("subscript") ||
					c.Is("call") && c.Field("function").Is("attribute") && c.Field("function").Field("attribute").Text() == "sort"
			}
		}
		if !blind {
			return false
		}
	}
	return len(reads) > 0
}
