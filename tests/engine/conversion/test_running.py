"""What was imported runs to its end through forms, timers and messages, on both databases."""

import pytest

from tests.engine.conversion.player import Player


@pytest.fixture
def camunda7(db):
    return Player(db, "camunda7")


@pytest.fixture
def camunda8(db):
    return Player(db, "camunda8")


@pytest.fixture
def plain(db):
    return Player(db, "plain")


def test_an_order_complaint_of_camunda_7_is_paid_back(camunda7):
    case = camunda7.start("order_complaint")
    camunda7.complete("ask_load_order", amount="120")
    camunda7.complete("load_order")
    camunda7.complete("judge", kind="late", justified="true")
    assert camunda7.at() == ["approve"]
    camunda7.complete("approve", approved="true")
    camunda7.complete("refund")
    assert camunda7.status(case) == "completed"
    assert "paid" in camunda7.ways(case)


def test_an_order_complaint_of_camunda_7_is_refused_after_a_reminder(camunda7):
    case = camunda7.start("order_complaint")
    camunda7.complete("ask_load_order", amount="20")
    camunda7.complete("load_order")
    assert camunda7.later(hours=47) == 0
    assert camunda7.later(hours=2) == 1
    assert camunda7.at() == ["hurry", "judge"]
    camunda7.complete("hurry")
    camunda7.complete("judge", kind="late", justified="true")
    assert camunda7.at() == ["refuse"]  # 20 is not over 50, and late is not wrong
    camunda7.complete("refuse")
    assert camunda7.status(case) == "completed"


@pytest.mark.parametrize(("months", "offered"), [("6", True), ("18", True), ("30", False)])
def test_a_decision_table_of_camunda_7_decides_as_it_did(camunda7, months, offered):
    case = camunda7.start("contract_cancellation")
    camunda7.complete("take_down", months=months, product="internet")
    assert camunda7.at() == ["inform", "inform"]  # one for each team
    camunda7.complete("inform")
    camunda7.complete("inform")
    assert camunda7.at() == (["offer"] if offered else [])
    if offered:
        camunda7.complete("offer")
    assert camunda7.send("customer stays") == 1
    assert camunda7.status(case) == "completed"
    assert "kept" in camunda7.ways(case)


def test_a_notice_of_camunda_7_ends_by_its_timer(camunda7):
    case = camunda7.start("contract_cancellation")
    camunda7.complete("take_down", months="30", product="phone")
    camunda7.complete("inform")
    camunda7.complete("inform")
    assert camunda7.later(days=31) == 1
    assert camunda7.status(case) == "completed"
    assert {"archive", "ended"} <= camunda7.ways(case)


def test_two_pools_of_camunda_7_talk_to_each_other(camunda7):
    customer = camunda7.start("customer")
    desk = camunda7.started("callback_request")  # by the message of the other pool
    camunda7.complete("ask_call", retryAfter="P1D")
    camunda7.complete("call", reached="false", solved="false")
    assert camunda7.later(days=2) == 1
    camunda7.complete("call", reached="true", solved="false")
    camunda7.complete("look")
    camunda7.complete("ask_tell")
    assert camunda7.status(desk) == "completed"
    assert camunda7.status(customer) == "completed"


def test_a_warranty_claim_of_camunda_8_is_picked_up(camunda8):
    case = camunda8.start("warranty_claim")
    camunda8.complete("examine", claim_number="42", damage="material", seen_at="10:00")
    camunda8.complete("check", months="7")
    camunda8.complete("repair", work_done="New hinge", hours="1.5")
    assert camunda8.send("picked up") == 1
    assert camunda8.status(case) == "completed"
    assert "returned" in camunda8.ways(case)


def test_a_warranty_claim_of_camunda_8_is_sent_home_after_two_weeks(camunda8):
    case = camunda8.start("warranty_claim")
    camunda8.complete("examine", claim_number="42", damage="material")
    camunda8.complete("check", months="24")
    camunda8.complete("repair")
    assert camunda8.later(days=13) == 0
    assert camunda8.later(days=2) == 1
    camunda8.complete("send")
    assert camunda8.status(case) == "completed"


