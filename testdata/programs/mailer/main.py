"""Sends letters through workers that end when they are told to. Nothing is wrong here."""
import multiprocessing
import queue

from letters import LETTERS, address

WORKERS = 3
STOP = None


class Counter:
    """A number that processes share."""

    def __init__(self):
        self.value = multiprocessing.Value("i", 0)

    def add(self, n=1):
        with self.value.get_lock():
            self.value.value += n

    def read(self):
        return self.value.value


def send(outbox, sent, counter):
    while True:
        letter = outbox.get()
        if letter is STOP:
            break
        sent.put(address(letter))
        counter.add()


def watch(alarms):
    """Ends by itself when nothing has come for a while."""
    while True:
        try:
            alarms.get(timeout=0.2)
        except queue.Empty:
            return


def main():
    outbox, sent, alarms = (multiprocessing.Queue() for _ in range(3))
    counter = Counter()
    senders = [
        multiprocessing.Process(target=send, args=(outbox, sent, counter))
        for _ in range(WORKERS)
    ]
    guard = multiprocessing.Process(target=watch, args=(alarms,))
    guard.start()
    for sender in senders:
        sender.start()

    for letter in LETTERS:
        outbox.put(letter)
    for _ in senders:
        outbox.put(STOP)

    lines = sorted(sent.get() for _ in LETTERS)
    for sender in senders:
        sender.join()
    guard.join()
    for channel in (outbox, sent, alarms):
        channel.close()
        channel.join_thread()

    print("\n".join(lines))
    print("letters sent:", counter.read())


if __name__ == "__main__":
    main()
