"""Without its guards the product must fail the same checks, or they would prove nothing."""

import pytest

from tests.faults import negative


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.timeout(180)
def test_without_tokens_a_worker_that_was_away_too_long_sends_a_mail_again(make_site):
    assert "arrived again 1 times, 0 explained" in negative.token(make_site, guarded=False)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("guarded", "words"), [(True, ""), (False, "database is locked")])
def test_a_lock_that_is_taken_late_is_refused_on_sqlite_and_ours_never_is(
    make_site, guarded, words
):
    seen = negative.immediate(make_site, guarded=guarded)
    assert words in seen
    assert bool(seen) is not guarded
