package process

import "github.com/mpfix/mpfix/rewrite/syntax"

// TaskAt returns the task that a call gives a pool, nil if it gives none.
func (m *Model) TaskAt(call *syntax.Node) *Task {
	for _, t := range m.Tasks {
		if t.Call == call {
			return t
		}
	}
	return nil
}
