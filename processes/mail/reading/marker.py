"""What our own mails carry so that they, and answers to them, are known again."""

MARKER = {
    "en": "— reply above this line —",
    "nl": "— antwoord boven deze regel —",
    "de": "— Antwort oberhalb dieser Zeile —",
}
"""A line by itself above the quoted conversation; what stands below it in an answer is quote."""

OWN_HEADER = "X-Casewright"
"""Holds the address a mail of ours left from; one that comes back with it is our own."""
