"""A few of the points at which a mail's or a file's process dies, with everything real."""

import pytest

from tests.faults import invariants, mail_points
from tests.faults.mail_points import SETTINGS, SHORT, Points, open_mailbox
from tests.faults.site import opened


@pytest.mark.timeout(180)
def test_a_mail_and_a_file_outlive_the_process_that_had_them(make_site, imap_server):
    account = imap_server.account()
    site = make_site(extra=SETTINGS | mail_points.ONE_AT_A_TIME)
    with opened(site):
        site.write(lambda session: open_mailbox(session, account))
        found = Points(site, account, SHORT).run()
    invariants.check_orphans(site, found)
    assert found.words() == []
    assert found.figures["crashes"] == len(SHORT)


def test_every_point_has_a_name_of_its_own():
    assert len(set(mail_points.POINTS)) == len(mail_points.POINTS) >= 17
    assert set(SHORT) <= set(mail_points.POINTS)
