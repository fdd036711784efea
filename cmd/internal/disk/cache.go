package disk

import (
	"crypto/sha256"
	"os"
	"sync"

	"github.com/mpfix/mpfix/rewrite/source"
)

// cache holds each file as it was first read.
type cache struct {
	mutex   sync.Mutex
	entries map[string]*entry
}

// entry is one file, or the error that reading it gave.
type entry struct {
	once sync.Once
	file *source.File
	sum  [sha256.Size]byte // of the bytes that were read
	err  error
}

// read returns the file of that name from the cache, or from abs the first time.
func (c *cache) read(name, abs string) (*source.File, error) {
	c.mutex.Lock()
	e := c.entries[name]
	if e == nil {
		if c.entries == nil {
			c.entries = map[string]*entry{}
		}
		e = &entry{}
		c.entries[name] = e
	}
	c.mutex.Unlock()
	e.once.Do(func() { e.load(name, abs) })
	return e.file, e.err
}

// sum returns the checksum of the bytes that were read under that name.
func (c *cache) sum(name string) (sum [sha256.Size]byte, ok bool) {
	c.mutex.Lock()
	e := c.entries[name]
	c.mutex.Unlock()
	if e == nil {
		return sum, false
	}
	e.once.Do(func() { e.err = os.ErrNotExist }) // waits for a read under way
	return e.sum, e.err == nil
}

func (e *entry) load(name, abs string) {
	raw, err := os.ReadFile(abs)
	if err != nil {
		e.err = err
		return
	}
	e.sum = sha256.Sum256(raw)
	e.file, e.err = source.Decode(name, raw)
}
