package syntax

import "testing"

func TestPython2(t *testing.T) {
	for _, text := range []string{
		"print 'a'\n", "print x,\n", "print not x\n", "print {}\n", "print x, (y)\n", "print 1\n",
		"if a: print 'a'; print b\n",
		"print >>f, x\n", "import sys\nprint >>sys.stderr, 'x' % y\n",
		"exec 'x'\n", "exec code in ns\n", "exec code in ns, d\n",
		"try:\n    pass\nexcept X, e:\n    print(e)\n",
		"try:\n    pass\nexcept (X, Y), e:\n    f(e)\n",
		"x = `y`\n", "x = a <> b\n", "x = 0777\n", "x = 10L\n", "x = ur'a'\n", "x = UR'a'\n",
		"raise X, 'm'\n", "raise X, 'm', tb\n",
		"def f(a, (b, c)): pass\n", "lambda (a, b): a\n",
		"x = = 1\n\n\nprint 'a'\n",
	} {
		if !parse(t, text).Python2() {
			t.Errorf("%q is not taken for Python 2: %s", text, show(parse(t, text).Root))
		}
	}
	for _, text := range []string{
		"", "print('a')\n", "print ('a')\n", "print (x), y\n", "print ('a') % x\n", "print (x), (y)\n", "print\n",
		"print -1\n", "print +1\n", "print * 2\n", "print [1]\n", "print [1], 2\n", "print.x\n", "print, x\n", "print = 3\n", "print: int = 3\n",
		"print and x\n", "print if a else b\n", "print is None\n", "print in x\n", "print not in x\n", "print @ x\n", "print; x\n",
		"print (*a)\n", "print (a for a in b)\n", "print (x, file=f)\n", "print ()\n", "print (yield)\n", "print (a := 1)\n", "print (**k)\n",
		"print \\\n  (x)\n", "print (x) if y else z\n", "print (x)[0]\n", "print (x).y\n", "print == x\n", "print < x\n", "print | x\n", "print & x\n", "print % x\n", "print // x\n",
		"print >>f\n", "print >> f >> g\n",
		"with r(TypeError):\n    print >>f, x\nasync def g(): pass\n",
		"from __future__ import print_function\nprint >>f, x\n",
		"exec('x')\n", "exec (x)\n", "exec (x) in ns\n", "exec (x, y)\n", "exec\n", "exec.x\n", "exec -1\n", "exec [0]\n", "exec = 1\n", "exec * 2\n", "exec \\\n (x)\n",
		"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
		"try:\n    pass\nexcept a.b, c.d:\n    pass\n",
		"from x import a, b\ntry:\n    pass\nexcept a, b:\n    pass\n",
		"from x import *\ntry:\n    pass\nexcept a, b:\n    pass\n",
		"def f(a, b):\n    try:\n        pass\n    except a, b:\n        pass\n",
		"try:\n    pass\nexcept A, B, C:\n    pass\n",
		"try:\n    pass\nexcept A, (b):\n    x: int = 1\n",
		"try:\n    pass\nexcept* A, b:\n    pass\n",
		"from __future__ import barry_as_FLUFL\na <> b\n",
		"x = 0\nx = 00\nx = 0_0\nx = 0o777\nx = 0777.5\nx = 0777j\nx = 0777e1\nx = 0b1\nx = 0x1F\n",
		"# print 'a'\n'''\nprint 'a'\nx = `y`\n'''\n",
		"x = '`y`'\n", "x = f'{a[\"b\"]} `c`'\n", "x = t'{a}'\n", "print(t'{a}')\n", "x = t\"{a['`b`']}\"\n", "x = t'{a['`b`']}'\n",
		"print t'{a}'\n",
		"raise (X, 'm')\n", "raise X('m') from e\n",
		"def f((a, b)=\n", "lambda a, b: (a, b)\n", "lambda a=(1, 2): a\n", "def f(a=(b, c)): pass\n",
		"class A[T = int]: pass\n", "type X[T = int] = T\n", "def f[T = int](): pass\n",
		"match print:\n    case exec: pass\n", "class A:\n    print = 1\n    exec: int\n",
		"x = u'a'\nx = rb'a'\nx = Rb'a'\nx = bR'a'\n",
	} {
		if parse(t, text).Python2() {
			t.Errorf("%q is taken for Python 2: %s", text, show(parse(t, text).Root))
		}
	}
}
