(call
  function: (attribute attribute: (identifier) @method)
  (#eq? @method "run")) @run
