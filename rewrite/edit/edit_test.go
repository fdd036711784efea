package edit

import (
	"errors"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
)

func at(f *source.File, start, end int, text string) Edit {
	return Edit{Span: source.Span{File: f, Start: start, End: end}, New: text}
}

func TestApply(t *testing.T) {
	f := source.New("m.py", "0123456789")
	cases := []struct {
		title string
		edits []Edit
		want  string
	}{
		{"none", nil, "0123456789"},
		{"replace", []Edit{at(f, 2, 4, "xy")}, "01xy456789"},
		{"out of order", []Edit{at(f, 8, 10, ""), at(f, 0, 1, "a")}, "a1234567"},
		{"touching", []Edit{at(f, 2, 4, "a"), at(f, 4, 6, "b")}, "01ab6789"},
		{"insert at both ends", []Edit{at(f, 2, 4, "R"), at(f, 4, 4, ">"), at(f, 2, 2, "<")}, "01<R>456789"},
		{"insertions in list order", []Edit{at(f, 3, 3, "b"), at(f, 0, 0, "x"), at(f, 3, 3, "a")}, "x012ba3456789"},
		{"insert at the end", []Edit{at(f, 10, 10, "!")}, "0123456789!"},
	}
	for _, c := range cases {
		got, err := Apply(f, c.edits)
		if err != nil || got.Text != c.want {
			t.Errorf("%s: %v, %v", c.title, got, err)
		}
		if err := (Set{Edits: c.edits}).Validate(); err != nil {
			t.Errorf("%s: %v", c.title, err)
		}
	}
	if got, err := Apply(f, []Edit{at(f, 2, 4, "23")}); got != f || err != nil {
		t.Error("a change without effect gives another file")
	}
}

func TestApplyErrors(t *testing.T) {
	f := source.New("m.py", "0123456789")
	stale := f.With(f.Text)
	cases := []struct {
		title string
		edits []Edit
		want  error
	}{
		{"stale", []Edit{at(f, 0, 1, "a"), at(stale, 2, 3, "b")}, ErrStale},
		{"overlap", []Edit{at(f, 0, 4, "a"), at(f, 3, 5, "b")}, ErrConflict},
		{"twice", []Edit{at(f, 0, 4, "a"), at(f, 0, 4, "a")}, ErrConflict},
		{"insertion inside", []Edit{at(f, 0, 4, "a"), at(f, 2, 2, "b")}, ErrConflict},
		{"behind the end", []Edit{at(f, 9, 11, "")}, ErrInvalid},
		{"before the start", []Edit{at(f, -1, 1, "")}, ErrInvalid},
		{"backwards", []Edit{at(f, 4, 2, "")}, ErrInvalid},
		{"no file", []Edit{at(nil, 0, 0, "")}, ErrInvalid},
	}
	for _, c := range cases {
		if got, err := Apply(f, c.edits); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, %v", c.title, got, err)
		}
	}
	if _, err := Apply(nil, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("no file: %v", err)
	}
	if err := (Set{Imports: []Import{{File: f}}}).Validate(); !errors.Is(err, ErrInvalid) {
		t.Errorf("import without module: %v", err)
	}
	if err := (Set{Edits: []Edit{at(f, 0, 4, "a"), at(stale, 0, 4, "a")}}).Validate(); err != nil {
		t.Errorf("edits of two files: %v", err)
	}
}

