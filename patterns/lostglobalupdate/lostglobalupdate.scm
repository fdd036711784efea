; A name is rebound; whether it is a global and where this runs is for the model.
(augmented_assignment left: (identifier) @name) @write
(augmented_assignment left: (attribute attribute: (identifier) @name)) @write
(assignment left: (identifier) @name) @write
(assignment left: (attribute attribute: (identifier) @name)) @write
