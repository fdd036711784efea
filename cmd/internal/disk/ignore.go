package disk

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignores is the ignore rules that hold in one folder: its own file's, and those
// of the folders above it. nil holds none.
type ignores struct {
	above *ignores
	base  string // the folder that the patterns are relative to
	rules []ignoreRule
}

// ignoreRule is one line of an ignore file (gitignore(5), "PATTERN FORMAT").
type ignoreRule struct {
	glob       string // relative to the folder of the file, slash-separated
	negate     bool   // "!pattern": takes back what an earlier line ignored
	folderOnly bool   // "pattern/"
}

// ignoresAbove collects the ignore files above a folder up to the top of its git
// work tree, with .git/info/exclude; none when it is in no work tree.
func ignoresAbove(folder string) *ignores {
	top := above(folder, ".git")
	if top == "" {
		return nil
	}
	rules := (*ignores)(nil).read(top, filepath.Join(top, ".git", "info", "exclude"))
	rel, err := filepath.Rel(top, folder)
	if err != nil || rel == "." {
		return rules
	}
	at := top
	for _, part := range strings.Split(rel, string(filepath.Separator)) {
		rules = rules.within(at)
		at = filepath.Join(at, part)
	}
	return rules
}

// within adds the ignore file of one folder.
func (g *ignores) within(folder string) *ignores {
	return g.read(folder, filepath.Join(folder, ".gitignore"))
}

// read adds the rules of one file; a file that cannot be read has none.
func (g *ignores) read(base, file string) *ignores {
	raw, err := os.ReadFile(file)
	if err != nil {
		return g
	}
	rules := parseIgnore(string(raw))
	if len(rules) == 0 {
		return g
	}
	return &ignores{above: g, base: base, rules: rules}
}

// match says whether a path is ignored: the last line that matches decides, and
// the file nearest to the path comes last.
func (g *ignores) match(path string, folder bool) bool {
	for ; g != nil; g = g.above {
		rel, err := filepath.Rel(g.base, path)
		if err != nil {
			continue
		}
		rel = filepath.ToSlash(rel)
		for i := len(g.rules) - 1; i >= 0; i-- {
			r := g.rules[i]
			if r.folderOnly && !folder {
				continue
			}
			if ok, _ := doublestar.Match(r.glob, rel); ok {
				return !r.negate
			}
		}
	}
	return false
}

// parseIgnore reads the lines of an ignore file. Lines that are no valid pattern
// match nothing, as in git.
func parseIgnore(text string) []ignoreRule {
	var rules []ignoreRule
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = trimBlanks(strings.TrimRight(line, "\r\n"))
		if line == "" || line[0] == '#' {
			continue
		}
		r := ignoreRule{}
		line, r.negate = strings.CutPrefix(line, "!")
		line, r.folderOnly = strings.CutSuffix(line, "/")
		anchored := strings.Contains(line, "/")
		line = strings.TrimPrefix(line, "/")
		if line == "" {
			continue
		}
		r.glob = escapeBraces(line)
		if below, ok := strings.CutSuffix(r.glob, "/**"); ok {
			r.glob = below + "/**/*" // what lies in the folder, not the folder
		}
		if !anchored {
			r.glob = "**/" + r.glob
		}
		if doublestar.ValidatePattern(r.glob) {
			rules = append(rules, r)
		}
	}
	return rules
}

// trimBlanks takes trailing blanks off a line, but not one after a backslash.
func trimBlanks(line string) string {
	short := strings.TrimRight(line, " ")
	if len(short) == len(line) {
		return line
	}
	slashes := len(short) - len(strings.TrimRight(short, `\`))
	if slashes%2 == 1 {
		short += " "
	}
	return short
}

// escapeBraces makes braces plain: git knows no alternatives.
func escapeBraces(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
			b.WriteByte(pattern[i])
		case c == '{' || c == '}':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
