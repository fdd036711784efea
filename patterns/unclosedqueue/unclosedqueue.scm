; A name that is given the result of a call.
(assignment left: (identifier) right: (call) @made)
