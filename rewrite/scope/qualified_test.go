package scope_test

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// stars knows two modules.
func stars(module string) ([]string, bool) {
	switch module {
	case "multiprocessing":
		return []string{"Process", "Queue", "Pool"}, true
	case "threading":
		return []string{"Thread", "Lock"}, true
	case "queue":
		return []string{"Queue", "Empty"}, true
	case "pkg.sub.own":
		return []string{"helper"}, true
	}
	return nil, false
}

// last returns the value of the last expression statement or assignment.
func last(t *testing.T, m *scope.Module) *syntax.Node {
	t.Helper()
	var found *syntax.Node
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Is("return_statement", "expression_statement") {
			found = n.NamedChildren()[0]
			if found.Is("assignment") {
				found = found.Field("right")
			}
		}
		return true
	})
	return found
}

func TestQualified(t *testing.T) {
	tests := []struct{ text, want string }{ // of the last expression; several names with |
		{"import multiprocessing\nmultiprocessing.Queue", "multiprocessing.Queue"},
		{"import multiprocessing as mp\nmp.Queue", "multiprocessing.Queue"},
		{"import multiprocessing as mp\nmp", "multiprocessing"},
		{"import concurrent.futures\nconcurrent.futures.ProcessPoolExecutor", "concurrent.futures.ProcessPoolExecutor"},
		{"import concurrent.futures\nconcurrent", "concurrent"},
		{"import concurrent.futures as cf\ncf.wait", "concurrent.futures.wait"},
		{"from concurrent import futures as cf\ncf.ProcessPoolExecutor", "concurrent.futures.ProcessPoolExecutor"},
		{"from multiprocessing import Queue as Q\nQ", "multiprocessing.Queue"},
		{"from multiprocessing import Queue\nQueue()", ""},
		{"import os\nimport os.path\nos.path.join", "os.path.join"},
		{"import multiprocessing as mp\nQ = mp.Queue\nR = Q\nR", "multiprocessing.Queue"},
		{"import multiprocessing as mp\nQ, P = mp.Queue, mp.Process\nP", "multiprocessing.Process"},
		{"import multiprocessing as mp\n(Q, (a, P)) = (mp.Queue, [1, mp.Process])\nP", "multiprocessing.Process"},
		{"import multiprocessing as mp\n*a, P = 1, 2, mp.Process\nP", "multiprocessing.Process"},
		{"import multiprocessing as mp\na, P = *z, mp.Process\nP", ""},
		{"import multiprocessing as mp\na = b = mp\nb.Queue", "multiprocessing.Queue"},
		{"import multiprocessing as mp\ndef f():\n  q = mp.Queue\n  return q", "multiprocessing.Queue"},
		{"import multiprocessing as mp\n(q := mp.Queue)\nq", "multiprocessing.Queue"},
		{"import multiprocessing as mp\n(mp).Queue", "multiprocessing.Queue"},
		{"def f():\n  import multiprocessing\n  return multiprocessing.Pool", "multiprocessing.Pool"},
		{"from . import x\nx.y", "pkg.sub.x.y"},
		{"from .a.b import x\nx", "pkg.sub.a.b.x"},
		{"from .. import x\nx", "pkg.x"},
		{"from ..a import x\nx", "pkg.a.x"},
		{"from ... import x\nx", ""},
		{"from .... import x\nx", ""},
		// Shadowed and unknown.
		{"import multiprocessing as mp\ndef f(mp):\n  return mp.Queue", ""},
		{"import multiprocessing as mp\ndef f():\n  mp = g()\n  return mp.Queue", ""},
		{"import multiprocessing as mp\nmp = mp.get_context()\nmp.Queue", ""},
		{"from multiprocessing import Queue\nfor Queue in x: pass\nQueue", ""},
		{"from multiprocessing import Queue\n[Queue for Queue in x]", ""},
		{"from multiprocessing import Queue\ndef Queue(): pass\nQueue", ""},
		{"from multiprocessing import Queue\nQueue += 1\nQueue", ""},
		{"import multiprocessing as mp\ndef f():\n  global mp\n  mp = g()\nmp.Queue", ""},
		{"Q = R\nR = Q\nQ", ""},
		{"Q = Q\nQ", ""},
		{"nothing", ""},
		{"nothing.at.all", ""},
		{"import a\na().b", ""},
		{"import a\na[0].b", ""},
		{"import a\na.b[0]", ""},
		{"type T = int\nT", ""},
		// A class body reads the module's name on the right.
		{"from multiprocessing import Queue\nclass A:\n  Queue = Queue\n  Queue", "multiprocessing.Queue"},
		{"from multiprocessing import Queue\nclass A:\n  Queue = 1\n  def f(self):\n    return Queue", "multiprocessing.Queue"},
		// Several definitions.
		{"try:\n  import torch.multiprocessing as mp\nexcept ImportError:\n  import multiprocessing as mp\nmp.Queue",
			"torch.multiprocessing.Queue|multiprocessing.Queue"},
		{"try:\n  from queue import Queue\nexcept ImportError:\n  from Queue import Queue\nQueue", "queue.Queue|Queue.Queue"},
		{"try:\n  import multiprocessing as mp\nexcept ImportError:\n  mp = None\nmp.Queue", "multiprocessing.Queue"},
		{"Q = None\ndef f():\n  global Q\n  import multiprocessing as mp\n  Q = mp.Queue\nQ", "multiprocessing.Queue"},
		{"if a:\n  from multiprocessing import Pool\nelse:\n  from multiprocessing import Pool\nPool", "multiprocessing.Pool"},
		{"if a:\n  from multiprocessing import Pool\nelse:\n  def Pool(): pass\nPool", ""},
		{"import multiprocessing as mp, threading\nx = mp.Queue if a else threading.Lock\nx", "multiprocessing.Queue|threading.Lock"},
		{"import multiprocessing as mp\nx = mp.Queue if a else b\nx", ""},
		{"x = None\nx", ""},
		{"from multiprocessing import Pool\ndel Pool\nPool", "multiprocessing.Pool"},
		// Builtins.
		{"open", "builtins.open"},
		{"print(1)\nprint", "builtins.print"},
		{"def f(open):\n  return open", ""},
		{"open = 1\nopen", ""},
		{"def f():\n  global open\nopen", "builtins.open"},
		{"class A:\n  open = 1\n  def f(self):\n    return open", "builtins.open"},
		{"__name__", ""},
		// Star imports.
		{"from multiprocessing import *\nProcess", "multiprocessing.Process"},
		{"from multiprocessing import *\nfrom threading import *\nProcess", "multiprocessing.Process"},
		{"from multiprocessing import *\nfrom queue import *\nQueue", "queue.Queue"},
		{"from queue import *\ntry:\n  from multiprocessing import *\nexcept ImportError: pass\nQueue", "queue.Queue|multiprocessing.Queue"},
		{"from multiprocessing import *\nopen", "builtins.open"},
		{"from multiprocessing import *\nfrom numpy import *\nProcess", ""},
		{"from numpy import *\nfrom multiprocessing import *\nProcess", "multiprocessing.Process"},
		{"from numpy import *\nopen", ""},
		{"from .own import *\nhelper", "pkg.sub.own.helper"},
		{"from .other import *\nhelper", ""},
		{"from multiprocessing import *\nimport queue\nQueue = queue.Queue\nQueue", "queue.Queue"},
		{"import queue\nQueue = queue.Queue\nfrom multiprocessing import *\nQueue", "queue.Queue|multiprocessing.Queue"},
		{"from numpy import *\nfrom threading import Lock\nLock", "threading.Lock"},
	}
	for _, test := range tests {
		m := module(t, test.text+"\n", stars)
		n := last(t, m)
		if got := strings.Join(m.QualifiedAll(n), "|"); got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
		one := test.want
		if strings.Contains(one, "|") {
			one = ""
		}
		if got := m.Qualified(n); got != one {
			t.Errorf("%s\nQualified %q, want %q", test.text, got, one)
		}
	}
	// Without a table every star import is unknown.
	m := module(t, "from multiprocessing import *\nProcess\n")
	if got := m.Qualified(last(t, m)); got != "" {
		t.Errorf("star import without a table: %q", got)
	}
}

