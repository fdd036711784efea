// Package syntax reads Python source into trees of Nodes and finds the places
// that tree-sitter queries describe. It alone knows tree-sitter.
//
// # The grammar
//
// Kinds and fields are those of the Python grammar bundled with
// smacker/go-tree-sitter. What is easily missed:
//
//   - A string is string_start, string_content, interpolation and string_end.
//     escape_sequence and escape_interpolation ("{{") are children of
//     string_content. The prefix is part of string_start. Adjacent literals are
//     one concatenated_string, comments between them included.
//   - Python 2's backquotes are a string whose string_start is "`"; its octals
//     and longs are integer, and so are imaginary numbers such as 1j.
//   - print and exec are statements only where Python 3 could not read them as
//     a name, except for print >>f, which always is a print_statement.
//   - "async" is an anonymous first child of function_definition, for_statement
//     and with_statement. for_in_clause has it too.
//   - if_statement and elif_clause call their block "consequence", except_clause
//     and finally_clause have no field for it: see Node.Body. All clauses after
//     the first fill the field "alternative" (if, for, while) or none (try).
//   - A match_statement's body is a block of case_clause nodes. It begins at the
//     colon.
//   - "with a as b": with_clause, with_item, and in its value an as_pattern with
//     the expression as first child and an as_pattern_target in "alias".
//     "except X as e" has the same as_pattern; "except X, e" and PEP 758's
//     "except X, Y" have two expressions and a comma. except* is an
//     except_clause over a list_splat, or an except_group_clause.
//   - f(x for x in y) has a generator_expression in the field "arguments".
//   - A bare tuple is an expression_list; on the left of "=" a pattern_list; as a
//     statement of its own it is the expression_statement itself.
//   - a = b = c is an assignment whose right is an assignment. An annotation
//     without value is an assignment without right.
//   - A relative import's module_name is a relative_import; "from __future__" is
//     a future_import_statement; "import *" has a wildcard_import and no name.
//   - class_definition has its bases and keywords in "superclasses", an
//     argument_list.
//
// # Comments and blank space
//
// Comments and line_continuation nodes may stand anywhere. A comment between a
// head's colon and the first statement of its block is a child of the compound
// statement and not of the block, which begins at the first statement. A comment
// indented less than the block, or standing before an else, is a child of the
// compound statement too or follows it. A comment that ends the block and is indented
// like it is the block's last child, and the block then ends with it. No node
// but the module holds the newline that ends its last line.
//
// # What the grammar lets pass
//
// It reads an indented clause, a return outside a function, a bad assignment
// target and more that CPython refuses: an empty Errors is no proof that the file
// compiles. It marks as errors some things that CPython reads, such as t-strings
// and defaults of type parameters.
package syntax
