// Package project links the modules of a program: which file an import means,
// where a value was made, who calls a function, and who uses a name.
//
// Values are followed by origin: the values of an expression are all places of
// the program that may have made what it holds. Order is regarded only where it
// is plain from the text which assignment to a local name is in force.
// Every question can be answered with "unknown"; a rule reports only on what
// is known. Answers are the same whatever the order of the questions.
//
// Files are read lazily: those asked for, those they import, and those that
// mention a name somebody asks about.
package project
