"""What is wrong with an expression, in one sentence and with its place."""

from typing import Final

from engine.sentences import Sentence

SENTENCES: Final[dict[str, Sentence]] = {
    "argument": Sentence("“{function}” cannot work with this value: it needs {needs}."),
    "argument_count": Sentence("“{function}” takes {takes}."),
    "assign_name": Sentence("Each line must read: name = expression."),
    "assign_place": Sentence("“=” only stands in a line “name = expression”; write == to compare."),
    "chain": Sentence("Compare two values at a time: write a < b and b < c."),
    "character": Sentence("The character {character} is not part of the language."),
    "depth": Sentence("The expression is nested deeper than {limit} levels."),
    "double_equals": Sentence("Write = to compare, not ==."),
    "empty": Sentence("The expression is empty."),
    "escape": Sentence("Only the escapes {escapes} may stand in a text."),
    "failed": Sentence("The expression cannot be worked out with these values."),
    "field": Sentence("There is no field “{name}” here: only plain records have fields."),
    "index": Sentence("There is nothing at this place of the list."),
    "indexable": Sentence("Only records, lists and texts can be read with [ ]."),
    "key": Sentence("A record key must be a text in quotes."),
    "missing": Sentence("Something is missing after “{after}”."),
    "name": Sentence("A name may not begin with an underscore: “{name}”."),
    "nodes": Sentence("The expression has more than {limit} parts."),
    "not_text": Sentence("An expression must be a text."),
    "number": Sentence("“{number}” is not a number of the language."),
    "numbers": Sentence("“{operator}” needs two numbers."),
    "order": Sentence("“{operator}” can only compare two numbers or two texts."),
    "sum": Sentence("“+” needs two numbers, two texts or two lists."),
    "container": Sentence("“in” needs a list, a record or a text on its right."),
    "too_large": Sentence("A value becomes larger than an expression may make."),
    "too_long": Sentence("The text is longer than {limit} characters."),
    "too_many_lines": Sentence("There are more than {limit} lines."),
    "unclosed": Sentence("“{sign}” is never closed."),
    "unclosed_text": Sentence("The quotation mark that opens here is never closed."),
    "unexpected": Sentence("“{found}” does not fit here."),
    "unknown_function": Sentence("There is no function “{name}”. There are: {known}."),
    "unknown_name": Sentence("There is no value called “{name}”."),
    "word": Sentence("“{word}” is not part of the language."),
    "zero": Sentence("A number cannot be divided by zero."),
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
        located: the sentence with its place before it.
    """

    def __init__(self, code: str, *, line: int = 1, column: int = 1, **params: object) -> None:
        self.code = code
        self.params = params
        self.line = line
        self.column = column
        self.sentence = SENTENCES[code].filled(**params) if params else SENTENCES[code]
        self.located = _located(line, column, self.sentence)
        super().__init__(self.located)


def _located(line: int, column: int, sentence: Sentence) -> Sentence:
    if line > 1:
        return Sentence(
            "Line {line}, column {column}: {fault}", line=line, column=column, fault=sentence
        )
    return Sentence("Column {column}: {fault}", column=column, fault=sentence)
