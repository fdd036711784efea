; One look at each module that may hold processes.
(module) @module
