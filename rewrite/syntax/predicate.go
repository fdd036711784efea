package syntax

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	sitter "github.com/smacker/go-tree-sitter"
)

// predicate is one condition of a pattern on the text of its captures.
type predicate struct {
	capture string
	negated bool
	other   string         // eq? with a second capture, else ""
	values  []string       // eq? with a text, any-of?
	pattern *regexp.Regexp // match?
}

// predicatesOf compiles the predicates of one pattern of the combined query.
func (q *Query) predicatesOf(p uint32) ([]predicate, error) {
	var list []predicate
	for _, steps := range q.c.PredicatesForPattern(p) {
		// The last step only marks the end.
		if len(steps) < 2 || steps[0].Type != sitter.QueryPredicateStepTypeString {
			return nil, fmt.Errorf("a predicate must begin with its name")
		}
		name := q.c.StringValueForId(steps[0].ValueId)
		one, err := q.predicateOf(name, steps[1:len(steps)-1])
		if err != nil {
			return nil, fmt.Errorf("#%s: %w", name, err)
		}
		list = append(list, one)
	}
	return list, nil
}

func (q *Query) predicateOf(name string, args []sitter.QueryPredicateStep) (predicate, error) {
	isCapture := func(i int) bool { return args[i].Type == sitter.QueryPredicateStepTypeCapture }
	base, negated := strings.CutPrefix(name, "not-")
	p := predicate{negated: negated}
	if base != "eq?" && base != "match?" && base != "any-of?" {
		return p, fmt.Errorf("unknown predicate")
	}
	if len(args) < 2 || base != "any-of?" && len(args) != 2 {
		return p, fmt.Errorf("wrong number of arguments: %d", len(args))
	}
	if !isCapture(0) {
		return p, fmt.Errorf("the first argument must be a capture")
	}
	p.capture = q.names[args[0].ValueId]
	if base == "eq?" && isCapture(1) {
		p.other = q.names[args[1].ValueId]
		return p, nil
	}
	for i := 1; i < len(args); i++ {
		if isCapture(i) {
			return p, fmt.Errorf("argument %d must be a text", i+1)
		}
		p.values = append(p.values, q.c.StringValueForId(args[i].ValueId))
	}
	if base == "match?" {
		re, err := regexp.Compile(p.values[0])
		if err != nil {
			return p, err
		}
		p.pattern = re
	}
	return p, nil
}

// holds reports whether every predicate is true of the captures.
func holds(predicates []predicate, captures map[string][]*Node, text string) bool {
	for i := range predicates {
		if !predicates[i].holds(captures, text) {
			return false
		}
	}
	return true
}

func (p *predicate) holds(captures map[string][]*Node, text string) bool {
	nodes := captures[p.capture]
	if p.other != "" {
		return p.compares(nodes, captures[p.other])
	}
	for _, n := range nodes {
		s := text[n.Start:n.End]
		var is bool
		if p.pattern != nil {
			is = p.pattern.MatchString(s)
		} else {
			is = slices.Contains(p.values, s)
		}
		if is == p.negated {
			return false
		}
	}
	return true
}

// compares holds two captures against each other, node by node. Captures of
// different length are not equal; an empty one satisfies either form.
func (p *predicate) compares(a, b []*Node) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	same := slices.EqualFunc(a, b, func(x, y *Node) bool { return x.Text() == y.Text() })
	return same != p.negated
}
