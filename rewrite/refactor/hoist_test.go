package refactor

import (
	"slices"
	"testing"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

func TestHoist(t *testing.T) {
	hoist := func(def, name string, params ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			n := c.stmt(def)
			if n.Text()[:3] != "def" {
				n.Walk(func(m *syntax.Node) bool {
					if m.Named && m.Is("lambda") {
						n = m
					}
					return true
				})
			}
			if got := Captures(c.mod, n); !slices.Equal(got, params) && def != "def bad" {
				t.Errorf("%s captures %q", def, got)
			}
			r.Hoist(c.mod, n, name, params)
		}
	}
	tell(t, []story{
		{"plain", `
import os


def main():
    total = 0

    # squares
    def square(x):
        """Doc."""
        return x * x if x < 9 else square(3)

    run(square)
    return square(total)
`, hoist("def square", "square"), `
import os


# squares
def square(x):
    """Doc."""
    return x * x if x < 9 else square(3)


def main():
    total = 0

    run(square)
    return square(total)
`},
		{"captures", `
import functools


class A:
    def run(self, base):
        step = 2
        def work(x):
            return work(base) + x + step
        pool.map(work, range(3))
        return work(1), work()
`, hoist("def work", "_work", "base", "step"), `
import functools


def _work(base, step, x):
    return _work(base, step, base) + x + step


class A:
    def run(self, base):
        step = 2
        pool.map(functools.partial(_work, base, step), range(3))
        return _work(base, step, 1), _work(base, step)
`},
		{"lambda", `
x = 1
pool.map(lambda n, k=2: n * x, range(3))
`, hoist("pool", "times"), `
x = 1


def times(n, k=2):
    return n * x


pool.map(times, range(3))
`},
		{"lambda with captures", `
from functools import partial


def main(a):
    for i in range(3):
        run(lambda: (a +
                     3))
`, hoist("run", "task", "a"), `
from functools import partial


def task(a):
    return (a +
                     3)


def main(a):
    for i in range(3):
        run(partial(task, a))
`},
		{"lambda with a bound default", `
def main(a):
    for i in range(3):
        run(lambda x, i=i: x + i)
`, func(c *code, r *Rewrite) {
			n := c.at("lambda x, i=i: x + i")
			r.Hoist(c.mod, n, "task", nil)
		}, `
import functools


def task(x, i):
    return x + i


def main(a):
    for i in range(3):
        run(functools.partial(task, i=i))
`},
		{"missing parameter", "def f(a):\n    def bad():\n        return a\n    return bad\n", hoist("def bad", "bad"), refused},
		{"into the guard's surroundings", `
def f(): pass
p = start(lambda: 3)
p.join()
`, func(c *code, r *Rewrite) {
			r.Hoist(c.mod, c.at("lambda: 3"), "three", nil)
			r.GuardMain(c.mod, c.stmt("p ="), c.stmt("p.join"))
		}, `
def f(): pass


def three():
    return 3


if __name__ == "__main__":
    p = start(three)
    p.join()
`},
	})
}
