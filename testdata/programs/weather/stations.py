"""Stations and what they measured."""

STATIONS = {"cape": 14.0, "ridge": 6.5, "valley": 18.0}


def measurements(station):
    """The temperature of each of sixty days: a slow wave over the station's mean."""
    mean = STATIONS[station]
    for day in range(60):
        yield day, mean + abs((day % 24) - 12) / 2.0 + day / 100
