package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Uncounted is a loop over a JoinableQueue that does not call task_done exactly
// once for each item.
type Uncounted struct {
	Consumer *Consumer
	Get      *process.Use
	Join     *process.Use   // the join of the queue
	Way      Way            // what is wrong
	At       *syntax.Node   // the statement by which the loop goes on, or that calls once more; nil for the end of the body
	Done     []*syntax.Node // the statements that call task_done

	m        *process.Model
	text     string         // the queue, as the loop writes it
	body     []*syntax.Node // the statements that work on an item
	sentinel bool           // a sentinel is counted before the queue is joined
}

// Way says what is wrong with the calls of task_done.
type Way int

// The ways.
const (
	NeverDone  Way = iota // nothing calls task_done
	SkippedWay            // a way through the loop does not
	OnSentinel            // the way out on the sentinel does not
	TooOften              // a way through the loop calls it twice
)

// UncountedAt returns what is wrong with the calls of task_done in a loop of a
// worker; nil when nothing is, when nobody joins the queue, or when it is not known.
// Lib/multiprocessing/queues.py, JoinableQueue: join waits until each put is
// answered by one task_done, and one too many raises ValueError.
func UncountedAt(m *process.Model, loop *syntax.Node) *Uncounted {
	c := At(m, loop)
	if c == nil || c.Channel.Object.Kind != process.JoinableQueue || loop.Kind == "for_in_clause" {
		return nil
	}
	u := &Uncounted{Consumer: c, Get: c.Get, m: m, text: c.Get.Node.Field("object").Text()}
	if len(c.Launches) == 0 || !u.joined() || !u.calls() || !u.findBody() {
		return nil
	}
	u.countSentinel()
	if !u.judge() {
		return nil
	}
	return u
}

// joined finds the join of the queue in the parent.
func (u *Uncounted) joined() bool {
	for _, j := range u.Consumer.Channel.Object.Used("join") {
		if j.Call == nil || !j.Sole || !u.m.InParent(j.Node) || len(u.m.WorkersAt(j.Node)) > 0 {
			return false
		}
		if u.Join == nil {
			u.Join = j
		}
	}
	return u.Join != nil && !u.Consumer.escapes(u.m)
}

// calls finds the calls of task_done. All have to be statements of the loop, and
// nothing else may read the queue.
func (u *Uncounted) calls() bool {
	for _, g := range u.Consumer.Channel.Get {
		if g != u.Get {
			return false
		}
	}
	for _, d := range u.Consumer.Channel.Object.Used("task_done") {
		if d.Call == nil || d.In != u.Get.In || d.Node.Field("object").Text() != u.text {
			return false
		}
		stmt := d.Call.Statement()
		if !only(stmt, d.Call) {
			return false
		}
		if stmt.Within(u.Consumer.Loop) {
			u.Done = append(u.Done, stmt)
		}
	}
	return true
}

// findBody finds the statements that run for each item.
func (u *Uncounted) findBody() bool {
	all := u.Consumer.Loop.Field("body").NamedChildren()
	if u.Consumer.Form != WhileTrue {
		u.body = all
		return len(all) > 0
	}
	stmt := u.Get.Call.Statement()
	for i, s := range all {
		if s == stmt && s.Is("expression_statement") {
			u.body = all[i+1:]
		}
	}
	return len(u.body) > 0
}

// countSentinel finds whether a sentinel is put before the queue is joined.
func (u *Uncounted) countSentinel() {
	c := u.Consumer
	if c.End != BySentinel {
		return
	}
	for _, put := range c.Puts() {
		if putsSentinel(u.m, put, c.Sentinel) == Yes && len(u.m.WorkersAt(put.Node)) == 0 && u.m.RunsBefore(put.Node, u.Join.Node) {
			u.sentinel = true
		}
	}
}

