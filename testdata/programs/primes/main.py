#!/usr/bin/env python3
"""Counts primes below a limit, in slices of equal width."""
import multiprocessing as mp
import sys

LIMIT = 4000
SLICES = 4

BANNER = """\
Primes
    below %d, in %d slices
"""


def is_prime(number):
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True


def count_slice(start, stop, results):
    """Put the start of the slice and how many primes it holds."""
    results.put((start, sum(1 for n in range(start, stop) if is_prime(n))))


print(BANNER % (LIMIT, SLICES))

width = LIMIT // SLICES  # every slice is equally wide
results = mp.Queue()
processes = []
for start in range(0, LIMIT, width):
    process = mp.Process(target=count_slice, args=(start, start + width, results))
    process.start()
    processes.append(process)


def report(found):
    # slices come in as they are done
    for start, primes in sorted(found):
        print(f"{start:>5} to {start + width - 1:<5} {primes:>4}")
    print("together", sum(primes for _, primes in found))


found = [results.get() for _ in processes]
for process in processes:
    process.join()
report(found)

if not found:
    sys.exit("nothing was counted")
