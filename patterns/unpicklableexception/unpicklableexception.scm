; Classes with bases may be exceptions.
(class_definition superclasses: (argument_list)) @class
