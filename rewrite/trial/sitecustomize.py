"""Changes the start method multiprocessing falls back on when none was set.

Imported by every interpreter of the trial. It waits for the context module
instead of importing it, so that sys.path and sys.modules are the program's own.
"""
import os
import sys
from _frozen_importlib_external import PathFinder


class _ContextFinder:
    modules = ("multiprocessing.context", "multiprocess.context",
               "billiard.context")

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in cls.modules:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _set_default(module, os.environ["MPFIX_START_METHOD"])

        spec.loader.exec_module = exec_module
        return spec


def _set_default(module, method):
    default = module._default_context
    # Only the fallback changes: _actual_context stays None, so
    # set_start_method() works once and get_start_method(allow_none=True)
    # is None, as in a program that has not chosen yet.
    others = [m for m in default.get_all_start_methods() if m != method]
    default._default_context = module._concrete_contexts[method]
    type(default).get_all_start_methods = lambda self: [method] + others


if "MPFIX_START_METHOD" in os.environ:
    sys.meta_path.insert(0, _ContextFinder)
