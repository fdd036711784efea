package syntax

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// Match is one place where a pattern of a query fits.
type Match struct {
	Query   int // index of the source given to Compile
	Pattern int // index of the pattern inside that source
	// Captures by name, without the "@", each in source order.
	Captures map[string][]*Node
	// Node is the first captured node: the outermost capture of the pattern,
	// or of captures side by side the one that begins first.
	Node *Node
}

// Query is a set of tree-sitter queries compiled into one. It is immutable.
type Query struct {
	c        *sitter.Query
	names    []string // of captures
	patterns []pattern
}

// pattern is one pattern of the combined query.
type pattern struct {
	query, index int
	predicates   []predicate
}

// Compile makes one query of many. Each source holds any number of patterns
// in tree-sitter's query language with the predicates eq?, not-eq?, match?,
// not-match?, any-of? and not-any-of?. An error says which source (by its
// index) is wrong, and why: bad syntax, an unknown node kind, field or
// predicate, a bad regular expression, or a pattern that captures nothing.
//
// Predicates mean what they mean in tree-sitter's own bindings: eq?, match?
// and any-of? ask it of every node of the capture, the not- forms of none. A
// capture that caught nothing satisfies them all.
//
// Two things to know when writing patterns. Siblings without an anchor between
// them, as in (block (a) (b)), cost the cube of the number of children: 20
// seconds for a block of 800. Catch the block, or one of the two, and look for
// the other in Go. And a repetition ends at the first token between: for the
// arguments of a call write ((identifier) @a ","?)+.
func Compile(sources []string) (*Query, error) {
	q := &Query{}
	var all strings.Builder
	for i, text := range sources {
		single, err := compile(text)
		if err != nil {
			return nil, fmt.Errorf("query %d: %w", i, err)
		}
		for p := range int(single.PatternCount()) {
			q.patterns = append(q.patterns, pattern{query: i, index: p})
		}
		single.Close()
		all.WriteString(text)
		all.WriteString("\n")
	}
	c, err := compile(all.String())
	if err != nil {
		return nil, fmt.Errorf("all queries together: %w", err)
	}
	q.c = c
	if int(c.PatternCount()) != len(q.patterns) {
		return nil, fmt.Errorf("all queries together: %d patterns, expected %d", c.PatternCount(), len(q.patterns))
	}
	for i := range c.CaptureCount() {
		q.names = append(q.names, c.CaptureNameForId(i))
	}
	for i := range q.patterns {
		p := &q.patterns[i]
		if p.predicates, err = q.predicatesOf(uint32(i)); err != nil {
			return nil, fmt.Errorf("query %d: pattern %d: %w", p.query, p.index, err)
		}
		if !q.captures(uint32(i)) {
			return nil, fmt.Errorf("query %d: pattern %d captures nothing", p.query, p.index)
		}
	}
	return q, nil
}

func compile(text string) (*sitter.Query, error) {
	return sitter.NewQuery([]byte(text), grammar().Language)
}

// captures reports whether the pattern can capture any node.
func (q *Query) captures(p uint32) bool {
	for id := range q.names {
		if q.c.CaptureQuantifierForId(p, uint32(id)) != sitter.QuantifierZero {
			return true
		}
	}
	return false
}

// found is what a query caught in a C tree, before the tree is copied.
type found struct {
	matches []rawMatch
	nodes   map[identity]*Node // the captured nodes' copies, nil until copied
}

type rawMatch struct {
	pattern  int
	captures []rawCapture
}

type rawCapture struct {
	name int
	node identity
}

// run collects all matches below root. The cursor has no limit on matches in
// progress (query.c: max_capture_list_count is UINT32_MAX unless set).
func (q *Query) run(root *sitter.Node) found {
	if q == nil || len(q.patterns) == 0 {
		return found{}
	}
	f := found{nodes: map[identity]*Node{}}
	cursor := sitter.NewQueryCursor()
	defer cursor.Close()
	cursor.Exec(q.c, root)
	for {
		m, ok := cursor.NextMatch()
		if !ok {
			return f
		}
		raw := rawMatch{pattern: int(m.PatternIndex)}
		for _, c := range m.Captures {
			id := identity{c.Node.ID(), int(c.Node.StartByte()), int(c.Node.EndByte())}
			f.nodes[id] = nil
			raw.captures = append(raw.captures, rawCapture{int(c.Index), id})
		}
		f.matches = append(f.matches, raw)
	}
}

// matches translates what was found to nodes of the copy, less the matches
// whose predicates do not hold and those that captured nothing.
func (q *Query) matches(f found, text string) []Match {
	type sorted struct {
		pattern int
		match   Match
	}
	var list []sorted
	for _, raw := range f.matches {
		if len(raw.captures) == 0 {
			continue
		}
		p := q.patterns[raw.pattern]
		m := Match{Query: p.query, Pattern: p.index, Captures: map[string][]*Node{}}
		for _, c := range raw.captures {
			n := f.nodes[c.node]
			if m.Node == nil {
				m.Node = n
			}
			name := q.names[c.name]
			m.Captures[name] = append(m.Captures[name], n)
		}
		if holds(p.predicates, m.Captures, text) {
			list = append(list, sorted{raw.pattern, m})
		}
	}
	slices.SortStableFunc(list, func(a, b sorted) int {
		return cmp.Or(cmp.Compare(a.match.Node.Start, b.match.Node.Start), cmp.Compare(a.pattern, b.pattern))
	})
	var result []Match
	for _, s := range list {
		result = append(result, s.match)
	}
	return result
}
