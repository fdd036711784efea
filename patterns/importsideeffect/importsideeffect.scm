; Statements at module level: the model knows what they do in a child.
(module [(expression_statement) (for_statement) (with_statement)] @stmt)
