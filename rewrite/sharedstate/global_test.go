package sharedstate_test

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/source"
)

// TestLook tells lost globals from those that belong to one process, and what
// they hold.
func TestLook(t *testing.T) {
	const (
		start = "\n\nif __name__ == \"__main__\":\n    p = Process(target=work)\n    p.start()\n"
		join  = "    p.join()\n    print(x)\n"
	)
	tests := []struct {
		name, text string
		lost       bool
		kind       process.Number
		flag       bool
	}{
		{"counted", "x = 0\n\n\ndef work():\n    global x\n    x += 1\n" + start + join, true, process.Int, false},
		{"assigned a float", "x = 0\n\n\ndef work():\n    global x\n    x = x + 0.5\n" + start + join, true, process.Float, false},
		{"a flag", "x = False\n\n\ndef work():\n    global x\n    x = True\n" + start + "    p.join()\n    if x:\n        print(1)\n", true, process.Bool, true},
		{"a flag that is printed", "x = False\n\n\ndef work():\n    global x\n    x = True\n" + start + join, true, process.Bool, false},
		{"not known to be a number", "x = 0\n\n\ndef work():\n    global x\n    x = input()\n" + start + join, true, process.NotNumber, false},
		{"read by the worker only", "x = 0\n\n\ndef work():\n    global x\n    x += 1\n    print(x)\n" + start, false, 0, false},
		{"changed by the parent only", "x = 0\n\n\ndef work():\n    print(1)\n\n\ndef bump():\n    global x\n    x += 1\n" + start + "    bump()\n" + join, false, 0, false},
		{"waited for by the worker", "x = 0\n\n\ndef work():\n    while x < 1:\n        pass\n" + start + "    x = 1\n", true, process.Int, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := source.New("main.py", "from multiprocessing import Process\n\n"+test.text)
			p := project.New(source.Memory(f), []string{"main.py"}, project.Options{Indirect: process.Indirect})
			g := sharedstate.Look(process.New(p), p.Modules()[0].Top.Names["x"])
			if g == nil || !test.lost {
				if (g != nil) != test.lost {
					t.Errorf("lost: %v", g != nil)
				}
				return
			}
			if g.Kind != test.kind || g.Flag != test.flag {
				t.Errorf("kind %v, flag %v", g.Kind, g.Flag)
			}
		})
	}
}
