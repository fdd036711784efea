; What was fetched from something is changed in place.
(call function: (attribute object: [(subscript) (attribute) (call)] @element)) @change
(assignment left: (subscript value: [(subscript) (attribute)] @element)) @change
(assignment left: (attribute object: (subscript) @element)) @change
(augmented_assignment left: (subscript value: [(subscript) (attribute)] @element)) @change
(augmented_assignment left: (attribute object: (subscript) @element)) @change
