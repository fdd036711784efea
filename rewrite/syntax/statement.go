package syntax

import "sort"

// isStatement reports whether n stands in the list of statements of a module
// or block. The clauses of a match statement stand in a block of their own and
// are no statements.
func (n *Node) isStatement() bool {
	return n.Parent != nil && n.Parent.holdsStatements() && n.substantial()
}

// holdsStatements reports whether n is the root or a block of statements.
func (n *Node) holdsStatements() bool {
	return n.Parent == nil || n.Kind == "block" && !n.Parent.Is("match_statement")
}

// Statement returns the smallest statement that n is or lies in: a named child
// of the module or of a block. A decorated definition is one statement, so for
// the definition in it this is the decorated_definition. Nil for the module
// and for comments between its statements.
func (n *Node) Statement() *Node {
	for ; n != nil; n = n.Parent {
		if n.isStatement() {
			return n
		}
	}
	return nil
}

// Block returns the nearest block of statements, or the root, that n properly
// lies in; nil for the root.
func (n *Node) Block() *Node {
	if n == nil {
		return nil
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.holdsStatements() {
			return p
		}
	}
	return nil
}

// Body returns the first block of a compound statement or clause: what is
// indented under its head. A decorated definition has that of its definition.
// Nil for other nodes, and for a lambda, whose body is an expression.
func (n *Node) Body() *Node {
	if n.Is("decorated_definition") {
		n = n.Field("definition")
	}
	if n == nil {
		return nil
	}
	return n.child("block")
}

// Next returns the next named sibling that is no comment, or nil.
func (n *Node) Next() *Node {
	if n == nil || n.Parent == nil {
		return nil
	}
	list := n.Parent.Children
	for i := n.index() + 1; i < len(list); i++ {
		if list[i].substantial() {
			return list[i]
		}
	}
	return nil
}

// Prev returns the previous named sibling that is no comment, or nil.
func (n *Node) Prev() *Node {
	if n == nil || n.Parent == nil {
		return nil
	}
	list := n.Parent.Children
	for i := n.index() - 1; i >= 0; i-- {
		if list[i].substantial() {
			return list[i]
		}
	}
	return nil
}

// index returns the place of n among its parent's children.
func (n *Node) index() int {
	list := n.Parent.Children
	i := sort.Search(len(list), func(i int) bool { return list[i].Start >= n.Start })
	for i < len(list)-1 && list[i] != n {
		i++
	}
	return i
}
