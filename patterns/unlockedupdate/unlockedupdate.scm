; What something holds is written; and locks that are asked for.
(augmented_assignment left: [(attribute) (subscript)]) @write
(assignment left: [(attribute) (subscript)] right: (_)) @write
(call function: (attribute attribute: (identifier) @name) (#eq? @name "get_lock")) @lock
