//go:build !linux

package trial

// processes are those of one run. Here they cannot be observed: only the main
// process and its group are known.
type processes struct{ root int }

func newProcesses(root int, _ string) *processes { return &processes{root: root} }

func (p *processes) observe() observation { return observation{leaked: groupLeft(p.root)} }

func (p *processes) external() string { return "" }

func (p *processes) killAll(ended <-chan struct{}) { killGroup(p.root, ended) }

func limitFiles(int) {}
