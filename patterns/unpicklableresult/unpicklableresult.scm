; What a function hands back, and what is put or sent somewhere: the model knows
; which functions are tasks, and what is a queue or a connection.
(return_statement) @result

(call
  function: (attribute attribute: (identifier) @method)
  (#any-of? @method "put" "put_nowait" "send")) @result
