"""Sentences are plain texts that remember what they were made of."""

import json
from copy import deepcopy

from engine.linter import Finding
from engine.sentences import Sentence, as_json, from_json


def test_a_sentence_is_the_filled_english_text():
    sentence = Sentence("There is no {what} in {place}.", what="bread", place="the house")
    assert sentence == "There is no bread in the house."
    assert sentence.template == "There is no {what} in {place}."
    assert sentence.filled(what="salt", place="it") == "There is no salt in it."


def test_without_facts_braces_mean_themselves():
    assert Sentence("a count in { } runs backwards") == "a count in { } runs backwards"


def test_facts_are_never_read_as_templates():
    hostile = "{what.__class__.__mro__}"
    assert Sentence("It is {what}.", what=hostile) == f"It is {hostile}."


def test_a_finding_survives_being_written_down_with_the_sentences_inside_its_sentence():
    inner = Sentence("“{name}” is unknown.", name="x")
    finding = Finding(
        "a", 1, "b", "c", Sentence("Condition: {fault} {count}", fault=inner, count=2)
    )

    again = Finding.from_json(json.loads(json.dumps(finding.as_json())))

    assert again == finding
    assert again.template == "Condition: {fault} {count}"
    assert again.params["fault"].template == "“{name}” is unknown."
    assert again.as_json()["text"] == "Condition: “x” is unknown. 2"


def test_plain_texts_and_copies_stay_what_they_are():
    assert from_json(as_json("plain")) == "plain"
    assert Finding("a", 1, "b", "c", "plain").template == ""
    sentence = Sentence("It is {what}.", what="so")
    assert deepcopy(sentence).template == "It is {what}."
