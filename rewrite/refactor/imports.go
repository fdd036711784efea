package refactor

import (
	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// ResolveImports is under way.
func ResolveImports(t *syntax.Tree, m *scope.Module, imports []edit.Import) ([]edit.Edit, error) {
	return nil, nil
}
