#!/usr/bin/env python3
"""Makes a sample portfolio of synthetic people: the same arguments always give the same file.

Names, numbers and papers are invented: phones are 9xx codes with the subscriber numbers 000-00-01 and on, the first two
digits of every INN are 00, which no tax office has. About three rows of a hundred are wrong in the ways real registers are,
unless --clean is given. Only the Python standard library is used.

    tools/make_portfolio.py                                    demo/portfolio.xlsx, 2 000 rows
    tools/make_portfolio.py --rows 100000 --format csv --encoding cp1251 --clean -o /tmp/big.csv
"""
import argparse
import csv
import datetime
import random
import sys
import zipfile
from xml.sax.saxutils import escape

TITLES = ["№ п/п", "ФИО", "Дата рождения", "ИНН", "Код клиента", "Телефон 1", "Телефон 2", "Рабочий телефон",
          "Телефон родственника", "ФИО родственника", "Согласие должника на звонки родственнику", "Согласие родственника",
          "Телефон поручителя", "ФИО поручителя", "Регион проживания", "Номер договора", "Кредитор", "Продукт",
          "Сумма долга", "Сумма просрочки", "Дней просрочки", "Стадия"]
(NUMBER, NAME, BIRTH, INN, CLIENT, PHONE1, PHONE2, WORK, REL_PHONE, REL_NAME, DEBTOR_CONSENT, REL_CONSENT, GUA_PHONE,
 GUA_NAME, REGION, CONTRACT, CREDITOR, PRODUCT, BALANCE, OVERDUE, DPD, STAGE) = range(len(TITLES))

# Regions of all eleven time zones, more of them where more people live.
REGIONS = (["Калининградская область"] * 2 + ["Москва"] * 8 + ["Московская область"] * 6 + ["Санкт-Петербург"] * 5 +
           ["Краснодарский край"] * 4 + ["Республика Татарстан"] * 4 + ["Нижегородская область"] * 3 +
           ["Самарская область"] * 4 + ["Удмуртская Республика"] * 2 + ["Свердловская область"] * 5 +
           ["Челябинская область"] * 4 + ["Пермский край"] * 3 + ["Омская область"] * 3 + ["Новосибирская область"] * 4 +
           ["Красноярский край"] * 3 + ["Кемеровская область"] * 3 + ["Иркутская область"] * 3 + ["Республика Бурятия"] * 2 +
           ["Забайкальский край"] * 2 + ["Амурская область"] * 2 + ["Приморский край"] * 3 + ["Хабаровский край"] * 2 +
           ["Магаданская область", "Сахалинская область", "Камчатский край"])
CODES = [900 + i for i in range(4, 70) if i not in (40,)]
SURNAMES = ["Антонов", "Белов", "Волков", "Громов", "Дёмин", "Егоров", "Жуков", "Зайцев", "Ильин", "Климов", "Лазарев",
            "Мельников", "Назаров", "Орлов", "Панов", "Рябов", "Семёнов", "Тихонов", "Уваров", "Фомин", "Хохлов",
            "Цветков", "Чернов", "Шубин", "Щукин", "Юдин", "Яковлев", "Соколов", "Кузьмин", "Поляков"]
MEN = ["Алексей", "Борис", "Виктор", "Григорий", "Дмитрий", "Егор", "Иван", "Кирилл", "Михаил", "Николай", "Пётр", "Сергей"]
WOMEN = ["Анна", "Вера", "Галина", "Дарья", "Елена", "Жанна", "Ирина", "Ксения", "Мария", "Наталья", "Ольга", "Юлия"]
FATHERS = ["Алексеев", "Борисов", "Викторов", "Дмитриев", "Егоров", "Иванов", "Михайлов", "Николаев", "Петров", "Сергеев"]
CREDITORS = ["МКК «Ясный день»", "Банк «Северный берег»", "МФК «Лесная»"]
PRODUCTS = ["Заём до зарплаты", "Потребительский кредит", "Кредитная карта"]
TODAY = datetime.date(2026, 11, 24)


class Date:
    """A cell that the workbook shows as a date."""

    def __init__(self, day):
        self.day = day

    def __str__(self):
        return self.day.strftime("%d.%m.%Y")


class ErrorCell(str):
    """A cell that holds an error of the spreadsheet."""


def inn_of(rng):
    digits = [0, 0] + [rng.randrange(10) for _ in range(8)]
    for weights in ([7, 2, 4, 10, 3, 5, 9, 4, 6, 8], [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]):
        digits.append(sum(d * w for d, w in zip(digits, weights)) % 11 % 10)
    return "".join(map(str, digits))


def full_name(rng):
    is_woman = rng.random() < 0.5
    ending = "а" if is_woman else ""
    father = rng.choice(FATHERS) + ("на" if is_woman else "ич")
    return f"{rng.choice(SURNAMES)}{ending} {rng.choice(WOMEN if is_woman else MEN)} {father}"


