package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// WrongException says whether an attribute takes the exception Empty or Full from
// a queue of multiprocessing, or from what makes one. Neither has them:
// multiprocessing.Queue is a bound method of the default context
// (Lib/multiprocessing/context.py), and the exceptions are those of the module
// queue (Lib/multiprocessing/queues.py). of says in words what it is taken from.
func WrongException(m *process.Model, attr *syntax.Node) (of string, wrong bool) {
	object, name := attr.Field("object"), attr.Field("attribute")
	if name.Text() != "Empty" && name.Text() != "Full" || project.StoredTo(attr) {
		return "", false
	}
	values, known := m.Project.Values(object)
	if !known || len(values) == 0 {
		return "", false
	}
	for _, v := range values {
		if v.Kind != project.External {
			return "", false
		}
		if t, ok := process.Callable(v.Name); ok && makesQueue(t) {
			of = "a method that makes queues"
			continue
		}
		objects, _ := m.ObjectsOf(object)
		if len(objects) != len(values) {
			return "", false
		}
		for _, o := range objects {
			if o.Class != nil || !makesQueue(o.Type) {
				return "", false
			}
		}
		of = "a queue"
	}
	return of, true
}

// makesQueue says whether a type is one of the queues of multiprocessing itself,
// a manager's included.
func makesQueue(t process.Type) bool {
	if t.Root != "multiprocessing" {
		return false
	}
	switch t.Kind {
	case process.Queue, process.JoinableQueue, process.SimpleQueue:
		return true
	case process.Proxy:
		return t.Name == "Queue" || t.Name == "JoinableQueue"
	}
	return false
}
