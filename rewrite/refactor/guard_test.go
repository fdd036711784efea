package refactor

import "testing"

func guardAll(first, last string, keep ...string) func(*code, *Rewrite) {
	return func(c *code, r *Rewrite) {
		r.GuardMain(c.mod, c.stmt(first), c.stmt(last), GuardOptions{KeepOut: c.stmts(keep...)})
	}
}

func TestGuardMain(t *testing.T) {
	tell(t, []story{
		{"straight", `
"""Doc."""
import os
SIZE = 3
p = start(SIZE)
p.join()
`, guardAll("p = ", "p.join"), `
"""Doc."""
import os
SIZE = 3

if __name__ == "__main__":
    p = start(SIZE)
    p.join()
`},
		{"definitions between", `
import os

LIMIT = 4


def work(x):
    return x * 2


# a comment that belongs to the pool
pool = make(work)  # trailing


# helper of the report
@cached
async def report(rows):
    """Rows.

    And more.
    """

    for r in rows:
        print('''a
  b''')


rows = pool.map(work, range(LIMIT))

# detached note

print(
    rows,
  [
1]
)
class Done:
    pass
report(rows); pool.close()
`, guardAll("pool = ", "pool.close"), `
import os

LIMIT = 4


def work(x):
    return x * 2


# helper of the report
@cached
async def report(rows):
    """Rows.

    And more.
    """

    for r in rows:
        print('''a
  b''')


class Done:
    pass


if __name__ == "__main__":
    # a comment that belongs to the pool
    pool = make(work)  # trailing

    rows = pool.map(work, range(LIMIT))

    # detached note

    print(
        rows,
      [
    1]
    )
    report(rows); pool.close()
`},
		{"guard behind", `
import os

import sys


def f():
    pass


queue = make()
# the lock
lock = f()


def g():
    pass


if '__main__' == __name__:
    # start
    run(queue)
else:
    pass
`, guardAll("queue", "def g"), `
import os

import sys


def f():
    pass


def g():
    pass


if '__main__' == __name__:
    queue = make()
    # the lock
    lock = f()

    # start
    run(queue)
else:
    pass
`},
		{"guard before", `
def f():
    pass


if __name__ == "__main__": freeze()

# go
p = f()


def g():
    pass


p.go()
`, guardAll("p =", "p.go"), `
def f():
    pass


def g():
    pass


if __name__ == "__main__":
    freeze()

    # go
    p = f()

    p.go()
`},
		{"keep out", `
a = 1
b = make()
COLORS = [
    1,
]
import late
def f(): return COLORS
use(b)`, guardAll("a = 1", "use(b)", "a = 1", "COLORS"), `
a = 1
COLORS = [
    1,
]
import late


def f(): return COLORS


if __name__ == "__main__":
    b = make()
    use(b)`},
		{"guard among them", `
a = make()
if __name__ == "__main__":
    # free
    freeze()

    more(
        1)


if __name__ == "__main__": b = 1; c = 2
if __name__ == "__main__":
    d = 1
else:
    d = 2
e = 3
`, guardAll("a =", "e ="), `
if __name__ == "__main__":
    a = make()
    # free
    freeze()

    more(
        1)

    b = 1; c = 2
    if __name__ == "__main__":
        d = 1
    else:
        d = 2
    e = 3
`},
		{"mixed quotes and comments around", `
'''Doc.'''
from x import y

# Settings
A = 'a'

# -- workers ----------


def f():
    pass

# Go.
p = y(A)

# -- report -----------

@deco
class G:
    pass

print(p)
# the end
`, guardAll("p =", "print"), `
'''Doc.'''
from x import y

# Settings
A = 'a'

# -- workers ----------


def f():
    pass

# -- report -----------

@deco
class G:
    pass

if __name__ == '__main__':
    # Go.
    p = y(A)

    print(p)

# the end
`},
		{"joined and compound", `
import os; p = go(); x = 1 \
  + 2
if x:
	y = '''
	z'''
else: y = 2; del x

try:
	pass
finally:
	p.join()
`, guardAll("p = go", "try"), `
import os

if __name__ == "__main__":
	p = go(); x = 1 \
	  + 2
	if x:
		y = '''
	z'''
	else: y = 2; del x

	try:
		pass
	finally:
		p.join()
`},
	})
}
