; Calls that may wait for what has just been started.
(call
  function: (attribute attribute: (identifier) @method)
  (#any-of? @method "join" "result" "get")) @wait
