; Calls that make a class, and classes.
(call function: [(identifier) (attribute)] arguments: (argument_list . (string))) @call
(class_definition) @class
