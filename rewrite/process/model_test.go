package process_test

import (
	"embed"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
)

//go:embed testdata/*.txtar
var archives embed.FS

// load builds the model of the Python files of an archive.
func load(a *txtar.Archive) (m *process.Model, want string) {
	var files []*source.File
	for _, f := range a.Files {
		if f.Name == "model" {
			want = string(f.Data)
			continue
		}
		files = append(files, source.New(f.Name, string(f.Data)))
	}
	snap := source.Memory(files...)
	return process.New(project.New(snap, snap.Paths(), project.Options{Indirect: process.Indirect})), want
}

// TestModel compares the dump of the model of each archive's program with the
// text in its file "model".
func TestModel(t *testing.T) {
	entries, err := archives.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(strings.TrimSuffix(e.Name(), ".txtar"), func(t *testing.T) {
			data, err := archives.ReadFile("testdata/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			m, want := load(txtar.Parse(data))
			got := dump(m)
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