def test_a_warranty_claim_of_camunda_8_is_refused_for_own_fault(camunda8):
    case = camunda8.start("warranty_claim")
    camunda8.complete("examine", claim_number="42", damage="own fault")
    camunda8.complete("check", months="3")
    camunda8.complete("refuse")
    assert "refused" in camunda8.ways(case)


@pytest.mark.parametrize(
    ("abroad", "turns", "last"), [("true", 3, "invoice"), ("false", 2, "tell")]
)
def test_an_address_change_of_camunda_8_goes_through_every_system(camunda8, abroad, turns, last):
    case = camunda8.start("address_change")
    camunda8.complete("ask_enter", customer_key="42")
    camunda8.complete("enter", street="Main 1", city="Bonn", abroad=abroad)
    for _ in range(turns):
        assert camunda8.at() == ["change"]
        camunda8.complete("change")
    assert camunda8.at() == [last]
    camunda8.complete(last)
    assert camunda8.status(case) == "completed"


def test_a_message_of_camunda_8_stops_a_step(camunda8):
    case = camunda8.start("address_change")
    camunda8.complete("ask_enter", customer_key="42")
    assert camunda8.send("moves again", street="Elsewhere") == 1
    assert camunda8.status(case) == "completed"
    assert "stop" in camunda8.ways(case)


def test_a_delivery_problem_of_camunda_8_calls_another_process(camunda8):
    case = camunda8.start("delivery_problem")
    camunda8.complete("ask_note", trace_until="P5D")
    camunda8.complete("note", traceable="true", urgent="true", refund_wanted="false")
    assert camunda8.at() == ["pack", "trace"]
    camunda8.complete("pack")
    camunda8.complete("trace")
    camunda8.complete("score")
    assert camunda8.status(case) == "completed"


def test_a_date_of_camunda_8_that_a_form_gave_ends_a_step(camunda8):
    camunda8.start("delivery_problem")
    camunda8.complete("ask_note", trace_until="P5D")
    camunda8.complete("note", traceable="true", urgent="false", refund_wanted="false")
    assert camunda8.later(days=6) == 1
    assert camunda8.at() == ["claim"]


def test_a_drawing_without_conditions_asks_a_person_which_way(plain):
    case = plain.start("Process_returns")
    plain.complete("t1", g1_way="g1_t2")
    plain.complete("t2")
    assert plain.later(days=13) == 0
    assert plain.later(days=2) == 1
    plain.complete("t3", g2_way="g2_t5")
    plain.complete("t5")
    assert plain.status(case) == "completed"
    other = plain.start("Process_returns", key="43")
    plain.complete("t1", key="43", g1_way="g1_t6")
    plain.complete("t6", key="43")
    assert plain.ways(other) >= {"t6", "e3"}


def test_two_drawn_pools_become_two_processes_that_talk(plain):
    shop = plain.start("shop")
    plain.complete("s2")  # orders the repair, which starts the workshop
    workshop = plain.started("workshop_1")
    plain.complete("w2")
    plain.complete("s5")
    assert plain.status(shop) == plain.status(workshop) == "completed"


def test_a_drawing_with_a_link_a_fork_and_a_subprocess_runs(plain):
    case = plain.start("lost_parcel")
    plain.complete("ask_b", worth="800")
    plain.complete("b")
    plain.complete("c")
    plain.complete("d2")
    plain.complete("file")
    assert plain.ways(case) >= {"ins", "ins2", "filed"}
    assert plain.status(case) == "completed"


def test_a_script_of_a_drawing_works_out_its_value(plain):
    case = plain.start("lost_parcel")
    plain.complete("ask_b", worth="100")
    for step in ("b", "c", "d2"):
        plain.complete(step)
    assert plain.ways(case) >= {"pay", "paid"}
    assert plain.status(case) == "completed"
