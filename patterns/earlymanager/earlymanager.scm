; Every call may make a manager: the model knows which do.
(call function: [(identifier) (attribute)]) @made
