package process

import "github.com/mpfix/mpfix/rewrite/syntax"

// StartAt returns the start that a call makes, nil if it makes none.
func (m *Model) StartAt(call *syntax.Node) *Start { return m.startAt[call] }
