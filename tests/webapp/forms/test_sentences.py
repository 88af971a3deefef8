import re
from pathlib import Path

import pytest

import engine.forms.reading
from engine.forms.validation import Problem
from webapp.forms.sentences import problem_sentence


def test_figures_are_written_as_the_reader_does(web):
    problem = Problem("too_large", {"label": "Amount", "max": 1234.5})
    with web.test_request_context("/?lang=en"):
        assert problem_sentence(problem) == "“Amount” must be 1,234.5 or less."
    with web.test_request_context("/?lang=de"):
        assert "1.234,5" in problem_sentence(problem)


@pytest.mark.usefixtures("reader")
def test_every_code_of_the_forms_has_its_sentence():
    source = Path(engine.forms.reading.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:fault\(|code=|code: str = )"(\w+)"', source)) | {"whole", "digits"}
    assert len(codes) > 12
    facts = {"label": "Name", "min": 1, "max": 2, "digits": 3}
    found = {code: problem_sentence(Problem(code, facts)) for code in codes}
    assert "Please check “Name”." not in found.values()
    assert len(set(found.values())) == len(codes)


@pytest.mark.usefixtures("reader")
def test_a_code_nobody_knows_still_makes_a_sentence():
    assert problem_sentence("strange", "Name") == "Please check “Name”."
    assert problem_sentence(Problem("too_long", {"label": "100 % Name"})) == (
        "Please check “100 % Name”."
    )
    assert problem_sentence("missing", "Name") == "Please fill in “Name”."
    assert problem_sentence("strange") == "Please check what you entered."
