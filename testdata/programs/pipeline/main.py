"""Labels parcels with two packers who share one belt."""
import multiprocessing

from packer import pack

PARCELS = ["vase", "lamp", "books", "skates", "globe"]
PACKERS = 2


def main():
    belt = multiprocessing.Queue()
    done = multiprocessing.Queue()
    packers = []
    for number in range(PACKERS):
        packer = multiprocessing.Process(target=pack, args=(number, belt, done))
        packer.start()
        packers.append(packer)

    for parcel in PARCELS:
        belt.put(parcel)

    labels = [done.get() for _ in PARCELS]
    for packer in packers:
        packer.join()

    for label in sorted(labels):
        print(label)
    print(len(labels), "parcels")


if __name__ == "__main__":
    main()
