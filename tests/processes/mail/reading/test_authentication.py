"""What our own server found out about a sender, which the sender cannot talk away."""

import time

import pytest

from processes.mail.reading.authentication import verdicts
from processes.mail.reading.headers import Headers


@pytest.mark.parametrize(
    "said",
    [
        "spf=pass smtp.mailfrom=dmarc=a@evil.org; dmarc=fail header.from=x",
        "dmarc=fail; spf=pass smtp.mailfrom=dmarc=fair@evil.org",
        'spf=pass smtp.mailfrom="a; dmarc=pass"@evil.org; dmarc=fail header.from=x',
        'spf=pass smtp.mailfrom="a\\"; dmarc=pass; "@evil.org; dmarc=fail header.from=x',
        "spf=pass (evil; dmarc=pass (really); it does); dmarc=fail",
        'spf=pass (domain of "evil); dmarc=fail header.from="x"',
        "spf=pass smtp.mailfrom=a(@evil.org; dmarc=fail",
        'spf=pass smtp.mailfrom="a@evil.org; dmarc=fail',
        "dmarc=error; dmarc=fail; dmarc=pass",
        "DMARC/1 = FAIL (p=reject) header.from=x",
        "dmarc=fail(p=none)",
    ],
)
def test_a_sender_cannot_write_a_failed_check_away(said):
    assert verdict(said) == "fail"


def test_the_more_doubtful_of_two_verdicts_counts():
    assert verdict("dmarc=pass; dmarc=temperror") == "temperror"
    assert verdict("dmarc=pass header.from=x; spf=fail") == "pass"
    assert verdict("spf=pass; dkim=fail") == "pass"
    assert verdict("spf=softfail; dkim=fail") == "fail"


def test_words_the_standard_does_not_know_are_no_verdict():
    assert verdict("dmarc=fine") == "none"
    assert verdict("x-dmarc=fail; x dmarc=fail; spf=pass") == "pass"
    assert verdict("none") == "none"


@pytest.mark.parametrize("sign", ['"', '"\\', "(", "()", "\\", "(\\", "dmarc=", ";dmarc/"])
def test_a_verdict_is_read_in_no_time(sign):
    headers = Headers([("Authentication-Results", "mx; " + sign * 4_000)] * 20)
    began = time.process_time()
    verdicts(headers)
    assert time.process_time() - began < 0.5


def verdict(said):
    return verdicts(Headers([("Authentication-Results", f"mx.house.nl; {said}")]))["mx.house.nl"]
