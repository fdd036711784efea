package unsendableargument

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// offered are the members of a manager's objects, by kind (Lib/multiprocessing/
// managers.py).
var offered = map[process.Kind]string{
	process.Lock: "acquire release", process.Event: "is_set set clear wait", process.Condition: "acquire release wait wait_for notify notify_all",
	process.Barrier:       "wait abort reset parties n_waiting broken",
	process.Queue:         "put get put_nowait get_nowait empty full qsize",
	process.JoinableQueue: "put get put_nowait get_nowait empty full qsize task_done join",
}

// throughManager lets a manager make the object: its proxies can be sent with
// tasks.
func throughManager(m *process.Model, rw *refactor.Rewrite, o *process.Object) error {
	members, ok := offered[o.Kind]
	switch {
	case !ok:
		return fmt.Errorf("hand the %s to the pool's workers by an initializer", o.Name)
	case m.AtImport(o.Made) != nil:
		return fmt.Errorf("hand the %s to the pool's workers by an initializer: a manager must not be started at import", o.Name)
	case len(m.WorkersAt(o.Made)) > 0:
		return errors.New("it is made in a worker, which may not start a manager")
	case o.Kind == process.Condition && len(syntax.CallArgs(o.Made).Positional) > 0:
		return errors.New("a manager's Condition takes no lock")
	}
	for _, u := range o.Uses {
		if !strings.Contains(" "+members+" ", " "+u.Name+" ") {
			return fmt.Errorf("hand the %s to the pool's workers by an initializer: that of a manager has no %s", o.Name, u.Name)
		}
	}
	switch fn := o.Made.Field("function"); {
	case fn.Is("attribute") && fn.Field("object").Is("identifier", "attribute"):
		rw.InsertAfter(fn.Field("object"), ".Manager()")
	case fn.Is("identifier"):
		ref := rw.ImportIn(o.Module, fn, o.Root, "Manager")
		rw.Replace(fn, ref+"()."+o.Name)
		rw.DropUnused(o.Module, fn.Text(), fn)
	default:
		return errors.New("how it is made is not understood")
	}
	return rw.Err()
}
