package ruletest

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/mpfix/mpfix/rewrite/source"
)

// Case is one archive of a pattern's testdata: a story, a program, what mpfix
// makes of it and what happens when it is run.
type Case struct {
	Name  string // file name without .txtar
	Path  string // of the archive
	Story string // the comment less its settings

	Entry  string   // what is run: a file, or "-m package"
	Args   []string // of the program
	Unsafe bool     // unsafe fixes are applied too
	NoRun  string   // why the program cannot be run, "" when it can
	Sorted bool     // the order of the lines of stdout is not told
	Loses  []string // comments and strings that the fix rightly drops

	Before map[string]string // by path, without want comments; nil for a clean case
	After  map[string]string // files that change; nil when nothing does
	Clean  map[string]string // a program that must stay untouched

	Stdout  *string // expected, nil when it is not told
	Outcome *Table  // nil when there is none

	Wants     []Want // findings in Before
	Remaining []Want // findings still in After

	archive *txtar.Archive
}

// Want is a finding that a "# want" comment asks for.
type Want struct {
	Path string
	Line int
	Rule string // name
}

func (w Want) String() string { return fmt.Sprintf("%s:%d: %s", w.Path, w.Line, w.Rule) }

func compareWants(a, b Want) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
}

// Load reads the cases of a folder, sorted by name. The error says which archive
// is wrong and how.
func Load(dir string) ([]*Case, error) {
	cases, err := read(dir)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Path, err)
		}
	}
	return cases, nil
}

// read reads the cases of a folder, whole or not.
func read(dir string) ([]*Case, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var cases []*Case
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		c, err := parseArchive(name, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// setting is a line of the archive's comment that steers the harness.
var setting = regexp.MustCompile(`^(entry|args|unsafe|run|stdout|loses):\s*(.*)$`)

// Parse reads one case. The error says what is wrong with the archive.
func Parse(name string, raw []byte) (*Case, error) {
	c, err := parseArchive(name, raw)
	if err != nil {
		return nil, err
	}
	return c, c.check()
}

// parseArchive reads a case that may lack what makes it whole.
func parseArchive(name string, raw []byte) (*Case, error) {
	c := &Case{
		Name:    strings.TrimSuffix(filepath.Base(name), ".txtar"),
		Path:    name,
		Entry:   "main.py",
		archive: txtar.Parse(raw),
	}
	if err := c.readComment(string(c.archive.Comment)); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, f := range c.archive.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s stands twice", f.Name)
		}
		seen[f.Name] = true
		if err := c.readFile(f.Name, string(f.Data)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(c.Wants, compareWants)
	slices.SortFunc(c.Remaining, compareWants)
	return c, nil
}

func (c *Case) readComment(text string) error {
	var story []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		m := setting.FindStringSubmatch(line)
		if m == nil {
			story = append(story, line)
			continue
		}
		value := strings.TrimSpace(m[2])
		switch m[1] {
		case "entry":
			c.Entry = value
		case "args":
			c.Args = strings.Fields(value)
		case "unsafe":
			if value != "yes" {
				return fmt.Errorf("unsafe: %q, not yes", value)
			}
			c.Unsafe = true
		case "run":
			reason, ok := strings.CutPrefix(value, "no")
			reason = strings.TrimSpace(strings.TrimLeft(reason, ",:;. "))
			if !ok || reason == "" {
				return fmt.Errorf("run: %q, not \"no\" and the reason", value)
			}
			c.NoRun = reason
		case "stdout":
			if value != "any order" {
				return fmt.Errorf("stdout: %q, not \"any order\"", value)
			}
			c.Sorted = true
		case "loses":
			c.Loses = append(c.Loses, value)
		}
	}
	c.Story = strings.TrimSpace(strings.Join(story, "\n"))
	if c.Story == "" {
		return fmt.Errorf("no sentence at the top says what the case tells")
	}
	return nil
}

func (c *Case) readFile(name, text string) error {
	folder, rest, inside := strings.Cut(name, "/")
	if inside && (rest == "" || path.Clean(rest) != rest || strings.HasPrefix(rest, "../")) {
		return fmt.Errorf("file name %q", name)
	}
	put := func(files *map[string]string, wants *[]Want) error {
		if *files == nil {
			*files = map[string]string{}
		}
		if wants != nil && isPython(rest) {
			clean, list, err := stripWants(rest, text)
			if err != nil {
				return err
			}
			text = clean
			*wants = append(*wants, list...)
		}
		(*files)[rest] = text
		return nil
	}
	switch {
	case inside && folder == "before":
		return put(&c.Before, &c.Wants)
	case inside && folder == "after":
		return put(&c.After, &c.Remaining)
	case inside && folder == "clean":
		return put(&c.Clean, nil)
	case name == "stdout":
		c.Stdout = &text
	case name == "outcome":
		table, err := parseTable(text)
		if err != nil {
			return fmt.Errorf("outcome: %w", err)
		}
		c.Outcome = table
	default:
		return fmt.Errorf("unknown section %q", name)
	}
	return nil
}

// check says what is wrong with the case as a whole.
func (c *Case) check() error {
	switch {
	case c.Before == nil && c.Clean == nil:
		return fmt.Errorf("neither before/ nor clean/")
	case c.Before != nil && c.Clean != nil:
		return fmt.Errorf("both before/ and clean/")
	case c.Clean != nil && c.After != nil:
		return fmt.Errorf("after/ beside clean/")
	case c.Before != nil && len(c.Wants) == 0:
		return fmt.Errorf("before/ without a \"# want\" comment; a program without a finding is clean/")
	case c.NoRun != "" && c.Outcome != nil:
		return fmt.Errorf("an outcome of a program that is not run")
	case c.After != nil && c.Outcome == nil && c.NoRun == "":
		return fmt.Errorf("no outcome: a case that rewrites says what happens before and after (or \"run: no\" and why)")
	}
	for name, text := range c.After {
		before, ok := c.Before[name]
		if !ok {
			return fmt.Errorf("after/%s has no before/%s", name, name)
		}
		if before == text {
			return fmt.Errorf("after/%s is before/%s: leave out what does not change", name, name)
		}
	}
	if c.Outcome != nil {
		return c.Outcome.check(c)
	}
	return nil
}

// Program returns the files of "before", "after" or "clean".
func (c *Case) Program(which string) map[string]string {
	if which == "clean" {
		return c.Clean
	}
	files := map[string]string{}
	for name, text := range c.Before {
		if changed, ok := c.After[name]; ok && which == "after" {
			text = changed
		}
		files[name] = text
	}
	return files
}

func isPython(name string) bool {
	return strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".pyw")
}

