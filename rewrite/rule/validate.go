package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Headings are the second-level headings of a pattern's README, in order.
var Headings = []string{
	"What it finds",
	"Why it hurts",
	"Example",
	"Fix and its safety",
	"When it stays silent",
}

var (
	idForm   = regexp.MustCompile(`^MPF[0-9]{3}$`)
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// Validate returns an error for each rule that is not well formed, joined, or
// nil: an ID that is not MPFnnn or taken, a name that is not lower-case words
// with dashes or taken, a title that is not one line in lower case without a full
// stop, a query that does not compile or nominates nothing, no Check, and a Doc
// that is not "# ID name" with the Headings in order and text below each.
func Validate(rules []*Rule) error {
	var errs []error
	ids, names := map[string]bool{}, map[string]bool{}
	for i, r := range rules {
		if r == nil {
			errs = append(errs, fmt.Errorf("rule %d is nil", i))
			continue
		}
		add := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s %s: %w", r.ID, r.Name, fmt.Errorf(format, args...)))
		}
		switch {
		case !idForm.MatchString(r.ID):
			add("the ID is not of the form MPFnnn")
		case ids[r.ID]:
			add("the ID is taken")
		}
		switch {
		case !nameForm.MatchString(r.Name):
			add("the name is not lower-case words with dashes")
		case names[r.Name]:
			add("the name is taken")
		}
		ids[r.ID], names[r.Name] = true, true
		if err := checkTitle(r.Title); err != nil {
			add("%w", err)
		}
		if r.Level < Error || r.Level > Hygiene {
			add("unknown level %d", int(r.Level))
		}
		if r.Check == nil {
			add("no Check")
		}
		if err := checkQuery(r.Query); err != nil {
			add("%w", err)
		}
		for _, err := range checkDoc(r) {
			add("%w", err)
		}
	}
	return errors.Join(errs...)
}

func checkTitle(title string) error {
	first, _ := utf8.DecodeRuneInString(title)
	switch {
	case title == "" || strings.TrimSpace(title) != title:
		return errors.New("the title is empty or has blanks around it")
	case strings.HasPrefix(title, "TODO"):
		return errors.New("the title still says TODO")
	case strings.ContainsAny(title, "\r\n"):
		return errors.New("the title is more than one line")
	case strings.HasSuffix(title, "."):
		return errors.New("the title ends in a full stop")
	case unicode.IsUpper(first) && !acronym(title):
		return errors.New("the title begins with a capital")
	}
	return nil
}

// acronym says whether the title begins with a word that is written in capitals
// or CamelCase wherever it stands, as a class of Python is.
func acronym(title string) bool {
	word, _, _ := strings.Cut(title, " ")
	return strings.IndexFunc(word[1:], unicode.IsUpper) >= 0
}

func checkQuery(query string) error {
	for _, line := range strings.Split(query, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, ";") {
			_, err := syntax.Compile([]string{query})
			return err
		}
	}
	return errors.New("the query nominates nothing")
}

// checkDoc says what is wrong with the README of a pattern.
func checkDoc(r *Rule) []error {
	var errs []error
	type section struct {
		heading, text string
	}
	var sections []section
	fenced := false
	title, rest, _ := strings.Cut(strings.ReplaceAll(r.Doc, "\r\n", "\n"), "\n")
	if want := "# " + r.ID + " " + r.Name; strings.TrimSpace(title) != want {
		errs = append(errs, fmt.Errorf("the README begins with %q, not with %q", title, want))
	}
	for _, line := range strings.Split(rest, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if heading, ok := strings.CutPrefix(line, "## "); ok && !fenced {
			sections = append(sections, section{heading: strings.TrimSpace(heading)})
		} else if len(sections) > 0 {
			sections[len(sections)-1].text += line + "\n"
		}
	}
	var got []string
	if before, _, _ := strings.Cut(rest, "\n## "); strings.HasPrefix(strings.TrimSpace(before), "TODO") {
		errs = append(errs, errors.New("the README still says TODO at its top"))
	}
	for _, s := range sections {
		got = append(got, s.heading)
		switch text := strings.TrimSpace(s.text); {
		case text == "":
			errs = append(errs, fmt.Errorf("the README has nothing below %q", s.heading))
		case strings.HasPrefix(text, "TODO"):
			errs = append(errs, fmt.Errorf("the README still says TODO below %q", s.heading))
		}
	}
	if strings.Join(got, "\n") != strings.Join(Headings, "\n") {
		errs = append(errs, fmt.Errorf("the README has the headings %q, not %q", got, Headings))
	}
	return errs
}
