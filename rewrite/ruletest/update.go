package ruletest

import (
	"context"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// update writes into the archives of a folder what the engine makes of their
// programs: the after/ of each file that changes, with a want comment on each line
// that still has a finding. Everything else of an archive stays as it is.
func update(ctx context.Context, dir string, rules []*rule.Rule) error {
	cases, err := read(dir)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.Before == nil {
			continue
		}
		res, err := engine.Run(ctx, snapshot(c.Before), engine.Options{Rules: rules, Fix: true, Unsafe: c.Unsafe})
		if err != nil {
			return err
		}
		raw := txtar.Format(c.updated(res))
		if string(raw) == string(txtar.Format(c.archive)) {
			continue
		}
		if err := os.WriteFile(c.Path, raw, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// updated returns the archive with other after/ files.
func (c *Case) updated(res *engine.Result) *txtar.Archive {
	var after []txtar.File
	for _, change := range res.Changed {
		lines := strings.SplitAfter(change.After.Text, "\n")
		names := map[int][]string{}
		for _, f := range res.Remaining {
			if f.Span.File == change.After {
				line := change.After.LineOf(f.Span.Start)
				names[line] = append(names[line], f.Rule.Name)
			}
		}
		for line, rules := range names {
			text := strings.TrimRight(lines[line-1], "\n")
			lines[line-1] = text + "  # want " + strings.Join(rules, ", ") + lines[line-1][len(text):]
		}
		after = append(after, txtar.File{Name: "after/" + change.Path, Data: []byte(strings.Join(lines, ""))})
	}
	archive := &txtar.Archive{Comment: c.archive.Comment}
	at := 0
	for _, f := range c.archive.Files {
		if strings.HasPrefix(f.Name, "after/") {
			continue
		}
		archive.Files = append(archive.Files, f)
		if strings.HasPrefix(f.Name, "before/") {
			at = len(archive.Files)
		}
	}
	archive.Files = slices.Insert(archive.Files, at, after...)
	return archive
}
