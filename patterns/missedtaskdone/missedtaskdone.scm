; Loops that may take items from a JoinableQueue.
(while_statement) @loop
(for_statement right: (call)) @loop
