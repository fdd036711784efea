; Every call may make a process or a pool, or give a pool work: the model knows.
(call function: [(identifier) (attribute)]) @call
