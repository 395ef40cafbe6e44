#!/usr/bin/env python3
"""The search for readable persons: finds what is there in whatever form, and nothing else."""
import pathlib
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import personal_data

CSV = "ФИО;Телефон;Договор\nПробный Семён Тестович;+79161110022;Т-1\nОбразцовна;89161110033;Т-2\n"


class Readable(unittest.TestCase):
    def setUp(self):
        self.words = personal_data.PersonalWords(CSV)

    def assert_found(self, content, count):
        self.assertEqual(len(self.words.found_in(content)), count, content)

    def test_a_number_in_any_of_its_forms(self):
        for text in ("+79161110022", "89161110022", "9161110022", "sip:79161110022@x", "0079161110022"):
            self.assert_found(b"\x00\xffcall to " + text.encode() + b"\x01", 1)

    def test_a_name_amid_bytes(self):
        self.assert_found(b"\x00\x9f" + "Пробный".encode() + b"\xff" + "Образцовна,".encode(), 2)

    def test_what_is_nobodys(self):
        for text in ("916111002", "+7 916 ***-**-22", "ФИО Телефон Договор", "1795420800123", "пробный шар"):
            self.assert_found(text.encode(), 0)

    def test_files_are_named_their_words_are_not(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "000004.log"
            file.write_bytes(b"9161110033 9161110033 9161110022")
            self.assertEqual(personal_data.readable(self.words, [file, pathlib.Path(folder)]), [(file, 2)])

    def test_a_workbook_is_read_too(self):
        with tempfile.TemporaryDirectory() as folder:
            book = pathlib.Path(folder) / "p.xlsx"
            with zipfile.ZipFile(book, "w") as archive:
                archive.writestr("xl/worksheets/sheet1.xml", "<?xml?>\n<row><t>Фамилия</t></row><row><t>Пробный</t><v>79161110022</v></row>")
            words = personal_data.PersonalWords(personal_data.portfolio_text(book))
            self.assertEqual(len(words.found_in("Фамилия Пробный 89161110022".encode())), 2)


if __name__ == "__main__":
    unittest.main()
