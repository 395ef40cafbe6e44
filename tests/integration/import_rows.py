"""Rows of people for the tests of imports: as many as wanted, each another person."""
from harness import TITLES  # noqa: F401, whoever writes these rows writes them below these titles


def name(n):
    """Another person for each number."""
    return "".join("абвгдежзик"[int(digit)] for digit in str(n)).capitalize()


def people(first, count):
    return "".join(f"{name(n)} Иван Номерович;{n % 28 + 1:02d}.{n % 12 + 1:02d}.{1950 + n % 40};+7916{1000000 + n};Москва;Б-{n};2000;200;60\n"
                   for n in range(first, first + count))
