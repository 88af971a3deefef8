"""Every address is guarded, or on this list because strangers need it."""

PUBLIC = {
    "home",
    "health.health",
    "account.first_admin",
    "account.sign_in",
    "account.sign_out",
    "account.switch_theme",
    "demo.move_clock",
}
"""Portal pages for strangers are listed in `PORTAL`."""
PORTAL = "portal."


def test_every_address_is_guarded_or_public_on_purpose(web):
    bare = {
        endpoint
        for endpoint, view in web.view_functions.items()
        if not hasattr(view, "guard") and not endpoint.startswith(PORTAL)
    }
    assert bare - PUBLIC == set()


def test_addresses_that_only_read_take_no_other_method(web):
    odd = [
        rule.rule
        for rule in web.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "POST", "HEAD", "OPTIONS"}
    ]
    assert odd == []
