"""The live crossing that `make run` and `make demo` show, as a newcomer starts it."""

from tests.support.installation import Installation


def test_the_live_crossing_plays_every_ending_and_tells_one_step_by_step(installation: Installation) -> None:
    told = installation.command("demo")

    for ending in ("closed (need_met)", "declined (no_capacity)", "redirected (", "information requested", "draft"):
        assert ending in told
