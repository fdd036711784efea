package disk

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mpfix/mpfix/rewrite/source"
)

// ErrChanged says that a file is not what it was when it was read.
var ErrChanged = errors.New("changed on disk since it was read")

// Write puts a changed file of the tree in the place of what was read, with the
// same mode and, where the system allows it, the same owner. It writes the whole
// file beside the old one and renames it, so that at any time one of the two is
// there; a symbolic link stays and its target is written. When the bytes on disk
// are no longer those that were read, the error is ErrChanged and nothing is
// written. The error names the file.
func (t *Tree) Write(after *source.File) error {
	if err := t.write(after); err != nil {
		return Problem{Path: after.Path, Err: fmt.Errorf("not written: %w", unpath(err))}
	}
	return nil
}

func (t *Tree) write(after *source.File) error {
	sum, ok := t.cache.sum(after.Path)
	if !ok {
		return errors.New("it was never read")
	}
	raw, err := after.Encode()
	if err != nil {
		return err
	}
	abs, listed := t.listed[after.Path]
	if !listed {
		abs = t.abs(after.Path)
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if err := writable(target); err != nil {
		return err
	}
	if err := unchanged(target, sum); err != nil {
		return err
	}
	return replace(target, info, raw, func() error { return unchanged(target, sum) })
}

// unchanged returns ErrChanged when the file's bytes have another checksum.
func unchanged(path string, sum [sha256.Size]byte) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if sha256.Sum256(raw) != sum {
		return ErrChanged
	}
	return nil
}

// replace writes raw to a new file beside path and renames it to path if check
// still agrees. After an error the old file is untouched and the new one gone.
func replace(path string, info fs.FileInfo, raw []byte, check func() error) (err error) {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".mpfix-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(raw); err != nil {
		return err
	}
	keepOwner(f, info)
	if err = f.Chmod(info.Mode()); err != nil { // after the owner: chown drops set-id bits
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = check(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncFolder(folder)
	return nil
}

// syncFolder asks the system to keep the rename through a power cut. Not all
// file systems can, and the rename is done either way.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// unpath takes the name of the temporary file out of an error.
func unpath(err error) error {
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		if errors.Is(inner.Err, fs.ErrPermission) {
			return errors.New("no permission to write in its folder")
		}
		return inner.Err
	}
	if inner := (*os.LinkError)(nil); errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// writable asks the system whether the file may be written, as opening it to
// change it in place would: the mode bits alone do not bind every user.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("it is read-only")
	}
	if err != nil {
		return err
	}
	return f.Close()
}
