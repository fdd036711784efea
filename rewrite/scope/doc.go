// Package scope resolves the names of one Python module: the scopes it opens,
// the bindings that live in them, its imports, and the qualified names that
// expressions stand for.
//
// The rules are those of CPython's symbol table (Python/symtable.c; The Python
// Language Reference, section 4.2 "Naming and binding"). A Module is built from
// one syntax tree, reads no other file and does not change afterwards, so many
// goroutines may use it at once.
package scope
