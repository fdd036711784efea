"""Letters to send."""

LETTERS = [
    {"to": "the lighthouse", "pages": 2},
    {"to": "the bakery", "pages": 1},
    {"to": "the observatory", "pages": 5},
    {"to": "the boat yard", "pages": 1},
]


def address(letter):
    """The line on the envelope."""
    stamp = "large stamp" if letter["pages"] > 2 else "stamp"
    return f"{letter['to']} ({stamp})"
