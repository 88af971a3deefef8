"""What becomes of the names people and machines give files."""

import unicodedata

import pytest

from processes.files.kinds import is_program
from processes.files.names import LONGEST, safe_name

CHANGED = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\me\\bill.pdf": "bill.pdf",
    "a/b\\c.txt": "c.txt",
    "shell.ph\u200bp": "shell.php",
    "\u200b.htaccess": "htaccess",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "x\u2066\u2069.txt": "x.txt",
    "soft\u00adhyphen.txt": "softhyphen.txt",
    "filler\u3164.txt": "filler.txt",
    "bom\ufeff.txt": "bom.txt",
    "half\ud800.txt": "half.txt",
    "nul\x00byte.txt": "nulbyte.txt",
    "line\r\nSet-Cookie: a=b.txt": "line Set-Cookie_ a=b.txt",
    "bill.pdf...": "bill.pdf",
    "bill.pdf . .": "bill.pdf",
    "stream.exe::$DATA": "stream.exe__$DATA",
    'quo"te<b>.txt': "quo_te_b_.txt",
    "CON.txt": "_CON.txt",
    "lpt1": "_lpt1",
    "e\u0301.txt": "é.txt",
    "two   spaces.txt": "two spaces.txt",
    "": "file",
    "...": "file",
    "/": "file",
    "\u200b\u202e": "file",
    ".": "file",
}


@pytest.mark.parametrize("given", CHANGED)
def test_a_name_hides_nothing(given):
    assert safe_name(given) == CHANGED[given]


@pytest.mark.parametrize(
    "name", ["Rechnung März.pdf", "日本語.png", "a.b.c.tar.gz", "emoji 😀.txt", "%00.png"]
)
def test_an_honest_name_stays_as_it_is(name):
    assert safe_name(name) == name


@pytest.mark.parametrize("letter", ["a", "ü", "日", "😀"])
def test_a_long_name_keeps_its_suffix_and_breaks_no_character(letter):
    cut = safe_name(letter * 3000 + ".pdf")
    assert cut.endswith(f"{letter}.pdf")
    assert LONGEST - 8 < len(cut.encode()) <= LONGEST


def test_a_name_is_safe_at_once_and_for_ever():
    for code in [*range(0x3200), *range(0xF900, 0x10000), *range(0xE0000, 0xE0200)]:
        name = safe_name(f"{chr(code)}a{chr(code)}.pdf{chr(code)}")
        assert safe_name(name) == name
        assert not any(unicodedata.category(letter)[0] == "C" for letter in name)


@pytest.mark.parametrize(
    "name",
    ["a.exe", "A.EXE", "bill.pdf.exe", "a.exe.", "a.exe  ", "a.ex\u200be", "a\u202efdp.exe",
     "a.cmd", "a.scr", "a.js", "a.lnk", "a.\uff45\uff58\uff45", "a.hta", "a.jar", "a.iso"],
)  # fmt: skip
def test_a_program_is_known_by_its_name_however_it_is_dressed(name):
    assert is_program("text/plain", name)


@pytest.mark.parametrize("name", ["exe", "a.pdf", "a.docx", "exe.txt", "a.exe.txt", "com", ""])
def test_no_other_name_is_taken_for_a_program(name):
    assert not is_program("text/plain", name)
