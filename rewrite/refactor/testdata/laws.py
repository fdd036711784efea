"""Check before/after pairs, a JSON list on stdin; print what is wrong, one JSON list per pair."""
import ast
import collections
import io
import json
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")

BODIES = ("body", "orelse", "finalbody", "handlers")


def simple(tree):
    """The statements that hold no others, less those that the test puts in."""
    found = collections.Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not isinstance(node, ast.Pass):
            text = ast.dump(node)
            if "added" not in text:
                found[text] += 1
    return found


def strings(tree):
    return collections.Counter(
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and node.value != "__main__"
    )


def comments(text):
    lines = io.StringIO(text, newline="").readline
    return collections.Counter(
        token.string.rstrip() for token in tokenize.generate_tokens(lines) if token.type == tokenize.COMMENT
    )


def check(pair):
    before = ast.parse(pair["before"])
    try:
        after = ast.parse(pair["after"])
    except SyntaxError as error:
        return [str(error)]
    wrong = []
    for what, measure in (("statements", simple), ("strings", strings)):
        one, two = measure(before), measure(after)
        if one != two:
            wrong.append(f"{what}: gone {list((one - two).elements())}, new {list((two - one).elements())}")
    one, two = comments(pair["before"]), comments(pair["after"])
    if one != two:
        wrong.append(f"comments: gone {list((one - two).elements())}, new {list((two - one).elements())}")
    return wrong


json.dump([check(pair) for pair in json.load(sys.stdin)], sys.stdout)
