package edit

import "slices"

// Merge returns the set that does what a and b do. An edit or import that both
// hold is done once. Edits that touch without overlapping are fine. The error
// wraps ErrConflict when an edit of a and one of b overlap without being equal,
// or when both insert at one offset, and not the same; it wraps ErrInvalid, or
// ErrConflict, when a or b alone does not pass Validate. The order of the result
// is that of a, then what b adds.
func Merge(a, b Set) (Set, error) {
	for _, s := range []Set{a, b} {
		if err := s.Validate(); err != nil {
			return Set{}, err
		}
	}
	rest := make([]Edit, 0, len(b.Edits))
	for _, file := range files(b.Edits) {
		more, err := beyond(of(file, a.Edits), of(file, b.Edits))
		if err != nil {
			return Set{}, err
		}
		rest = append(rest, more...)
	}
	merged := Set{
		Edits:   append(slices.Clone(a.Edits), rest...),
		Imports: slices.Clone(a.Imports),
	}
	for _, im := range b.Imports {
		if !slices.Contains(merged.Imports, im) {
			merged.Imports = append(merged.Imports, im)
		}
	}
	if err := merged.Validate(); err != nil {
		return Set{}, err
	}
	return merged, nil
}

// beyond returns the edits of b that a does not hold. Both are valid edits of one
// file. Insertions at one offset are compared as a whole list, since each side
// counts on what stands beside its own.
func beyond(a, b []Edit) ([]Edit, error) {
	inserted := map[int][]string{}
	held := map[Edit]bool{}
	for _, e := range a {
		if e.inserts() {
			inserted[e.Span.Start] = append(inserted[e.Span.Start], e.New)
		} else {
			held[e] = true
		}
	}
	theirs := map[int][]string{}
	for _, e := range b {
		if e.inserts() {
			theirs[e.Span.Start] = append(theirs[e.Span.Start], e.New)
		}
	}
	var rest []Edit
	for _, e := range b {
		if held[e] {
			continue
		}
		if mine, both := inserted[e.Span.Start]; both && e.inserts() {
			if !slices.Equal(mine, theirs[e.Span.Start]) {
				return nil, conflict(e)
			}
			continue
		}
		rest = append(rest, e)
	}
	return rest, nil
}
