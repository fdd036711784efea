; Starts, assignments that may set the daemon flag, and other ways to ask for it.
(call
  function: (attribute attribute: (identifier) @method)
  (#any-of? @method "start" "setDaemon")) @at
(assignment
  left: (attribute attribute: (identifier) @attribute)
  (#match? @attribute "^([dD]|is|set)")) @at
(keyword_argument
  name: (identifier) @name
  (#match? @name "^([dD]|is|set)")) @at
