package trial

import (
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed sitecustomize.py
var sitecustomize []byte

// markVariable carries the run's mark to every process of a run.
const markVariable = "MPFIX_TRIAL"

func newMark() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// folder is the place of one run: work holds the program, site the
// sitecustomize module.
type folder struct {
	base, work, site, temp, home string
}

// newFolder makes the place for one run and writes the program's files into
// it. Its path is short because multiprocessing puts AF_UNIX sockets below
// TMPDIR, whose paths may have 104 to 108 bytes.
func newFolder(p Program) (_ *folder, err error) {
	if err := checkEntry(p); err != nil {
		return nil, err
	}
	parent := ""
	if runtime.GOOS != "windows" {
		if info, err := os.Stat("/tmp"); err == nil && info.IsDir() {
			parent = "/tmp"
		}
	}
	base, err := os.MkdirTemp(parent, "mp")
	if err != nil {
		return nil, err
	}
	f := &folder{base: base}
	defer func() {
		if err != nil {
			f.remove()
		}
	}()
	// The interpreter shows real paths in tracebacks.
	if real, err := filepath.EvalSymlinks(base); err == nil {
		f.base = real
	}
	f.work = filepath.Join(f.base, "w")
	f.site = filepath.Join(f.base, "s")
	f.temp = filepath.Join(f.base, "t")
	f.home = filepath.Join(f.base, "h")
	for _, dir := range []string{f.work, f.site, f.temp, f.home} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	}
	for name, text := range p.Files {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("file %q is outside the program's folder", name)
		}
		full := filepath.Join(f.work, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(full, text, 0o600); err != nil {
			return nil, err
		}
	}
	return f, os.WriteFile(filepath.Join(f.site, "sitecustomize.py"), sitecustomize, 0o600)
}

func (f *folder) remove() { _ = os.RemoveAll(f.base) }

// tidy makes paths of the run's folder relative, so that equal runs print
// equal texts.
func (f *folder) tidy(text string) string {
	text = strings.ReplaceAll(text, f.work+string(filepath.Separator), "")
	text = strings.ReplaceAll(text, f.work, ".")
	return strings.ReplaceAll(text, f.base, "<tmp>")
}

func checkEntry(p Program) error {
	if name, ok := strings.CutPrefix(p.Entry, "-m"); ok {
		if strings.TrimSpace(name) == "" {
			return fmt.Errorf("entry %q names no module", p.Entry)
		}
		return nil
	}
	entry := path.Clean(p.Entry)
	for name := range p.Files {
		name = path.Clean(name)
		if name == entry || strings.HasPrefix(name, entry+"/") {
			return nil
		}
	}
	return fmt.Errorf("entry %q is not among the program's files", p.Entry)
}

func entryArgs(entry string) []string {
	if name, ok := strings.CutPrefix(entry, "-m"); ok {
		return []string{"-m", strings.TrimSpace(name)}
	}
	return []string{filepath.FromSlash(entry)}
}

// environ is the environment of a run: the caller's without what steers
// Python, and with a home and a temporary folder of its own. Packages installed
// for the user are still found.
func (f *folder) environ(python interpreter, m Method, mark string) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		name = strings.ToUpper(name)
		if strings.HasPrefix(name, "PYTHON") || strings.HasPrefix(name, "XDG_") {
			continue
		}
		env = append(env, kv)
	}
	env = append(env,
		markVariable+"="+mark,
		"MPFIX_START_METHOD="+string(m),
		"PYTHONPATH="+f.site,
		"PYTHONDONTWRITEBYTECODE=1",
		"PYTHONIOENCODING=utf-8",
		"HOME="+f.home, "USERPROFILE="+f.home,
		"TMPDIR="+f.temp, "TEMP="+f.temp, "TMP="+f.temp,
	)
	if python.userBase != "" {
		env = append(env, "PYTHONUSERBASE="+python.userBase)
	}
	return env
}
