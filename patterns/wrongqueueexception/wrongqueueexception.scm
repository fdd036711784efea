; Attributes that are meant to be the exceptions of a queue.
(attribute attribute: (identifier) @name (#any-of? @name "Empty" "Full")) @attribute
