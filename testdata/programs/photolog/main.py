"""Writes down which pictures were made smaller, in a process of its own."""
import multiprocessing

from journal import Journal

PICTURES = [("lake.png", 4000), ("mill.png", 2400), ("road.png", 1200)]


def main():
    messages = multiprocessing.Queue()
    journal = Journal("pictures.log", PICTURES)
    scribe = multiprocessing.Process(target=journal.record, args=(messages,))
    scribe.start()
    scribe.join()
    try:
        print(messages.get())
    except Exception as error:
        print("no message:", error)
    finally:
        messages.close()
        messages.join_thread()
    with open("pictures.log") as log:
        for line in log:
            print(line.rstrip())


if __name__ == "__main__":
    main()
