package syntax

import (
	"fmt"
	"testing"
)

// value returns the right side of the only assignment.
func value(t *testing.T, text string) *Node {
	t.Helper()
	return first(t, parse(t, "x = "+text+"\n"), "assignment").Field("right")
}

func TestStringValue(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`''`, ""}, {`"a"`, "a"}, {`'a\nb\t\\\'\"'`, "a\nb\t\\'\""}, {`r'a\nb'`, `a\nb`}, {`u'\u00e9'`, "é"}, {`'\U0001F40D'`, "🐍"},
		{`'\x41\101\0'`, "AA\x00"}, {`'\xff'`, "ÿ"}, {`b'\xff\377'`, "\xff\xff"}, {`b'\u0041'`, `\u0041`}, {`Rb'\x41'`, `\x41`}, {`'\q'`, `\q`},
		{`'a' "b" '''c'''`, "abc"}, {"('a'\n  # c\n  'b')", "ab"}, {"'a' \\\n 'b'", "ab"}, {"'a\\\nb'", "ab"}, {"'''a\n{b}'''", "a\n{b}"}, {"'''a\r\nb'''", "a\nb"},
		{`(("a"))`, "a"}, {`'\400'`, "Ā"}, {`'é'`, "é"}, {`'\8'`, `\8`}, {`"""a"b"""`, `a"b`},
	} {
		got, ok := StringValue(value(t, c.text))
		if !ok || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{
		`f'a'`, `f'{a}'`, `'a' f'b'`, `'a' b'b'`, `ur'a'`, "`a`", `'\N{DIGIT ONE}'`, `'\ud800'`, `'\x4'`, `'\u12'`, `'\U00110000'`, `a`, `1`, `'a' + 'b'`, `t'a'`, `t'a' 'b'`, `('a', )`,
	} {
		if got, ok := StringValue(value(t, text)); ok {
			t.Errorf("%s: %q", text, got)
		}
	}
	if _, ok := StringValue(nil); ok {
		t.Error("nil has a value")
	}
}

func TestIntValue(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
	}{
		{"0", 0}, {"00", 0}, {"1_000", 1000}, {"0x1F", 31}, {"0O17", 15}, {"0b_1", 1}, {"-1", -1}, {"-(-2)", 2}, {"+3", 3}, {"(4)", 4},
		{"9223372036854775807", 1<<63 - 1}, {"-9223372036854775808", -1 << 63},
	} {
		if got, ok := IntValue(value(t, c.text)); !ok || got != c.want {
			t.Errorf("%s: %d %v", c.text, got, ok)
		}
	}
	for _, text := range []string{"1.0", "1j", "0777", "10L", "9223372036854775808", "True", "~1", "not 1", "x", "'1'", "1 + 1"} {
		if got, ok := IntValue(value(t, text)); ok {
			t.Errorf("%s: %d", text, got)
		}
	}
	if _, ok := IntValue(nil); ok {
		t.Error("nil has a value")
	}
}

func TestUnparen(t *testing.T) {
	if n := Unparen(value(t, "(( # c\n a))")); n.Text() != "a" {
		t.Errorf("%q", n.Text())
	}
	if n := Unparen(value(t, "(a, b)")); !n.Is("tuple") {
		t.Errorf("%s", n.Kind)
	}
	if Unparen(nil) != nil {
		t.Error("nil")
	}
}

func TestCallArgs(t *testing.T) {
	brief := func(a Args) string {
		text := func(list []*Node) (s []string) {
			for _, n := range list {
				s = append(s, n.Text())
			}
			return s
		}
		s := fmt.Sprint(text(a.Positional), text(a.Later), text(a.Stars), text(a.DoubleStars))
		for _, name := range a.Names {
			s += " " + name + "=" + a.Keywords[name].Text()
		}
		if a.Broken {
			s += " broken"
		}
		return s
	}
	for _, c := range []struct{ text, want string }{
		{"f()", "[] [] [] []"},
		{"f(a, (b), *c, d, k=1, **e)", "[a (b)] [d] [*c] [**e] k=1"},
		{"f(z=1, y=2, # c\n x=(3,),)", "[] [] [] [] z=1 y=2 x=(3,)"},
		{"f(x for x in y)", "[(x for x in y)] [] [] []"},
		{"f(a := 1, lambda: 0)", "[a := 1 lambda: 0] [] [] []"},
		{"f(print=1, match=2)", "[] [] [] [] print=1 match=2"},
		{"f(k=1, k=2)", "[] [] [] [] k=1 broken"},
		{"f(a b)", "[a] [] [] [] broken"},
		{"f", "[] [] [] []"},
	} {
		if got := brief(CallArgs(value(t, c.text))); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	if got := brief(CallArgs(parse(t, "class A(B, metaclass=C): pass\n").Root.Children[0])); got != "[B] [] [] [] metaclass=C" {
		t.Errorf("class: %s", got)
	}
	if CallArgs(nil).Keywords == nil {
		t.Error("nil map")
	}
}
