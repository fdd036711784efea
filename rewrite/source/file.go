// Package source holds Python files as they were read: text, spans of text,
// lines, the newline and indentation style, and the encoding on disk.
//
// A File is immutable. A changed file is another File, so an edit that names a
// Span of a File names one version of it.
package source

// File is one version of one Python file. Text is UTF-8 without a byte order
// mark, with the newlines as they stand in the file.
type File struct {
	Path    string // slash-separated, as the user named it
	Text    string
	Newline string // "\n", "\r\n" or "\r": the one used most, "\n" for one line
	Indent  string // the unit of indentation, "\t" or blanks; four blanks when unknown

	encoding string // name by PEP 263 or "utf-8"
	bom      bool   // whether the bytes start with a UTF-8 byte order mark
	lines    []int  // offset of each line's first byte
}

// New returns a File of UTF-8 text without a byte order mark. A coding comment
// in the text is not looked at; use Decode for bytes from disk.
func New(path, text string) *File {
	return newFile(path, text, utf8Name, false)
}

func newFile(path, text, encoding string, bom bool) *File {
	return &File{
		Path:     path,
		Text:     text,
		Newline:  detectNewline(text),
		Indent:   detectIndent(text),
		encoding: encoding,
		bom:      bom,
		lines:    lineStarts(text),
	}
}

// With returns a File of the same path, encoding, byte order mark, newline and
// indentation style, with another text.
func (f *File) With(text string) *File {
	g := *f
	g.Text = text
	g.lines = lineStarts(text)
	return &g
}

// Encoding is the name of the encoding on disk: "utf-8" (with or without byte
// order mark), "iso-8859-1", or the name the coding comment gives, in lower case
// with hyphens for underscores.
func (f *File) Encoding() string { return f.encoding }
