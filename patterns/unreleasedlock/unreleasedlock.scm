; Statements that do nothing but call acquire.
(expression_statement
  (call function: (attribute attribute: (identifier) @method)) @acquire
  (#eq? @method "acquire"))
