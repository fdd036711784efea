"""What was counted so far."""

total = 0
seen = 0


def note(words):
    """Add the words of one more text."""
    global total, seen
    total += words
    seen += 1
