//go:build !unix

package disk

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where files have no owner that can be set.
func keepOwner(*os.File, fs.FileInfo) {}
