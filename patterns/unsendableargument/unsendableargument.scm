; Every call may give a pool work: the model knows.
(call function: [(identifier) (attribute)]) @call
