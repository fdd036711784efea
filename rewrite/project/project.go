package project

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Options say how a project is loaded.
type Options struct {
	// Query is run over every file; its matches are in each module's tree.
	Query *syntax.Query
	// Trees of an earlier round, used again for files that did not change.
	Trees map[*source.File]*syntax.Tree
	// Indirect names the calls that an external function makes on behalf of
	// its caller, such as the call of a thread's target. callee is the name of
	// the external function, look gives the values of an expression. It may be
	// nil.
	Indirect func(look Lookup, call *syntax.Node, callee string) []Indirect
	// Workers bounds the files parsed at once; 0 means one.
	Workers int
}

// Lookup returns the origins of what an expression may hold, as Values does.
type Lookup func(expr *syntax.Node) (values []Value, known bool)

// Project is a set of linked modules. Its methods may be called from many
// goroutines.
type Project struct {
	snap   source.Snapshot
	opts   Options
	listed []string

	mu       sync.Mutex // guards everything below
	paths    map[string]bool
	folders  map[string]bool          // those with a listed file in or below them
	files    map[string]bool          // answers of isFile
	modules  map[string]*scope.Module // by path; nil for a file that cannot be read
	loaded   []*scope.Module          // the modules of New and all they import, by path
	found    map[importKey]place
	defs     map[*syntax.Node]*Def
	runs     map[*Def][]*Def         // answers of Callees
	reached  map[*Def][]*Def         // answers of Reaches
	calledBy map[*syntax.Node][]*Def // answers of CalledBy
	byNode   map[*syntax.Tree]*scope.Module

	mentions map[string][]string // the files that a part of a dotted name stands in
	hidden   map[*scope.Module]*hiddenUses
	attrs    map[*scope.Module]map[string][]*syntax.Node

	eval  evaluator
	index *index
}

// New reads the entry files and every project module they import, directly or
// not. A file that cannot be read or parsed is left out.
func New(snap source.Snapshot, entries []string, opts Options) *Project {
	p := &Project{
		snap:     snap,
		opts:     opts,
		paths:    map[string]bool{},
		folders:  map[string]bool{},
		files:    map[string]bool{},
		modules:  map[string]*scope.Module{},
		found:    map[importKey]place{},
		defs:     map[*syntax.Node]*Def{},
		runs:     map[*Def][]*Def{},
		reached:  map[*Def][]*Def{},
		calledBy: map[*syntax.Node][]*Def{},
		byNode:   map[*syntax.Tree]*scope.Module{},

		mentions: map[string][]string{},
		hidden:   map[*scope.Module]*hiddenUses{},
		attrs:    map[*scope.Module]map[string][]*syntax.Node{},
	}
	p.eval.init()
	p.listed = snap.Paths()
	for _, path := range p.listed {
		p.paths[path] = true
		p.addFolders(path)
	}
	p.parseAhead(entries)
	queue := append([]string(nil), entries...)
	seen := map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		m := p.module(path)
		if m == nil {
			continue
		}
		p.loaded = append(p.loaded, m)
		for _, imp := range m.Imports {
			queue = append(queue, p.importedFiles(m, imp)...)
		}
	}
	p.addImporters()
	sort.Slice(p.loaded, func(i, j int) bool { return p.loaded[i].Tree.File.Path < p.loaded[j].Tree.File.Path })
	return p
}

// addImporters loads the files of the snapshot that import a loaded module:
// what they pass to its functions decides what those do.
func (p *Project) addImporters() {
	known := map[string]bool{}
	bases := map[string]bool{}
	for _, m := range p.loaded {
		known[m.Tree.File.Path] = true
		if base := lastPart(m.Name); base != "" {
			bases[base] = true
		}
	}
	for _, path := range p.listed {
		if known[path] {
			continue
		}
		f, err := p.snap.File(path)
		if err != nil || !importsOneOf(f.Text, bases) {
			continue
		}
		m := p.module(path)
		if m == nil {
			continue
		}
		for _, imp := range m.Imports {
			if imported := p.importedFiles(m, imp); slices.ContainsFunc(imported, func(f string) bool { return known[f] }) {
				p.loaded = append(p.loaded, m)
				break
			}
		}
	}
}

