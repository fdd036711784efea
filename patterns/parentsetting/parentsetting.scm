; Statements that may set something of the process: the model knows which do.
(expression_statement [(call) (assignment left: [(attribute) (subscript)])]) @stmt
