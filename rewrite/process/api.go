package process

import "strings"

// Kind says what a multiprocessing object is.
type Kind int

// The kinds of objects.
const (
	Other         Kind = iota
	Process            // multiprocessing.Process, or a subclass of it
	Pool               // multiprocessing.Pool
	Executor           // concurrent.futures.ProcessPoolExecutor
	Manager            // a started SyncManager, or an instance of a BaseManager
	Queue              // multiprocessing.Queue
	JoinableQueue      // multiprocessing.JoinableQueue
	SimpleQueue        // multiprocessing.SimpleQueue
	Connection         // one end of multiprocessing.Pipe
	Lock               // Lock, RLock, Semaphore, BoundedSemaphore
	Condition          //
	Event              //
	Barrier            //
	SharedValue        // Value
	RawValue           // RawValue, Value(lock=False)
	SharedArray        // Array
	RawArray           // RawArray, Array(lock=False)
	SharedMemory       // shared_memory.SharedMemory, ShareableList
	Proxy              // what a manager's methods give: dict, list, Namespace, Value, Queue, Lock…
	Context            // what get_context gives
	Result             // AsyncResult, MapResult, Future
	ResultIter         // what Pool.imap, imap_unordered and Executor.map give
	ThreadPool         // ThreadPool, multiprocessing.dummy.Pool, ThreadPoolExecutor
	Thread             // threading.Thread, multiprocessing.dummy.Process
	ThreadQueue        // queue.Queue and its kin
	ThreadLock         // locks, events, conditions of threading
)

// roots are the packages with the interface of multiprocessing. The ones that
// are not in CPython pickle with other tools: see Type.Root.
var roots = []string{"multiprocessing", "torch.multiprocessing", "billiard", "multiprocess"}

// constructors maps the name of a callable, its root and submodule taken off,
// to what a call of it makes. From the documentation of multiprocessing and
// from Lib/multiprocessing/context.py and managers.py.
var constructors = map[string]Kind{
	"Process": Process, "SpawnProcess": Process, "ForkProcess": Process, "ForkServerProcess": Process,
	"Pool": Pool, "Manager": Manager, "Queue": Queue, "JoinableQueue": JoinableQueue, "SimpleQueue": SimpleQueue,
	"Lock": Lock, "RLock": Lock, "Semaphore": Lock, "BoundedSemaphore": Lock,
	"Condition": Condition, "Event": Event, "Barrier": Barrier,
	"Value": SharedValue, "RawValue": RawValue, "Array": SharedArray, "RawArray": RawArray,
	"SharedMemory": SharedMemory, "ShareableList": SharedMemory,
	"SyncManager": Manager, "BaseManager": Manager, "SharedMemoryManager": Manager,
	"get_context": Context, "SpawnContext": Context, "ForkContext": Context, "ForkServerContext": Context,
	"Pipe": Other, "ThreadPool": ThreadPool,
}

// submodules of multiprocessing whose classes are the ones of the package.
var submodules = []string{"context.", "pool.", "queues.", "process.", "synchronize.", "managers.", "connection.", "sharedctypes.", "shared_memory."}

// outside maps callables of other modules to what a call of them makes.
var outside = map[string]Kind{
	"concurrent.futures.ProcessPoolExecutor":         Executor,
	"concurrent.futures.process.ProcessPoolExecutor": Executor,
	"concurrent.futures.ThreadPoolExecutor":          ThreadPool,
	"concurrent.futures.thread.ThreadPoolExecutor":   ThreadPool,
	"multiprocessing.dummy.Pool":                     ThreadPool,
	"multiprocessing.dummy.Process":                  Thread,
	"multiprocessing.dummy.Queue":                    ThreadQueue,
	"threading.Thread":                               Thread,
	"threading.Timer":                                Thread,
	"threading.Lock":                                 ThreadLock,
	"threading.RLock":                                ThreadLock,
	"threading.Event":                                ThreadLock,
	"threading.Condition":                            ThreadLock,
	"threading.Semaphore":                            ThreadLock,
	"threading.BoundedSemaphore":                     ThreadLock,
	"threading.Barrier":                              ThreadLock,
	"queue.Queue":                                    ThreadQueue,
	"queue.LifoQueue":                                ThreadQueue,
	"queue.PriorityQueue":                            ThreadQueue,
	"queue.SimpleQueue":                              ThreadQueue,
}

