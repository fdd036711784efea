; Functions that yield, and coroutine functions.
(function_definition) @function
