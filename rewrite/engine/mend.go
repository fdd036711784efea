package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// mend applies fixes in rounds, beginning with the untouched files, and enters
// what came out into res.
//
// The rounds end, whatever the rules do: the findings that the gate saw are the
// next round's, none of them is new, and those mended are gone, so that each round
// has fewer. For the same reason no version of the files comes back.
func (r *runner) mend(ctx context.Context, first *state, res *Result) error {
	changed := map[string]*source.File{} // against the untouched files
	now := first
	for limit := r.opts.MaxRounds; limit <= 0 || res.Rounds < limit; {
		out, err := r.round(ctx, now)
		if err != nil {
			return err
		}
		res.Rejected = out.rejected
		slices.SortStableFunc(res.Rejected, func(a, b Rejected) int { return compareFindings(a.Finding, b.Finding) })
		if len(out.landed) == 0 {
			break
		}
		res.Rounds++
		now = out.next
		maps.Copy(changed, out.changed)
		for _, c := range out.landed {
			res.Applied = append(res.Applied, Applied{Finding: c.finding, Fix: *c.fix, Round: res.Rounds})
		}
	}
	res.Remaining = r.reported(now.findings)
	res.Changed = changes(first, changed, res.Applied)
	return nil
}

func changes(first *state, changed map[string]*source.File, applied []Applied) []Change {
	var list []Change
	for path, after := range changed {
		before, err := first.files.File(path)
		if err != nil || before.Text == after.Text {
			continue
		}
		c := Change{Path: path, Before: before, After: after}
		for _, a := range applied {
			if touches(a.Fix, path) {
				c.Fixes = append(c.Fixes, a)
			}
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return list
}

// touches says whether a fix edits the file of a path.
func touches(f rule.Fix, path string) bool {
	for _, e := range f.Edits.Edits {
		if e.Span.File.Path == path {
			return true
		}
	}
	for _, im := range f.Edits.Imports {
		if im.File.Path == path {
			return true
		}
	}
	return false
}
