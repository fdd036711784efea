; A container may be changed in place: by a method, an item, a += or del.
(call function: (attribute attribute: (identifier) @method)
  (#any-of? @method "append" "extend" "insert" "remove" "pop" "clear" "sort" "reverse" "add" "discard" "update" "setdefault" "popitem" "appendleft" "popleft" "extendleft" "subtract")) @write
(assignment left: [(subscript) (attribute)]) @write
(augmented_assignment) @write
(delete_statement) @write
