"""Two processes count together."""
import multiprocessing

counter = 0


def count(times):
    global counter
    for _ in range(times):
        counter += 1


if __name__ == "__main__":
    workers = [multiprocessing.Process(target=count, args=(100_000,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("counted to", counter)
