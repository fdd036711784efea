package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Spread says what becomes of an expression that is unpacked into arguments,
// as the args of a Process are.
type Spread int

// The kinds of spread.
const (
	SpreadUnknown    Spread = iota // its elements, or not known
	SpreadRefused                  // it cannot be iterated: TypeError
	SpreadCharacters               // a string: its characters
	SpreadKeys                     // a dict: its keys
)

// SpreadOf returns what unpacking an expression gives. All that it may hold has
// to be known; of several answers the first in the order of the kinds counts.
func (m *Model) SpreadOf(expr *syntax.Node) Spread {
	expr = syntax.Unparen(expr)
	if s := m.spreadOfOperator(expr); s != SpreadUnknown {
		return s
	}
	if values, known := m.Project.Values(expr); known && len(values) > 0 {
		all := SpreadUnknown
		for _, v := range values {
			s := m.spreadOfValue(v)
			if s == SpreadUnknown {
				return SpreadUnknown
			}
			if all == SpreadUnknown || s < all {
				all = s
			}
		}
		return all
	}
	if m.NumberOf(expr, nil) != NotNumber {
		return SpreadRefused
	}
	return m.spreadOfName(expr)
}

// spreadOfOperator knows strings put together of parts that are not known.
func (m *Model) spreadOfOperator(n *syntax.Node) Spread {
	if !n.Is("binary_operator") {
		return SpreadUnknown
	}
	left, right := syntax.Unparen(n.Field("left")), syntax.Unparen(n.Field("right"))
	switch n.Field("operator").Text() {
	case "%":
		if left.Is("string", "concatenated_string") {
			return SpreadCharacters
		}
	case "+":
		for _, side := range []*syntax.Node{left, right} {
			if side.Is("string", "concatenated_string") || m.spreadOfOperator(side) == SpreadCharacters {
				return SpreadCharacters
			}
		}
	}
	return SpreadUnknown
}

// textCalls are library functions that return a string.
var textCalls = map[string]bool{
	"builtins.str": true, "builtins.repr": true, "builtins.ascii": true, "builtins.chr": true, "builtins.hex": true, "builtins.bin": true,
	"builtins.oct": true, "builtins.format": true, "builtins.input": true,
	"os.path.join": true, "os.path.abspath": true, "os.path.basename": true, "os.path.dirname": true, "os.path.realpath": true,
	"os.path.expanduser": true, "os.path.normpath": true, "os.path.relpath": true, "os.getcwd": true, "tempfile.mkdtemp": true, "tempfile.mktemp": true,
	"time.strftime": true, "time.ctime": true, "json.dumps": true, "socket.gethostname": true, "multiprocessing.current_process().name": true,
}

// textMethods are the methods of str that return a str.
var textMethods = map[string]bool{
	"capitalize": true, "casefold": true, "center": true, "expandtabs": true, "format": true, "join": true, "ljust": true, "lower": true,
	"lstrip": true, "removeprefix": true, "removesuffix": true, "replace": true, "rjust": true, "rstrip": true, "strip": true, "swapcase": true,
	"title": true, "translate": true, "upper": true, "zfill": true,
}

// scalarCalls are library classes whose objects cannot be iterated.
var scalarCalls = map[string]bool{
	"pathlib.Path": true, "pathlib.PurePath": true, "builtins.object": true, "builtins.bool": true, "builtins.complex": true, "logging.getLogger": true,
	"datetime.date": true, "datetime.datetime": true, "datetime.timedelta": true, "datetime.date.today": true, "datetime.datetime.now": true,
	"decimal.Decimal": true, "fractions.Fraction": true, "random.Random": true, "types.SimpleNamespace": true, "argparse.Namespace": true,
}

// textElements are library functions whose result gives strings one by one.
var textElements = map[string]bool{
	"os.listdir": true, "glob.glob": true, "glob.iglob": true, "builtins.open": true,
}

