"""Wraps paragraphs in a pool, and counts the lines."""
import argparse
import textwrap
from multiprocessing import Pool, Value

PARAGRAPHS = [
    "Snow lay on the pass until May, so the mail came round by the coast.",
    "Nobody minded.",
    "A week more or less was neither here nor there in the valley.",
]

options = None
lines = Value("i", 0)


def wrap(paragraph):
    wrapped = textwrap.wrap(paragraph, options.width)
    with lines.get_lock():
        lines.value += len(wrapped)
    return "\n".join(wrapped)


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=30)
    options = parser.parse_args()
    with Pool(2) as pool:
        print("\n\n".join(pool.map(wrap, PARAGRAPHS)))
    print(lines.value, "lines")


main()
