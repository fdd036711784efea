; Every call may take a function to run: the model knows which do.
(call function: [(identifier) (attribute)]) @call
