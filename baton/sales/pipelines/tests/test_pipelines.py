"""Making pipelines and shaping stages."""

import pytest

from baton.sales.pipelines.actions import StageFacts, add_stage, make_pipeline, usual_stages
from baton.sales.pipelines.models import Pipeline, Stage
from tests.cast import a_pipeline, a_stage, a_user

pytestmark = pytest.mark.django_db


def test_making_one_twice_makes_one_with_its_stages_in_order():
    for _ in range(2):
        pipeline = make_pipeline("New business", usual_stages(), actor=None)
    assert Pipeline.objects.count() == 1
    assert next(stage.name for stage in pipeline.stages.all()) == "Qualification"
    assert [stage.probability for stage in pipeline.stages.all()] == [10, 25, 50, 75]


def test_a_new_stage_comes_last():
    stage = add_stage(a_pipeline(), StageFacts("Legal", 90), actor=None)
    assert stage == a_pipeline().stages.last()


def test_a_manager_makes_and_shapes_by_the_page(client):
    client.force_login(a_user("sales_manager"))
    client.post("/pipelines/make/", {"name": "Renewals"})
    stage = Stage.objects.get(name="Proposal")
    body = {"name": "Offer", "probability": 60, "stalled_after_days": 9, "demands": ["amount", "contact"]}
    client.post(f"/pipelines/stages/{stage.pk}/", body)
    stage.refresh_from_db()
    assert (stage.name, stage.probability, stage.demands) == ("Offer", 60, ["amount", "contact"])
    assert "Offer" in client.get("/pipelines/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"probability": 101}, {"stalled_after_days": 0}, {"demands": ["moon"]}, {"name": "Negotiation"}]
)
def test_wrong_facts_change_nothing(client, wrong):
    client.force_login(a_user("sales_manager"))
    stage = a_stage("Proposal")
    body = {"name": "Offer", "probability": 60, "stalled_after_days": 9, **wrong}
    client.post(f"/pipelines/stages/{stage.pk}/", body)
    stage.refresh_from_db()
    assert (stage.name, stage.probability) == ("Proposal", 40)


def test_a_rep_may_not_shape_pipelines(client):
    client.force_login(a_user())
    assert client.get("/pipelines/").status_code == 403
    assert client.post("/pipelines/make/", {"name": "Mine"}).status_code == 403
    assert not Pipeline.objects.exists()
