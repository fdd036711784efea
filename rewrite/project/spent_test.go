package project

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

const tangled = `
import ext
shared = []
def ping(x, n):
    shared.append(x)
    return pong(x, n - 1) if n else x
def pong(y, n):
    for s in shared:
        s.put(n)
    return ping(y, n)
class Box:
    def __init__(self, item):
        self.item = item
    def swap(self, other):
        self.item, other.item = other.item, self.item
        return self.item
a, b = Box(ping), Box(ext.thing)
a.swap(b)
a.item(ext.queue(), 3)
ping(a.item, 2)
`

// An answer that is called known when there are too few steps is the answer that
// all steps give.
func TestFewSteps(t *testing.T) {
	answers := func(limit int) (map[int]result, int) {
		p := New(source.Memory(source.New("main.py", tangled)), []string{"main.py"}, Options{})
		p.eval.limit = limit
		all := map[int]result{}
		count, known := 0, 0
		p.Module("main.py").Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier", "attribute", "call") {
				values, ok := p.Values(n)
				all[count] = result{values: values, known: ok}
				count++
				if ok {
					known++
				}
			}
			return true
		})
		return all, known
	}
	full, knownInFull := answers(maxSteps)
	if knownInFull < 20 {
		t.Fatalf("only %d known", knownInFull)
	}
	for limit := 1; limit < 120; limit += 3 {
		some, known := answers(limit)
		if known > knownInFull {
			t.Errorf("%d steps: %d known, of %d", limit, known, knownInFull)
		}
		for i, r := range some {
			want := full[i]
			if !r.known || len(r.values) == 0 {
				continue
			}
			same := len(r.values) == len(want.values) && want.known
			for j := range r.values {
				same = same && r.values[j].shown() == want.values[j].shown()
			}
			if !same {
				t.Errorf("%d steps: question %d: %d values, want %d", limit, i, len(r.values), len(want.values))
			}
		}
	}
}

func (v Value) shown() string {
	if v.Node != nil {
		return v.Name + v.Node.Text()
	}
	if v.Def != nil {
		return v.Def.QualName()
	}
	return v.Name
}
