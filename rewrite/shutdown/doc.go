// Package shutdown knows how processes that share a queue or a pipe end: which
// loops take items for ever, by which sentinel others leave, who waits for them,
// how many there are, and what must be read before a process can be joined. It
// writes the missing parts of the protocol of the multiprocessing documentation
// ("Programming guidelines", "Joining processes that use queues"): the test for
// the sentinel after the get, one sentinel for each consumer after the last put,
// the reads before the joins, then close() and join_thread().
package shutdown
