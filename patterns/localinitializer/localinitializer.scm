; Every function may be an initializer: the model knows which are.
(function_definition) @function
