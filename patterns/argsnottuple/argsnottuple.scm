; Every call may take the arguments of a worker: the model knows which do.
(call function: [(identifier) (attribute)]) @call
