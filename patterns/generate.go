//go:build ignore

// Command generate keeps what is said twice in step. It writes patterns.go and
// README.md from the folders beside it, and puts the first case of each pattern
// into its README. Run it from the root of the repository or from here:
//
//	go run ./patterns/generate.go                          write everything anew
//	go run ./patterns/generate.go -check                   write nothing; exit 1 when something is stale
//	go run ./patterns/generate.go -new some-fault          make a folder to fill
//	go run ./patterns/generate.go -new some-fault -id MPF312
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/ruletest"
)

// families are the groups of the catalogue by the first digit of the ID.
var families = []struct{ id, title string }{
	{"MPF1", "Start-up: what the child sees when it imports the main module"},
	{"MPF2", "Shared state: changes that never reach the parent"},
	{"MPF3", "Pickling: what cannot cross into the child, or back"},
	{"MPF4", "Queues and pipes: the shutdown protocol"},
	{"MPF5", "Processes, pools and locks: life and death"},
	{"MPF9", "Unsorted"},
}

func main() {
	flags := flag.NewFlagSet("generate", flag.ExitOnError)
	fresh := flags.String("new", "", "make a folder for the fault of this `name`: lower-case words with dashes")
	id := flags.String("id", "", "with -new: the `ID`, by default the first free one from MPF901")
	check := flags.Bool("check", false, "write nothing, and fail when something is stale")
	_ = flags.Parse(os.Args[1:]) // it exits on errors
	if err := run(*fresh, *id, *check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(fresh, id string, check bool) error {
	dir, err := patternsDir()
	if err != nil {
		return err
	}
	if fresh == "" && id != "" {
		return errors.New("-id without -new")
	}
	list, err := scan(dir)
	if err != nil {
		return err
	}
	if fresh != "" {
		if check {
			return errors.New("-check with -new")
		}
		p, err := create(dir, list, fresh, id)
		if err != nil {
			return err
		}
		fmt.Printf("%s %s: fill %s\n", p.ID, p.Name, filepath.Join(dir, p.Folder))
		list = append(list, p)
		slices.SortFunc(list, byID)
	}

	files := map[string][]byte{}
	if files[filepath.Join(dir, "patterns.go")], err = goList(list); err != nil {
		return err
	}
	files[filepath.Join(dir, "README.md")] = catalogue(list)
	var errs []error // an unfinished folder does not keep the others from being written
	for _, p := range list {
		name := filepath.Join(dir, p.Folder, "README.md")
		text, err := withExample(name, filepath.Join(dir, p.Folder, "testdata"))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files[name] = text
	}
	return errors.Join(append(errs, write(files, check))...)
}

// patternsDir is the folder of the patterns, seen from the working directory.
func patternsDir() (string, error) {
	for _, dir := range []string{"patterns", "."} {
		if _, err := os.Stat(filepath.Join(dir, "generate.go")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("run it from the root of the repository or from patterns")
}

// write puts out the files that differ from those on disk, or names them as stale.
func write(files map[string][]byte, check bool) error {
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := os.ReadFile(name)
		if err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if check {
			stale = append(stale, name)
			continue
		}
		if err := os.WriteFile(name, files[name], 0o644); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("stale, run go generate ./patterns: %s", strings.Join(stale, ", "))
	}
	return nil
}

// pattern is what the source of a pattern's folder tells.
type pattern struct {
	Folder, ID, Name, Title, Level string
	Fixes                          []string // degrees of safety
}

func byID(a, b pattern) int { return strings.Compare(a.ID, b.ID) }

// scan reads the folders that hold a Go file of their name.
func scan(dir string) ([]pattern, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []pattern
	for _, e := range entries {
		name := filepath.Join(dir, e.Name(), e.Name()+".go")
		if _, err := os.Stat(name); !e.IsDir() || err != nil {
			continue
		}
		p, err := read(filepath.Join(dir, e.Name()), e.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, byID)
	for i := 1; i < len(list); i++ {
		if list[i].ID == list[i-1].ID {
			return nil, fmt.Errorf("%s and %s both have the ID %s", list[i-1].Folder, list[i].Folder, list[i].ID)
		}
	}
	return list, nil
}

// read finds the fields of Rule, and the safety of the fixes, in the source of a
// pattern.
func read(dir, folder string) (pattern, error) {
	p := pattern{Folder: folder, Level: "error"}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return p, err
	}
	kinds := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return p, err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if len(n.Names) == 1 && n.Names[0].Name == "Rule" && len(n.Values) == 1 {
					err = errors.Join(err, p.fields(n.Values[0]))
				}
			case *ast.CompositeLit:
				if isRule(n.Type, "Fix") && field(n, "Safety") == nil {
					kinds["safe"] = true
				}
				if list, ok := n.Type.(*ast.ArrayType); ok && isRule(list.Elt, "Fix") {
					for _, e := range n.Elts {
						if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil && field(lit, "Safety") == nil {
							kinds["safe"] = true
						}
					}
				}
			case *ast.SelectorExpr:
				for _, kind := range []string{"Safe", "Unsafe", "Manual"} {
					if isRule(n, kind) {
						kinds[strings.ToLower(kind)] = true
					}
				}
			}
			return true
		})
		if err != nil {
			return p, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, kind := range []string{"safe", "unsafe", "manual"} {
		if kinds[kind] {
			p.Fixes = append(p.Fixes, kind)
		}
	}
	if p.ID == "" || p.Name == "" || p.Title == "" {
		return p, fmt.Errorf("%s: no var Rule with ID, Name and Title as string literals", dir)
	}
	return p, nil
}

// fields reads the literal &rule.Rule{...}.
func (p *pattern) fields(value ast.Expr) error {
	if ref, ok := value.(*ast.UnaryExpr); ok {
		value = ref.X
	}
	lit, ok := value.(*ast.CompositeLit)
	if !ok || !isRule(lit.Type, "Rule") {
		return nil
	}
	for key, to := range map[string]*string{"ID": &p.ID, "Name": &p.Name, "Title": &p.Title} {
		text, ok := field(lit, key).(*ast.BasicLit)
		if !ok {
			return fmt.Errorf("%s of Rule is not a string literal", key)
		}
		var err error
		if *to, err = strconv.Unquote(text.Value); err != nil {
			return err
		}
	}
	if level, ok := field(lit, "Level").(*ast.SelectorExpr); ok {
		p.Level = strings.ToLower(level.Sel.Name)
	}
	return nil
}

// field is the value of a field in a literal, nil when it is not given.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// isRule says whether an expression is rule.NAME.
func isRule(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "rule"
}

// goList is patterns.go.
func goList(list []pattern) ([]byte, error) {
	var b strings.Builder
	b.WriteString("// Code generated by generate.go. DO NOT EDIT.\n\n")
	b.WriteString("// Package patterns lists the anti-patterns that mpfix knows.\npackage patterns\n\nimport (\n")
	folders := make([]string, len(list))
	for i, p := range list {
		folders[i] = p.Folder
	}
	slices.Sort(folders)
	for _, folder := range folders {
		fmt.Fprintf(&b, "\t%q\n", "github.com/mpfix/mpfix/patterns/"+folder)
	}
	b.WriteString("\t\"github.com/mpfix/mpfix/rewrite/rule\"\n)\n\n")
	b.WriteString("// All returns every rule, sorted by ID.\nfunc All() []*rule.Rule {\n\treturn []*rule.Rule{\n")
	for _, p := range list {
		fmt.Fprintf(&b, "\t\t%s.Rule,\n", p.Folder)
	}
	b.WriteString("\t}\n}\n")
	return format.Source([]byte(b.String()))
}

// catalogue is README.md.
func catalogue(list []pattern) []byte {
	var b strings.Builder
	b.WriteString(`<!-- Code generated by generate.go. DO NOT EDIT. -->

# The anti-patterns

One folder per fault: what it is, why it hurts, a program before and after, how safe
the fix is, and when mpfix stays silent. Rules of the levels error and warning are on
by default, those of the level hygiene by ` + "`--select`" + `. Safe fixes are applied by
` + "`--write`" + ` and ` + "`--diff`" + `, unsafe ones with ` + "`--unsafe-fixes`" + `; manual ones are only shown.

A new one begins with ` + "`go run ./patterns/generate.go -new some-fault`" + `.
`)
	for _, family := range families {
		var rows strings.Builder
		for _, p := range list {
			if !strings.HasPrefix(p.ID, family.id) {
				continue
			}
			fixes := strings.Join(p.Fixes, ", ")
			if fixes == "" {
				fixes = "none"
			}
			fmt.Fprintf(&rows, "| %s | [%s](%s/README.md) | %s | %s | %s |\n",
				p.ID, p.Name, p.Folder, p.Level, strings.ReplaceAll(p.Title, "|", `\|`), fixes)
		}
		if rows.Len() > 0 {
			fmt.Fprintf(&b, "\n## %s %s\n\n| ID | name | level | fault | fixes |\n|---|---|---|---|---|\n%s", family.id, family.title, rows.String())
		}
	}
	return []byte(b.String())
}

// withExample is a pattern's README with the example made anew.
func withExample(readme, testdata string) ([]byte, error) {
	raw, err := os.ReadFile(readme)
	if err != nil {
		return nil, err
	}
	cases, err := ruletest.Load(testdata)
	if err != nil {
		return nil, err
	}
	example, err := ruletest.Example(cases)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", testdata, err)
	}
	text, err := ruletest.Refresh(string(raw), example)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", readme, err)
	}
	return []byte(text), nil
}

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	idForm   = regexp.MustCompile(`^MPF[0-9]{3}$`)
)

