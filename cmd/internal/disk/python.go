package disk

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// shebang is the first line of a script that Python runs, also through env.
var shebang = regexp.MustCompile(`^(?:\xef\xbb\xbf)?#!.*\bpython[0-9.]*w?(?:\s|$)`)

// isPython says whether a file that was named is Python: by its ending, or, for
// a file without one, by its first line. The error is that of opening the file.
func isPython(abs string) (bool, error) {
	f, err := os.Open(abs)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if hasPythonName(abs) {
		return true, nil
	}
	if filepath.Ext(abs) != "" {
		return false, nil
	}
	line, err := bufio.NewReader(io.LimitReader(f, 256)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return shebang.Match(line), nil
}
