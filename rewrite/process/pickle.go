package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Situation is an occasion on which values are pickled. What pickles differs:
// multiprocessing lets its own objects pass while a process is being started.
type Situation int

// The situations.
const (
	// AtStart: target, arguments and self of a Process, initializer and
	// arguments of a pool, by start(). Under fork nothing is pickled then.
	AtStart Situation = iota
	// AsTask: function and arguments of a pool's or executor's task, under every
	// start method.
	AsTask
	// AsResult: what a task returns or raises, and what is put into a queue or
	// sent through a pipe, under every start method.
	AsResult
)

// BreakKind says why a value does not pickle.
type BreakKind int

// The kinds of breaks.
const (
	// Handle: it stands for something of its process: a file, a connection, a
	// thread, a pool, a running generator.
	Handle BreakKind = iota
	// Primitive: a lock, event or condition of threading, which is made anew
	// without loss where nobody waits for it.
	Primitive
	// Inherited: an object of multiprocessing that only passes while a process is
	// being started.
	Inherited
	// Unnamed: a lambda, nested function or local class, which pickle cannot
	// find by its name.
	Unnamed
)

// unpicklable maps callables, with the calls on the way to them left out
// ("sqlite3.connect.cursor" for sqlite3.connect().cursor), to the type of what
// they give, which does not pickle in any situation. Measured with CPython
// 3.11.7; the database and media libraries at the end are known from their
// documentation and issue trackers.
var unpicklable = map[string]string{
	"builtins.open": "file", "io.open": "file", "codecs.open": "file", "os.fdopen": "file", "os.popen": "file",
	"pathlib.Path.open": "file", "pathlib.PosixPath.open": "file", "pathlib.WindowsPath.open": "file",
	"io.TextIOWrapper": "file", "io.FileIO": "file", "io.BufferedReader": "file", "io.BufferedWriter": "file", "io.BufferedRandom": "file",
	"gzip.open": "gzip file", "gzip.GzipFile": "gzip.GzipFile", "bz2.open": "bz2 file", "bz2.BZ2File": "bz2.BZ2File",
	"lzma.open": "lzma file", "lzma.LZMAFile": "lzma.LZMAFile",
	"tempfile.TemporaryFile": "temporary file", "tempfile.NamedTemporaryFile": "temporary file",
	"zipfile.ZipFile": "zipfile.ZipFile", "zipfile.ZipFile.open": "zipfile.ZipExtFile",
	"tarfile.open": "tarfile.TarFile", "tarfile.TarFile": "tarfile.TarFile", "tarfile.TarFile.open": "tarfile.TarFile",
	"csv.writer": "csv.writer", "csv.reader": "csv.reader", "csv.DictWriter": "csv.DictWriter", "csv.DictReader": "csv.DictReader",
	"mmap.mmap": "mmap.mmap", "os.scandir": "os.scandir iterator",
	"sqlite3.connect": "sqlite3.Connection", "sqlite3.Connection": "sqlite3.Connection",
	"sqlite3.connect.cursor": "sqlite3.Cursor", "sqlite3.connect.execute": "sqlite3.Cursor",
	"sqlite3.connect.cursor.execute": "sqlite3.Cursor",
	"subprocess.Popen":               "subprocess.Popen",
	"socketserver.TCPServer":         "socketserver.TCPServer", "socketserver.UDPServer": "socketserver.UDPServer",
	"socketserver.ThreadingTCPServer": "socketserver.ThreadingTCPServer", "socketserver.ThreadingUDPServer": "socketserver.ThreadingUDPServer",
	"http.server.HTTPServer": "http.server.HTTPServer", "http.server.ThreadingHTTPServer": "http.server.ThreadingHTTPServer",
	"ssl.create_default_context": "ssl.SSLContext", "ssl.SSLContext": "ssl.SSLContext",
	"threading.local": "threading.local", "contextvars.ContextVar": "contextvars.ContextVar",
	"concurrent.futures.Future": "concurrent.futures.Future", "sched.scheduler": "sched.scheduler",
	"asyncio.new_event_loop": "event loop", "asyncio.get_event_loop": "event loop", "asyncio.get_running_loop": "event loop",
	"selectors.DefaultSelector": "selector",
	"hashlib.new":               "hash object", "hashlib.md5": "hash object", "hashlib.sha1": "hash object", "hashlib.sha224": "hash object",
	"hashlib.sha256": "hash object", "hashlib.sha384": "hash object", "hashlib.sha512": "hash object",
	"hashlib.sha3_256": "hash object", "hashlib.sha3_512": "hash object", "hashlib.blake2b": "hash object", "hashlib.blake2s": "hash object",
	"hmac.new":         "hmac.HMAC",
	"zlib.compressobj": "zlib.Compress", "zlib.decompressobj": "zlib.Decompress",
	"struct.Struct": "struct.Struct",
	"weakref.ref":   "weakref.ref", "weakref.proxy": "weakref.proxy", "weakref.WeakMethod": "weakref.WeakMethod", "weakref.WeakSet": "weakref.WeakSet",
	"weakref.WeakValueDictionary": "weakref.WeakValueDictionary", "weakref.WeakKeyDictionary": "weakref.WeakKeyDictionary",
	"builtins.memoryview": "memoryview", "types.MappingProxyType": "mappingproxy",
	"builtins.dict.keys": "dict view", "builtins.dict.values": "dict view", "builtins.dict.items": "dict view",
	"re.match": "re.Match", "re.search": "re.Match", "re.fullmatch": "re.Match",
	"re.compile.match": "re.Match", "re.compile.search": "re.Match", "re.compile.fullmatch": "re.Match",
	"argparse.ArgumentParser": "argparse.ArgumentParser",
	"logging.StreamHandler":   "logging.StreamHandler", "logging.FileHandler": "logging.FileHandler",
	"logging.handlers.RotatingFileHandler":      "logging.handlers.RotatingFileHandler",
	"logging.handlers.TimedRotatingFileHandler": "logging.handlers.TimedRotatingFileHandler",
	"logging.handlers.WatchedFileHandler":       "logging.handlers.WatchedFileHandler",
	"logging.handlers.QueueListener":            "logging.handlers.QueueListener",
	"sys._getframe":                             "frame", "ctypes.CDLL": "ctypes.CDLL",

	"psycopg2.connect": "psycopg2 connection", "psycopg.connect": "psycopg connection", "pymysql.connect": "pymysql connection",
	"MySQLdb.connect": "MySQLdb connection", "mysql.connector.connect": "mysql.connector connection", "pyodbc.connect": "pyodbc connection",
	"psycopg2.connect.cursor": "psycopg2 cursor", "pymysql.connect.cursor": "pymysql cursor", "mysql.connector.connect.cursor": "mysql.connector cursor",
	"sqlalchemy.create_engine": "sqlalchemy Engine", "pymongo.MongoClient": "pymongo.MongoClient",
	"h5py.File": "h5py.File", "cv2.VideoCapture": "cv2.VideoCapture", "cv2.VideoWriter": "cv2.VideoWriter",
}