// poolTasks maps the methods of a pool that run a function in its workers to
// how they call it.
var poolTasks = map[string]TaskShape{
	"map": OneEach, "imap": OneEach, "imap_unordered": OneEach, "map_async": OneEach,
	"starmap": StarEach, "starmap_async": StarEach,
	"apply": Once, "apply_async": Once,
}

// executorTasks is the same for a ProcessPoolExecutor.
var executorTasks = map[string]TaskShape{"submit": OnceSpread, "map": OneEach}

// TaskShape says how a pool's method calls the function it is given.
type TaskShape int

// The shapes of tasks.
const (
	OneEach    TaskShape = iota // map(f, items): f(item); an executor's map takes several iterables
	StarEach                    // starmap(f, items): f(*item)
	Once                        // apply(f, args, kwds): f(*args, **kwds)
	OnceSpread                  // submit(f, *args, **kwargs)
)

// Type is what is known of an external callable or of the value it made.
type Type struct {
	Kind Kind
	// Root is the package it comes from: "multiprocessing", "multiprocess"…
	Root string
	// Name is the name of the callable in its package: "Queue", "RLock",
	// "dict" for a manager's method, "Pipe[0]" for the first end of a pipe.
	Name string
	// Contextual: it was reached through get_context() or a context class.
	Contextual bool
	// Managed: it was reached through a manager.
	Managed bool

	shared bool // the manager is a SharedMemoryManager
}

// split takes the package and the way through contexts, submodules and
// managers off a qualified name.
func split(name string) (rest string, t Type, ok bool) {
	for _, root := range roots {
		if r, found := strings.CutPrefix(name, root+"."); found {
			rest, t.Root, ok = r, root, true
			break
		}
	}
	if !ok || strings.HasPrefix(rest, "dummy.") {
		return "", Type{}, false
	}
	for again := true; again; {
		again = false
		for _, s := range submodules {
			if r, found := strings.CutPrefix(rest, s); found {
				rest, again = r, true
			}
		}
		for _, c := range []string{"get_context().", "SpawnContext().", "ForkContext().", "ForkServerContext()."} {
			if r, found := strings.CutPrefix(rest, c); found {
				rest, again, t.Contextual = r, true, true
			}
		}
	}
	for _, m := range []string{"Manager().", "SyncManager().", "BaseManager().", "SharedMemoryManager()."} {
		if r, found := strings.CutPrefix(rest, m); found {
			r = strings.TrimPrefix(r, "__enter__().")
			rest, t.Managed = r, true
			t.shared = m == "SharedMemoryManager()."
		}
	}
	return rest, t, true
}

// Callable says what a call of an external callable makes. ok is false for
// what mpfix does not know.
func Callable(name string) (t Type, ok bool) {
	if k, found := outside[name]; found {
		return Type{Kind: k, Name: name[strings.LastIndex(name, ".")+1:], Root: rootOf(name)}, true
	}
	rest, t, ok := split(name)
	if !ok {
		return Type{}, false
	}
	t.Name = rest
	if t.Managed {
		if strings.ContainsAny(rest, ".()[") || managerMethods[rest] {
			return t, false
		}
		t.Kind = Proxy
		if t.shared && constructors[rest] == SharedMemory {
			t.Kind = SharedMemory // no proxy: SharedMemoryManager gives the block itself
		}
		return t, true
	}
	k, ok := constructors[rest]
	t.Kind = k
	return t, ok && rest != "Pipe"
}

// managerMethods are the methods of a manager that make no proxy.
var managerMethods = map[string]bool{"start": true, "shutdown": true, "connect": true, "join": true, "get_server": true, "register": true}

func rootOf(name string) string {
	if strings.HasPrefix(name, "concurrent.futures") {
		return "concurrent.futures"
	}
	root, _, _ := strings.Cut(name, ".")
	return root
}