// want is a comment that says which rules report on its line.
var want = regexp.MustCompile(`[ \t]*# want ([a-z0-9-]+(?:, *[a-z0-9-]+)*)[ \t]*$`)

// stripWants takes the want comments out of a file, with the blanks before them.
func stripWants(name, text string) (string, []Want, error) {
	var out strings.Builder
	var wants []Want
	number := 0
	for line := range strings.Lines(text) {
		number++
		body, end := strings.TrimRight(line, "\r\n"), ""
		end = line[len(body):]
		if m := want.FindStringSubmatchIndex(body); m != nil {
			for _, rule := range strings.Split(body[m[2]:m[3]], ",") {
				wants = append(wants, Want{Path: name, Line: number, Rule: strings.TrimSpace(rule)})
			}
			body = body[:m[0]]
			if strings.TrimSpace(body) == "" {
				return "", nil, fmt.Errorf("%s:%d: a want comment stands on the line of the finding, not on one of its own", name, number)
			}
		} else if strings.Contains(body, "# want ") {
			return "", nil, fmt.Errorf("%s:%d: a want comment that cannot be read", name, number)
		}
		out.WriteString(body + end)
	}
	return out.String(), wants, nil
}

// sortedNames lists the paths of files in order.
func sortedNames(files map[string]string) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// snapshot holds the Python files of a program.
func snapshot(files map[string]string) source.Snapshot {
	var list []*source.File
	for _, name := range sortedNames(files) {
		if isPython(name) {
			list = append(list, source.New(name, files[name]))
		}
	}
	return source.Memory(list...)
}