class Phones:
    """Never gives a number twice."""

    def __init__(self):
        self.count = 0

    def next_digits(self):
        code = CODES[self.count % len(CODES)]
        subscriber = self.count // len(CODES) + 1
        self.count += 1
        return f"7{code}{subscriber:07d}"


def written(rng, digits):
    """A number as one of the hands that fill registers writes it; an int is a number cell."""
    d = digits
    return rng.choice([f"+{d}", f"8{d[1:]}", int(d), f"8 ({d[1:4]}) {d[4:7]}-{d[7:9]}-{d[9:]}", f"+7 {d[1:4]} {d[4:7]} {d[7:9]} {d[9:]}",
                       f"8-{d[1:4]}-{d[4:7]}-{d[7:]}"])


def amount_cell(rng, kopecks):
    if rng.random() < 0.15:
        return f"{kopecks // 100:,}".replace(",", " ") + f",{kopecks % 100:02d}"
    return kopecks / 100


class Portfolio:
    def __init__(self, seed, dirty_share):
        self.rng = random.Random(seed)
        self.phones = Phones()
        self.dirty_share = dirty_share
        self.recent = []    # Rows that second debts and repetitions refer to.
        self.spoilers = [self.short_phone, self.rounded_phone, self.wrong_inn, self.no_name, self.digits_in_name,
                         self.impossible_date, self.future_birth, self.words_for_amount, self.negative_amount,
                         self.ambiguous_amount, self.no_contract, self.repeated_row, self.repeated_contract,
                         self.nameless_namesake, self.error_cell, self.words_for_days]

    def rows(self, count):
        dirty_every = int(1 / self.dirty_share) if self.dirty_share else 0
        spoiled = 0
        for number in range(1, count + 1):
            row = self.row(number)
            if dirty_every and number % dirty_every == 0:
                row = self.spoilers[spoiled % len(self.spoilers)](row)
                spoiled += 1
            else:
                self.recent = (self.recent + [row])[-200:]
            yield row

    def row(self, number):
        row = [""] * len(TITLES)
        if self.recent and self.rng.random() < 0.15:
            row[NAME:CONTRACT] = self.rng.choice(self.recent)[NAME:CONTRACT]
        else:
            self.fill_person(row, number)
        row[NUMBER] = number
        self.fill_debt(row, number)
        return row

    def fill_person(self, row, number):
        rng = self.rng
        birth = datetime.date(1955, 1, 1) + datetime.timedelta(days=rng.randrange(50 * 365))
        row[NAME] = full_name(rng)
        row[BIRTH] = Date(birth) if rng.random() < 0.9 else birth.strftime("%d.%m.%Y")
        row[INN] = inn_of(rng) if rng.random() < 0.7 else ""
        row[CLIENT] = f"K-{number:06d}"
        row[PHONE1] = written(rng, self.phones.next_digits())
        if rng.random() < 0.35:
            row[PHONE2] = written(rng, self.phones.next_digits())
        if rng.random() < 0.15:
            row[WORK] = written(rng, self.phones.next_digits())
        if rng.random() < 0.2:
            row[REL_PHONE] = written(rng, self.phones.next_digits())
            row[REL_NAME] = full_name(rng)
            if rng.random() < 0.5:
                row[DEBTOR_CONSENT] = Date(TODAY - datetime.timedelta(days=rng.randrange(200, 700)))
                row[REL_CONSENT] = Date(TODAY - datetime.timedelta(days=rng.randrange(30, 200)))
        if rng.random() < 0.08:
            row[GUA_PHONE] = written(rng, self.phones.next_digits())
            row[GUA_NAME] = full_name(rng)
        row[REGION] = rng.choice(REGIONS)

    def fill_debt(self, row, number):
        rng = self.rng
        days = int(rng.triangular(1, 180, 25))
        balance = rng.randrange(300_000, 30_000_000)
        overdue = balance * rng.randrange(10, 101) // 100
        row[CONTRACT] = f"Д-2026/{number:06d}"
        row[CREDITOR] = rng.choice(CREDITORS)
        row[PRODUCT] = rng.choice(PRODUCTS)
        row[BALANCE] = amount_cell(rng, balance)
        row[OVERDUE] = amount_cell(rng, overdue)
        row[DPD] = days
        row[STAGE] = "soft-1" if days <= 30 else "soft-2" if days <= 90 else "soft-3"

    # Every spoiler makes one kind of wrong row.
    def short_phone(self, row):
        row[PHONE1:GUA_NAME + 1] = ["8 912 00-11"] + [""] * (GUA_NAME - PHONE1)
        return row

    def rounded_phone(self, row):
        row[PHONE1:GUA_NAME + 1] = ["7,91E+10"] + [""] * (GUA_NAME - PHONE1)
        return row

    def wrong_inn(self, row):
        inn = inn_of(self.rng)
        row[INN] = inn[:-1] + str((int(inn[-1]) + 1) % 10)
        return row

    def no_name(self, row):
        row[NAME] = ""
        return row

    def digits_in_name(self, row):
        row[NAME] = "Ив4нов Иван"
        return row

    def impossible_date(self, row):
        row[BIRTH] = "31.02.1985"
        return row

    def future_birth(self, row):
        row[BIRTH] = "12.05.2031"
        return row

    def words_for_amount(self, row):
        row[BALANCE] = "уточняется"
        return row

    def negative_amount(self, row):
        row[BALANCE] = -1500.5
        return row

    def ambiguous_amount(self, row):
        row[BALANCE] = "12.345"
        return row

    def no_contract(self, row):
        row[CONTRACT] = ""
        return row

    def repeated_row(self, row):
        return list(self.recent[-1]) if self.recent else self.no_contract(row)

    def repeated_contract(self, row):
        if self.recent:
            row[CONTRACT] = self.recent[-1][CONTRACT]
        return row

    def nameless_namesake(self, row):
        row[BIRTH] = row[INN] = row[CLIENT] = ""
        return row

    def error_cell(self, row):
        row[OVERDUE] = ErrorCell("#N/A")
        return row

    def words_for_days(self, row):
        row[DPD] = "больше месяца"
        return row