func TestMerge(t *testing.T) {
	f, g := source.New("m.py", "0123456789"), source.New("n.py", "0123456789")
	cases := []struct {
		title string
		a, b  []Edit
		want  []Edit // nil for a conflict
	}{
		{"apart", []Edit{at(f, 0, 1, "a")}, []Edit{at(f, 5, 6, "b")}, []Edit{at(f, 0, 1, "a"), at(f, 5, 6, "b")}},
		{"equal", []Edit{at(f, 0, 1, "a"), at(f, 3, 3, "i")}, []Edit{at(f, 3, 3, "i"), at(f, 0, 1, "a")}, []Edit{at(f, 0, 1, "a"), at(f, 3, 3, "i")}},
		{"same place, other text", []Edit{at(f, 0, 1, "a")}, []Edit{at(f, 0, 1, "b")}, nil},
		{"overlap", []Edit{at(f, 0, 3, "a")}, []Edit{at(f, 2, 4, "b")}, nil},
		{"touching", []Edit{at(f, 0, 3, "a")}, []Edit{at(f, 3, 4, "b")}, []Edit{at(f, 0, 3, "a"), at(f, 3, 4, "b")}},
		{"insertion at the edge", []Edit{at(f, 1, 3, "a")}, []Edit{at(f, 3, 3, "b"), at(f, 1, 1, "c")}, []Edit{at(f, 1, 3, "a"), at(f, 3, 3, "b"), at(f, 1, 1, "c")}},
		{"insertion inside", []Edit{at(f, 1, 3, "a")}, []Edit{at(f, 2, 2, "b")}, nil},
		{"two insertions", []Edit{at(f, 1, 1, "a")}, []Edit{at(f, 1, 1, "b")}, nil},
		{"half of two insertions", []Edit{at(f, 1, 1, "a")}, []Edit{at(f, 1, 1, "a"), at(f, 1, 1, "b")}, nil},
		{"insertions in another order", []Edit{at(f, 1, 1, "a"), at(f, 1, 1, "b")}, []Edit{at(f, 1, 1, "b"), at(f, 1, 1, "a")}, nil},
		{"two files", []Edit{at(f, 1, 1, "a")}, []Edit{at(g, 1, 1, "b")}, []Edit{at(f, 1, 1, "a"), at(g, 1, 1, "b")}},
	}
	for _, c := range cases {
		got, err := Merge(Set{Edits: c.a}, Set{Edits: c.b})
		if c.want == nil {
			if !errors.Is(err, ErrConflict) {
				t.Errorf("%s: %v, %v", c.title, got, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got.Edits, c.want) {
			t.Errorf("%s: %v, %v", c.title, got, err)
		}
	}
	_, err := Merge(Set{Edits: []Edit{at(f, 0, 99, "")}}, Set{})
	if !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid set: %v", err)
	}
	if _, err = Merge(Set{Edits: []Edit{at(f, 0, 3, "")}}, Set{Edits: []Edit{at(f, 1, 2, "")}}); err == nil || !strings.Contains(err.Error(), "m.py:1:2") {
		t.Errorf("the conflict does not say where: %v", err)
	}
}

func TestMergeImports(t *testing.T) {
	f := source.New("m.py", "")
	a := Set{Imports: []Import{{File: f, Module: "os"}, {File: f, Module: "a", Name: "b"}}}
	b := Set{Imports: []Import{{File: f, Module: "a", Name: "b"}, {File: f, Module: "a", Name: "b", As: "c"}}}
	got, err := Merge(a, b)
	if err != nil || !slices.Equal(got.Imports, append(slices.Clone(a.Imports), b.Imports[1])) {
		t.Errorf("got %v, %v", got, err)
	}
	if len(a.Imports) != 2 {
		t.Error("the argument changed")
	}
}

func TestEmpty(t *testing.T) {
	f := source.New("m.py", "01")
	for want, sets := range map[bool][]Set{
		true:  {{}, {Edits: []Edit{at(f, 0, 1, "0")}}},
		false: {{Edits: []Edit{at(f, 0, 1, "")}}, {Imports: []Import{{File: f, Module: "os"}}}},
	} {
		for _, s := range sets {
			if s.Empty() != want {
				t.Errorf("%v: Empty is %v", s, !want)
			}
		}
	}
}

// model applies edits byte by byte: each byte has one owner, each gap between
// bytes one list of insertions. ok is false where two edits want the same.
type model struct {
	text    string
	gone    []bool
	before  [][]string     // what insertions put before each byte, and at the end
	written map[int]string // what a replacement writes at its first byte
	ok      bool
}

func newModel(text string) *model {
	return &model{text, make([]bool, len(text)), make([][]string, len(text)+1), map[int]string{}, true}
}

func (m *model) add(edits []Edit) {
	for _, e := range edits {
		if e.Span.Start == e.Span.End {
			m.before[e.Span.Start] = append(m.before[e.Span.Start], e.New)
			continue
		}
		for i := e.Span.Start; i < e.Span.End; i++ {
			m.ok = m.ok && !m.gone[i]
			m.gone[i] = true
		}
		m.written[e.Span.Start] = e.New
	}
	for _, e := range edits { // nothing is inserted inside a replacement
		for i := e.Span.Start + 1; i < e.Span.End; i++ {
			m.ok = m.ok && len(m.before[i]) == 0
		}
	}
}

// inside says whether an insertion of edits stands inside a replaced run of m.
func (m *model) inside(edits []Edit, all []Edit) bool {
	for _, e := range edits {
		for _, o := range all {
			if e.Span.Start == e.Span.End && o.Span.Start < e.Span.Start && e.Span.Start < o.Span.End {
				return true
			}
		}
	}
	return false
}

func (m *model) result() string {
	var b strings.Builder
	for i := range len(m.text) + 1 {
		b.WriteString(strings.Join(m.before[i], ""))
		b.WriteString(m.written[i])
		if i < len(m.text) && !m.gone[i] {
			b.WriteByte(m.text[i])
		}
	}
	return b.String()
}

func randomEdits(r *rand.Rand, f *source.File, n int) []Edit {
	var edits []Edit
	for range n {
		start := r.Intn(len(f.Text) + 1)
		end := min(start+r.Intn(4), len(f.Text))
		edits = append(edits, at(f, start, end, strings.Repeat(string(rune('A'+r.Intn(26))), r.Intn(3))))
	}
	return edits
}

// TestMergeByModel merges random sets. A merged set does what the per-byte model
// of both does; where the model sees no clash there is no error, and the other
// way round.
func TestMergeByModel(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	merged, refused := 0, 0
	for range 20000 {
		f := source.New("m.py", "0123456789abcdefghij"[:1+r.Intn(20)])
		a, b := randomEdits(r, f, r.Intn(4)), randomEdits(r, f, r.Intn(4))
		shared := randomEdits(r, f, r.Intn(2))
		a, b = append(a, shared...), append(slices.Clone(shared), b...)

		alone := true
		for _, edits := range [][]Edit{a, b} {
			m := newModel(f.Text)
			m.add(edits)
			valid := m.ok && !m.inside(edits, edits)
			if err := (Set{Edits: edits}).Validate(); (err == nil) != valid {
				t.Fatalf("%v: Validate says %v, the model %v", edits, err, valid)
			}
			alone = alone && valid
		}
		if !alone {
			continue
		}
		got, err := Merge(Set{Edits: a}, Set{Edits: b})

		// The model: replacements both hold count once, insertions at one place
		// count once when both sides hold the same ones there.
		m := newModel(f.Text)
		m.add(a)
		other := newModel(f.Text)
		other.add(b)
		clash := false
		var rest []Edit
		for _, e := range b {
			place := e.Span.Start
			if e.Span.Start != e.Span.End {
				if !slices.Contains(a, e) {
					rest = append(rest, e)
				}
			} else if len(m.before[place]) == 0 {
				rest = append(rest, e)
			} else if !slices.Equal(m.before[place], other.before[place]) {
				clash = true
			}
		}
		m.add(rest)
		all := append(slices.Clone(a), b...)
		clash = clash || !m.ok || m.inside(all, all)
		if clash {
			refused++
			if !errors.Is(err, ErrConflict) {
				t.Fatalf("%v and %v: %v, want a conflict", a, b, err)
			}
			continue
		}
		merged++
		if err != nil {
			t.Fatalf("%v and %v: %v", a, b, err)
		}
		file, err := Apply(f, got.Edits)
		if err != nil || file.Text != m.result() {
			t.Fatalf("%v and %v: %v %v, want %q", a, b, file, err, m.result())
		}
		back, err := Merge(Set{Edits: b}, Set{Edits: a})
		if err != nil {
			t.Fatalf("%v and %v merge one way only: %v", a, b, err)
		}
		if other, err := Apply(f, back.Edits); err != nil || other.Text != file.Text {
			t.Fatalf("%v and %v: order of sets matters", a, b)
		}
	}
	if merged < 1000 || refused < 1000 {
		t.Errorf("%d merged, %d refused: too few of one kind", merged, refused)
	}
}

func FuzzApply(f *testing.F) {
	f.Add("x = 1\n", 0, 1, "y", 4, 5, "2")
	f.Add("x = 1\n", 0, 4, "y", 2, 5, "")
	f.Add("ab", 1, 1, "i", 1, 1, "j")
	f.Add("ab", 1, 1, "i", 1, 2, "j")
	f.Add("", 0, 0, "a", 0, 0, "")
	f.Add("ab", -1, 1, "", 2, 1, "")
	f.Add("größe\r\n", 3, 4, "\n", 7, 9, "\n")
	f.Fuzz(func(t *testing.T, text string, a, b int, p string, c, d int, q string) {
		file := source.New("m.py", text)
		edits := []Edit{at(file, a, b, p), at(file, c, d, q)}
		got, err := Apply(file, edits)
		if valid := (Set{Edits: edits}).Validate(); (valid == nil) != (err == nil) {
			t.Fatalf("Apply says %v, Validate %v", err, valid)
		}
		if file.Text != text {
			t.Fatal("the file changed")
		}
		if err != nil {
			return
		}
		if want := len(text) - (b - a) - (d - c) + len(p) + len(q); len(got.Text) != want {
			t.Fatalf("%d bytes, want %d", len(got.Text), want)
		}
		head := min(a, c)
		tail := len(text) - max(b, d)
		if got.Text[:head] != text[:head] || got.Text[len(got.Text)-tail:] != text[len(text)-tail:] {
			t.Fatalf("text outside the edits changed: %q", got.Text)
		}
	})
}
