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
	imports   []string // words of the import statements when it is not triggered
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
	return look{imports: importWords(text)}
}

// prefilter returns the files worth parsing: those that hold a trigger word, and
// those that import, directly or not, a module that may be one of them, since a
// process can be started by calling into such a module. Files may be nil.
func (l *looks) prefilter(files []*source.File) []*source.File {
	picked := make([]bool, len(files))
	stems := map[string]bool{}
	pick := func(i int) {
		picked[i] = true
		stems[stem(files[i].Path)] = true
	}
	for i, f := range files {
		if f != nil && l.at(f).triggered {
			pick(i)
		}
	}
	var words [][]string // of the import statements of files not picked
	if len(stems) > 0 {
		words = make([][]string, len(files))
		for i, f := range files {
			if f != nil && !picked[i] {
				words[i] = l.at(f).imports
			}
		}
	}
	for grown := len(stems) > 0; grown; {
		grown = false
		for i, f := range files {
			if f == nil || picked[i] {
				continue
			}
			for _, w := range words[i] {
				if stems[w] {
					pick(i)
					grown = true
					break
				}
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

// stem is the last part of the name by which a file is imported.
func stem(name string) string {
	base := strings.TrimSuffix(path.Base(name), ".py")
	if base == "__init__" {
		return path.Base(path.Dir(name))
	}
	return base
}

// importWords lists the identifiers on lines that begin an import statement, and
// on the lines such a statement is continued on in parentheses.
func importWords(text string) []string {
	var words []string
	open, joined := false, false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimLeft(line, " \t\f")
		if !open && !joined && !strings.HasPrefix(trimmed, "import") && !strings.HasPrefix(trimmed, "from") {
			continue
		}
		line, _, _ = strings.Cut(line, "#")
		joined = strings.HasSuffix(strings.TrimRight(line, "\r\n"), `\`)
		if strings.Contains(line, "(") {
			open = true
		}
		if strings.Contains(line, ")") {
			open = false
		}
		words = append(words, strings.FieldsFunc(line, func(r rune) bool {
			return strings.ContainsRune(" \t\f\r\n.,;()\\", r)
		})...)
	}
	return words
}
