"""Puts the repository's tools where tests can import them, and what the runs with real processes share."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

TITLES = "ФИО;Дата рождения;Телефон 1;Регион проживания;Номер договора;Сумма долга;Сумма просрочки;Дней просрочки\n"


def import_people(job, rows, portfolio="demo"):
    """`rows`: lines of a file with TITLES."""
    file = job.data / f"{portfolio}.csv"
    file.write_text(TITLES + "".join(rows))
    job.dunlin("import", "run", str(file), "--portfolio", portfolio, as_json=False)


def verdict(problems):
    """The exit code of a run."""
    for problem in problems:
        print("PROBLEM", problem)
    return 1 if problems else 0
