#!/usr/bin/env python3
"""How imports end: a file that breaks off counts what went in and says how to take it back, rows come back into the node's own folder
where it may not write beside the file, a dry run counts what the real run will, an unknown region and a file without rows are told."""
import json
import os
import pathlib
import subprocess
import unittest
import zipfile

from command_fixture import BIN, NodeTest
from import_rows import TITLES, people

BAD_ROW = "Иванов Иван Иванович;01.01.1980;не номер;Москва;Б-1;2000;200;60\n"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NOBODY = 65534


class ImportEnds(NodeTest):
    command_limit_s = 400

    def file(self, name, first, count, more=""):
        path = self.folder / name
        path.write_text(TITLES + people(first, count) + more)
        return path

    def run_report(self, *words, exit_code):
        """(the report, what was said beside it)"""
        done = self.dunlin("-o", "json", "import", "run", *words)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return json.loads(done.stdout), done.stderr

    def book(self, name, count, last):
        """A workbook of that many rows; `last` stands behind them."""
        def row(number, cells):
            return f'<row r="{number}">' + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in cells) + "</row>"

        lines = (TITLES + people(300_000, count)).splitlines()
        sheet = "".join(row(number, line.split(";")) for number, line in enumerate(lines, 1))
        parts = {"_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
                 "xl/workbook.xml": f'<workbook xmlns:r="{RELATIONS}"><sheets><sheet name="Реестр" r:id="r1"/></sheets></workbook>',
                 "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
                                               "</Relationships>",
                 "xl/worksheets/sheet1.xml": f'<worksheet><sheetData>{sheet}{last}'}
        book = self.folder / name
        with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as package:
            for name, text in parts.items():
                package.writestr(name, text)
        return book

    def test_a_file_that_breaks_off_says_what_went_in_and_how_to_take_it_back(self):
        self.start()
        count = 10_000  # More than is read in one step.
        # What shows before the first row costs nothing.
        torn = self.book("torn.xlsx", count, f'<row r="{count + 2}"><c t=')
        report, said = self.run_report(torn, "--portfolio", "torn", exit_code=1)
        self.assertEqual((report["rows"], report["created"], report.get("remark")), (0, 0, None), report)
        self.assertIn(f"{torn}: лист «Реестр», после строки {count + 1}: Книга Excel повреждена", said)
        endless = f'<row r="{count + 2}"><c t="inlineStr"><is><t>{"я" * 70_000}</t></is></c></row></sheetData></worksheet>'
        book = self.book("endless.xlsx", count, endless)
        report, said = self.run_report(book, "--portfolio", "torn", exit_code=1)
        self.assertEqual((report["state"], report["rows"], report["created"], report["cases"]), ("failed", count, count, count), report)
        for words in (str(book), f"лист «Реестр», после строки {count + 1}", f"dunlin import undo {report['import']}"):
            self.assertIn(words, said)
        self.assertIn("takes it back", self.dunlin("import", "show", report["import"], "--lang", "en").stdout)
        undone = self.json("import", "undo", report["import"], "--author", "tester")
        self.assertEqual((undone["undone"], undone["kept"]), (count, 0), undone)
        self.assertNotIn("takes it back", self.dunlin("import", "show", report["import"], "--lang", "en").stdout)

    def test_rows_come_back_into_the_nodes_folder_when_their_file_cannot_be_beside_it(self):
        self.start()
        # No file of this name with ".rejects" in it may exist anywhere, whoever the node runs as.
        file = self.file("д" * 125 + ".csv", 0, 3, BAD_ROW)
        report, said = self.run_report(file, "--portfolio", "p", exit_code=7)
        self.assertEqual((report["created"], report["rejected"]), (3, 1), report)
        self.check_returned(pathlib.Path(report["reject_file"]), said)
        # A place the user chose is that or none, and none is said before the first row.
        report, said = self.run_report(self.file("fine.csv", 50, 3), "--portfolio", "p", "--rejects", "/proc/rejects.csv", exit_code=1)
        self.assertEqual((report["state"], report["created"]), ("failed", 0), report)
        self.assertIn("/proc/rejects.csv", said)
        self.assertIn("--rejects", said)

    def check_returned(self, returned, said):
        self.assertEqual(returned.parent, self.data / "rejects")
        self.assertIn(str(returned), said)
        self.assertEqual((returned.stat().st_mode & 0o777, returned.parent.stat().st_mode & 0o777), (0o600, 0o700))
        self.assertIn("не номер", returned.read_text(encoding="utf-8-sig"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can run the node as somebody else")
    def test_a_node_that_may_only_read_the_file_takes_its_good_rows(self):
        self.folder.chmod(0o755)
        self.data.mkdir()
        try:
            os.chown(self.data, NOBODY, NOBODY)
            seen = subprocess.run([str(BIN / "dunlind"), "--version"], capture_output=True, user=NOBODY, group=NOBODY, extra_groups=[], check=False)
        except OSError as error:
            self.skipTest(f"nobody else may run the programs here: {error}")
        if seen.returncode != 0:
            self.skipTest("the programs are where nobody else may run them")
        self.start(user=NOBODY, group=NOBODY, extra_groups=[])
        report, said = self.run_report(self.file("theirs.csv", 0, 3, BAD_ROW), "--portfolio", "p", exit_code=7)
        self.assertEqual((report["created"], report["rejected"]), (3, 1), report)
        self.check_returned(pathlib.Path(report["reject_file"]), said)
        secret = self.file("secret.csv", 0, 3)
        secret.chmod(0o600)
        report, said = self.run_report(secret, "--portfolio", "p", exit_code=1)
        self.assertIn(f"{secret}: Нет прав на чтение", said)

    def test_a_dry_run_counts_what_the_real_run_will_and_changes_no_case(self):
        self.start()
        self.run_report(self.file("first.csv", 0, 5), "--portfolio", "p", exit_code=0)
        more = self.file("more.csv", 0, 8)
        tried, said = self.run_report(more, "--portfolio", "p", "--dry-run", exit_code=0)
        self.assertIn("ни одно дело не изменено", said)
        self.assertEqual(len(self.json("case", "list")), 5)
        taken, _ = self.run_report(more, "--portfolio", "p", exit_code=0)
        for report in (tried, taken):
            self.assertEqual((report["created"], report["updated"], report["unchanged"]), (3, 0, 5), report)

    def test_an_unknown_region_and_a_file_without_rows_are_told(self):
        self.start()
        file = self.file("regions.csv", 0, 2)
        file.write_text(file.read_text().replace("Москва", "Атлантида", 1))
        report, _ = self.run_report(file, "--portfolio", "p", exit_code=7)
        returned = pathlib.Path(report["reject_file"]).read_text(encoding="utf-8-sig")
        self.assertIn("Свердловская область", returned)
        self.assertNotIn("родственник", returned)
        report, said = self.run_report(self.file("bare.csv", 0, 0), "--portfolio", "p", exit_code=0)
        self.assertEqual((report["state"], report["rows"]), ("done", 0))
        self.assertIn("ни одной строки", said)


if __name__ == "__main__":
    unittest.main()
