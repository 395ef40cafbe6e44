"""Looks for readable names and numbers of a portfolio in a node's folder and log. Everything personal is encrypted on the disk
and masked in the logs (docs/architecture.md), so every find is a mistake.

The words to look for are the portfolio's own: any run of ten digits that ends one of its phone numbers, INNs or passports, and any
capitalised Cyrillic word of its debtors' names.
"""
import re
import zipfile

DIGITS = re.compile(rb"\d{10,}")
NAMES = re.compile("[А-ЯЁ][а-яё]{4,}")
CYRILLIC = re.compile(rb"(?:\xd0[\x81\x90-\xbf]|\xd1[\x80-\x91])+")


def portfolio_text(path):
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8-sig", errors="replace")
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.endswith(".xml") and ("sharedStrings" in name or "sheet" in name)]
        rows = "\n".join(book.read(name).decode("utf-8").replace("\n", " ").replace("</row>", "\n") for name in sheets)
    return re.sub(r"<[^>]+>", " ", rows)


def windows(run):
    """Every ten digits in a row of a longer run: +7 and 8 before a number make no difference."""
    return (run[i:i + 10] for i in range(len(run) - 9))


class PersonalWords:
    """What must not be readable. `title`: the words of the first row, which are no person's."""

    def __init__(self, text):
        head, _, rows = text.partition("\n")
        self.numbers = {run[-10:] for run in DIGITS.findall(rows.encode())}
        self.names = {word.encode() for word in set(NAMES.findall(rows)) - set(NAMES.findall(head))}

    def found_in(self, content):
        numbers = {part for run in DIGITS.findall(content) for part in windows(run) if part in self.numbers}
        names = {run for run in CYRILLIC.findall(content) if run in self.names}
        return numbers | names


def content_of(file):
    """A live node makes and drops files meanwhile."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def readable(words, files):
    """(file, how many different words) of every file that shows some: the words themselves are not repeated. The store's own
    LOG is left out: it has no data, and its many times in microseconds would be taken for numbers now and then."""
    return [(file, len(found)) for file in files if not file.name.startswith("LOG") and (found := words.found_in(content_of(file)))]
