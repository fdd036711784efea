package project

import "github.com/mpfix/mpfix/rewrite/scope"

// Importers lists the loaded modules that import a module or a name of it, by
// path.
func (p *Project) Importers(mod *scope.Module) []*scope.Module {
	p.lock()
	defer p.mu.Unlock()
	var found []*scope.Module
	for _, m := range p.loaded {
		if m == mod {
			continue
		}
		for _, imp := range m.Imports {
			if target, _ := p.target(m, imp); target == mod {
				found = append(found, m)
				break
			}
		}
	}
	return found
}
