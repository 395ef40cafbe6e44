"""Puts the repository's tools where tests can import them, and what the runs with real processes share."""
import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import main_job

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


def run(kind, name, agents=1):
    """The whole program of a run of one job: the build folder is its argument, its data and scenario have a folder there."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("build")
    arguments = parser.parse_args()
    arguments.agents = agents
    arguments.data = str(pathlib.Path(arguments.build) / "integration" / name)
    arguments.scenario = arguments.data + "/carrier.toml"
    main_job.run_and_stop(kind(arguments))
