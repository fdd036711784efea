// Package rewrite_test holds what is true of the module as a whole.
package rewrite_test

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mpfix/mpfix/"

// floor is one row of the table of floors: where a package stands and which of
// the module's packages it may import besides those of the floors named.
type floor struct {
	level  int
	floors []int    // floors it may import whole
	also   []string // single packages it may import
	tests  []string // packages its tests may import besides
}

// floors is the table of rewrite/README.md. A key that ends in "/*" stands for
// every package below that folder.
var floors = map[string]floor{
	"rewrite/source":      {level: 0},
	"rewrite/edit":        {level: 1, floors: []int{0}},
	"rewrite/patch":       {level: 1, floors: []int{0}},
	"rewrite/syntax":      {level: 1, floors: []int{0}},
	"rewrite/trial":       {level: 1},
	"rewrite/scope":       {level: 2, floors: []int{0}, also: []string{"rewrite/syntax"}},
	"rewrite/refactor":    {level: 3, floors: []int{0, 1, 2}},
	"rewrite/project":     {level: 3, floors: []int{0, 1, 2}},
	"rewrite/process":     {level: 4, floors: []int{0, 1, 2, 3}},
	"rewrite/rule":        {level: 5, floors: []int{0, 1, 2, 3, 4}},
	"rewrite/handover":    {level: 5, floors: []int{0, 1, 2, 3, 4}},
	"rewrite/startup":     {level: 5, floors: []int{0, 1, 2, 3, 4}, also: []string{"rewrite/handover"}},
	"rewrite/shutdown":    {level: 5, floors: []int{0, 1, 2, 3, 4}, also: []string{"rewrite/handover"}},
	"rewrite/sharedstate": {level: 5, floors: []int{0, 1, 2, 3, 4}, also: []string{"rewrite/handover"}},
	"rewrite/engine":      {level: 6, floors: []int{0, 1, 2, 3, 4, 5}},
	"rewrite/ruletest":    {level: 7, floors: []int{0, 1, 2, 3, 4, 5, 6}},
	"patterns/*":          {level: 8, floors: []int{0, 1, 2, 3, 4, 5}, tests: []string{"rewrite/ruletest"}},
	"patterns":            {level: 9, floors: []int{5, 8}, tests: []string{"rewrite/ruletest", "rewrite/engine"}},
	"cmd/internal/*":      {level: 10, floors: []int{0, 1, 5, 6, 9}},
	"cmd/mpfix":           {level: 11, floors: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
}

// trialUsers may run programs; no one else imports rewrite/trial.
var trialUsers = []string{"rewrite/ruletest", "cmd/mpfix", "cmd/internal/*"}

// owners names the one package that imports a library.
var owners = map[string]string{
	"github.com/sergi/go-diff":          "rewrite/patch",
	"github.com/smacker/go-tree-sitter": "rewrite/syntax",
	"golang.org/x/text/encoding":        "rewrite/source",
	"golang.org/x/text/transform":       "rewrite/source",
	"golang.org/x/text/width":           "cmd/internal/report",
	"golang.org/x/tools/txtar":          "rewrite/ruletest",
	"github.com/fatih/color":            "cmd/internal/report",
	"github.com/spf13/cobra":            "cmd/mpfix",
}

// outside are the parts of the standard library that reach the machine; outsiders
// the packages that may use them.
var (
	outside   = []string{"os", "net", "time", "syscall", "log", "plugin"}
	outsiders = []string{"rewrite/trial", "rewrite/ruletest", "cmd/mpfix", "cmd/internal/*"}
)

// goFile is one Go file and what it imports.
type goFile struct {
	name    string // from the root of the module
	pkg     string // its folder
	test    bool
	imports []string
}

func TestFloors(t *testing.T) {
	for _, problem := range problems(goFiles(t, "..")) {
		t.Error(problem)
	}
}

// problems lists the imports that the table forbids.
func problems(list []goFile) []string {
	var found []string
	add := func(f goFile, format string, args ...any) {
		found = append(found, f.name+": "+fmt.Sprintf(format, args...))
	}
	users := map[string]map[string]bool{} // library -> packages that import it
	for _, f := range list {
		key := row(f.pkg)
		own, known := floors[key]
		if !known {
			add(f, "package %s has no row in the table of floors", f.pkg)
			continue
		}
		for _, imported := range f.imports {
			below, local := strings.CutPrefix(imported, module)
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case local:
				if below != f.pkg && !mayImport(key, own, f.test, below) {
					add(f, "%s may not import %s", f.pkg, below)
				}
			case strings.Contains(first, "."):
				if !f.test {
					lib := library(imported)
					if users[lib] == nil {
						users[lib] = map[string]bool{}
					}
					users[lib][f.pkg] = true
				}
			case !f.test && slices.Contains(outside, first) && !slices.Contains(outsiders, key):
				add(f, "only cmd, trial and ruletest import %s", imported)
			case !f.test && first == "testing" && key != "rewrite/ruletest":
				add(f, "only ruletest imports testing")
			}
		}
	}
	for _, lib := range slices.Sorted(maps.Keys(users)) {
		pkgs := slices.Sorted(maps.Keys(users[lib]))
		if owner, ok := owners[lib]; ok {
			if len(pkgs) != 1 || pkgs[0] != owner {
				found = append(found, fmt.Sprintf("%s belongs to %s, imported by %s", lib, owner, strings.Join(pkgs, ", ")))
			}
		} else if len(pkgs) > 1 {
			found = append(found, fmt.Sprintf("%s has more than one owner: %s", lib, strings.Join(pkgs, ", ")))
		}
	}
	return found
}

