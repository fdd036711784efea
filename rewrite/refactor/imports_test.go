package refactor

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
)

func TestImport(t *testing.T) {
	for _, c := range []struct {
		name, before, at, module, member string
		ref, after                       string
	}{
		{"alias", "import multiprocessing as mp\nx\n", "x", "multiprocessing", "Value", "mp.Value", ""},
		{"plain", "import multiprocessing\nx\n", "x", "multiprocessing", "Value", "multiprocessing.Value", ""},
		{"name", "from multiprocessing import Process, Value as V\nx\n", "x", "multiprocessing", "Value", "V", ""},
		{"extended", "from multiprocessing import Process\nx\n", "x", "multiprocessing", "Value", "Value", "from multiprocessing import Process, Value\nx\n"},
		{"extended in order", "from multiprocessing import Process, Queue\nx\n", "x", "multiprocessing", "Lock", "Lock", "from multiprocessing import Lock, Process, Queue\nx\n"},
		{"extended, out of order", "from multiprocessing import Queue, Process\nx\n", "x", "multiprocessing", "Lock", "Lock", "from multiprocessing import Queue, Process, Lock\nx\n"},
		{"extended in parentheses", "from multiprocessing import (\n    Process,\n    Queue,\n)\nx\n", "x", "multiprocessing", "Value", "Value", "from multiprocessing import (\n    Process,\n    Queue,\n    Value,\n)\nx\n"},
		{"extended, long", "from multiprocessing import Array, Condition, Event, JoinableQueue, Process, Queue\nx\n", "x", "multiprocessing", "Semaphore", "Semaphore",
			"from multiprocessing import (\n    Array,\n    Condition,\n    Event,\n    JoinableQueue,\n    Process,\n    Queue,\n    Semaphore,\n)\nx\n"},
		{"new", "import os\nimport sys\nfrom time import sleep\n\nimport numpy\n\nx\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			"import multiprocessing\nimport os\nimport sys\nfrom time import sleep\n\nimport numpy\n\nx\n"},
		{"new, behind", "import abc\nx\n", "x", "functools", "partial", "functools.partial", "import abc\nimport functools\nx\n"},
		{"new, before from", "from time import sleep\nx\n", "x", "functools", "partial", "functools.partial", "import functools\nfrom time import sleep\nx\n"},
		{"new, with its package", "import abc\n\nfrom multiprocessing.pool import ThreadPool\n\nx\n", "x", "multiprocessing", "Value", "Value",
			"import abc\n\nfrom multiprocessing import Value\nfrom multiprocessing.pool import ThreadPool\n\nx\n"},
		{"first of all", "x = 1\n", "x", "functools", "partial", "functools.partial", "import functools\n\nx = 1\n"},
		{"first, before a definition", "def x():\n    pass\n", "x", "functools", "partial", "functools.partial", "import functools\n\n\ndef x():\n    pass\n"},
		{"behind docstring", "#!/usr/bin/python\n# coding: utf-8\n\"\"\"Doc.\"\"\"\n\nx = 1\n", "x =", "functools", "partial", "functools.partial",
			"#!/usr/bin/python\n# coding: utf-8\n\"\"\"Doc.\"\"\"\n\nimport functools\n\nx = 1\n"},
		{"behind future", "'''Doc.'''\nfrom __future__ import annotations\nx = 1\n", "x =", "functools", "partial", "functools.partial",
			"'''Doc.'''\nfrom __future__ import annotations\n\nimport functools\n\nx = 1\n"},
		{"below the licence", "# Licence\nx = 1\n", "x", "functools", "partial", "functools.partial", "# Licence\n\nimport functools\n\nx = 1\n"},
		{"hidden", "from multiprocessing import Value\ndef f(Value):\n    return x\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			"import multiprocessing\nfrom multiprocessing import Value\ndef f(Value):\n    return x\n"},
		{"hidden elsewhere", "from multiprocessing import Value\ndef f(Value):\n    return x\ny\n", "y", "multiprocessing", "Value", "Value", ""},
		{"taken by a variable", "import os\nqueue = make()\nx\n", "x", "queue", "Empty", "Empty", "import os\nfrom queue import Empty\nqueue = make()\nx\n"},
		{"taken both ways", "import os\nqueue = make()\nEmpty = 3\nx\n", "x", "queue", "Empty", "queue_2.Empty", "import os\nimport queue as queue_2\nqueue = make()\nEmpty = 3\nx\n"},
		{"rebound", "import multiprocessing as mp\nmp = wrap(mp)\nx\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			"import multiprocessing as mp\nimport multiprocessing\nmp = wrap(mp)\nx\n"},
		{"guarded", "try:\n    import multiprocessing as mp\nexcept ImportError:\n    mp = None\nx\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			"import multiprocessing\n\ntry:\n    import multiprocessing as mp\nexcept ImportError:\n    mp = None\nx\n"},
		{"local import", "def f():\n    import multiprocessing\n    return x\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			""},
		{"local import elsewhere", "def f():\n    import multiprocessing\n\n\ndef g():\n    return x\n", "x", "multiprocessing", "Value", "multiprocessing.Value",
			"import multiprocessing\n\n\ndef f():\n    import multiprocessing\n\n\ndef g():\n    return x\n"},
		{"local import below", "def f():\n    x\n    import multiprocessing\n", "x", "multiprocessing", "Value", "Value",
			"from multiprocessing import Value\n\n\ndef f():\n    x\n    import multiprocessing\n"},
		{"submodule", "from multiprocessing import managers as m\nx\n", "x", "multiprocessing.managers", "BaseManager", "m.BaseManager", ""},
		{"star", "from multiprocessing import *\nValue\n", "Value", "multiprocessing", "Value", "Value", "from multiprocessing import *\nfrom multiprocessing import Value\nValue\n"},
		{"module", "from os import path\nx\n", "x", "queue", "", "queue", "import queue\nfrom os import path\nx\n"},
		{"builtin", "from multiprocessing import Process\nTimeoutError\n", "TimeoutError", "multiprocessing", "TimeoutError", "multiprocessing.TimeoutError",
			"import multiprocessing\nfrom multiprocessing import Process\nTimeoutError\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parse(t, c.before)
			r := New()
			at := p.at(c.at)
			ref := r.ImportIn(p.mod, at, c.module, c.member)
			if ref != c.ref {
				t.Errorf("ref %q, want %q", ref, c.ref)
			}
			got, err := r.result(p)
			if err != nil {
				t.Fatal(err)
			}
			if c.after == "" {
				c.after = c.before
			}
			if got != c.after {
				t.Errorf("got\n%s\nwant\n%s", got, c.after)
			}
			// What was written serves the next one.
			again := parse(t, got)
			r = New()
			if ref := r.ImportIn(again.mod, again.tree.NodeAt(len(got)-2, len(got)-1), c.module, c.member); ref != c.ref {
				t.Errorf("second time %q", ref)
			}
			if set, _ := r.Set(); len(set.Imports) > 0 {
				t.Errorf("second time it asks for %v", set.Imports)
			}
		})
	}
}

func TestImportEverywhere(t *testing.T) {
	p := parse(t, "from multiprocessing import Value\ndef f(Value): pass\n")
	r := New()
	if ref := r.Import(p.mod, "multiprocessing", "Value"); ref != "multiprocessing.Value" {
		t.Errorf("hidden in f, but %q", ref)
	}
}

func TestResolveImports(t *testing.T) {
	p := parse(t, "import os\n\nx = 1\n")
	f := p.tree.File
	edits, err := ResolveImports(p.tree, p.mod, []edit.Import{
		{File: f, Module: "time", Name: "sleep"},
		{File: f, Module: "functools"},
		{File: f, Module: "time", Name: "monotonic", As: "clock"},
		{File: f, Module: "os"},
		{File: f, Module: "functools"},
		{File: f, Module: "abc", As: "abc"},
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := edit.Apply(f, edits)
	if err != nil {
		t.Fatal(err)
	}
	if want := "import abc\nimport functools\nimport os\nfrom time import monotonic as clock, sleep\n\nx = 1\n"; after.Text != want {
		t.Errorf("got\n%s", after.Text)
	}
	if _, err := ResolveImports(p.tree, p.mod, []edit.Import{{File: f.With("y"), Module: "os"}}); err == nil {
		t.Error("import for another file was taken")
	}
}
