"""A journal that is kept in a file."""


class Journal:
    """One line for each picture that was made smaller."""

    def __init__(self, path, pictures):
        self.path = path
        self.pictures = list(pictures)
        self.log = open(path, "w")

    def smaller(self, width):
        """The next width that the gallery shows."""
        for step in (1600, 800):
            if width > step:
                return step
        return width

    def record(self, messages):
        for name, width in self.pictures:
            self.log.write(f"{name}: {width} -> {self.smaller(width)}\n")
        messages.put(f"{len(self.pictures)} pictures in {self.path}")
        self.log.close()
