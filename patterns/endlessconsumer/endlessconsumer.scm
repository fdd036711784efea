; Loops that take one item after another; which of them is read from a channel,
; and how they end, the model says.
(while_statement) @loop
(for_statement right: (call)) @loop
(for_in_clause right: (call)) @loop
