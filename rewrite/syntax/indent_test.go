package syntax

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
)

// TestMisaligned: what CPython refuses for its indentation is an error, and
// nothing else.
func TestMisaligned(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"if x:\n        a = 1\nb = 2\n    c = 3\n", 1},
		{"def f():\n    a = 1\n      b = 2\n", 1},
		{"if x: a; b\nc\n", 0},
		{"def f():\n\ta\n        b\n", 0},
		{"x = 1; \\\n  y = 2\n", 0},
		{"class A:\n    @d\n    def f(self): pass\n\n    # c\n  # c\n    x = 1\n", 0},
		{"\fx = 1\n  \fy = 2\n", 0},
		{"try:\n  a\nexcept E:\n      b\nelse:\n c\nfinally:\n  d\n", 0},
		{"match x:\n  case 1:\n    a\n  case 2:\n      b\n", 0},
		{"f(\n a,\n   b)\nif x:\n  g('''\n''')\n  h\n", 0},
	}
	for _, test := range tests {
		tree, err := Parse(source.New("t.py", test.text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(tree.Errors); got != test.want {
			t.Errorf("%q: %d errors, want %d: %v", test.text, got, test.want, tree.Errors)
		}
	}
}
