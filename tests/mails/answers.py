"""Shapes of answers: how each mail program quotes, in three languages."""

from collections.abc import Callable
from html import escape

from tests.mails.building import Facts, Shape, plain

_QUOTE = "Wij hebben uw vraag ontvangen en antwoorden morgen."
_FIRST_QUOTED = "Wij hebben"
_GMAIL = {
    "nl": "Op di 3 nov 2026 om 10:11 schreef Support <support@care.example>:",
    "de": "Am Di., 3. Nov. 2026 um 10:11 Uhr schrieb Support <support@care.example>:",
    "en": "On Tue, Nov 3, 2026 at 10:11 AM Support <support@care.example> wrote:",
    "fr": "Le mar. 3 nov. 2026 à 10:11, Support <support@care.example> a écrit :",
}
_WRAPPED = {
    "nl": "Op di 3 nov 2026 om 10:11 schreef Support Lowland Coffee\n<support@care.example>:",
    "de": "Am Di., 3. Nov. 2026 um 10:11 Uhr schrieb Support Lowland <\nsupport@care.example>:",
    "en": "On Tue, Nov 3, 2026 at 10:11 AM Support Lowland Coffee <\nsupport@care.example>\nwrote:",
}
_APPLE = {
    "nl": "> Op 3 nov 2026, om 10:11 heeft Support <support@care.example> het volgende geschreven:",
    "de": "> Am 03.11.2026 um 10:11 schrieb Support <support@care.example>:",
    "en": "> On 3 Nov 2026, at 10:11, Support <support@care.example> wrote:",
}
_THUNDERBIRD = {
    "nl": "Op 3-11-2026 om 10:11 schreef Support:",
    "de": "Am 03.11.26 um 10:11 schrieb Support:",
    "en": "On 3/11/2026 10:11, Support wrote:",
}
_OUTLOOK = {
    "nl": "Van: Support <support@care.example>\nVerzonden: dinsdag 3 november 2026 10:11\n"
    "Aan: Sanne <sanne@post.example>\nOnderwerp: RE: Vraag",
    "de": "Von: Support <support@care.example>\nGesendet: Dienstag, 3. November 2026 10:11\n"
    "An: Sanne <sanne@post.example>\nBetreff: AW: Frage",
    "en": "From: Support <support@care.example>\nSent: Tuesday, November 3, 2026 10:11 AM\n"
    "To: Sanne <sanne@post.example>\nSubject: RE: Question",
}
_ORIGINAL = {
    "nl": "-----Oorspronkelijk bericht-----",
    "de": "-----Ursprüngliche Nachricht-----",
    "en": "-----Original Message-----",
}
_MARKERS = {
    "nl": "— antwoord boven deze regel —",
    "de": "— Antwort oberhalb dieser Zeile —",
    "en": "— reply above this line —",
}
_PHONES = {
    "nl": "Verstuurd vanaf mijn iPhone",
    "de": "Von meinem iPhone gesendet",
    "en": "Sent from my iPhone",
}


def _marked(head: str) -> str:
    return f"{head}\n\n> Beste,\n>\n> {_QUOTE}\n> > ouder bericht\n"


def _bare(head: str) -> str:
    return f"{head}\n\nBeste,\n\n{_QUOTE}\n"


def _tails() -> dict[str, str]:
    tails: dict[str, str] = {}
    for language in ("nl", "de", "en"):
        block = _OUTLOOK[language]
        bold = "\n".join(f"*{line.replace(':', ':*', 1)}" for line in block.split("\n"))
        tails |= {
            f"gmail_{language}": _marked(_GMAIL[language]),
            f"gmail_wrapped_{language}": _marked(_WRAPPED[language]),
            f"gmail_unmarked_{language}": _bare(_GMAIL[language]),
            f"apple_{language}": _marked(_APPLE[language]),
            f"thunderbird_{language}": _marked(_THUNDERBIRD[language]),
            f"outlook_{language}": _bare(block),
            f"outlook_bold_{language}": _bare(bold),
            f"outlook_rule_{language}": _bare("_" * 32 + "\n" + block),
            f"original_{language}": _bare(_ORIGINAL[language] + "\n" + block),
            f"marker_{language}": _bare(_MARKERS[language]),
            f"gmail_and_marker_{language}": _bare(_GMAIL[language] + "\n" + _MARKERS[language]),
            f"phone_{language}": _PHONES[language] + "\n\n" + _marked(_APPLE[language]),
        }
    tails["gmail_fr"] = _marked(_GMAIL["fr"])
    tails["polish"] = _marked("wt., 3 lis 2026 o 10:11 Support <support@care.example> napisał(a):")
    tails["no_head"] = f"> {_QUOTE}\n> nog een regel"
    tails["yahoo"] = _marked(
        "Support <support@care.example> schrieb am 10:11 Dienstag, 3.November 2026:"
    )
    return tails


def _above(name: str, tail: str) -> Callable[[Facts], Shape]:
    def above(facts: Facts) -> Shape:
        return Shape(
            plain(
                facts,
                f"{facts.sentence}\n\nGroet\n\n{tail}",
                Subject=f"Re: Vraag {facts.word}",
                In_Reply_To=f"<q.{facts.word}@care.example>",
                References=f"<p.{facts.word}@care.example>\r\n <q.{facts.word}@care.example>",
            ),
            words=(facts.sentence, "Groet"),
            folded=(_FIRST_QUOTED,),
            extra={
                "references": (f"p.{facts.word}@care.example", f"q.{facts.word}@care.example"),
                "language": facts.language,
            },
        )

    above.__name__ = f"answer_{name}"
    return above


