"""A title says what the figures say, and its opposite on the opposite day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.reading import Reading
from analysis.report import FlowReport
from templates.charts import Chart, Extras, NoChart, pictures
from templates.charts.calibration import title_of as calibration_title
from templates.charts.drawing.facts import GammaProfile
from templates.charts.driver_bars import Sums
from templates.charts.driver_bars import title_of as drivers_title
from templates.charts.forced_share import title_of as share_title
from templates.charts.gamma_profile import title_of as gamma_title
from templates.charts.odds import title_of as odds_title
from templates.charts.rebalancing import title_of as rebalancing_title
from tests.templates import reports as made
from tests.templates.charts.drawings import EVERYTHING, PAST, SAID, days, gamma, layers, named


def chart(report: FlowReport, slug: str, extras: Extras = EVERYTHING) -> Chart:
    return named([one for one in pictures(report, extras) if isinstance(one, Chart)], slug)


@pytest.mark.parametrize(
    ("bought_usd", "sold_usd", "share_of_adv", "title"),
    [
        (31e9, 0.0, 0.08, "We put forced buying at about $31 billion"),
        (0.0, 31e9, 0.08, "We put forced selling at about $31 billion"),
        (53e9, 23e9, 0.2, "We put forced buying about $30 billion ahead of forced selling"),
        (23e9, 53e9, 0.2, "We put forced selling about $30 billion ahead of forced buying"),
        (20e9, 18e9, 0.1, "About $20 billion of forced buying met $18 billion of selling"),
        (2e8, 1e8, 0.001, "Forced traders had little to do"),
    ],
)
def test_the_drivers_title_tells_the_side_that_was_larger(
    bought_usd: float, sold_usd: float, share_of_adv: float, title: str
) -> None:
    sums = Sums(bought_usd=bought_usd, sold_usd=sold_usd, share_of_adv=share_of_adv)

    assert drivers_title(sums) == title


@pytest.mark.parametrize("slug", ["driver_bars", "rebalancing"])
@pytest.mark.parametrize("report", [made.rally(), made.mixed()], ids=["rally", "mixed"])
def test_a_mirrored_day_has_the_mirrored_title(report: FlowReport, slug: str) -> None:
    day, mirror = pictures(report, EVERYTHING), pictures(made.mirrored(report), EVERYTHING)
    titles = [
        one.title if isinstance(one, Chart) else one.reason
        for one in (*day, *mirror)
        if one.slug == slug
    ]

    assert turned(titles[0]) == titles[1]


def turned(text: str) -> str:
    """Return the text with each side's word replaced by the other's."""
    return text.replace("buying", "*").replace("selling", "buying").replace("*", "selling")


def test_mirrored_bars_lie_on_the_other_side_of_zero() -> None:
    day, mirror = (
        next(layers(chart(report, "driver_bars").spec))
        for report in (made.rally(), made.mirrored(made.rally()))
    )
    left, right = day["encoding"]["x"]["scale"]["domain"]

    assert mirror["encoding"]["x"]["scale"]["domain"] == [-right, -left]
    assert [-row["mid"] for row in day["rows"] if "mid" in row] == [
        row["mid"] for row in mirror["rows"] if "mid" in row
    ]


def test_every_bar_of_a_fall_in_which_all_sell_lies_left_of_zero() -> None:
    funds = made.reading("leveraged_etf", -0.9, flow_usd=(-22e9, -20e9, -6e9))
    told = chart(replace(made.rally(), readings=(funds,)), "driver_bars")
    row = next(layers(told.spec))["rows"][0]

    assert (row["low"], row["mid"], row["high"]) == (-22.0, -20.0, -6.0)
    assert row["side"] == "selling"
    assert told.title == "We put forced selling at about $20 billion"
    assert "between $6 billion and $22 billion" in told.alt


def test_a_range_far_beyond_the_bars_is_cut_and_still_told() -> None:
    gamma_flow = made.reading("dealer_gamma", -0.9, flow_usd=(-310e9, -55e9, -55e9))
    told = chart(replace(made.rally(), readings=(gamma_flow,)), "driver_bars")
    row = next(layers(told.spec))["rows"][0]

    assert row["low"] == -110.0
    assert (row["low_cut"], row["high_cut"]) == (True, False)
    assert "$310bn" in row["said"]
    assert "$310 billion" in told.alt


def test_a_driver_without_dollars_is_told_in_words_and_one_unseen_says_so() -> None:
    readings: tuple[Reading, ...] = (
        made.reading("leveraged_etf", 0.9, flow_usd=(1e9, 3e9, 4e9)),
        made.reading("hedge_unwinding", -0.9),
        made.unmeasured("dealer_gamma"),
    )
    told = chart(replace(made.rally(), readings=readings), "driver_bars")

    assert "Hedge unwinding: extreme selling, no dollars." in told.alt
    assert "not measured." in told.alt


def test_most_of_a_trade_is_named_by_where_it_was() -> None:
    parts = {"chip makers": -11e9, "the Nasdaq-100": -5.4e9, "banks": -4e9}

    assert (
        rebalancing_title(parts) == "About half of the leveraged funds' selling was in chip makers"
    )


def test_parts_that_nearly_cancel_are_told_as_such() -> None:
    assert rebalancing_title({"the Dow": 3e7, "banks": -2e7}) == (
        "Leveraged funds had next to nothing to trade"
    )
    assert rebalancing_title({"chip makers": 3e9, "banks": -2e9}) == (
        "Chip makers led the buying; other parts went against it"
    )


def test_a_day_whose_parts_are_not_known_has_no_rebalancing_chart() -> None:
    funds = made.reading("leveraged_etf", 0.9, flow_usd=(1e9, 3e9, 4e9))
    drawn = pictures(replace(made.rally(), readings=(funds,)))

    assert [one.slug for one in drawn if isinstance(one, NoChart)][:2] == [
        "gamma_profile",
        "rebalancing",
    ]


@pytest.mark.parametrize(
    ("profile", "title"),
    [
        (gamma(), "On the usual assumption dealers were short gamma: their hedging feeds moves"),
        (
            gamma(at_spot_usd=2e9, spot=5550.0),
            "On the usual assumption dealers were long gamma: their hedging damps moves",
        ),
        (
            replace(gamma(), conventions_agree=True),
            "On every assumption dealers were short gamma: their hedging feeds moves",
        ),
        (
            gamma(zone=(5440.0, 5520.0)),
            "The close lay inside the flip zone: dealers' gamma could have either sign",
        ),
    ],
    ids=["below the zone", "above the zone", "agreed", "inside the zone"],
)
def test_the_gamma_title_tells_which_side_of_the_flip_the_close_was(
    profile: GammaProfile, title: str
) -> None:
    assert gamma_title(profile) == title


def test_gamma_is_drawn_as_worked_out_at_spot_and_not_read_off_the_profile() -> None:
    profile = gamma(at_spot_usd=-3.7e9)
    told = chart(made.rally(), "gamma_profile", replace(EVERYTHING, gamma=profile))

    assert "they trade $3.7 billion with each 1% move" in told.alt


def test_a_profile_that_never_turns_has_no_zone() -> None:
    profile = replace(gamma(), flip_low=None, flip_high=None)
    told = chart(made.rally(), "gamma_profile", replace(EVERYTHING, gamma=profile))

    assert "no price nearby at which it changes sign" in told.alt
    assert not any(layer["mark"].get("style") == "zone" for layer in told.spec["layer"])


def test_the_area_changes_colour_exactly_where_gamma_is_nothing() -> None:
    prices, usd = (5000.0, 5400.0, 5800.0), (-3e9, -1e9, 3e9)
    profile = replace(gamma(spot=5400.0), prices=prices, gamma_usd=usd)
    told = chart(made.rally(), "gamma_profile", replace(EVERYTHING, gamma=profile))
    area = next(layer for layer in layers(told.spec) if layer["mark"]["type"] == "area")

    assert {"price": 5500.0, "over": 0.0, "under": 0.0} in area["rows"]


def test_a_profile_with_columns_of_two_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="42 prices and 43 gammas"):
        replace(gamma(), prices=gamma().prices[1:])


@pytest.mark.parametrize(
    ("today", "title"),
    [
        (0.04, "Net forced buying was 4% of volume, the biggest net in 60 days"),
        (-0.04, "Net forced selling was 4% of volume, the biggest net in 60 days"),
        (0.001, "Forced buying and forced selling about cancelled out"),
        # Of 59 shares from -3 % to 3 %, those of 0 and 1 % on either side are smaller.
        (0.015, "Net forced buying was 1.5% of volume, bigger than on 25 of 59 days before"),
    ],
)
def test_the_share_title_sets_today_against_the_days_before(today: float, title: str) -> None:
    assert share_title([*PAST, today]) == title


def test_a_gap_in_the_past_is_drawn_as_a_gap() -> None:
    shares = [*PAST[:40], None, *PAST[41:], 0.04]
    told = chart(made.rally(), "forced_share", replace(EVERYTHING, days=days(shares)))

    assert "bigger" not in told.title
    assert told.title.endswith("the biggest net in 59 days")


def test_a_past_that_ends_on_another_day_is_not_drawn() -> None:
    past = replace(EVERYTHING, days=EVERYTHING.days[:-1])
    drawn = {one.slug: one for one in pictures(made.rally(), past)}

    assert isinstance(drawn["forced_share"], NoChart)


@pytest.mark.parametrize(
    ("rate", "interval", "up", "title"),
    [
        (0.46, (0.42, 0.505), True, "Whether half the gain is given back has been a coin toss"),
        (
            0.41,
            (0.36, 0.46),
            True,
            "Most days like this had not given back half the gain within five sessions",
        ),
        (
            0.66,
            (0.61, 0.71),
            False,
            "Most days like this recovered half the loss within five sessions",
        ),
        (0.49, (0.44, 0.54), False, "Whether half the loss is recovered has been a coin toss"),
    ],
)
def test_the_odds_title_follows_from_the_interval(
    rate: float, interval: tuple[float, float], up: bool, title: str
) -> None:
    first, *rest = made.claims(up=up)
    claim = replace(first, probability=rate, base_rate=rate, interval=interval)

    assert odds_title([claim, *rest], 0.02 if up else -0.02) == title


@pytest.mark.parametrize(
    ("rate", "interval", "day_return", "way"),
    [
        (0.56, (0.52, 0.6), 0.004, "lower"),
        (0.44, (0.4, 0.48), 0.004, "higher"),
        (0.56, (0.52, 0.6), -0.004, "higher"),
        (0.44, (0.4, 0.48), -0.004, "lower"),
    ],
)
def test_the_next_close_is_told_the_way_it_more_often_went(
    rate: float, interval: tuple[float, float], day_return: float, way: str
) -> None:
    turned_claim = made.claims(up=day_return > 0.0)[1]
    claim = replace(turned_claim, probability=rate, base_rate=rate, interval=interval)

    title = f"After days like this the next close was more often {way}"
    assert odds_title([claim], day_return) == title


def test_a_model_is_named_as_one_and_the_base_rate_stands_beside_it() -> None:
    claim = replace(made.claims(up=True)[0], probability=0.61, base_rate=0.46)
    told = chart(replace(made.rally(), odds=(claim,)), "odds")

    assert told.title == "Our model puts it at 61% that half the gain is given back in five days"
    assert "(base rate 46%)" in told.alt
    assert any(
        layer["encoding"].get("x", {}).get("field") == "base" for layer in told.spec["layer"]
    )


def test_the_calibration_title_counts_what_came_true_as_said() -> None:
    assert calibration_title(SAID) == ("2 of 3 groups of claims came true about as often as said")
    assert calibration_title(SAID[:2]) == (
        "All 2 groups of claims came true about as often as said"
    )


def test_a_record_that_nobody_published_is_called_hindsight() -> None:
    live = chart(made.rally(), "calibration", replace(EVERYTHING, hindsight=False))

    assert "Hindsight" in chart(made.rally(), "calibration").alt
    assert "Published claims graded by 9 April 2025." in live.alt
