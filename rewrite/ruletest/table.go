package ruletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/trial"
)

// Table says what happens when the programs of a case are run.
type Table struct {
	Methods []trial.Method
	Rows    []Row
}

// Row is the outcomes of "before", "after" or "clean", one word for each method:
// ok, raises, hangs, wrong (it runs to its end and prints something else than
// stdout) or varies (not checked).
type Row struct {
	Program string
	Words   []string
}

var outcomeWords = []string{"ok", "raises", "hangs", "wrong", "varies"}

// parseTable reads a table: a line of methods, and a line for each program.
// Blank lines and what follows a "#" are left out.
func parseTable(text string) (*Table, error) {
	var table *Table
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case table == nil:
			table = &Table{}
			for _, f := range fields {
				m := trial.Method(f)
				if !slices.Contains(trial.Methods, m) || slices.Contains(table.Methods, m) {
					return nil, fmt.Errorf("start method %q", f)
				}
				table.Methods = append(table.Methods, m)
			}
		default:
			row := Row{Program: fields[0], Words: fields[1:]}
			if len(row.Words) != len(table.Methods) {
				return nil, fmt.Errorf("row %s has %d words for %d methods", row.Program, len(row.Words), len(table.Methods))
			}
			for _, w := range row.Words {
				if !slices.Contains(outcomeWords, w) {
					return nil, fmt.Errorf("row %s: unknown word %q", row.Program, w)
				}
			}
			if table.row(row.Program) != nil {
				return nil, fmt.Errorf("row %s stands twice", row.Program)
			}
			table.Rows = append(table.Rows, row)
		}
	}
	if table == nil || len(table.Rows) == 0 {
		return nil, fmt.Errorf("the table is empty")
	}
	return table, nil
}

func (t *Table) row(program string) *Row {
	for i := range t.Rows {
		if t.Rows[i].Program == program {
			return &t.Rows[i]
		}
	}
	return nil
}

// check says what is wrong with the table of a case.
func (t *Table) check(c *Case) error {
	need := []string{"before"}
	switch {
	case c.Clean != nil:
		need = []string{"clean"}
	case c.After != nil:
		need = []string{"before", "after"}
	}
	for _, program := range need {
		if t.row(program) == nil {
			return fmt.Errorf("outcome: no row %s", program)
		}
	}
	for _, row := range t.Rows {
		if !slices.Contains(need, row.Program) {
			return fmt.Errorf("outcome: row %s without such a program", row.Program)
		}
		if slices.Contains(row.Words, "wrong") && c.Stdout == nil {
			return fmt.Errorf("outcome: wrong without a stdout section to compare with")
		}
	}
	return nil
}

// markdown returns the table for a README.
func (t *Table) markdown() string {
	var b strings.Builder
	b.WriteString("| |")
	for _, m := range t.Methods {
		b.WriteString(" " + string(m) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(t.Methods)) + "\n")
	for _, row := range t.Rows {
		b.WriteString("| " + row.Program + " | " + strings.Join(row.Words, " | ") + " |\n")
	}
	return b.String()
}
