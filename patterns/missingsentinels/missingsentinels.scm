; Calls that may put a sentinel.
(call function: (attribute attribute: (identifier) @method) (#any-of? @method "put" "put_nowait")) @call
