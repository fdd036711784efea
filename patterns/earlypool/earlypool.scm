; Any call may make a pool: the model knows which do.
(call function: [(identifier) (attribute)]) @call
