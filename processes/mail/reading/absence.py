"""Automatic answers known by their words, for those that come without a header that says so."""

import re

_CERTAIN = re.compile(
    r"(?:automatic reply|automatisch antwoord|automatische (?:antwort|reactie|beantwoording)"
    r"|automatisches antwortmail|réponse automatique|reponse automatique|auto[- ]?reply"
    r"|auto(?:mated)?[- ]?response|autoantwort|auto-antwoord|abwesenheits(?:notiz|meldung|assistent"
    r"|benachrichtigung|nachricht)|out[- ]of[- ](?:the[- ])?office (?:auto[- ]?reply|reply"
    r"|notification|message)|afwezigheids(?:melding|bericht|assistent|mededeling)"
    r"|message d'absence|notification d'absence)\b\s*(?:$|[:\-\u2013\u2014(\[])",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"(?:out[- ]of[- ](?:the[- ])?office|ooo|afwezig|niet aanwezig|abwesend|abwesenheit"
    r"|nicht im büro|vakantie|vacation|on holiday|im urlaub|urlaub|absent|absence|en congé)\b",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\bi(?:'m| am|\u2019m| will be)\b.{0,40}\b(?:out of (?:the )?office|away|on (?:annual )?leave"
    r"|on (?:holiday|vacation)|absent|unavailable)\b"
    r"|\b(?:ben ik|ik ben|wij zijn)\b.{0,60}\b(?:afwezig|niet aanwezig|met (?:vakantie|verlof)"
    r"|niet (?:op kantoor|bereikbaar|in de gelegenheid)|vrij)\b"
    r"|\b(?:bin ich|ich bin|ich befinde mich)\b.{0,80}\b(?:abwesend|nicht im (?:büro|haus|hause)"
    r"|im urlaub|außer haus|nicht erreichbar|wieder (?:da|erreichbar|im büro))\b"
    r"|\bje (?:suis|serai)\b.{0,60}\b(?:absente?|en congés?|en vacances)\b"
    r"|\b(?:e-?mails?|mails?|berichten|nachrichten) (?:wird|werden|wordt|worden)"
    r" (?:in dieser zeit )?(?:nicht (?:weitergeleitet|gelesen)|niet (?:doorgestuurd|gelezen))"
    r"|\bthis is an automat(?:ic|ed) (?:reply|response|message)\b"
    r"|\bdit is een (?:automatisch|geautomatiseerd)e? (?:antwoord|bericht)\b"
    r"|\bdies ist eine automatis(?:che|ierte) (?:antwort|nachricht)\b",
    re.IGNORECASE | re.DOTALL,
)
_REPLY_MARK = re.compile(
    r"(?:(?:re|aw|antw|sv|betr|wg|fw|fwd|tr)(?:\[\d{1,3}\])?\s?:\s*)", re.IGNORECASE
)
_LOOKED_AT = 1_500
"""Characters of the text: an absence says so at once."""
_MOST_MARKS = 50


def sounds_automatic(subject: str, text: str) -> bool:
    """Say whether subject and text are those of an automatic answer.

    `Automatic reply: …` is enough by itself; `Out of office …` only where the text says that
    somebody is away: a customer may write about chairs that are out of office.
    """
    words = without_reply_marks(subject[:300])
    if _CERTAIN.match(words):
        return True
    return bool(_LIKELY.match(words) and _AWAY.search(text[:_LOOKED_AT]))


def without_reply_marks(subject: str) -> str:
    """Return a subject without `Re:`, `AW:`, `Antw:`, `Fwd:` and the like before it."""
    at = 0
    for _ in range(_MOST_MARKS):
        found = _REPLY_MARK.match(subject, at)
        if not found:
            break
        at = found.end()
    return subject[at:].strip()


_FORWARD_MARK = re.compile(r"(?:fw|fwd|wg|doorst|tr|i)\s?:", re.IGNORECASE)


def is_forward(subject: str) -> bool:
    """Say whether a subject tells that the mail was passed on."""
    return bool(_FORWARD_MARK.match(subject))