// unpicklableNames is the same for values that are there without a call.
var unpicklableNames = map[string]string{
	"sys.stdin": "file", "sys.stdout": "file", "sys.stderr": "file", "os.environ": "os.environ",
}

// pickledKinds says for objects of multiprocessing and threading why they break,
// by situation (FACTS "What pickles"; Lib/multiprocessing/context.py,
// assert_spawning). Processes are judged by whether they were started.
var pickledKinds = map[Kind]struct{ atStart, asTask bool }{
	Pool: {true, true}, Executor: {true, true}, Manager: {true, true}, Process: {false, true},
	Result: {true, true}, ResultIter: {true, true},
	ThreadPool: {true, true}, Thread: {true, true}, ThreadQueue: {true, true}, ThreadLock: {true, true},
	Queue: {false, true}, JoinableQueue: {false, true}, SimpleQueue: {false, true},
	Lock: {false, true}, Condition: {false, true}, Event: {false, true}, Barrier: {false, true},
	SharedValue: {false, true}, RawValue: {false, true}, SharedArray: {false, true}, RawArray: {false, true},
}

// plainBases are external base classes whose instances pickle by their
// attributes, whatever those are.
var plainBases = map[string]bool{
	"abc.ABC": true, "typing.Generic": true, "typing.Protocol": true, "builtins.object": true,
	"builtins.list": true, "builtins.dict": true, "builtins.set": true, "collections.OrderedDict": true, "collections.UserDict": true,
	"collections.UserList": true, "contextlib.ContextDecorator": true, "contextlib.AbstractContextManager": true,
	"html.parser.HTMLParser": true, "ast.NodeVisitor": true, "ast.NodeTransformer": true,
}

// pickles says whether a package's processes pickle with the pickle module;
// multiprocess takes dill, which knows files, locks and lambdas.
func pickles(root string) bool { return root != "multiprocess" }

// ExternalBreak says whether an external value does not pickle in a situation,
// and what it is. name is that of the value as project.Value has it.
func ExternalBreak(name string, s Situation) (typ string, kind BreakKind, breaks bool) {
	if t, ok := made(name); ok {
		when, listed := pickledKinds[t.Kind]
		if !listed || (s == AtStart && !when.atStart) || (s != AtStart && !when.asTask) {
			return "", 0, false
		}
		typ, kind = t.Root+"."+t.Name, Handle
		switch {
		case t.Kind == ThreadLock:
			kind = Primitive
		case !when.atStart:
			kind = Inherited
		case t.Kind == Result || t.Kind == ResultIter:
			typ = "result of " + t.Name + "()"
		}
		return typ, kind, true
	}
	if typ, ok := unpicklableNames[name]; ok {
		return typ, Handle, true
	}
	callable, made := strings.CutSuffix(name, "()")
	if !made {
		return "", 0, false
	}
	plain := strings.ReplaceAll(callable, "()", "")
	if plain == "contextlib.closing" {
		return "", 0, false
	}
	if typ, ok := unpicklable[plain]; ok {
		return typ, Handle, true
	}
	return "", 0, false
}

