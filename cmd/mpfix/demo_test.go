package main

import (
	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// demoRules are small rules for the stories: each finds the calls of one name in
// files that import multiprocessing, so that the stories do not change with the
// patterns.
func demoRules() []*rule.Rule {
	return []*rule.Rule{
		demo("MPF901", "loud-fault", rule.Error, "loud", rule.Safe, "quiet"),
		demo("MPF902", "shaky-fault", rule.Warning, "shaky", rule.Unsafe, "steady"),
		demo("MPF903", "hard-fault", rule.Error, "hard", rule.Manual, ""),
		demo("MPF911", "leaky-fault", rule.Hygiene, "leaky", rule.Safe, "tight"),
		{
			ID: "MPF921", Name: "broken-rule", Title: "a rule that fails", Level: rule.Warning,
			Query: callsOf("broken"), Doc: "# broken-rule\n",
			Check: func(*rule.Pass, syntax.Match) { panic("it broke") },
		},
		farRule(),
	}
}

// demo is a rule that finds the calls of a name, and whose fix calls another one.
func demo(id, name string, level rule.Level, calls string, safety rule.Safety, better string) *rule.Rule {
	return &rule.Rule{
		ID: id, Name: name, Title: "a call of " + calls, Level: level, Query: callsOf(calls),
		Doc: "# " + name + "\n\n## What it finds\n\nA call of `" + calls + "`.\n\n```python\n" + calls + "()\n```\n\n" +
			"## Fix and its safety\n\n" + safety.String() + ": another name.\n",
		Check: func(p *rule.Pass, m syntax.Match) {
			call := m.Captures["call"][0]
			f := call.Span().File
			finding := &rule.Finding{
				Span:    call.Span(),
				Message: calls + "() fails under spawn",
				Trail:   []rule.Note{{Span: source.Span{File: f}, Text: "the module starts here"}},
			}
			fix := rule.Fix{Title: "call " + better + "()", Safety: safety}
			if safety == rule.Manual {
				fix.Title = "write it anew"
				finding.Why = "nobody knows how"
			} else {
				name := m.Captures["name"][0]
				fix.Edits = edit.Set{Edits: []edit.Edit{{Span: name.Span(), New: better}}}
			}
			finding.Fixes = []rule.Fix{fix}
			p.Report(finding)
		},
	}
}

func callsOf(name string) string {
	return `((call function: (identifier) @name) @call (#eq? @name "` + name + `"))`
}
