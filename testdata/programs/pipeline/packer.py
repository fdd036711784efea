"""What a packer does."""

FRAGILE = {"vase", "lamp", "globe"}


def label(parcel):
    """The text on the parcel."""
    words = [parcel.upper()]
    if parcel in FRAGILE:
        words.append("(fragile)")
    return " ".join(words)


def pack(number, belt, done):
    """Take parcels from the belt and say what was written on them."""
    while True:
        parcel = belt.get()
        done.put(label(parcel))
