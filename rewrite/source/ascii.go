package source

import (
	"errors"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

var errUndecodable = errors.New("not text in this encoding")

// ascii is Python's codec "ascii", which x/text does not export.
var ascii encoding.Encoding = asciiCodec{}

type asciiCodec struct{}

func (asciiCodec) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: asciiOnly{}}
}

func (asciiCodec) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: asciiOnly{}}
}

// asciiOnly copies bytes below 0x80 and refuses the others.
type asciiOnly struct{ transform.NopResetter }

func (asciiOnly) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] >= 0x80 {
			return nDst, nSrc, errUndecodable
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = src[nSrc]
		nDst++
		nSrc++
	}
	return nDst, nSrc, nil
}
