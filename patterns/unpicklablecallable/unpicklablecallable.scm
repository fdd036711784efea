; Every call may send a function to a worker: the model knows which do.
(call function: [(identifier) (attribute)]) @call
