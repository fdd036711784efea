package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Protocol is what the parent has to write to end the consumers of a channel.
type Protocol struct {
	model     *process.Model
	channel   *process.Channel
	consumers []*Consumer
	launches  []*process.Launch

	fn    *project.Def // the function that joins the consumers, or starts them
	top   *syntax.Node // the root of its file
	block *syntax.Node // where the steps stand
	text  string       // the channel, as the function writes it
	fleet Fleet

	last   *syntax.Node   // the statement after which nothing is put any more
	before *syntax.Node   // the first statement that waits for the consumers
	move   []*syntax.Node // joins of producers that must come before it
	add    []string       // joins of producers that are missing
	joined *syntax.Node   // the last join of a consumer, nil when there is none
	result *syntax.Node   // the last statement that reads what the consumers put
	away   bool           // items are put by other functions, at times not seen
}

// Make works out how the consumers of a channel can be ended by sentinels. The
// error says in words what stands in the way.
func Make(m *process.Model, ch *process.Channel) (*Protocol, error) {
	consumers, all := Consumers(m, ch)
	if !all || len(consumers) == 0 {
		return nil, errors.New("the channel is also read in another way")
	}
	p := &Protocol{model: m, channel: ch, consumers: consumers}
	for _, c := range consumers {
		for _, l := range c.Launches {
			for _, have := range p.launches {
				if have == l {
					return nil, errors.New("a worker reads the channel in several loops")
				}
			}
			p.launches = append(p.launches, l)
		}
	}
	for _, u := range ch.Get {
		if len(m.WorkersAt(u.Node)) == 0 {
			return nil, errors.New("the parent reads the channel too")
		}
	}
	for _, step := range []func() error{p.findPlace, p.findBlock, p.findOrder} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// findPlace finds the function that joins the consumers, else the one that
// starts them.
func (p *Protocol) findPlace() error {
	var at []*syntax.Node
	for _, l := range p.launches {
		for _, j := range l.Joins {
			at = append(at, j.Node)
		}
	}
	if len(at) == 0 {
		for _, l := range p.launches {
			for _, s := range l.Starts {
				at = append(at, s.Node)
			}
		}
	}
	p.fn, p.top = p.model.Project.Enclosing(at[0]), at[0].Tree.Root
	for _, n := range at {
		if p.model.Project.Enclosing(n) != p.fn || n.Tree.Root != p.top {
			return errors.New("the processes are joined in several places")
		}
	}
	return nil
}

// here lists the nodes that stand in the function.
func (p *Protocol) here(uses []*process.Use) (nodes []*syntax.Node) {
	for _, u := range uses {
		if u.In == p.fn && u.Node.Tree.Root == p.top {
			nodes = append(nodes, u.Node)
		}
	}
	return nodes
}

// findBlock finds the block in which the steps stand, and when the last item is
// put.
func (p *Protocol) findBlock() error {
	m := p.model
	var nodes, starts, joins, parentPuts, queueJoins []*syntax.Node
	var producers []*process.Launch
	for _, l := range p.launches {
		joins = append(joins, p.here(l.Joins)...)
		starts = append(starts, p.here(l.Starts)...)
	}
	channelPuts := puts(p.channel)
	for _, u := range channelPuts {
		switch workers := m.WorkersAt(u.Node); {
		case len(workers) > 0:
			for _, w := range workers {
				if len(w.Tasks)+len(w.InitOf) > 0 {
					return errors.New("a pool puts items too")
				}
				for _, l := range w.Launches {
					if !hasLaunch(p.launches, l) && !hasLaunch(producers, l) {
						producers = append(producers, l)
					}
				}
			}
		default:
			places := inFunction(m, p.fn, p.top, u.Node)
			if len(places) > 0 {
				parentPuts = append(parentPuts, places...)
				continue
			}
			if u.In == nil || u.In.Class == nil || p.fn == nil || p.fn.Class == nil || m.WorkerOf(u.In) != nil {
				return errors.New("items are put in a place that cannot be ordered with the joins")
			}
			p.away = true
		}
		if u.In != nil {
			calls, _ := m.Project.Callers(u.In)
			for _, c := range calls {
				if o := m.ObjectAt(c.Node); c.Indirect != nil && (o == nil || o.Kind != process.Process) {
					return errors.New("a thread or a callback puts items")
				}
			}
		}
	}
	for _, c := range p.consumers {
		if c.reputs(m) && p.channel.Object.Kind != process.JoinableQueue {
			return errors.New("the workers put items back")
		}
	}
	for _, u := range p.channel.Object.Used("join") {
		if u.Call == nil || u.In != p.fn {
			return errors.New("the queue is joined in another function")
		}
		queueJoins = append(queueJoins, u.Node)
	}
	for _, c := range p.consumers {
		if c.reputs(m) && len(queueJoins) == 0 {
			return errors.New("the workers put items back")
		}
	}
	producerJoins := map[*process.Launch][]*syntax.Node{}
	for _, l := range producers {
		producerJoins[l] = p.here(l.Joins)
		nodes = append(nodes, producerJoins[l]...)
		nodes = append(nodes, p.here(l.Starts)...)
	}
	nodes = append(nodes, starts...)
	nodes = append(nodes, joins...)
	nodes = append(nodes, parentPuts...)
	nodes = append(nodes, queueJoins...)
	if p.block = commonBlock(nodes); p.block == nil {
		return errors.New("the steps stand in different blocks")
	}
	if len(process.Loops(p.block)) > 0 && len(starts) == 0 || p.block.Parent.Is("for_statement", "while_statement") && len(starts) == 0 {
		return errors.New("the processes are joined in a loop over something else")
	}
	var firstJoin *syntax.Node
	for _, n := range joins {
		firstJoin = earlier(firstJoin, stmtIn(p.block, n))
		p.joined = later(p.joined, stmtIn(p.block, n))
	}
	for _, n := range append(append(parentPuts, starts...), queueJoins...) {
		p.last = later(p.last, stmtIn(p.block, n))
	}
	first, lastResult := p.results()
	if lastResult != nil {
		p.result = lastResult
	}
	p.before = firstJoin
	if first != nil && (p.last == nil || first.Start > p.last.Start) {
		p.before = earlier(p.before, first)
	}
	return p.findProducers(producers, producerJoins)
}

// results returns the last statement of the block that reads what the consumers
// put elsewhere, and the first one that reads what they put only after their
// loops.
func (p *Protocol) results() (first, last *syntax.Node) {
	for _, ch := range p.model.Channels {
		if ch == p.channel {
			continue
		}
		fed, after := false, false
		for _, u := range puts(ch) {
			if runsIn(p.model, u.Node, p.launches) {
				fed, after = true, after || !p.inConsumer(u.Node)
			}
		}
		if !fed {
			continue
		}
		for _, u := range ch.Get {
			for _, n := range inFunction(p.model, p.fn, p.top, u.Node) {
				if len(p.model.WorkersAt(n)) > 0 && p.model.WorkerOf(p.fn) == nil {
					continue
				}
				if s := stmtIn(p.block, n); s != nil {
					last = later(last, s)
					if after {
						first = earlier(first, s)
					}
				}
			}
		}
	}
	return first, last
}

// inConsumer says whether a node stands in a consumer's loop.
func (p *Protocol) inConsumer(n *syntax.Node) bool {
	for _, c := range p.consumers {
		if n.Within(c.Loop) {
			return true
		}
	}
	return false
}

// findProducers finds the joins of the processes that put items, which must
// come before the sentinels.
func (p *Protocol) findProducers(producers []*process.Launch, joins map[*process.Launch][]*syntax.Node) error {
	for _, l := range producers {
		var last *syntax.Node
		for _, n := range joins[l] {
			last = later(last, stmtIn(p.block, n))
		}
		switch {
		case last == nil:
			if waitFor(p.model, l) == NoWait {
				return errors.New("it is not known when the processes that put items end")
			}
			f, ok := fleetOf(p.model, []*process.Launch{l}, p.channel.Object, p.fn, p.top)
			lines := f.Join(p.loopName())
			if !ok || lines == nil {
				return errors.New("the processes that put items cannot be joined by name")
			}
			p.add = append(p.add, lines...)
			for _, n := range p.here(l.Starts) {
				p.last = later(p.last, stmtIn(p.block, n))
			}
		case p.before != nil && last == p.before:
			return errors.New("producers and consumers are joined in one loop")
		case p.before != nil && last.Start > p.before.Start:
			if !joinStatement(p.model, last) {
				return errors.New("the processes that put items are joined too late")
			}
			p.move = append(p.move, last)
		default:
			p.last = later(p.last, last)
		}
	}
	return nil
}

func hasLaunch(list []*process.Launch, l *process.Launch) bool {
	for _, have := range list {
		if have == l {
			return true
		}
	}
	return false
}

// loopName returns a short name for a process that is free in the function.
func (p *Protocol) loopName() string {
	mod := p.model.Project.ModuleOf(p.top)
	scope := mod.ScopeOf(p.block)
	for _, name := range []string{"p", "w", "proc", "process"} {
		if mod.FreshName(scope, name) == name {
			return name
		}
	}
	return mod.FreshName(scope, "worker")
}

// findOrder checks that the sentinels can be put before anybody waits, and
// finds how to write the channel and the number of consumers.
func (p *Protocol) findOrder() error {
	if p.before != nil && p.last != nil && p.last.Start >= p.before.Start {
		return errors.New("items are still put while the processes are joined")
	}
	if p.last == nil && p.before == nil {
		return errors.New("it is not known when the last item is put")
	}
	if p.away && p.joined == nil {
		return errors.New("it is not known when the last item is put")
	}
	o := p.channel.Object
	if o.Kind == process.Connection {
		o = p.channel.Peer.Object
	}
	var ok bool
	if p.text, ok = textFor(p.model, o, p.fn, p.top); !ok {
		return errors.New("each process has a channel of its own")
	}
	if p.fleet, ok = fleetOf(p.model, p.launches, p.channel.Object, p.fn, p.top); !ok {
		return errors.New("it is not known how many processes read the channel")
	}
	if o.Kind == process.Connection && !p.fleet.One() {
		return errors.New("several processes read one pipe")
	}
	return nil
}

// put returns the call that puts one sentinel.
func (p *Protocol) put(sentinel string) string {
	if p.channel.Object.Kind == process.Connection {
		return p.text + ".send(" + sentinel + ")"
	}
	return p.text + ".put(" + sentinel + ")"
}

// WriteSentinels puts one sentinel for each consumer behind the last item, and
// the joins and the closing that are missing.
func (p *Protocol) WriteSentinels(rw *refactor.Rewrite, sentinel string) {
	lines := append(append([]string{}, p.add...), p.fleet.Each(p.put(sentinel))...)
	if len(p.move) > 0 {
		rw.Move(p.move, p.before)
	}
	after := p.last
	if p.away || len(p.move) > 0 || p.last == nil {
		after = nil
	}
	joins := []string(nil)
	if p.joined == nil {
		joins = p.fleet.Join(p.loopName())
	}
	if p.joined == nil && p.result != nil && joins != nil && (after == nil || p.result.Start > after.Start) {
		if !p.result.Is("return_statement", "raise_statement") {
			rw.LinesAfter(p.result, append(joins, p.closing(p.result)...)...)
		}
		joins = nil
	} else if p.joined == nil && joins != nil {
		lines = append(lines, joins...)
		lines = append(lines, p.closing(after)...)
	}
	if after != nil {
		rw.LinesAfter(after, lines...)
	} else {
		rw.LinesBefore(p.before, lines...)
	}
	p.WriteClose(rw)
}

// Describe names the loop's read and its function, as "todo.get() in work", for
// messages.
func (c *Consumer) Describe() string {
	return strings.Join(strings.Fields(c.Get.Node.Text()), " ") + "() in " + c.In.QualName()
}