// skeleton is a pattern's folder before it is filled, by file name.
var skeleton = map[string]string{
	"README.md": `# {{.ID}} {{.Name}}

TODO: one sentence.
{{range .Headings}}
## {{.}}

{{if eq . "Example"}}<!-- example -->
<!-- /example -->
{{else}}TODO
{{end}}{{end}}`,

	"{{.Folder}}.scm": `; TODO: calls that may be the fault.
(call
  function: (_) @function) @call
`,

	"{{.Folder}}.go": `// Package {{.Folder}} finds TODO.
package {{.Folder}}

import (
	_ "embed"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed {{.Folder}}.scm
var query string

//go:embed README.md
var doc string

// Rule is {{.ID}} {{.Name}}.
var Rule = &rule.Rule{
	ID:    "{{.ID}}",
	Name:  "{{.Name}}",
	Title: "TODO: the fault in one line, without a full stop",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// check judges one call. TODO: ask p.Project and p.Model, stay silent on
// unknown, and report.
func check(p *rule.Pass, m syntax.Match) {
}
`,

	"{{.Folder}}_test.go": `package {{.Folder}}

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/ruletest"
)

func TestRule(t *testing.T) { ruletest.Run(t, Rule) }
`,

	"testdata/first.txtar": `TODO: one sentence that tells what this program does wrong.
-- before/main.py --
import multiprocessing


def work(n):
    print(n)


if __name__ == "__main__":
    process = multiprocessing.Process(target=work, args=(1,))
    process.start()  # want {{.Name}}
    process.join()
-- stdout --
1
-- outcome --
         fork   spawn  forkserver
before   ok     ok     ok
`,
}

