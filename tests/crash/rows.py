"""The failure table of the link: what breaks, what must come of it, and the tests that keep it."""

from __future__ import annotations

# Where the tests lie.
KILL = "tests/flow/test_kill.py"
POWER_CUTS = "tests/power/test_power_cuts.py"
MATRIX = "tests/crash/test_matrix.py"
COUNTED_ONCE = "tests/central/test_counted_once.py"
LINK_FAULTS = "tests/central/test_link_faults.py"
INGEST = "tests/central/test_ingest.py"
LEDGER = "tests/central/test_ledger.py"
PRESENCE = "tests/central/test_presence.py"
FAILURE_TABLE = "tests/crash/test_failure_table.py"
STORE_POWER = "tests/unit/test_store_power.py"
RESTORED_CARD = "tests/central/test_restored_card.py"
CLONES = "tests/central/test_clones.py"
ROWS: dict[int, tuple[str, list[tuple[str, str]]]] = {
    1: (
        "station dies before the commit: nothing was shown, nothing is kept",
        [
            (KILL, "test_a_station_killed_at_any_moment_keeps_what_it_showed_and_shows_what_it_kept"),
            (
                POWER_CUTS,
                "test_whenever_the_power_goes_nothing_a_child_was_told_is_lost_and_nothing_is_half_there",
            ),
        ],
    ),
    2: (
        "station dies between commit and screen: the item is on loan, with its fact",
        [
            (KILL, "test_a_station_killed_at_any_moment_keeps_what_it_showed_and_shows_what_it_kept"),
            (
                POWER_CUTS,
                "test_whenever_the_power_goes_nothing_a_child_was_told_is_lost_and_nothing_is_half_there",
            ),
        ],
    ),
    3: (
        "station dies before it sends: sent at the next start",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (COUNTED_ONCE, "test_a_station_that_dies_half_way_sends_the_rest_when_it_is_back"),
        ],
    ),
    4: (
        "sent, never answered: sent again with the same id",
        [
            (LINK_FAULTS, "test_unanswered_facts_are_sent_again_with_the_same_ids"),
        ],
    ),
    5: (
        "the broker took it: the row stays until the centre holds it",
        [
            (COUNTED_ONCE, "test_nothing_is_published_while_no_ingest_is_there"),
            (LINK_FAULTS, "test_a_broker_that_refuses_the_topics_never_moves_the_watermark"),
        ],
    ),
    6: (
        "broker dies with what it took: sent again",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (COUNTED_ONCE, "test_a_broker_killed_in_mid_drain_loses_nothing"),
        ],
    ),
    7: (
        "broker forgets sessions and retained messages: both sides say theirs anew",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (COUNTED_ONCE, "test_a_broker_that_forgot_everything_is_healed_by_both_sides"),
        ],
    ),
    8: (
        "ingest dies or fails before the commit: nothing is acknowledged, all comes again",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (INGEST, "test_what_could_not_be_committed_is_not_acknowledged_and_comes_again"),
        ],
    ),
    9: (
        "ingest dies between commit and acknowledgement: recognised",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (COUNTED_ONCE, "test_an_ingest_killed_in_mid_batch_counts_once"),
            (LEDGER, "test_a_fact_that_comes_twice_counts_once"),
        ],
    ),
    10: (
        "the watermark was never said: a birth is answered with it",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (PRESENCE, "test_a_birth_is_answered_with_where_the_centre_stands"),
        ],
    ),
    11: (
        "station dies with confirmations in its inbox: the retained one comes again",
        [
            (MATRIX, "test_whatever_is_killed_every_fact_is_held_and_counted_once"),
            (COUNTED_ONCE, "test_a_station_that_dies_half_way_sends_the_rest_when_it_is_back"),
        ],
    ),
    12: (
        "half-open link: noticed, made anew, nothing deleted meanwhile",
        [
            (FAILURE_TABLE, "test_row_12_a_link_that_swallows_everything_is_noticed_and_made_anew"),
        ],
    ),
    13: (
        "access rules wrong: said with the broker's reason, watermark stands, people are told",
        [
            (FAILURE_TABLE, "test_row_13_one_wrong_letter_in_the_access_rules_loses_nothing_and_is_told"),
            (LINK_FAULTS, "test_a_broker_that_refuses_the_topics_never_moves_the_watermark"),
        ],
    ),
    14: (
        "disk full: refused and said, on either side, and it heals",
        [
            (
                FAILURE_TABLE,
                "test_row_14_a_station_whose_disk_is_full_refuses_and_goes_on_when_there_is_room",
            ),
            (FAILURE_TABLE, "test_row_14_a_centre_whose_disk_is_full_acknowledges_nothing_and_catches_up"),
            (STORE_POWER, "test_a_full_disk_refuses_keeps_nothing_half_and_heals_when_room_is_made"),
        ],
    ),
    15: (
        "card restored or cloned: fork, alarm, new numbers; every act counted once",
        [
            (FAILURE_TABLE, "test_row_15_two_live_clones_are_told_apart_and_every_act_of_both_is_counted"),
            (RESTORED_CARD, "test_what_a_restored_card_writes_is_counted_once_and_nothing_else_twice"),
            (
                FAILURE_TABLE,
                "test_row_15_a_card_of_last_week_that_lent_more_than_was_lost_has_every_act_counted",
            ),
            (CLONES, "test_row_15_a_restored_card_is_told_to_take_a_new_epoch_and_an_alarm_stays"),
        ],
    ),
    16: (
        "card dies: its unsent tail is gone; how old it was is shown",
        [
            (FAILURE_TABLE, "test_row_16_what_a_card_that_dies_would_take_with_it_is_known_by_its_age"),
        ],
    ),
    17: (
        "centre restored from a backup: stations send again what it lacks",
        [
            (FAILURE_TABLE, "test_row_17_a_centre_restored_to_yesterday_heals_alone"),
            (FAILURE_TABLE, "test_row_17_a_station_that_stays_connected_meanwhile_sends_again_too"),
            (CLONES, "test_row_17_a_restored_database_notices_by_what_a_station_was_told"),
        ],
    ),
    18: (
        "poison: set aside and kept, what follows goes on",
        [
            (PRESENCE, "test_poison_on_the_wire_is_set_aside_and_the_rest_goes_on"),
            (LEDGER, "test_an_unreadable_fact_answers_for_its_number_so_that_later_ones_go_on"),
        ],
    ),
}
"""Each row: what breaks and what must come of it, and the tests that keep it."""
