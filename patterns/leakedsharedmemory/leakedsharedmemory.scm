; Every call may make shared memory: the model knows which do.
(assignment right: (call) @made)
