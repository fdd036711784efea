package project

import (
	"cmp"
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// result is the answer to a question: a set of values (for questions about
// callers, of calls) and whether it is all of them.
type result struct {
	values []Value
	calls  []Call
	table  map[any][]int // of questions about the hub of the flow
	size   int           // of the table
	known  bool
	top    bool // too many values to tell: none are listed

	inOrder bool // the order of the values says something
	cut     bool // given up for its cost: nothing that depends on it is known
}

var unknown = result{}

func nothing() result { return result{known: true} }

func just(v Value) result { return result{values: []Value{v}, known: true} }

// maxValues bounds the origins of one expression: past it the answer is
// "unknown", which no rule acts on.
const maxValues = 64

// join adds the values of another result; the whole is known if both are.
func (r *result) join(o result) {
	r.known = r.known && o.known
	if o.top {
		r.overflow()
		return
	}
	for _, v := range o.values {
		r.add(v)
	}
}

func (r *result) overflow() { r.values, r.top, r.known = nil, true, false }

func (r *result) add(v Value) {
	if r.top || r.merge(v) {
		return
	}
	if len(r.values) >= maxValues {
		r.overflow()
		return
	}
	r.values = append(r.values[:len(r.values):len(r.values)], v)
}

// merge finds the value of the same origin. Bound to two different objects, a
// method is bound to any object of its class; of an external value the first
// receiver by place is kept.
func (r *result) merge(v Value) bool {
	for i := range r.values {
		have := &r.values[i]
		if have.Node != v.Node || have.Def != v.Def || have.Kind != v.Kind || have.Mod != v.Mod || have.Name != v.Name {
			continue
		}
		if !sameReceiver(have.Recv, v.Recv) {
			recv := have.Recv
			if have.Kind == Method {
				recv = &Value{Kind: Instance, Def: have.Def.Class}
			} else if have.Recv == nil || v.Recv != nil && comparePlaces(v.Recv.place(), have.Recv.place()) < 0 {
				recv = v.Recv
			}
			if !sameReceiver(have.Recv, recv) {
				r.values = slices.Clone(r.values)
				r.values[i].Recv = recv
			}
		}
		return true
	}
	return false
}

func sameReceiver(a, b *Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.key() == b.key()
}

// each joins what f makes of every value; the whole is known if all of it is.
func (r result) each(f func(Value) result) result {
	out := result{known: r.known}
	if r.top {
		out.overflow()
	}
	for _, v := range r.values {
		out.join(f(v))
	}
	return out
}

// sorted lists the values by place. Answers to questions that depend on
// themselves are sorted, so that they do not show which was asked first; others
// are in the order of the text anyway.
func (r result) sorted() []Value {
	list := slices.Clone(r.values)
	slices.SortStableFunc(list, func(a, b Value) int {
		return cmp.Or(comparePlaces(a.place(), b.place()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (v Value) place() *syntax.Node {
	switch {
	case v.Node != nil:
		return v.Node
	case v.Def != nil:
		return v.Def.Node
	case v.Mod != nil:
		return v.Mod.Tree.Root
	}
	return nil
}

// comparePlaces orders nodes by file, start and end; nil comes last.
func comparePlaces(a, b *syntax.Node) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Or(cmp.Compare(a.Tree.File.Path, b.Tree.File.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// evaluator answers questions with memory. Questions may depend on each other
// in circles: then the smallest sets of values that satisfy all of them are
// computed by repetition, as in "x = y; y = x; x = 1". First the sets grow from
// nothing until none changes; then the known flags, which may depend on sets
// being empty, fall from true until none changes. So the answers do not depend
// on the question that was asked first.
type evaluator struct {
	memo  map[any]result   // final answers
	open  map[any]*pending // questions being answered, or waiting for one that is
	stack []*pending       // those being answered
	wait  []*pending       // answered once, but on the ground of provisional answers
	steps int
	limit int // of steps
	spent bool
}

// pending is a question without a final answer.
type pending struct {
	key     any
	r       result // what is known so far
	depth   int    // place in the stack; -1 when it is not being answered
	low     int    // the lowest place in the stack that the answer depends on
	valid   bool   // answered in the current round of the question at low
	cut     bool   // depends on an answer that was given up
	changed bool   // the sets or flags of it or of one it depends on changed in this round
}

const (
	notCut   = 1 << 30
	maxDepth = 10_000
	maxSteps = 5_000_000 // per outer question; a guard, not a tuning knob
	// After so many rounds (sets that shrink as others grow can go on for ever)
	// the flags fall.
	maxRounds = 40
)

func (e *evaluator) init() {
	e.memo = map[any]result{}
	e.open = map[any]*pending{}
	e.limit = maxSteps
}

// reset drops what a panic, in the table of indirect calls, say, left undone.
func (e *evaluator) reset() {
	if len(e.stack) > 0 {
		e.stack, e.wait = nil, nil
		clear(e.open)
	}
}

// depend notes that the question being answered depends on a provisional answer.
func (e *evaluator) depend(low int) {
	if n := len(e.stack); n > 0 && low < e.stack[n-1].low {
		e.stack[n-1].low = low
	}
}

// ask answers the question named by key with compute.
func (e *evaluator) ask(key any, compute func() result) result {
	if r, ok := e.memo[key]; ok {
		if r.cut && len(e.stack) > 0 {
			e.stack[len(e.stack)-1].cut = true
		}
		return r
	}
	q := e.open[key]
	if q != nil && q.depth >= 0 {
		e.depend(q.depth)
		return q.r
	}
	if q != nil && q.valid {
		e.depend(q.low)
		e.stack[len(e.stack)-1].cut = e.stack[len(e.stack)-1].cut || q.cut
		return q.r
	}
	depth := len(e.stack)
	if depth == 0 {
		e.steps, e.spent = 0, false
	}
	e.steps++
	if e.spent || depth > maxDepth || e.steps > e.limit {
		e.spent = true
		return unknown
	}
	if q == nil {
		q = &pending{key: key, r: nothing()}
		e.open[key] = q
	}
	start := len(e.wait)
	q.depth = depth
	e.stack = append(e.stack, q)
	var touched map[*pending]bool
	settled := false // the sets are; the flags may not be
	for round := 0; ; round++ {
		q.low, q.changed = notCut, false
		q.update(compute(), settled)
		if q.low < depth || e.spent {
			break
		}
		if q.low == notCut { // depends on itself in no way
			q.changed = false
			break
		}
		members := e.wait[start:]
		for _, w := range members {
			w.valid = false
			if touched == nil {
				touched = map[*pending]bool{}
			}
			touched[w] = true
		}
		e.wait = e.wait[:start]
		if !q.changed {
			if settled {
				for _, w := range members {
					q.cut = q.cut || w.cut
				}
				for _, w := range members {
					if q.cut {
						w.r.known, w.r.cut = false, true
					}
					e.memo[w.key] = w.r.canonical()
				}
				break
			}
			settled = true
			q.r.known = !q.r.top
			for w := range touched {
				w.r.known = !w.r.top
			}
		}
		if round == maxRounds {
			q.r.known = false
			for _, w := range members {
				w.r.known = false
				e.memo[w.key] = w.r.canonical()
			}
			break
		}
	}
	q.depth = -1
	e.stack = e.stack[:depth]
	if q.cut {
		q.r.known, q.r.cut = false, true
		if depth > 0 {
			e.stack[depth-1].cut = true
		}
	}
	switch {
	case e.spent:
		// What was being worked out is too much to tell, and stays so: asking
		// again would cost as much.
		e.wait = e.wait[:start]
		if depth == 0 {
			for k := range e.open {
				e.memo[k] = result{cut: true}
			}
			clear(e.open)
		}
		return unknown
	case q.low < depth:
		for _, w := range e.wait[start:] {
			if w.low >= depth {
				w.low = q.low
			}
		}
		q.valid = true
		e.wait = append(e.wait, q)
		up := e.stack[depth-1]
		up.changed = up.changed || q.changed
		e.depend(q.low)
		return q.r
	}
	for w := range touched {
		delete(e.open, w.key)
	}
	delete(e.open, key)
	r := q.r
	if touched != nil {
		r = r.canonical()
	}
	e.memo[key] = r
	return r
}

func (r result) canonical() result {
	if !r.inOrder && len(r.values) > 1 {
		r.values = r.sorted()
	}
	return r
}

// update replaces the provisional answer by a newer one, which has at least
// the same values.
func (q *pending) update(r result, flags bool) {
	old := q.r
	if old.top {
		r.overflow()
	}
	for _, v := range old.values {
		if !r.top && !r.merge(v) {
			r.values = append(r.values, v)
		}
	}
	if len(r.calls) < len(old.calls) {
		r.calls = old.calls
	}
	q.cut = q.cut || old.cut
	if r.size < old.size {
		r.table, r.size = old.table, old.size
	}
	r.known = r.known && old.known
	if r.top != old.top || len(r.values) != len(old.values) || len(r.calls) != len(old.calls) || r.size != old.size || flags && r.known != old.known {
		q.changed = true
	}
	for _, v := range old.values {
		if v.Recv != nil && !r.top && !sameReceiver(r.receiver(v), v.Recv) {
			q.changed = true
		}
	}
	q.r = r
}

func (r result) receiver(v Value) *Value {
	k := v.key()
	for _, have := range r.values {
		if have.key() == k {
			return have.Recv
		}
	}
	return nil
}
