; A call of set_start_method by whatever name leads to it.
(call
  function: [(identifier) @name (attribute attribute: (identifier) @name)]
  (#match? @name "start_method")) @call
