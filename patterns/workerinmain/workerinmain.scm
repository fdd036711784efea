; Any definition: whether children find it is for the model.
(function_definition) @def
(class_definition) @def
