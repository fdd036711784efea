package process

import (
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// MainLike says whether a module may be the main module of a program, the one
// that spawn and forkserver children import again as "__mp_main__", and why or
// why not in a few words. It is when it has a main guard or starts processes at
// import, or when it does something at import and no other module of the
// project imports it.
//
// It is not for a package's __main__.py, which children leave out
// (Lib/multiprocessing/spawn.py, _fixup_main_from_name), for files that another
// program runs in its own way (conftest.py, tests, setup.py, pages of
// sphinx-gallery, notebooks), and for modules that only define things.
func (m *Model) MainLike(mod *scope.Module) (is bool, why string) {
	if why := hosted(mod); why != "" {
		return false, why
	}
	if m.hasGuard(mod) {
		return true, "it has a main guard"
	}
	for _, s := range m.Starts {
		if run := m.AtImport(s.Node); run != nil && run.Module == mod {
			return true, "it starts processes while it is imported"
		}
	}
	if importers := m.Project.Importers(mod); len(importers) > 0 {
		return false, importers[0].Tree.File.Path + " imports it"
	}
	if !m.acts(mod) {
		return false, "it only defines things"
	}
	return true, "no other module imports it"
}

// hosted says which other program runs the file, "" when it is not known to be
// run by one.
func hosted(mod *scope.Module) string {
	file := mod.Tree.File
	base := path.Base(file.Path)
	switch base {
	case "__main__.py":
		if mod.Package != "" {
			return "children do not import the __main__.py of a package"
		}
		return ""
	case "__init__.py":
		return "it is a package"
	case "conftest.py":
		return "pytest runs it"
	case "setup.py":
		return "it builds a package"
	case "noxfile.py", "fabfile.py", "tasks.py", "wscript", "SConstruct":
		return "a build tool runs it"
	}
	if strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") {
		if testsSomething(mod) {
			return "a test runner runs it"
		}
	}
	for _, c := range mod.Tree.Comments {
		text := c.Text()
		switch {
		case strings.HasPrefix(text, "# %%"), strings.HasPrefix(text, "#%%"), strings.HasPrefix(text, "# In["), strings.HasPrefix(text, "# COMMAND ----------"):
			return "it is a notebook"
		case strings.HasPrefix(text, "####################") && galleryPage(mod):
			return "it is a page of sphinx-gallery"
		}
	}
	return ""
}

// testsSomething says whether a module has test functions, test classes, or
// imports a test framework.
func testsSomething(mod *scope.Module) bool {
	for name := range mod.Top.Names {
		if strings.HasPrefix(name, "test") || strings.HasPrefix(name, "Test") || name == "pytest" || name == "unittest" {
			return true
		}
	}
	return false
}

// galleryPage says whether the module begins with a text in reStructuredText
// with a title, as pages of sphinx-gallery must.
func galleryPage(mod *scope.Module) bool {
	stmts := mod.Tree.Root.NamedChildren()
	if len(stmts) == 0 || stmts[0].Kind != "expression_statement" {
		return false
	}
	s, ok := syntax.StringValue(stmts[0].NamedChildren()[0])
	return ok && (strings.Contains(s, "====") || strings.Contains(s, "----"))
}

// acts says whether a module does anything at import but import, define
// functions and classes, and bind names.
func (m *Model) acts(mod *scope.Module) bool {
	for _, s := range mod.Tree.Root.NamedChildren() {
		switch s.Kind {
		case "for_statement", "while_statement", "with_statement", "match_statement":
			return true
		case "if_statement", "try_statement", "expression_statement":
			found := false
			s.Walk(func(n *syntax.Node) bool {
				if n.Is("function_definition", "class_definition", "lambda", "assignment") {
					return false
				}
				found = found || n.Kind == "call" && m.Project.Enclosing(n) == nil && !m.Dead(n)
				return true
			})
			if found {
				return true
			}
		}
	}
	return false
}
