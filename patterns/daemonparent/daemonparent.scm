; Every call may start processes: the model knows which do, and where they run.
(call function: [(identifier) (attribute)]) @start
