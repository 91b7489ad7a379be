"""Two figures, one of which warns and the other fails."""

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.limits import limits
from bigbrother.runbook.figures import Comparison, Threshold

COMPARISONS: list[Comparison] = ["<", "<=", ">", ">="]
RATIOS = st.floats(0, 1)
ORDER = (Status.PASSED, Status.WARNING, Status.FAILED)


def ratio(value: float) -> Quantity:
    return Quantity(value, "ratio", f"{value}")


@given(st.sampled_from(COMPARISONS), RATIOS, RATIOS, RATIOS)
def test_passed_is_good_by_both_figures_and_failed_bad_by_both(
    comparison: Comparison, daily: float, alert: float, value: float
) -> None:
    status = limits(Threshold(comparison, ratio(daily)), ratio(alert)).judge(value)
    good = [Threshold(comparison, ratio(bound)).passes(value) for bound in (daily, alert)]
    assert status is ORDER[good.count(False)] or (daily == alert and status is not Status.WARNING)


@given(st.sampled_from(COMPARISONS), RATIOS, RATIOS, st.tuples(RATIOS, RATIOS))
def test_a_worse_value_is_never_judged_better(
    comparison: Comparison, daily: float, alert: float, values: tuple[float, float]
) -> None:
    bounds = limits(Threshold(comparison, ratio(daily)), ratio(alert))
    better, worse = sorted(values, reverse=comparison in (">", ">="))
    assert ORDER.index(bounds.judge(better)) <= ORDER.index(bounds.judge(worse))


def test_one_figure_fails_without_a_warning_before() -> None:
    bounds = limits(Threshold("<", ratio(0.8)))
    assert [bounds.judge(value) for value in (0.79, 0.8)] == [Status.PASSED, Status.FAILED]
    assert bounds.warning is None
