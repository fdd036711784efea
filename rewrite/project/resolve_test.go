package project_test

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
)

func TestModules(t *testing.T) {
	for name, text := range map[string]string{
		"sibling": `
import util
util.work  #? util.work = work
-- util.py --
def work(): pass
`,
		"alias": `
import a.b as c
from a import b as d
c.f  #? c.f = f
d.f  #? d = module a/b.py
import a.b
a.b.f  #? a.b.f = f
a  #? a = module a/__init__.py
-- a/__init__.py --
-- a/b.py --
def f(): pass
`,
		"alias of the first part": `
import a.b as a
a  #? a = module a/b.py
-- a/__init__.py --
-- a/b.py --
`,
		"relative": `
-- top/__init__.py --
-- top/low/__init__.py --
-- top/low/m.py --
from . import n
from .n import f
from .. import high
from ..high import g as h
from ..other.deep import k
n.f  #? n.f = f
f    #? f = f
high.g  #? high.g = g
h  #? h = g
k  #? k = k
-- top/low/n.py --
def f(): pass
-- top/high.py --
def g(): pass
-- top/other/__init__.py --
-- top/other/deep.py --
def k(): pass
`,
		"relative without packages": `
-- x/y/m.py --
from . import n
from ..z import g
n.f  #? n.f = f
g  #? g = g
-- x/y/n.py --
def f(): pass
-- x/z.py --
def g(): pass
`,
		"namespace package": `
import space.inner.mod
from space.inner import mod as m
from space import inner
space.inner.mod.f  #? space.inner.mod.f = f
m.f  #? m.f = f
inner.mod.f  #? inner.mod.f = f
-- space/inner/mod.py --
def f(): pass
`,
		"src layout": `
-- tests/unit/test_x.py --
from pkg.core import f
import pkg.core
f  #? f = f
pkg.core.f  #? pkg.core.f = f
-- src/pkg/__init__.py --
-- src/pkg/core.py --
def f(): pass
`,
		"re-export": `
from pkg import f, g, sub
f  #? f = f
g  #? g = g
sub  #? sub = module pkg/sub.py
-- pkg/__init__.py --
from .one import f
from .two import *
-- pkg/one.py --
def f(): pass
-- pkg/two.py --
def g(): pass
-- pkg/sub.py --
`,
		"name hides submodule": `
from pkg import run
run  #? run = run
-- pkg/__init__.py --
from .run import run
-- pkg/run.py --
def run(): pass
`,
		"star": `
from util import *
work  #? work = work
_hidden  #? _hidden = ?
print  #? print = builtins.print
Process  #? Process = multiprocessing.Process
listed  #? listed = listed
unlisted  #? unlisted = ?
-- util.py --
from multiprocessing import *
from more import *
def work(): pass
def _hidden(): pass
-- more.py --
__all__ = ["listed"]
def listed(): pass
def unlisted(): pass
`,
		"unknown star": `
from numpy import *
print  #? print = ?
f  #? f = f
def f(): pass
`,
		"stars in a circle": `
from a import *
f  #? f = f
gone  #? gone = ?
-- a.py --
from b import *
-- b.py --
from a import *
def f(): pass
`,
		"external": `
import os.path
import multiprocessing as mp
from concurrent import futures
import multiprocessing.pool
os.path.join  #? os.path.join = os.path.join
mp.Queue()  #? mp.Queue() = multiprocessing.Queue()
futures.ProcessPoolExecutor  #? futures.ProcessPoolExecutor = concurrent.futures.ProcessPoolExecutor
multiprocessing.pool.Pool  #? multiprocessing.pool.Pool = multiprocessing.pool.Pool
`,
		"library name in a package": `
-- pkg/__init__.py --
-- pkg/queue.py --
import queue
import logging
queue.Queue  #? queue.Queue = queue.Queue
logging.info  #? logging.info = logging.info
-- pkg/logging.py --
-- pkg/sub/__init__.py --
-- pkg/sub/m.py --
import queue
queue.Queue  #? queue.Queue = queue.Queue
`,
		"either import": `
try:
    from fast import f
except ImportError:
    from slow import f
f  #? f = f | fast.f
-- slow.py --
def f(): pass
`,
	} {
		t.Run(name, func(t *testing.T) { ask(t, text) })
	}
}

// unlisted hides a file from Paths.
type unlisted struct {
	source.Snapshot
	paths []string
}

func (u unlisted) Paths() []string { return u.paths }

func TestFileOutsidePaths(t *testing.T) {
	snap := unlisted{snapshot(`
import util
from lib.deep import g
util.f()
g
-- util.py --
def f(): return 1
-- lib/__init__.py --
-- lib/deep.py --
def g(): pass
`), []string{"main.py"}}
	p := project.New(snap, snap.paths, project.Options{})
	var paths []string
	for _, m := range p.Modules() {
		paths = append(paths, m.Tree.File.Path)
	}
	if len(paths) != 4 {
		t.Errorf("loaded %v", paths)
	}
	g := p.Module("main.py").Top.Names["g"]
	if got := showAll(p.BindingValues(g)); got != "g" {
		t.Errorf("g = %s", got)
	}
}

func TestImportersAreLoaded(t *testing.T) {
	snap := snapshot(`
-- work.py --
def work(n): return n
-- caller.py --
from work import (
    work,
)
work(1)
-- other.py --
import os
`)
	p := project.New(snap, []string{"work.py"}, project.Options{})
	var paths []string
	for _, m := range p.Modules() {
		paths = append(paths, m.Tree.File.Path)
	}
	if len(paths) != 2 || paths[0] != "caller.py" {
		t.Errorf("loaded %v, want caller.py and work.py", paths)
	}
}
