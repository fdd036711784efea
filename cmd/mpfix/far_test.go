package main

import (
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// farRule finds a call of far in a folder whose helper.py defines it, and renames
// it in both files: a fix that reaches beyond the file of its finding.
func farRule() *rule.Rule {
	return &rule.Rule{
		ID: "MPF931", Name: "far-fault", Title: "a call of far", Level: rule.Error,
		Query: callsOf("far"), Doc: "# far-fault\n",
		Check: func(p *rule.Pass, m syntax.Match) {
			call := m.Captures["name"][0].Span()
			helper := p.Project.Module(path.Join(path.Dir(call.File.Path), "helper.py"))
			if helper == nil {
				return
			}
			file := helper.Tree.File
			at := strings.Index(file.Text, "far")
			if at < 0 {
				return
			}
			def := source.Span{File: file, Start: at, End: at + len("far")}
			p.Report(&rule.Finding{
				Span:    call,
				Message: "far() is far away",
				Trail:   []rule.Note{{Span: def, Text: "it is defined here"}},
				Fixes: []rule.Fix{{Title: "call near()", Edits: edit.Set{Edits: []edit.Edit{
					{Span: call, New: "near"}, {Span: def, New: "near"},
				}}}},
			})
		},
	}
}
