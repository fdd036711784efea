; Pools that a with statement enters.
(with_item value: (as_pattern (call) @made))