def csv_text(cell):
    return f"{cell:.2f}".replace(".", ",") if isinstance(cell, float) else str(cell)


def write_csv(path, rows, encoding, delimiter):
    with open(path, "w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(TITLES)
        for row in rows:
            writer.writerow([csv_text(cell) for cell in row])


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FIXED_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
                           'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                           f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE_TYPE}.sheet.main+xml"/><Override PartName='
                           f'"/xl/worksheets/sheet1.xml" ContentType="{OFFICE_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" '
                           f'ContentType="{OFFICE_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATION}/officeDocument" '
                   'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{SHEET_NS}" xmlns:r="{RELATION}"><sheets><sheet name="Портфель" sheetId="1" r:id="rId1"/>'
                       '</sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATION}/worksheet" '
                                  f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{RELATION}/styles" '
                                  'Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{SHEET_NS}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz '
                     'val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
                     '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs '
                     'count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" '
                     'fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" '
                     'applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf '
                     'numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>',
}


def column_letters(index):
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


LETTERS = [column_letters(i) for i in range(len(TITLES))]


def cell_xml(place, cell, style=""):
    if cell == "":
        return ""
    if isinstance(cell, Date):
        return f'<c r="{place}" s="1"><v>{(cell.day - datetime.date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, float):
        return f'<c r="{place}" s="2"><v>{cell!r}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    if isinstance(cell, ErrorCell):
        return f'<c r="{place}" t="e"><v>{cell}</v></c>'
    return f'<c r="{place}"{style} t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


def row_xml(number, cells, style=""):
    inside = "".join(cell_xml(f"{LETTERS[i]}{number}", cell, style) for i, cell in enumerate(cells))
    return f'<row r="{number}">{inside}</row>'


def zip_entry(name):
    entry = zipfile.ZipInfo(name, (2026, 11, 24, 0, 0, 0))   # A fixed time keeps the file the same.
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def write_xlsx(path, rows):
    with zipfile.ZipFile(path, "w") as book:
        for name, text in FIXED_PARTS.items():
            book.writestr(zip_entry(name), HEAD + text)
        with book.open(zip_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            head = (f'{HEAD}<worksheet xmlns="{SHEET_NS}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
                    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="22" width="18" '
                    'customWidth="1"/></cols><sheetData>')
            sheet.write((head + row_xml(1, TITLES, ' s="3"')).encode())
            for number, row in enumerate(rows, 2):
                sheet.write(row_xml(number, row).encode())
            sheet.write(b"</sheetData></worksheet>")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--format", choices=["csv", "xlsx"], default="xlsx")
    parser.add_argument("--encoding", default="utf-8-sig", help="of a csv: utf-8-sig, utf-8, cp1251, cp866, utf-16, ...")
    parser.add_argument("--delimiter", default=";")
    parser.add_argument("--clean", action="store_true", help="without wrong rows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", default=None)
    options = parser.parse_args()
    path = options.output or ("demo/portfolio.xlsx" if options.format == "xlsx" else "demo/portfolio.csv")
    rows = Portfolio(options.seed, 0 if options.clean else 0.03).rows(options.rows)
    if options.format == "xlsx":
        write_xlsx(path, rows)
    else:
        write_csv(path, rows, options.encoding, options.delimiter)
    print(f"{path}: {options.rows} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
