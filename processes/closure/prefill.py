"""What the forms of `closure` begin with."""

from typing import Any

from processes.cases.models import Case

_NOTICE = {
    "en": "With this answer we consider your question solved and are going to close your request.",
    "nl": "Met dit antwoord beschouwen we uw vraag als opgelost en gaan we uw aanvraag afsluiten.",
    "de": "Mit dieser Antwort sehen wir Ihre Frage als gelöst an und schließen Ihre Anfrage.",
}
_REQUEST = {
    "en": "If you do not agree, please reply to this mail within a week.",
    "nl": "Bent u het hier niet mee eens, reageer dan binnen een week op deze mail.",
    "de": "Sind Sie nicht einverstanden, antworten Sie bitte binnen einer Woche auf diese Mail.",
}


def values(form_key: str, case: Case) -> dict[str, Any]:
    """Return the first values of a form, in the customer's language."""
    if form_key == "write_final_answer":
        return {"notice": _NOTICE[case.language], "request": _REQUEST[case.language]}
    return {}
