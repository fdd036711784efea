package source

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// codecs lists the codecs of Python that extend ASCII and that x/text has too,
// each with all its names: the module name in CPython's Lib/encodings and its
// aliases in Lib/encodings/aliases.py.
var codecs = []struct {
	encoding encoding.Encoding
	names    string
}{
	{charmap.ISO8859_1, "latin_1 8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 latin latin1"},
	{charmap.ISO8859_2, "iso8859_2 csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2"},
	{charmap.ISO8859_3, "iso8859_3 csisolatin3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3"},
	{charmap.ISO8859_4, "iso8859_4 csisolatin4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4"},
	{charmap.ISO8859_5, "iso8859_5 csisolatincyrillic cyrillic iso_8859_5 iso_8859_5_1988 iso_ir_144"},
	{charmap.ISO8859_6, "iso8859_6 arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6 iso_8859_6_1987 iso_ir_127"},
	{charmap.ISO8859_7, "iso8859_7 csisolatingreek ecma_118 elot_928 greek greek8 iso_8859_7 iso_8859_7_1987 iso_ir_126"},
	{charmap.ISO8859_8, "iso8859_8 csisolatinhebrew hebrew iso_8859_8 iso_8859_8_1988 iso_ir_138"},
	{charmap.ISO8859_9, "iso8859_9 csisolatin5 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5"},
	{charmap.ISO8859_10, "iso8859_10 csisolatin6 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6"},
	{charmap.ISO8859_13, "iso8859_13 iso_8859_13 l7 latin7"},
	{charmap.ISO8859_14, "iso8859_14 iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8"},
	{charmap.ISO8859_15, "iso8859_15 iso_8859_15 l9 latin9"},
	{charmap.ISO8859_16, "iso8859_16 iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10"},
	{charmap.CodePage437, "cp437 437 cspc8codepage437 ibm437"},
	{charmap.CodePage850, "cp850 850 cspc850multilingual ibm850"},
	{charmap.CodePage852, "cp852 852 cspcp852 ibm852"},
	{charmap.CodePage855, "cp855 855 csibm855 ibm855"},
	{charmap.CodePage858, "cp858 858 csibm858 ibm858"},
	{charmap.CodePage860, "cp860 860 csibm860 ibm860"},
	{charmap.CodePage862, "cp862 862 cspc862latinhebrew ibm862"},
	{charmap.CodePage863, "cp863 863 csibm863 ibm863"},
	{charmap.CodePage865, "cp865 865 csibm865 ibm865"},
	{charmap.CodePage866, "cp866 866 csibm866 ibm866"},
	{charmap.Windows874, "cp874"},
	{charmap.Windows1250, "cp1250 1250 windows_1250"},
	{charmap.Windows1251, "cp1251 1251 windows_1251"},
	{charmap.Windows1252, "cp1252 1252 windows_1252"},
	{charmap.Windows1253, "cp1253 1253 windows_1253"},
	{charmap.Windows1254, "cp1254 1254 windows_1254"},
	{charmap.Windows1255, "cp1255 1255 windows_1255"},
	{charmap.Windows1256, "cp1256 1256 windows_1256"},
	{charmap.Windows1257, "cp1257 1257 windows_1257"},
	{charmap.Windows1258, "cp1258 1258 windows_1258"},
	{charmap.KOI8R, "koi8_r cskoi8r"},
	{charmap.KOI8U, "koi8_u"},
	{charmap.Macintosh, "mac_roman macintosh macroman"},
	{charmap.MacintoshCyrillic, "mac_cyrillic maccyrillic"},
	{charmap.Windows874, "tis_620 iso_ir_166 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1"},
	{charmap.Windows874, "iso8859_11 iso_8859_11 iso_8859_11_2001 thai"},
	{japanese.ShiftJIS, "shift_jis csshiftjis s_jis shiftjis sjis x_mac_japanese"},
	{japanese.ShiftJIS, "cp932 932 ms932 ms_kanji mskanji"},
	{japanese.EUCJP, "euc_jp eucjp u_jis ujis"},
	{japanese.ISO2022JP, "iso2022_jp csiso2022jp iso2022jp iso_2022_jp"},
	{korean.EUCKR, "euc_kr euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 x_mac_korean"},
	{korean.EUCKR, "cp949 949 ms949 uhc"},
	{simplifiedchinese.GBK, "gb2312 chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 iso_ir_58 x_mac_simp_chinese"},
	{simplifiedchinese.GBK, "gbk 936 cp936 ms936"},
	{simplifiedchinese.GB18030, "gb18030 gb18030_2000"},
	{simplifiedchinese.HZGB2312, "hz hz_gb hz_gb_2312 hzgb"},
	{traditionalchinese.Big5, "big5 big5_tw csbig5 x_mac_trad_chinese"},
	{traditionalchinese.Big5, "cp950 950 ms950"},
}

const (
	asciiNames = "ascii 646 ansi_x3.4_1968 ansi_x3.4_1986 ansi_x3_4_1968 cp367 csascii ibm367 iso646_us iso_646.irv_1991 iso_ir_6 us us_ascii"
	utf8Names  = "utf_8 cp65001 u8 utf utf8 utf8_ucs2 utf8_ucs4 utf_8_sig"
)

var codecByName = func() map[string]encoding.Encoding {
	byName := map[string]encoding.Encoding{}
	for _, codec := range codecs {
		for name := range strings.FieldsSeq(codec.names) {
			byName[codecKey(name)] = codec.encoding
		}
	}
	for name := range strings.FieldsSeq(asciiNames) {
		byName[codecKey(name)] = ascii
	}
	for name := range strings.FieldsSeq(utf8Names) {
		byName[codecKey(name)] = encoding.Nop
	}
	return byName
}()

// codecKey brings a codec's name into the form in which CPython looks it up:
// lower case, with "_" for each run of other characters (encodings.search_function
// and normalize_encoding; the dot, which only aliases hold, becomes "_" as well).
func codecKey(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(fields, "_")
}

// windows says whether the codec leaves bytes undefined in Python for which
// x/text, following the WHATWG, has control characters.
func windows(e encoding.Encoding) bool {
	for _, c := range []*charmap.Charmap{
		charmap.Windows874, charmap.Windows1250, charmap.Windows1251, charmap.Windows1252, charmap.Windows1253,
		charmap.Windows1254, charmap.Windows1255, charmap.Windows1256, charmap.Windows1257, charmap.Windows1258,
	} {
		if e == c {
			return true
		}
	}
	return false
}
