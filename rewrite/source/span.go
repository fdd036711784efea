package source

// Span is the half-open range of bytes [Start, End) of File.Text.
type Span struct {
	File       *File
	Start, End int
}

// Valid says whether the span has a File and lies inside its text.
func (s Span) Valid() bool {
	return s.File != nil && 0 <= s.Start && s.Start <= s.End && s.End <= len(s.File.Text)
}

// Text returns the bytes the span covers, "" when it is not Valid.
func (s Span) Text() string {
	if !s.Valid() {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}

// Contains says whether o lies in the same File and wholly inside s. An empty
// span at either end of s is inside.
func (s Span) Contains(o Span) bool {
	return s.File == o.File && s.Start <= o.Start && o.End <= s.End
}

// Overlaps says whether s and o lie in the same File and have a byte in common.
// An empty span overlaps a span when it stands strictly inside it; spans that
// only touch, and two empty ones, do not overlap.
func (s Span) Overlaps(o Span) bool {
	return s.File == o.File && s.Start < o.End && o.Start < s.End
}
