package startup

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Repeated is a statement at module level that does something in every child
// which was meant for the parent alone.
type Repeated struct {
	Stmt *syntax.Node
	Call *syntax.Node // the call in it that does so, or leads to it
	Does string       // "prints too"
}

// repeating says what a child does by a library call that its module makes while
// it is imported. Calls that set up the process, or that only read, are not here.
var repeating = map[string]string{
	"builtins.print": "prints too", "sys.stdout.write": "prints too", "sys.stderr.write": "prints too", "pprint.pprint": "prints too",
	"builtins.input": "asks too, without a terminal", "getpass.getpass": "asks too",
	"os.mkdir": "makes the directory again, which fails", "os.makedirs": "makes the directory again, which fails",
	"pathlib.Path.mkdir": "makes the directory again, which fails",
	"tempfile.mkdtemp":   "makes a directory of its own", "tempfile.TemporaryDirectory": "makes a directory of its own",
	"tempfile.mkstemp": "makes a file of its own", "tempfile.NamedTemporaryFile": "makes a file of its own",
	"os.remove": "removes the file too", "os.unlink": "removes the file too", "pathlib.Path.unlink": "removes the file too",
	"os.rename": "renames the file too", "os.replace": "renames the file too", "os.rmdir": "removes the directory too",
	"shutil.rmtree": "removes the directory too", "shutil.move": "moves the file too", "shutil.copy": "copies the file too",
	"shutil.copytree": "copies the directory too", "pathlib.Path.write_text": "writes the file again",
	"pathlib.Path.write_bytes": "writes the file again", "builtins.open": "writes the file again",
	"os.system": "runs the command too", "subprocess.run": "runs the command too", "subprocess.call": "runs the command too",
	"subprocess.check_call": "runs the command too", "subprocess.check_output": "runs the command too", "subprocess.Popen": "runs the command too",
	"urllib.request.urlopen": "downloads it too", "urllib.request.urlretrieve": "downloads it too", "requests.get": "downloads it too",
	"requests.post": "sends it too", "time.sleep": "waits too", "webbrowser.open": "opens the page too",
}

// RepeatedIn lists the statements of a module that every child of the program
// repeats, with a start that makes such children. The module is the main module
// of a program with processes, or imported by one. Nothing is listed when
// processes are started at import: that is MPF101's to settle first.
func RepeatedIn(m *process.Model, mod *scope.Module) ([]*Repeated, *process.Start) {
	start := startOf(m, mod)
	if start == nil {
		for _, i := range m.Project.Importers(mod) {
			if importedFirst(m, i, mod) && start == nil {
				start = startOf(m, i)
			}
		}
	}
	if start == nil {
		return nil, nil
	}
	var found []*Repeated
	for _, s := range mod.Tree.Root.NamedChildren() {
		if !s.Is("expression_statement", "for_statement", "with_statement") || m.Configures(s) || speaksOfProcess(s) {
			continue
		}
		if call, does := repeats(m, s, s, map[*project.Def]bool{}); call != nil && m.AtImport(call) != nil {
			found = append(found, &Repeated{Stmt: s, Call: call, Does: does})
		}
	}
	return found, start
}

// startOf returns a start that running a module as the main one leads to and
// whose children import it again; nil when there is none.
func startOf(m *process.Model, mod *scope.Module) *process.Start {
	if main, _ := m.MainLike(mod); !main {
		return nil
	}
	runs := map[*project.Def]bool{}
	for _, s := range mod.Tree.Root.NamedChildren() {
		if definition(s) {
			continue
		}
		s.Walk(func(n *syntax.Node) bool {
			if n.Kind == "call" {
				for _, c := range m.Project.CalledBy(n) {
					for _, d := range m.Project.Reaches(c) {
						runs[d] = true
					}
				}
			}
			return !definition(n)
		})
	}
	var found *process.Start
	for _, s := range m.Starts {
		if m.ForkOnly(s.Object) || s.In != nil && !runs[s.In] || s.In == nil && m.Project.ModuleOf(s.Node) != mod {
			continue
		}
		if run := m.AtImport(s.Node); run != nil {
			return nil
		}
		if found == nil {
			found = s
		}
	}
	return found
}

// importedFirst says whether a module imports another one while it is imported
// itself.
func importedFirst(m *process.Model, by, mod *scope.Module) bool {
	for _, b := range by.Top.Names {
		for _, d := range b.Defs {
			if d.Import == nil || m.AtImport(d.Name) == nil {
				continue
			}
			values, _ := m.Project.BindingValues(b)
			for _, v := range values {
				if v.Kind == project.Module && v.Mod == mod || v.Def != nil && v.Def.Module == mod {
					return true
				}
			}
		}
	}
	return false
}

