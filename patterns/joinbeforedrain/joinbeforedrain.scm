; Calls that may join a process: no arguments, so no timeout.
(call
  function: (attribute attribute: (identifier) @method)
  (#eq? @method "join")) @call
