package scope

import "strings"

// keywords are the names Python reserves (Lib/keyword.py, kwlist), less async,
// await and nonlocal, which were plain names in Python 2.
var keywords = set(`False None True and as assert break class continue def del elif else except finally for from
	global if import in is lambda not or pass raise return try while with yield`)

// builtins are the names of Python's module builtins (3.8 to 3.14), with those
// the module site adds.
var builtins = set(`ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
	BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
	ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError
	Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError
	ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt
	LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError OSError
	OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError
	ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning
	SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError
	UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning WindowsError ZeroDivisionError
	__build_class__ __debug__ __import__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr
	classmethod compile complex copyright credits delattr dict dir divmod enumerate eval exec exit filter float format
	frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map
	max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice
	sorted staticmethod str sum super tuple type vars zip`)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// IsBuiltin says whether a name is one of Python's module builtins (3.8 to 3.14,
// those that the module site adds included).
func IsBuiltin(name string) bool { return builtins[name] }

func isBuiltin(name string) bool { return builtins[name] }

// reserved reports whether a new name must not be this: a keyword or builtin.
func reserved(name string) bool {
	return keywords[name] || builtins[name] || name == "async" || name == "await" || name == "nonlocal"
}