// lastPart returns the part of a dotted name behind the last dot.
func lastPart(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// importsOneOf says whether one of the names stands in a line that begins like
// an import statement, or in the lines of the parentheses that open there.
func importsOneOf(text string, names map[string]bool) bool {
	open := false
	for line := range strings.Lines(text) {
		if !open {
			head := strings.TrimLeft(line, " \t")
			if !strings.HasPrefix(head, "import ") && !strings.HasPrefix(head, "from ") && !strings.Contains(head, "; ") {
				continue
			}
			open = strings.HasPrefix(head, "from ") && strings.Contains(head, "(") || strings.HasSuffix(strings.TrimRight(head, "\r\n"), "\\")
		}
		if strings.Contains(line, ")") || open && strings.TrimSpace(line) == "" {
			open = false
		}
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool {
			return r < 128 && r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && !('0' <= r && r <= '9')
		}) {
			if names[word] {
				return true
			}
		}
	}
	return false
}

// lock begins a question from outside.
func (p *Project) lock() {
	p.mu.Lock()
	p.eval.reset()
}

// Modules lists the entry modules and all project modules they import, by path.
func (p *Project) Modules() []*scope.Module { return p.loaded }

// Trees lists the parsed files, for Options.Trees of the next round.
func (p *Project) Trees() map[*source.File]*syntax.Tree {
	p.lock()
	defer p.mu.Unlock()
	trees := make(map[*source.File]*syntax.Tree, len(p.modules))
	for _, m := range p.modules {
		if m != nil {
			trees[m.Tree.File] = m.Tree
		}
	}
	return trees
}

// Module returns the module of a path, reading it if need be; nil when there
// is no such file or it cannot be read.
func (p *Project) Module(path string) *scope.Module {
	p.lock()
	defer p.mu.Unlock()
	return p.module(path)
}

// ModuleOf returns the module a node stands in.
func (p *Project) ModuleOf(n *syntax.Node) *scope.Module {
	p.lock()
	defer p.mu.Unlock()
	return p.moduleOf(n)
}

func (p *Project) moduleOf(n *syntax.Node) *scope.Module {
	if n == nil {
		return nil
	}
	return p.byNode[n.Tree]
}

func (p *Project) module(path string) *scope.Module {
	if m, ok := p.modules[path]; ok {
		return m
	}
	p.modules[path] = nil
	f, err := p.snap.File(path)
	if err != nil {
		return nil
	}
	t := p.opts.Trees[f]
	if t == nil {
		if t, err = syntax.Parse(f, p.opts.Query); err != nil {
			return nil
		}
	}
	return p.link(path, t)
}

func (p *Project) link(path string, t *syntax.Tree) *scope.Module {
	name, pkg := p.moduleName(path)
	m := scope.New(t, name, pkg, p.starExports)
	p.modules[path] = m
	p.byNode[t] = m
	return m
}

// parseAhead parses the entries side by side; linking stays in one goroutine.
func (p *Project) parseAhead(entries []string) {
	workers := p.opts.Workers
	if workers < 2 || len(entries) < 2 {
		return
	}
	trees := make([]*syntax.Tree, len(entries))
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				f, err := p.snap.File(entries[i])
				if err != nil {
					continue
				}
				if t := p.opts.Trees[f]; t != nil {
					trees[i] = t
				} else if t, err := syntax.Parse(f, p.opts.Query); err == nil {
					trees[i] = t
				}
			}
		}()
	}
	for i := range entries {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, t := range trees {
		if t != nil {
			if _, done := p.modules[entries[i]]; !done {
				p.link(entries[i], t)
			}
		}
	}
}