// speaksOfProcess says whether a statement tells which process it runs in: it is
// meant to run in each.
func speaksOfProcess(s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Is("identifier") {
			switch n.Text() {
			case "__name__", "getpid", "getppid", "current_process", "parent_process", "get_start_method":
				found = true
			}
		}
		return !found
	})
	return found
}

// repeats finds a call under a node that is certain to run and has an effect.
func repeats(m *process.Model, root, top *syntax.Node, inside map[*project.Def]bool) (call *syntax.Node, does string) {
	root.Walk(func(n *syntax.Node) bool {
		if call != nil || n != root && n.Is("function_definition", "class_definition", "lambda", "if_statement", "try_statement",
			"match_statement", "while_statement", "conditional_expression", "boolean_operator") {
			return false
		}
		if n.Kind != "call" {
			return true
		}
		values, known := m.Project.Values(n.Field("function"))
		if !known || len(values) != 1 {
			return true
		}
		switch v := values[0]; v.Kind {
		case project.External:
			name := strings.ReplaceAll(v.Name, "()", "")
			if repeating[name] != "" && noticed(n, name) {
				call, does = n, repeating[name]
			}
		case project.Function, project.Method:
			if inside[v.Def] || v.Def.IsGenerator() || v.Def.IsAsync() || v.Def.IsLambda() || leaves(v.Def) {
				return true
			}
			inside[v.Def] = true
			if c, d := repeats(m, v.Def.Body(), top, inside); c != nil && !speaksOfProcess(v.Def.Body()) {
				call, does = n, d
			}
		}
		return true
	})
	return call, does
}

// leaves says whether a function may leave before its end.
func leaves(d *project.Def) bool {
	found := false
	body := d.Body().NamedChildren()
	d.Walk(func(n *syntax.Node) {
		if n.Is("raise_statement") || n.Is("return_statement") && n != body[len(body)-1] {
			found = true
		}
	})
	return found
}

// noticed says whether a call of that name does something: a file that is only
// read and a directory that may be there already do not count.
func noticed(call *syntax.Node, name string) bool {
	args := syntax.CallArgs(call)
	switch name {
	case "builtins.open":
		mode := args.Keywords["mode"]
		if mode == nil && len(args.Positional) > 1 {
			mode = args.Positional[1]
		}
		text, ok := syntax.StringValue(mode)
		return ok && strings.ContainsAny(text, "wx")
	case "os.makedirs", "pathlib.Path.mkdir":
		return args.Keywords["exist_ok"] == nil && len(args.Positional) < 3 && len(args.Later) == 0
	}
	return true
}

// Lowered is a plan that moves statements from module level under the main guard
// that stands below them.
type Lowered struct {
	Moved []*Repeated
	// Sure says that nothing but the children notices.
	Sure  bool
	first *syntax.Node // of the guard's block
}

// PlanLowered plans to move those of a module's repeated statements that nobody
// needs before the main guard; rest are the others, with the reason for each.
func PlanLowered(m *process.Model, mod *scope.Module, all []*Repeated) (plan *Lowered, rest map[*Repeated]error) {
	rest = map[*Repeated]error{}
	every := func(err error) (*Lowered, map[*Repeated]error) {
		for _, r := range all {
			rest[r] = err
		}
		return nil, rest
	}
	if i := m.Project.Importers(mod); len(i) > 0 {
		return every(fmt.Errorf("%s imports this module; under a guard it would do without", i[0].Tree.File.Path))
	}
	guard, err := handover.MainGuard(mod)
	if err != nil {
		return every(err)
	}
	g := &Guard{model: m, module: mod, keep: map[*syntax.Node]bool{}}
	late := g.readByWorkers()
	plan = &Lowered{Sure: true, first: guard.Field("consequence").NamedChildren()[0]}
	stmts := mod.Tree.Root.NamedChildren()
	var passed []*syntax.Node // what the next statement would move past
	blocked, unsure := false, false
	for i := len(stmts) - 1; i >= 0; i-- {
		s := stmts[i]
		r := at(all, s)
		switch {
		case s.Start > guard.Start:
			if r != nil {
				rest[r] = fmt.Errorf("it stands below the main guard")
			}
		case s == guard:
		case r == nil:
			switch {
			case definition(s):
			case importing(s):
				unsure = unsure || g.importsProject(s)
			default:
				e := g.effect(s)
				blocked = blocked || e == visible
				unsure = unsure || e == unknownEffect
			}
			passed = append(passed, s)
		case blocked:
			rest[r] = fmt.Errorf("it would come after what stands between it and the main guard")
		default:
			if err := g.lower(s, guard, passed, late); err != nil {
				rest[r] = err
				blocked = true
				passed = append(passed, s)
				continue
			}
			plan.Sure = plan.Sure && !unsure && g.effect(s) != unknownEffect
			plan.Moved = append([]*Repeated{r}, plan.Moved...)
		}
	}
	return plan, rest
}

