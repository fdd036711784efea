package disk

import (
	"os"
	"path/filepath"
)

// Put makes path a file that holds raw, whole or not at all. A symbolic link at
// path is replaced and not followed. The error names the path.
func Put(path string, raw []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".mpfix-*.tmp")
	if err != nil {
		return Problem{Path: path, Err: unpath(err)}
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = Problem{Path: path, Err: unpath(err)}
		}
	}()
	if _, err = f.Write(raw); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Append adds raw to the end of a file, which is made if it is not there. The
// error names the path.
func Append(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return Problem{Path: path, Err: err}
	}
	_, err = f.Write(raw)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return Problem{Path: path, Err: err}
	}
	return nil
}
