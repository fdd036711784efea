"""Counts the words of a few texts in a pool and says how many there were."""
from multiprocessing import Pool

import statistics_of_words as stats
from texts import TEXTS


def measure(name):
    """The number of words of one text, and its longest word."""
    words = TEXTS[name].split()
    stats.note(len(words))
    return name, len(words), max(words, key=len)


def show(rows):
    width = max(len(name) for name, _, _ in rows)
    for name, number, longest in rows:
        print(f"{name:<{width}}  {number:>3}  {longest}")


def main():
    with Pool(processes=2) as pool:
        rows = pool.map(measure, sorted(TEXTS))
    show(rows)
    print("words in all:", stats.total)
    print("texts seen:", stats.seen)


if __name__ == "__main__":
    main()
