"""Two people move the same deal at the same moment, on two real connections."""

import threading

import pytest
from django.db import connection, connections

from baton.sales.deals.actions import move_to_stage
from baton.sales.deals.errors import ChangedMeanwhile
from baton.sales.deals.models import Deal
from tests.cast import NOW, a_deal, a_stage


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the test database in memory is one connection's; see the stale revision test"
)
@pytest.mark.django_db(transaction=True)
def test_one_move_stands_and_the_other_is_told():
    deal = a_deal()
    targets = [a_stage("Proposal"), a_stage("Negotiation")]
    ready = threading.Barrier(2)
    told: list[str] = []

    def mover(stage) -> None:
        try:
            mine = Deal.objects.get(pk=deal.pk)
            ready.wait(timeout=10)
            move_to_stage(mine, stage, actor=None, now=NOW)
            told.append("moved")
        except ChangedMeanwhile:
            told.append("refused")
        finally:
            connections.close_all()

    movers = [threading.Thread(target=mover, args=[stage]) for stage in targets]
    for thread in movers:
        thread.start()
    for thread in movers:
        thread.join(timeout=30)
    deal.refresh_from_db()
    assert sorted(told) == ["moved", "refused"]
    assert deal.stage_moves.count() == 1
    assert deal.stage in targets
