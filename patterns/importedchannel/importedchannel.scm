; A statement that makes something: the model knows what.
(expression_statement (assignment right: (_))) @made
