package ruletest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/patch"
)

// git is the path of git, "" where there is none.
var git = sync.OnceValue(func() string {
	name, err := exec.LookPath("git")
	if err != nil {
		return ""
	}
	return name
})

// applies checks law 5 on a result: the diff of all changed files, given to git
// apply, makes the very bytes that would be written.
func (k *checker) applies(res *engine.Result) error {
	if len(res.Changed) == 0 || git() == "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "mpfix-apply")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var diff []byte
	for _, c := range res.Changed {
		one, err := patch.Unified(c.Before, c.After, c.Path)
		if err != nil {
			return err
		}
		diff = append(diff, one...)
		raw, err := c.Before.Encode()
		if err != nil {
			return err
		}
		name := filepath.Join(dir, filepath.FromSlash(c.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(k.ctx, git(), "apply", "-")
	cmd.Dir = dir
	cmd.Env = gitEnvironment(dir)
	cmd.Stdin = bytes.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		k.problem("git apply: %v\n%s%s", err, indent(string(out)), indent(string(diff)))
		return k.ctx.Err()
	}
	for _, c := range res.Changed {
		expected, err := c.After.Encode()
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c.Path)))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, expected) {
			k.problem("git apply of the diff of %s makes other bytes (- expected, + git):\n%s",
				c.Path, indent(visibleDiff(c.Path, expected, got)))
		}
	}
	return nil
}

// gitEnvironment keeps the user's settings and repositories out of it.
func gitEnvironment(dir string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			env = append(env, kv)
		}
	}
	return append(env,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(dir),
	)
}