// made says what the external value of a name is: "multiprocessing.Queue()" is
// a Queue, "multiprocessing.Pipe()[0]" one end of a pipe.
func made(name string) (Type, bool) {
	if end, found := strings.CutSuffix(name, "()[0]"); found {
		return pipeEnd(end, "Pipe[0]")
	}
	if end, found := strings.CutSuffix(name, "()[1]"); found {
		return pipeEnd(end, "Pipe[1]")
	}
	callable, found := strings.CutSuffix(name, "()")
	if !found {
		return Type{}, false
	}
	if t, ok := Callable(callable); ok {
		return t, true
	}
	if owner, method, ok := cutMethod(callable); ok {
		t, ok := made(owner)
		if !ok {
			return Type{}, false
		}
		switch {
		case t.Kind == Pool && (method == "imap" || method == "imap_unordered"), t.Kind == Executor && method == "map":
			return Type{Kind: ResultIter, Root: t.Root, Name: method}, true
		case t.Kind == Pool && strings.HasSuffix(method, "_async"), t.Kind == Executor && method == "submit":
			return Type{Kind: Result, Root: t.Root, Name: method}, true
		case t.Kind == Manager && !managerMethods[method]:
			return Type{Kind: Proxy, Root: t.Root, Name: method, Managed: true}, true
		}
	}
	return Type{}, false
}

func pipeEnd(callable, end string) (Type, bool) {
	rest, t, ok := split(callable)
	if !ok || rest != "Pipe" {
		return Type{}, false
	}
	t.Kind, t.Name = Connection, end
	return t, true
}

// cutMethod splits "x().y" into "x()" and "y".
func cutMethod(callable string) (owner, method string, ok bool) {
	i := strings.LastIndex(callable, ".")
	if i < 0 || !strings.HasSuffix(callable[:i], ")") {
		return "", "", false
	}
	return callable[:i], callable[i+1:], true
}

// hasMethod lists the members by which objects are used; an attribute of
// another name is not looked at.
var members = map[string]bool{
	"start": true, "join": true, "run": true, "terminate": true, "kill": true, "is_alive": true, "exitcode": true, "daemon": true,
	"close": true, "shutdown": true, "submit": true, "map": true, "imap": true, "imap_unordered": true, "map_async": true,
	"starmap": true, "starmap_async": true, "apply": true, "apply_async": true,
	"put": true, "put_nowait": true, "get": true, "get_nowait": true, "empty": true, "qsize": true, "full": true,
	"task_done": true, "join_thread": true, "cancel_join_thread": true,
	"send": true, "recv": true, "poll": true, "send_bytes": true, "recv_bytes": true,
	"acquire": true, "release": true, "wait": true, "notify": true, "notify_all": true, "set": true, "is_set": true, "clear": true,
	"value": true, "get_lock": true, "get_obj": true, "raw": true, "buf": true, "unlink": true, "result": true, "ready": true,
	"successful": true, "exception": true, "cancel": true, "add_done_callback": true, "append": true, "update": true, "setdefault": true,
	"sentinel": true, "pid": true, "name": true, "dict": true, "list": true, "Namespace": true, "Value": true, "Queue": true, "Lock": true,
}

// putters and getters are the methods that move items through a channel, from
// Lib/multiprocessing/queues.py and connection.py.
var putters = map[string]bool{"put": true, "put_nowait": true, "send": true, "send_bytes": true}
var getters = map[string]bool{"get": true, "get_nowait": true, "recv": true, "recv_bytes": true}

var kindNames = [...]string{"Other", "Process", "Pool", "Executor", "Manager", "Queue", "JoinableQueue", "SimpleQueue", "Connection",
	"Lock", "Condition", "Event", "Barrier", "SharedValue", "RawValue", "SharedArray", "RawArray", "SharedMemory", "Proxy", "Context",
	"Result", "ResultIter", "ThreadPool", "Thread", "ThreadQueue", "ThreadLock"}

// String returns the name of the constant.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "Other"
	}
	return kindNames[k]
}
