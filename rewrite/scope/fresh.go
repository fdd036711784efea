package scope

import "strconv"

// FreshName returns want, or want_2, want_3, ... if that is taken: the first that
// is bound or declared neither in s nor in a scope around it or inside it, is read
// nowhere in the module as a name bound elsewhere, is not brought in by a known
// star import, and is no keyword or builtin.
func (m *Module) FreshName(s *Scope, want string) string {
	if want == "" {
		want = "name"
	}
	if s == nil {
		s = m.Top
	}
	taken := func(name string) bool {
		if reserved(name) || m.unbound[name] || s.within(name) {
			return true
		}
		for c := s; c != nil; c = c.Parent {
			if c.holds(name) {
				return true
			}
			for _, i := range c.Star {
				if has, known := m.starHas(i, name); known && has {
					return true
				}
			}
		}
		return false
	}
	name := want
	for n := 2; taken(name); n++ {
		name = want + "_" + strconv.Itoa(n)
	}
	return name
}

// holds reports whether s binds or declares the name.
func (s *Scope) holds(name string) bool {
	return s.Names[name] != nil || s.globals[name] || s.nonlocals[name]
}

// within reports whether s or a scope inside it binds or declares the name.
func (s *Scope) within(name string) bool {
	if s.holds(name) {
		return true
	}
	for _, k := range s.Children {
		if k.within(name) {
			return true
		}
	}
	return false
}
