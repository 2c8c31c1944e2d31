from episodic.canonical.resolution.transcripts.table import overlaid


def test_columns_are_parted_at_each_edge_and_know_who_is_silent_in_them() -> None:
    long, late, last = (0, 5, 0), (3, 8, 1), (10, 12, 0)
    assert list(overlaid([last, late, long])) == [
        (0, 3, (long,)),
        (3, 5, (long, late)),
        (5, 8, (late,)),
        (10, 12, (last,)),
    ]
