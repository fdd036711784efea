package engine

import (
	"path"
	"strings"
	"sync"

	"github.com/mpfix/mpfix/rewrite/source"
)

// triggers are the words without which a file starts no process by itself: the
// modules of the standard library and its look-alikes. "multiprocess" is part of
// "multiprocessing" and of "torch.multiprocessing".
var triggers = []string{
	"multiprocess",
	"concurrent",
	"ProcessPoolExecutor",
	"run_in_executor",
	"billiard",
	"fork",
}

func triggered(text string) bool {
	for _, word := range triggers {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// look is what the prefilter sees in a file.
type look struct {
	triggered bool
	imports   []importLine // when it is not triggered
}

// looks remembers what was seen: most files are the same in all rounds.
type looks struct {
	mu   sync.Mutex
	seen map[*source.File]look
}

// at is what note saw.
func (l *looks) at(f *source.File) look {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[f]
}

// note looks at a file from any goroutine.
func (l *looks) note(f *source.File) {
	l.mu.Lock()
	_, ok := l.seen[f]
	l.mu.Unlock()
	if ok {
		return
	}
	one := newLook(f.Text)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[*source.File]look{}
	}
	l.seen[f] = one
}

func newLook(text string) look {
	if triggered(text) {
		return look{triggered: true}
	}
	return look{imports: importLines(text)}
}

// prefilter returns the files worth parsing: those that hold a trigger word, and
// those that import, directly or not, a module that does, since a process can be
// started by calling into such a module. Files may be nil; they come in the order
// given.
func (l *looks) prefilter(files []*source.File) []*source.File {
	index := map[string]int{} // by path without ".py" or "/__init__.py"
	for i, f := range files {
		if f != nil {
			index[modulePath(f.Path)] = i
		}
	}
	picked := make([]bool, len(files))
	importers := make([][]int, len(files))
	var queue []int
	for i, f := range files {
		if f == nil {
			continue
		}
		one := l.at(f)
		if one.triggered {
			picked[i] = true
			queue = append(queue, i)
			continue
		}
		for _, im := range one.imports {
			for _, to := range im.meant(f.Path, index) {
				importers[to] = append(importers[to], i)
			}
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, from := range importers[i] {
			if !picked[from] {
				picked[from] = true
				queue = append(queue, from)
			}
		}
	}
	var list []*source.File
	for i, f := range files {
		if picked[i] {
			list = append(list, f)
		}
	}
	return list
}

// modulePath is the path of a file as an import may spell it, with slashes.
func modulePath(name string) string {
	name = strings.TrimSuffix(name, ".py")
	if name == "__init__" {
		return "."
	}
	return strings.TrimSuffix(name, "/__init__")
}

// importLine is an import as its line tells: "from ..a.b import c, d" has level 2,
// module "a/b" and names c and d.
type importLine struct {
	level  int
	module string
	names  []string
}

// meant lists the files an import may mean: below the importer's folder or a
// folder around it, or src in one of these. It looks at paths only and so takes in
// too much rather than too little.
func (im importLine) meant(importer string, index map[string]int) []int {
	var found []int
	at := func(base string) {
		module := path.Join(base, im.module)
		if i, ok := index[module]; ok {
			found = append(found, i)
		}
		for _, name := range im.names {
			if i, ok := index[path.Join(module, name)]; ok {
				found = append(found, i)
			}
		}
	}
	dir := path.Dir(importer)
	if im.level > 0 {
		for range im.level - 1 {
			dir = path.Dir(dir)
		}
		at(dir)
		return found
	}
	for {
		at(dir)
		at(path.Join(dir, "src"))
		up := path.Dir(dir)
		if up == dir {
			return found
		}
		dir = up
	}
}

// importLines reads the import statements of a file. Text in a string that looks
// like one does no harm: it costs a file parsed in vain at most.
func importLines(text string) []importLine {
	var list []importLine
	statement, open := "", false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimLeft(line, " \t\f")
		if !open && !strings.HasPrefix(trimmed, "import") && !strings.HasPrefix(trimmed, "from") {
			continue
		}
		trimmed, _, _ = strings.Cut(strings.TrimRight(trimmed, "\r\n"), "#")
		body, joined := strings.CutSuffix(trimmed, `\`)
		statement += body + " "
		open = joined || strings.Contains(statement, "(") && !strings.Contains(statement, ")")
		if open && len(statement) < 10_000 {
			continue
		}
		list = append(list, readImports(statement)...)
		statement, open = "", false
	}
	return list
}

// readImports reads one statement on one line.
func readImports(statement string) []importLine {
	statement, _, _ = strings.Cut(statement, ";")
	if rest, ok := cutWord(statement, "import"); ok {
		var list []importLine
		for _, item := range strings.Split(rest, ",") {
			if words := strings.Fields(item); len(words) > 0 {
				list = append(list, importLine{module: strings.ReplaceAll(words[0], ".", "/")})
			}
		}
		return list
	}
	rest, ok := cutWord(statement, "from")
	module, names, both := strings.Cut(rest, " import")
	if !ok || !both {
		return nil
	}
	module = strings.ReplaceAll(module, " ", "")
	bare := strings.TrimLeft(module, ".")
	im := importLine{level: len(module) - len(bare), module: strings.ReplaceAll(bare, ".", "/")}
	for _, item := range strings.Split(strings.Trim(names, " \t()"), ",") {
		if words := strings.Fields(item); len(words) > 0 {
			im.names = append(im.names, words[0])
		}
	}
	return []importLine{im}
}

func cutWord(text, word string) (string, bool) {
	rest, ok := strings.CutPrefix(text, word)
	return rest, ok && rest != "" && strings.ContainsAny(rest[:1], " \t.")
}