def below_the_quote(facts: Facts) -> Shape:
    return Shape(
        plain(facts, f"{_marked(_GMAIL['nl'])}\n{facts.sentence}\n"),
        words=(facts.sentence,),
        folded=(_QUOTE,),
    )


def between_the_quotes(facts: Facts) -> Shape:
    text = f"{_GMAIL['nl']}\n\n> Werkt het?\n\nNee, {facts.word}.\n\n> En nu?\n\nNog steeds niet.\n"
    return Shape(
        plain(facts, text),
        words=(f"Nee, {facts.word}.", "Nog steeds niet.", "> En nu?"),
        extra={"quoted": ""},
    )


def only_a_quote(facts: Facts) -> Shape:
    return Shape(plain(facts, f"> {facts.sentence}\n"), words=(facts.sentence,))


def quote_and_footer(facts: Facts) -> Shape:
    text = f"{facts.sentence}\n\n{_marked(_GMAIL['de'])}\n\n-- \nVirenfrei. www.avast.example\n"
    return Shape(plain(facts, text), words=(facts.sentence,), folded=(_QUOTE, "Virenfrei"))


def passed_on(facts: Facts) -> Shape:
    head = f"---------- Forwarded message ---------\n{_OUTLOOK['en']}"
    text = f"Zie hieronder.\n\n{head}\n\n{facts.sentence}"
    return Shape(
        plain(facts, text, Subject=f"Fwd: {facts.word}"), words=("Zie hieronder.", facts.sentence)
    )


def passed_on_by_outlook(facts: Facts) -> Shape:
    text = f"Zie hieronder.\n\n{_OUTLOOK['nl']}\n\n{facts.sentence}"
    return Shape(
        plain(facts, text, Subject=f"FW: {facts.word}"), words=("Zie hieronder.", facts.sentence)
    )


def journey_that_looks_like_headers(facts: Facts) -> Shape:
    text = f"From: Amsterdam\nTo: Berlin\nWhen: tomorrow\n\n{facts.sentence}"
    return Shape(plain(facts, text), words=(facts.sentence, "To: Berlin"), extra={"quoted": ""})


def html_of_gmail(facts: Facts) -> Shape:
    html = (
        f'<div dir="ltr">{facts.sentence}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">{escape(_GMAIL["nl"])}'
        f'<br></div><blockquote class="gmail_quote"><div>{_QUOTE}</div></blockquote></div>'
    )
    return _of_html(facts, html)


def html_of_outlook(facts: Facts) -> Shape:
    lines = "".join(
        f"<b>{line.replace(':', ':</b>', 1).replace('<', '&lt;', 1) if '@' in line else line}<br>"
        for line in ("Van: Support", "Verzonden: dinsdag 3 november 2026 10:11", "Aan: Sanne")
    )
    html = (
        f"<div>{facts.sentence}</div><div id=appendonsend></div><hr>"
        f'<div id="divRplyFwdMsg" dir="ltr">{lines}</div><div>{_QUOTE}</div>'
    )
    return _of_html(facts, html)


def html_of_outlook_in_another_language(facts: Facts) -> Shape:
    html = (
        f'<div>{facts.sentence}</div><hr><div id="divRplyFwdMsg"><b>Fra:</b> Support<br>'
        f"<b>Sendt:</b> 3. november 2026</div><div>{_QUOTE}</div>"
    )
    return _of_html(facts, html)


def html_of_thunderbird(facts: Facts) -> Shape:
    html = (
        f'<p>{facts.sentence}</p><div class="moz-cite-prefix">Am 03.11.26 um 10:11 schrieb Support:'
        f'<br></div><blockquote type="cite" cite="mid:x"><p>{_QUOTE}</p></blockquote>'
    )
    return _of_html(facts, html)


def html_of_apple(facts: Facts) -> Shape:
    html = (
        f"<div>{facts.sentence}</div><div><br><blockquote type='cite'>"
        "<div>On 3 Nov 2026, at 10:11, Support &lt;support@care.example&gt; wrote:</div><br>"
        f"<div>{_QUOTE}</div></blockquote></div>"
    )
    return _of_html(facts, html)


def html_between_the_quotes(facts: Facts) -> Shape:
    html = (
        f"<blockquote type=cite>Werkt het?</blockquote><p>Nee, {facts.word}</p>"
        "<blockquote type=cite>En nu?</blockquote><p>Nog niet</p>"
    )
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"),
        words=(f"Nee, {facts.word}", "> En nu?", "Nog niet"),
        extra={"quoted": ""},
    )


def _of_html(facts: Facts, html: str) -> Shape:
    return Shape(
        plain(facts, html, Content_Type="text/html; charset=utf-8"),
        words=(facts.sentence,),
        folded=(_QUOTE,),
    )


SHAPES: tuple[Callable[[Facts], Shape], ...] = (
    *(_above(name, tail) for name, tail in _tails().items()),
    below_the_quote,
    between_the_quotes,
    only_a_quote,
    quote_and_footer,
    passed_on,
    passed_on_by_outlook,
    journey_that_looks_like_headers,
    html_of_gmail,
    html_of_outlook,
    html_of_outlook_in_another_language,
    html_of_thunderbird,
    html_of_apple,
    html_between_the_quotes,
)
