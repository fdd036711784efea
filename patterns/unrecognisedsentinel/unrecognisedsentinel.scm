; Loops that may end on a sentinel; what they read the model says.
(while_statement) @loop
(for_statement right: (call)) @loop
