package process

import "github.com/mpfix/mpfix/rewrite/syntax"

// StartAt returns the start that a call makes, nil if it makes none.
func (m *Model) StartAt(call *syntax.Node) *Start {
	for _, s := range m.Starts {
		if s.Node == call {
			return s
		}
	}
	return nil
}