// isModule says whether a qualified name is imported as a module somewhere.
func (m *Model) isModule(name string) bool {
	for _, mod := range m.Project.Modules() {
		for _, imp := range mod.Imports {
			if imp.Member == "" && imp.Level == 0 && (imp.Module == name || strings.HasPrefix(imp.Module, name+".")) {
				return true
			}
		}
	}
	return false
}

// Sent is one value that is pickled on its way to a worker.
type Sent struct {
	Situation
	At     *syntax.Node // the call that pickles it: start(), the call of the pool
	Expr   *syntax.Node // what is sent, as written; the constructor call for self
	Values []project.Value
	// Callee: it is what runs in the worker (target, the function of a task,
	// an initializer, the process object itself), not an argument of it.
	Callee bool
	Object *Object // the process or pool, nil if it is not known which
}

// SentAt lists what a call that makes a process or pool, or that gives a pool
// work, causes to be pickled. A Process that is started at several places gives
// one Sent for each of them. Empty where nothing is pickled: under a pinned
// fork, and for packages that pickle by other means.
func (m *Model) SentAt(call *syntax.Node) []Sent {
	var all []Sent
	add := func(s Sent) {
		if s.Expr != nil && len(s.Values) > 0 {
			all = append(all, s)
		}
	}
	values := func(e *syntax.Node) []project.Value {
		if e == nil {
			return nil
		}
		v, _ := m.Project.Values(e)
		return v
	}
	if o := m.ObjectAt(call); o != nil && pickles(o.Root) && !m.ForkOnly(o) {
		if l := m.LaunchOf(o); l != nil {
			for _, u := range l.Starts {
				if o.Class != nil {
					add(Sent{AtStart, u.Call, call, []project.Value{{Kind: project.Instance, Def: o.Class, Node: call}}, true, o})
				}
				add(Sent{AtStart, u.Call, l.Target, values(l.Target), true, o})
				for _, e := range m.items(l.Args) {
					add(Sent{AtStart, u.Call, e, values(e), false, o})
				}
				for _, e := range m.items(l.Kwargs) {
					add(Sent{AtStart, u.Call, e, values(e), false, o})
				}
			}
		}
		if pu := m.PoolOf(o); pu != nil {
			add(Sent{AtStart, call, pu.Initializer, values(pu.Initializer), true, o})
			for _, e := range m.items(pu.Initargs) {
				add(Sent{AtStart, call, e, values(e), false, o})
			}
		}
	}
	for _, t := range m.tasksAt(call) {
		if t.Pool != nil && !pickles(t.Pool.Object.Root) {
			continue
		}
		var o *Object
		if t.Pool != nil {
			o = t.Pool.Object
		}
		add(Sent{AsTask, call, t.Func, values(t.Func), true, o})
		for i, e := range t.Items {
			switch t.Shape {
			case OnceSpread:
				add(Sent{AsTask, call, e, values(e), false, o})
			case Once:
				for _, item := range m.items(e) {
					add(Sent{AsTask, call, item, values(item), false, o})
				}
			case OneEach:
				add(Sent{AsTask, call, e, m.elements(values(e)), false, o})
			case StarEach:
				if i == 0 {
					add(Sent{AsTask, call, e, m.elements(m.elements(values(e))), false, o})
				}
			}
		}
	}
	return all
}

func (m *Model) tasksAt(call *syntax.Node) []*Task {
	var found []*Task
	for _, t := range m.Tasks {
		if t.Call == call {
			found = append(found, t)
		}
	}
	return found
}

// items lists the expressions that a tuple, list or dict of arguments holds;
// those of the display that a name stands for if it is known.
func (m *Model) items(seq *syntax.Node) []*syntax.Node {
	if seq == nil {
		return nil
	}
	seq = syntax.Unparen(seq)
	if v, ok := m.Project.Only(seq); ok && v.Kind == project.Literal {
		seq = v.Node
	}
	var found []*syntax.Node
	switch seq.Kind {
	case "tuple", "list", "expression_list":
		for _, c := range seq.NamedChildren() {
			if c.Kind != "list_splat" {
				found = append(found, c)
			}
		}
	case "dictionary":
		for _, c := range seq.NamedChildren() {
			if c.Kind == "pair" {
				found = append(found, c.Field("value"))
			}
		}
	case "call":
		args := syntax.CallArgs(seq)
		if m.Project.ModuleOf(seq).Qualified(seq.Field("function")) == "builtins.dict" {
			for _, name := range args.Names {
				found = append(found, args.Keywords[name])
			}
		}
	}
	return found
}

func (m *Model) elements(values []project.Value) []project.Value {
	var found []project.Value
	for _, v := range values {
		more, _ := m.Project.Elements(v)
		found = append(found, more...)
	}
	return found
}
