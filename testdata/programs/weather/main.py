"""Reads the stations' measurements and prints the warmest ones."""
import multiprocessing

from stations import STATIONS, measurements

warm_days = 0
WARM = 20.0


def collect(station, readings):
    """Send every measurement of a station, and count its warm days."""
    global warm_days
    for day, degrees in measurements(station):
        if degrees >= WARM:
            warm_days += 1
        readings.put((station, day, degrees, "." * 2000))


def warmest(readings, number):
    rows = []
    while len(rows) < number:
        station, day, degrees, _ = readings.get()
        rows.append((degrees, station, day))
    rows.sort(reverse=True)
    return rows[:3]


def main():
    readings = multiprocessing.Queue()
    collectors = []
    for station in STATIONS:
        collector = multiprocessing.Process(target=collect, args=(station, readings))
        collector.start()
        collectors.append(collector)
    for collector in collectors:
        collector.join()
    for degrees, station, day in warmest(readings, len(STATIONS) * 60):
        print(f"{station:<8} day {day:>2}  {degrees:.1f}")
    print("warm days:", warm_days)


if __name__ == "__main__":
    main()
