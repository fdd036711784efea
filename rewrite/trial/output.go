package trial

import (
	"bytes"
	"io"
	"os"
	"strings"
)

// output follows the files a run writes its stdout and stderr to.
type output struct {
	stdout, stderr   *os.File
	outSize, errSize int64 // at the last look
	read             int64 // how far stderr was searched for deaths
	crashes          int   // children that died of an exception
	resultsLost      bool  // a Pool's thread that receives results died
}

// look reads the sizes of both files.
func (o *output) look() {
	if info, err := o.stdout.Stat(); err == nil {
		o.outSize = info.Size()
	}
	if info, err := o.stderr.Stat(); err == nil {
		o.errSize = info.Size()
	}
}

// crashMarks are lines multiprocessing writes once for each child that dies of
// an exception: BaseProcess._bootstrap ("Process NAME:" before the traceback),
// spawn.spawn_main and forkserver.main (frames of the traceback).
var crashMarks = [][]byte{
	[]byte("\nTraceback (most recent call last):\n"),
	[]byte(", in spawn_main\n"),
	[]byte(", in _serve_one\n"),
}

// lostMark is a frame of the traceback that threading.excepthook writes when
// the thread that receives a Pool's results dies: of a result that cannot be
// unpickled, or a callback that raises. Nothing replaces that thread.
var lostMark = []byte(", in _handle_results\n")

// search updates what stderr tells about deaths. A line that the last look saw
// half is searched at the next.
func (o *output) search() {
	buf := make([]byte, 64<<10)
	for o.read < o.errSize {
		n, err := o.stderr.ReadAt(buf[:min(int64(len(buf)), o.errSize-o.read)], o.read)
		end := bytes.LastIndexByte(buf[:n], '\n') + 1
		if end == 0 {
			if n < len(buf) {
				break
			}
			end = n // a line longer than the buffer is no mark
		}
		o.crashes += crashesIn(buf[:end])
		o.resultsLost = o.resultsLost || bytes.Contains(buf[:end], lostMark)
		o.read += int64(end)
		if err != nil {
			break
		}
	}
}

func crashesIn(text []byte) int {
	n := bytes.Count(text, crashMarks[1]) + bytes.Count(text, crashMarks[2])
	for {
		i := bytes.Index(text, crashMarks[0])
		if i < 0 {
			return n
		}
		before := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
		if bytes.HasPrefix(before, []byte("Process ")) && bytes.HasSuffix(before, []byte(":")) {
			n++
		}
		text = text[i+len(crashMarks[0])-1:]
	}
}

// text returns the first bytes of a file: size of them, at most limit.
func (o *output) text(f *os.File, size, limit int64, place *folder) (string, error) {
	raw, err := io.ReadAll(io.NewSectionReader(f, 0, min(size, limit)))
	if err != nil {
		return "", err
	}
	return place.tidy(strings.ToValidUTF8(string(raw), "\uFFFD")), nil
}

func hasTraceback(stderr string) bool {
	return strings.Contains(stderr, "Traceback (most recent call last)")
}
