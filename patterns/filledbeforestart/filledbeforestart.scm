; Calls that may wait for room in a bounded queue.
(call function: (attribute attribute: (identifier) @method) (#eq? @method "put")) @call
