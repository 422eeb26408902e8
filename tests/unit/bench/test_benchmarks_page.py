"""The page of the benchmarks shows the results that are kept."""

from tests.bench import results


def test_the_page_is_generated_from_the_newest_results() -> None:
    assert results.PAGE.read_text() == results.page(), "write it anew: make bench"
