; Every call may start processes: the model knows which do.
(call function: [(identifier) (attribute)]) @start
