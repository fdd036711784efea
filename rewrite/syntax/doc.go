// Package syntax reads Python source into trees of Nodes and finds the places
// that tree-sitter queries describe. It alone knows tree-sitter.
package syntax
