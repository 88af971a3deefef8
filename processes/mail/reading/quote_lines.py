"""Lines with which mail programs begin a quote, in English, Dutch, German and French.

Collected from how Outlook, Gmail, Apple Mail, Thunderbird and phones write them. Each pattern
looks at one line that was cut to a length, so that none can take long.
"""

import re

from processes.mail.reading.marker import MARKER

LONGEST = 400
"""Characters of a line that are looked at."""

_DATED = r"(?=.{0,200}\d)"
ATTRIBUTION = re.compile(
    rf"(?:on|op|am|le|il|el|den)\b{_DATED}.{{4,300}}?\b"
    r"(?:wrote|writes|schreef|geschreven|schrieb|écrit|ecrit|scritto|escribió|skrev)\b.{0,160}:\s*$"
    rf"|.{{0,200}}\d.{{0,150}}\b(?:wrote|schreef|schrieb|a écrit|het volgende geschreven)\b"
    r".{0,100}:\s*$"
    r"|.{1,200}\b(?:wrote|schreef|schrieb) (?:on|op|am)\b(?=.{0,80}(?:\d{4}|\d:\d\d)).{4,120}:\s*$"
    r"|\d{4}-\d\d-\d\d.{0,40}<[^<>\s]{3,100}@[^<>\s]{1,100}>\s*:\s*$",
    re.IGNORECASE,
)
"""`On 3 March 2026, Ann wrote:`, `Op di 3 mrt 2026 om 10:11 schreef Ann <a@b.nl>:`, …"""

OWN_STORY = re.compile(
    r"\b(?:i wrote|ik schreef|schreef ik|schreven wij|ich schrieb|schrieb ich|schrieben wir"
    r"|wrote (?:you|to you)|j'ai écrit)",
    re.IGNORECASE,
)
"""`Op 3 november schreef ik u:`: the writer tells what he wrote himself."""

ATTRIBUTION_BEGINS = re.compile(r"(?:on|op|am|le)\b.{0,200}\d", re.IGNORECASE)
"""The first of two or three lines an attribution was wrapped over."""

BEFORE_QUOTE = re.compile(r"(?=.*\d).*(?:[@>]|\d{4}).*:\s*$")
"""A line in any language that names a date and ends with a colon, right above a `>` quote."""

SEPARATOR = re.compile(
    r"-{2,}\s*(?:original message|original appointment|(?:oorspronkelijke?|origineel) bericht"
    r"|oorspronkelijke afspraak|ursprüngliche nachricht|ursprungliche nachricht"
    r"|urspruengliche nachricht|message d'origine|reply message|original-?nachricht"
    r"|antwoordbericht)\s*-{2,}\s*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"-{2,}\s*(?:forwarded (?:message|by)|doorgestuurd bericht|weitergeleitete nachricht"
    r"|message transféré).{0,80}-{2,}"
    r"|(?:begin forwarded message|begin doorgestuurd bericht"
    r"|anfang der weitergeleiteten nachricht|début du message réexpédié)\s*:\s*$",
    re.IGNORECASE,
)
"""What is below was passed on to be read: it is no quote."""
SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
RULE = re.compile(r"_{10,}\s*$|-{10,}\s*$")

LABEL = re.compile(
    r"\*?(?:(?P<sender>from|van|von|de|expéditeur)"
    r"|(?P<sent>sent|verzonden|gesendet|envoyé|date|datum|verstuurd|gestuurd)"
    r"|(?P<subject>subject|onderwerp|betreff|objet)"
    r"|(?P<others>to|aan|an|à|cc|kopie|reply-to|beantwoorden|antwort an))\s?:\*?(?=\s|$)",
    re.IGNORECASE,
)
"""A line of the block of headers that Outlook, GMX, Samsung and others put above a quote."""

MARKERS = frozenset(words.strip("— ") for words in MARKER.values())
SIGNED_BY_PHONE = re.compile(
    r"(?:sent|verstuurd|verzonden|gesendet|von meinem|vanaf mijn|envoyé)\b.{0,60}"
    r"\b(?:iphone|ipad|android|galaxy|samsung|huawei|telefoon|handy|smartphone|mobile?|"
    r"phone|outlook|yahoo|gmx|proton|mail app)\b.{0,60}$"
    r"|von meinem (?:iphone|ipad|handy|smartphone|mobiltelefon)\b.{0,40}$"
    r"|(?:outlook für|outlook voor|get outlook for|download outlook|outlook for)\b.{0,60}$"
    r"|diese nachricht wurde von meinem .{0,60}gesendet\.?$",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"--\s?$|_{2,}\s*$|.{0,20}\b(?:virus-?free|virenfrei|virusvrij)\b|dit bericht is gecontroleerd",
    re.IGNORECASE,
)
"""What stands below a quote without being an answer."""
