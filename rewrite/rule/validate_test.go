package rule

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

func good() *Rule {
	doc := "# MPF901 toy-fault\n\nOne sentence.\n"
	for _, h := range Headings {
		doc += "\n## " + h + "\n\nSome text.\n"
	}
	return &Rule{
		ID: "MPF901", Name: "toy-fault", Title: "a toy", Doc: doc,
		Query: "; any call\n(call) @call",
		Check: func(*Pass, syntax.Match) {},
	}
}

func TestValidate(t *testing.T) {
	if err := Validate([]*Rule{good()}); err != nil {
		t.Fatalf("a good rule: %v", err)
	}
	tests := []struct {
		name  string
		spoil func(*Rule)
		want  string
	}{
		{"id", func(r *Rule) { r.ID = "MP901" }, "not of the form"},
		{"name", func(r *Rule) { r.Name = "Toy_fault" }, "lower-case words"},
		{"title stop", func(r *Rule) { r.Title = "a toy." }, "full stop"},
		{"title capital", func(r *Rule) { r.Title = "A toy" }, "capital"},
		{"title empty", func(r *Rule) { r.Title = "" }, "empty"},
		{"no query", func(r *Rule) { r.Query = "; nothing\n" }, "nominates nothing"},
		{"bad query", func(r *Rule) { r.Query = "(no_such_node) @x" }, "no_such_node"},
		{"bad predicate", func(r *Rule) { r.Query = `((call) @x (#wild? @x "y"))` }, "wild"},
		{"no check", func(r *Rule) { r.Check = nil }, "no Check"},
		{"level", func(r *Rule) { r.Level = 7 }, "unknown level"},
		{"no doc", func(r *Rule) { r.Doc = "" }, "begins with"},
		{"wrong first line", func(r *Rule) { r.Doc = strings.Replace(r.Doc, "MPF901", "MPF902", 1) }, "begins with"},
		{"missing heading", func(r *Rule) { r.Doc = strings.Replace(r.Doc, "## Example\n", "", 1) }, "headings"},
		{"todo", func(r *Rule) { r.Doc = strings.Replace(r.Doc, "Some text.", "TODO: say it", 1) }, "still says TODO"},
		{"empty section", func(r *Rule) { r.Doc = strings.Replace(r.Doc, "Some text.", "", 1) }, "nothing below"},
	}
	for _, test := range tests {
		r := good()
		test.spoil(r)
		err := Validate([]*Rule{r})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if err := Validate([]*Rule{good(), good()}); err == nil || strings.Count(err.Error(), "taken") != 2 {
		t.Errorf("the same rule twice: %v", err)
	}
	if err := Validate([]*Rule{nil}); err == nil {
		t.Error("a nil rule passes")
	}
	r := good()
	r.Doc = strings.Replace(r.Doc, "Some text.", "```\n## Not a heading\n```", 1)
	if err := Validate([]*Rule{r}); err != nil {
		t.Errorf("a heading in a code block: %v", err)
	}
	r = good()
	r.Title = "SimpleQueue read twice"
	if err := Validate([]*Rule{r}); err != nil {
		t.Errorf("a title that begins with a class: %v", err)
	}
}

func TestNames(t *testing.T) {
	if got := good().Family(); got != "MPF9" {
		t.Errorf("family %q", got)
	}
	if got := Hygiene.String() + Unsafe.String() + Error.String(); got != "hygieneunsafeerror" {
		t.Errorf("names %q", got)
	}
}