// judge compares the numbers of calls on all ways through the body.
func (u *Uncounted) judge() bool {
	w := &ways{u: u, loop: u.Consumer.Loop}
	out := w.block(u.body, counts(1))
	if w.unknown {
		return false
	}
	if after := u.afterLoop(); after && u.Consumer.Form == WhileTrue {
		return false // a count after the loop is for the sentinel
	}
	on := out[fallsOn] | out[continues]
	left := out[breaks] | out[returns]
	switch {
	case len(u.Done) == 0 && len(u.Consumer.Channel.Object.Used("task_done")) == 0:
		u.Way = NeverDone
	case (on|left)&counts(4) != 0:
		u.Way, u.At = TooOften, w.twice
	case on&counts(1) != 0:
		u.Way, u.At = SkippedWay, w.skipped
	case u.sentinel && u.Consumer.Form == WhileTrue && left&counts(1) != 0, u.sentinel && u.Consumer.Form != WhileTrue && !u.afterLoop():
		u.Way = OnSentinel
	default:
		return false
	}
	return true
}

// afterLoop says whether task_done is called behind the loop.
func (u *Uncounted) afterLoop() bool {
	for _, d := range u.Consumer.Channel.Object.Used("task_done") {
		if d.Node.Start >= u.Consumer.Loop.End && d.In == u.Get.In {
			return true
		}
	}
	return false
}

// Fix calls task_done in a finally clause around the work on an item.
func (u *Uncounted) Fix() (*refactor.Rewrite, error) {
	rw := refactor.New()
	loop := u.Consumer.Loop
	call := u.text + ".task_done()"
	if u.Consumer.Form != WhileTrue && u.sentinel && !u.afterLoop() {
		if loop.Field("alternative") != nil {
			return nil, errors.New("the loop has an else")
		}
		rw.LinesAfter(loop, call)
	}
	if u.Way == OnSentinel && u.Consumer.Form != WhileTrue {
		return rw, rw.Err()
	}
	body := u.body
	// A test for the sentinel that counts right, or is never counted, stays before.
	for len(body) > 1 {
		w := &ways{u: u, loop: loop}
		out := w.block(body[:1], counts(1))
		left := out[breaks] | out[returns]
		if !body[0].Is("if_statement") || left == 0 || out[continues] != 0 || out[fallsOn] != counts(1) || body[0].Field("alternative") != nil {
			break
		}
		if u.sentinel && left != counts(2) || !u.sentinel && left != counts(1) {
			break
		}
		body = body[1:]
	}
	var work []*syntax.Node
	for _, s := range body {
		if !u.isDone(s) {
			work = append(work, s)
		}
	}
	if len(work) == 0 {
		return nil, errors.New("nothing is done with the items")
	}
	first, last := work[0], work[len(work)-1]
	for _, d := range u.Done {
		for _, s := range body {
			if d.Within(s) {
				rw.Delete(d)
			}
		}
	}
	if len(work) > 1 || !first.Is("try_statement") {
		rw.WrapWith(first, last, "try:", "finally:", "\t"+call)
		return rw, rw.Err()
	}
	clauses := first.NamedChildren()
	end := clauses[len(clauses)-1]
	if end.Is("finally_clause") {
		inner := end.Body().NamedChildren()
		kept := inner[len(inner)-1]
		for u.isDone(kept) && kept.Prev() != nil {
			kept = kept.Prev()
		}
		if u.isDone(kept) {
			return nil, errors.New("task_done is called in a finally clause already")
		}
		rw.LinesAfter(kept, call)
		return rw, rw.Err()
	}
	for _, c := range clauses {
		if !c.Is("except_clause") {
			continue
		}
		inner := c.Body().NamedChildren()
		for i := len(inner) - 1; i > 0 && (u.isDone(inner[i]) || inner[i].Is("continue_statement")); i-- {
			if inner[i].Is("continue_statement") && i > 0 {
				rw.Delete(inner[i])
			}
		}
	}
	rw.LinesAfter(first, "finally:", "\t"+call)
	return rw, rw.Err()
}

func (u *Uncounted) isDone(s *syntax.Node) bool {
	for _, d := range u.Done {
		if d == s {
			return true
		}
	}
	return false
}