func mayImport(key string, own floor, test bool, imported string) bool {
	target := row(imported)
	if imported == "rewrite/trial" && !slices.Contains(trialUsers, key) {
		return false
	}
	if slices.Contains(own.also, imported) || test && slices.Contains(own.tests, imported) {
		return true
	}
	other, ok := floors[target]
	return ok && other.level < own.level && slices.Contains(own.floors, other.level)
}

// row is the key of a package in the table.
func row(pkg string) string {
	if _, ok := floors[pkg]; ok {
		return pkg
	}
	return path.Dir(pkg) + "/*"
}

// library is the module of an import path, as far as its form tells. The packages
// of golang.org/x/text and the like have little in common: each counts by itself.
func library(imported string) string {
	parts := strings.Split(imported, "/")
	most := 3
	if strings.HasPrefix(imported, "golang.org/x/") {
		most = 4
	}
	return strings.Join(parts[:min(most, len(parts))], "/")
}

// goFiles reads the imports of every Go file of the module that a build can hold;
// files under "//go:build ignore" are tools of their own.
func goFiles(t *testing.T, root string) []goFile {
	t.Helper()
	var list []goFile
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if ignored(parsed) {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		f := goFile{name: rel, pkg: path.Dir(rel), test: strings.HasSuffix(base, "_test.go")}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		if f.pkg != "rewrite" { // this package is only tests
			list = append(list, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func ignored(f *ast.File) bool {
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if expr, err := constraint.Parse(c.Text); err == nil && !expr.Eval(func(tag string) bool { return tag != "ignore" }) {
				return true
			}
		}
	}
	return false
}

// TestFloorsRefuse shows that the table is not idle.
func TestFloorsRefuse(t *testing.T) {
	local := func(names ...string) []string {
		for i := range names {
			names[i] = module + names[i]
		}
		return names
	}
	tests := []struct {
		name string
		file goFile
		ok   bool
	}{
		{"down", goFile{pkg: "rewrite/engine", imports: local("rewrite/rule", "rewrite/edit")}, true},
		{"up", goFile{pkg: "rewrite/edit", imports: local("rewrite/scope")}, false},
		{"sideways", goFile{pkg: "rewrite/project", imports: local("rewrite/refactor")}, false},
		{"a pattern and the engine", goFile{pkg: "patterns/one", imports: local("rewrite/engine")}, false},
		{"a pattern and another one", goFile{pkg: "patterns/one", imports: local("patterns/two")}, false},
		{"a pattern's test and the harness", goFile{pkg: "patterns/one", test: true, imports: local("rewrite/ruletest")}, true},
		{"a pattern and the harness", goFile{pkg: "patterns/one", imports: local("rewrite/ruletest")}, false},
		{"a pattern and handover", goFile{pkg: "patterns/one", imports: local("rewrite/handover")}, true},
		{"rule and handover", goFile{pkg: "rewrite/rule", imports: local("rewrite/handover")}, false},
		{"the list", goFile{pkg: "patterns", imports: local("patterns/one", "rewrite/rule")}, true},
		{"the engine and trial", goFile{pkg: "rewrite/engine", imports: local("rewrite/trial")}, false},
		{"a front end and another", goFile{pkg: "cmd/internal/disk", imports: local("cmd/internal/report")}, false},
		{"the machine in a low floor", goFile{pkg: "rewrite/scope", imports: []string{"os/exec"}}, false},
		{"the machine in a test", goFile{pkg: "rewrite/scope", test: true, imports: []string{"os", "testing"}}, true},
		{"the machine at the door", goFile{pkg: "cmd/internal/disk", imports: []string{"os"}}, true},
		{"a library of another", goFile{pkg: "rewrite/scope", imports: []string{"github.com/smacker/go-tree-sitter"}}, false},
		{"a folder without a row", goFile{pkg: "rewrite/extra"}, false},
	}
	for _, test := range tests {
		if got := problems([]goFile{test.file}); (len(got) == 0) != test.ok {
			t.Errorf("%s: ok should be %v, found %q", test.name, test.ok, got)
		}
	}
}
