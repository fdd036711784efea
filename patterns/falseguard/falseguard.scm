; A condition before a block: the model knows whether it is a guard in name only.
(if_statement condition: (_) @condition) @if
