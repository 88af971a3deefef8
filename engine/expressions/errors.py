"""What is wrong with an expression, in one sentence and with its place."""

from typing import Final

SENTENCES: Final = {
    "argument": "“{function}” cannot work with this value: it needs {needs}.",
    "argument_count": "“{function}” takes {takes}.",
    "assign_name": "Each line must read: name = expression.",
    "assign_place": "“=” only stands in a line “name = expression”; write == to compare.",
    "chain": "Compare two values at a time: write a < b and b < c.",
    "character": "The character {character} is not part of the language.",
    "depth": "The expression is nested deeper than {limit} levels.",
    "double_equals": "Write = to compare, not ==.",
    "empty": "The expression is empty.",
    "escape": "Only the escapes {escapes} may stand in a text.",
    "failed": "The expression cannot be worked out with these values.",
    "field": "There is no field “{name}” here: only plain records have fields.",
    "index": "There is nothing at this place of the list.",
    "indexable": "Only records, lists and texts can be read with [ ].",
    "key": "A record key must be a text in quotes.",
    "missing": "Something is missing after “{after}”.",
    "name": "A name may not begin with an underscore: “{name}”.",
    "nodes": "The expression has more than {limit} parts.",
    "not_text": "An expression must be a text.",
    "number": "“{number}” is not a number of the language.",
    "numbers": "“{operator}” needs two numbers.",
    "order": "“{operator}” can only compare two numbers or two texts.",
    "sum": "“+” needs two numbers, two texts or two lists.",
    "container": "“in” needs a list, a record or a text on its right.",
    "too_large": "A value becomes larger than an expression may make.",
    "too_long": "The text is longer than {limit} characters.",
    "too_many_lines": "There are more than {limit} lines.",
    "unclosed": "“{sign}” is never closed.",
    "unclosed_text": "The quotation mark that opens here is never closed.",
    "unexpected": "“{found}” does not fit here.",
    "unknown_function": "There is no function “{name}”. There are: {known}.",
    "unknown_name": "There is no value called “{name}”.",
    "word": "“{word}” is not part of the language.",
    "zero": "A number cannot be divided by zero.",
}
"""Every sentence an expression can be refused with, by code."""


class ExpressionError(ValueError):
    """An expression that cannot be read or worked out.

    Attributes:
        code: key of the sentence, for a translation.
        params: what to put into the sentence.
        line: line of the fault, from 1.
        column: column of the fault in that line, from 1.
        sentence: the English sentence, without the place.
    """

    def __init__(self, code: str, *, line: int = 1, column: int = 1, **params: object) -> None:
        self.code = code
        self.params = params
        self.line = line
        self.column = column
        self.sentence = SENTENCES[code].format_map(params)
        place = f"Line {line}, column {column}" if line > 1 else f"Column {column}"
        super().__init__(f"{place}: {self.sentence}")