func (m *Model) spreadOfValue(v project.Value) Spread {
	switch v.Kind {
	case project.Literal:
		return spreadOfLiteral(v.Node)
	case project.Function, project.Method, project.Module:
		return SpreadRefused
	case project.Instance:
		if v.Node != nil && m.ObjectAt(v.Node) != nil {
			return SpreadRefused // a subclass of Process
		}
		line, external, known := m.Project.Ancestors(v.Def)
		if !known || len(external) > 0 {
			return SpreadUnknown
		}
		for _, class := range line {
			for _, name := range []string{"__iter__", "__getitem__"} {
				if class.Scope.Names[name] != nil {
					return SpreadUnknown
				}
			}
			for _, d := range class.Decorators() {
				if q := class.Module.Qualified(d); !strings.HasPrefix(q, "dataclasses.") {
					if d.Is("call") && strings.HasPrefix(class.Module.Qualified(d.Field("function")), "dataclasses.") {
						continue
					}
					return SpreadUnknown
				}
			}
			if len(syntax.CallArgs(class.Node).Names) > 0 { // a metaclass
				return SpreadUnknown
			}
		}
		return SpreadRefused
	case project.External:
		return spreadOfExternal(v)
	}
	return SpreadUnknown
}

func spreadOfLiteral(n *syntax.Node) Spread {
	switch n.Kind {
	case "string", "concatenated_string":
		if s, ok := syntax.StringValue(n); ok && len([]rune(s)) == 1 {
			return SpreadUnknown // its only character is itself
		}
		return SpreadCharacters
	case "integer", "float", "true", "false", "none", "ellipsis", "comparison_operator", "not_operator":
		return SpreadRefused
	case "dictionary", "dictionary_comprehension":
		return SpreadKeys
	}
	return SpreadUnknown
}

func spreadOfExternal(v project.Value) Spread {
	if t, ok := made(v.Name); ok {
		switch t.Kind {
		case Other, Proxy, SharedArray, RawArray, SharedMemory, ResultIter:
			return SpreadUnknown
		}
		return SpreadRefused
	}
	switch name := v.ResultOf(); {
	case textCalls[name]:
		return SpreadCharacters
	case intCalls[name], floatCalls[name], scalarCalls[name]:
		return SpreadRefused
	case dictMakers[name]:
		return SpreadKeys
	case strings.HasPrefix(name, "builtins.str") && textMethods[name[strings.LastIndex(name, ".")+1:]]:
		return SpreadCharacters
	}
	return SpreadUnknown
}

var dictMakers = map[string]bool{
	"builtins.dict": true, "collections.defaultdict": true, "collections.OrderedDict": true, "collections.Counter": true,
}

// scalarHints are annotations of values that cannot be spread.
var scalarHints = map[string]Spread{
	"builtins.str": SpreadCharacters, "builtins.int": SpreadRefused, "builtins.float": SpreadRefused, "builtins.bool": SpreadRefused,
	"pathlib.Path": SpreadRefused,
}

// spreadOfName knows parameters by their annotation and the loop variables over
// what gives strings.
func (m *Model) spreadOfName(n *syntax.Node) Spread {
	if !n.Is("identifier") {
		return SpreadUnknown
	}
	mod := m.Project.ModuleOf(n)
	b := mod.Binding(n)
	if b == nil || b.Single() == nil {
		return SpreadUnknown
	}
	switch d := b.Single(); d.Kind {
	case scope.Param:
		return scalarHints[mod.Qualified(annotation(d.Node))]
	case scope.For, scope.Comp:
		from := syntax.Unparen(d.Value)
		for from.Is("call") && len(syntax.CallArgs(from).Positional) > 0 {
			if q := mod.Qualified(from.Field("function")); q != "builtins.sorted" && q != "builtins.list" && q != "builtins.reversed" {
				break
			}
			from = syntax.CallArgs(from).Positional[0]
		}
		if v, ok := m.Project.Only(from); ok && len(d.Path) == 0 && (textElements[v.ResultOf()] || v.Is("sys.argv")) {
			return SpreadCharacters
		}
	}
	return SpreadUnknown
}

// annotation returns the type that a parameter is said to have, nil if none.
func annotation(param *syntax.Node) *syntax.Node {
	if t := param.Field("type"); t != nil {
		if c := t.NamedChildren(); len(c) == 1 {
			return c[0]
		}
	}
	return nil
}