// importsProject says whether an import statement runs a module of the project.
func (g *Guard) importsProject(s *syntax.Node) bool {
	for _, b := range g.module.BoundIn(s) {
		values, _ := g.model.Project.BindingValues(b)
		for _, v := range values {
			if v.Kind == project.Module || v.Def != nil {
				return true
			}
		}
	}
	return false
}

func at(all []*Repeated, s *syntax.Node) *Repeated {
	for _, r := range all {
		if r.Stmt == s {
			return r
		}
	}
	return nil
}

// lower says what keeps a statement from moving past others to the guard.
func (g *Guard) lower(s, guard *syntax.Node, passed []*syntax.Node, late map[*scope.Binding][]*project.Def) error {
	bound := g.module.BoundIn(s)
	for _, b := range bound {
		if len(late[b]) > 0 {
			return fmt.Errorf("workers read %s", b.Name)
		}
		if _, all := g.model.Project.Uses(b); !all || len(b.Defs) != 1 && !s.Is("for_statement", "with_statement") {
			return fmt.Errorf("%s may be used elsewhere", b.Name)
		}
	}
	read := g.needs(s)
	for _, p := range passed {
		for _, b := range g.needs(p) {
			if hasBinding(bound, b) && (!definition(p) || g.readNow(p, b)) {
				return fmt.Errorf("%s is read while the module is imported", b.Name)
			}
		}
		for _, b := range g.module.BoundIn(p) {
			if hasBinding(read, b) || hasBinding(bound, b) {
				return fmt.Errorf("%s is bound again below it", b.Name)
			}
		}
	}
	for _, b := range read {
		places, _ := g.model.Changed(b)
		for _, c := range places {
			t := process.TopStatement(c)
			if g.model.Project.ModuleOf(c) == g.module && t.Start > s.Start && t.Start < guard.Start && !definition(t) {
				return fmt.Errorf("%s changes below it", b.Name)
			}
		}
	}
	return nil
}

// readNow says whether a definition reads a name when it is made: in a decorator,
// a default, a base or a class body.
func (g *Guard) readNow(def *syntax.Node, b *scope.Binding) bool {
	for _, f := range g.module.FreeNames(def) {
		for _, n := range f.Uses {
			if f.Binding == b && g.model.Project.Enclosing(n) == nil {
				return true
			}
		}
	}
	return false
}

// Write makes the move.
func (l *Lowered) Write(rw *refactor.Rewrite) {
	for _, r := range l.Moved {
		rw.Move([]*syntax.Node{r.Stmt}, l.first)
	}
}

// PlanRepeated plans to put a repeated assignment under the main guard, with what
// follows it, and to pass its value to the workers that read it.
func PlanRepeated(m *process.Model, mod *scope.Module, r *Repeated) (*Guard, error) {
	if !assignment(r.Stmt) || len(m.Project.Importers(mod)) > 0 {
		return nil, fmt.Errorf("it is no assignment of a main module")
	}
	guard, err := handover.MainGuard(mod)
	if err != nil {
		return nil, err
	}
	if guard.Start < r.Stmt.Start {
		return nil, fmt.Errorf("it stands below the main guard")
	}
	g, err := PlanGuard(m, mod, []*syntax.Node{r.Stmt})
	if err != nil {
		return nil, err
	}
	if len(g.Handed) == 0 {
		return nil, fmt.Errorf("no worker needs it")
	}
	for i := g.from; i <= g.to; i++ {
		if s := g.stmts[i]; !g.keep[s] && s != guard && !definition(s) && !importing(s) && g.effect(s) == unknownEffect && s != r.Stmt {
			return nil, fmt.Errorf("%s may be needed in each child", syntax.Head(s))
		}
	}
	return g, nil
}