// create makes the folder of a new pattern. It compiles, and its test fails until
// it is filled.
func create(dir string, list []pattern, name, id string) (pattern, error) {
	p := pattern{Folder: strings.ReplaceAll(name, "-", ""), ID: id, Name: name}
	if !nameForm.MatchString(name) || token.IsKeyword(p.Folder) {
		return p, fmt.Errorf("name %q: lower-case words with dashes, please", name)
	}
	taken := map[string]bool{}
	for _, other := range list {
		taken[other.ID] = true
	}
	for n := 901; p.ID == ""; n++ {
		if free := fmt.Sprintf("MPF%d", n); !taken[free] {
			p.ID = free
		}
	}
	if !idForm.MatchString(p.ID) || taken[p.ID] {
		return p, fmt.Errorf("ID %q is taken or not of the form MPFnnn", p.ID)
	}
	folder := filepath.Join(dir, p.Folder)
	if _, err := os.Stat(folder); err == nil {
		return p, fmt.Errorf("%s exists", folder)
	}
	if err := os.MkdirAll(filepath.Join(folder, "testdata"), 0o755); err != nil {
		return p, err
	}
	data := struct {
		pattern
		Headings []string
	}{p, rule.Headings}
	for name, text := range skeleton {
		var to, content strings.Builder
		if err := template.Must(template.New("").Parse(name)).Execute(&to, data); err != nil {
			return p, err
		}
		if err := template.Must(template.New("").Parse(text)).Execute(&content, data); err != nil {
			return p, err
		}
		file := filepath.Join(folder, filepath.FromSlash(to.String()))
		if err := os.WriteFile(file, []byte(content.String()), 0o644); err != nil {
			return p, err
		}
	}
	return read(folder, p.Folder)
}