func TestQualifiedIsQuick(t *testing.T) {
	var b strings.Builder
	b.WriteString("import a\nx00 = a.b\n")
	for i := range 60 {
		// Each name has two definitions by the one before: no 2^60 walks.
		b.WriteString(strings.NewReplacer("N", itoa(i+1), "P", itoa(i)).Replace("if c:\n  xN = xP.l\nelse:\n  xN = xP.l\n"))
	}
	b.WriteString("x60\n")
	m := module(t, b.String())
	if got := m.Qualified(last(t, m)); got != "a.b"+strings.Repeat(".l", 60) {
		t.Error(got)
	}
}

func itoa(i int) string { return string([]byte{byte('0' + i/10), byte('0' + i%10)}) }

func TestImports(t *testing.T) {
	m := module(t, `import a.b, c as d
from .e import (f, g as h)
from ... import i
from j import *
from __future__ import k
try:
    import l
except ImportError:
    pass
if TYPE_CHECKING:
    from typing import m
else:
    import n
def fn():
    import o
    if x:
        with y: import p
`)
	type row struct {
		module, member, local, absolute, target, scope string
		level                                          int
		guarded, typeOnly                              bool
	}
	want := []row{
		{module: "a.b", local: "a", absolute: "a.b", target: "a"},
		{module: "c", local: "d", absolute: "c", target: "c"},
		{module: "e", member: "f", local: "f", level: 1, absolute: "pkg.sub.e", target: "pkg.sub.e.f"},
		{module: "e", member: "g", local: "h", level: 1, absolute: "pkg.sub.e", target: "pkg.sub.e.g"},
		{member: "i", local: "i", level: 3},
		{module: "j", member: "*", absolute: "j"},
		{module: "__future__", member: "k", local: "k", absolute: "__future__", target: "__future__.k"},
		{module: "l", local: "l", absolute: "l", target: "l", guarded: true},
		{module: "typing", member: "m", local: "m", absolute: "typing", target: "typing.m", guarded: true, typeOnly: true},
		{module: "n", local: "n", absolute: "n", target: "n", guarded: true},
		{module: "o", local: "o", absolute: "o", target: "o", scope: "fn"},
		{module: "p", local: "p", absolute: "p", target: "p", scope: "fn", guarded: true},
	}
	if len(m.Imports) != len(want) {
		t.Fatalf("%d imports, want %d", len(m.Imports), len(want))
	}
	for k, i := range m.Imports {
		got := row{i.Module, i.Member, i.Local, i.Absolute(), i.Target(), i.Scope.QualName(), i.Level, i.Guarded, i.TypeOnly}
		if got != want[k] {
			t.Errorf("got  %+v\nwant %+v", got, want[k])
		}
		if i.Member == "*" {
			continue
		}
		if d := i.Scope.Names[i.Local].Single(); d == nil || d.Import != i || d.Node != i.Node {
			t.Errorf("%s: no definition", i.Local)
		}
	}
	if len(m.Top.Star) != 1 || m.Top.Star[0] != m.Imports[5] {
		t.Error("star imports")
	}
}
