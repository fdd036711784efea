// Package shutdown knows how processes, pools, locks, managers and shared memory
// come to their end, and writes what is missing there.
//
// For processes that share a queue or a pipe: which loops take items for ever, by
// which sentinel others leave, who waits for them, how many there are, and what
// must be read before a process can be joined. It writes the missing parts of the
// protocol of the multiprocessing documentation ("Programming guidelines",
// "Joining processes that use queues"): the test for the sentinel after the get,
// one sentinel for each consumer after the last put, the reads before the joins,
// then close() and join_thread().
//
// For objects that one name holds in one function (Held): pools that nobody closes
// or joins, results that are pending when a pool is terminated, locks that stay
// locked on an error path, processes that are started in the wrong way, too late
// or twice, managers that go before their proxies, and blocks of shared memory that
// nobody unlinks.
package shutdown
