"""Contents page: every table of this side."""

from baton.sales.activities.models import Activity
from baton.sales.deals.models import CloseDateMove, Deal, DealContact, DealLine, StageMove
from baton.sales.orders.models import Order, OrderLine, Payment
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product
from baton.sales.quotas.models import Quota
from baton.sales.quotes.models import NumberSeries, Quote, QuoteLine
from baton.sales.signatures.models import SignatureEvent, SignatureRequest, Signer
from baton.sales.tasks.models import Task

__all__ = [
    "Activity",
    "CloseDateMove",
    "Deal",
    "DealContact",
    "DealLine",
    "NumberSeries",
    "Order",
    "OrderLine",
    "Payment",
    "Pipeline",
    "Product",
    "Quota",
    "Quote",
    "QuoteLine",
    "SignatureEvent",
    "SignatureRequest",
    "Signer",
    "Stage",
    "StageMove",
    "Task",
]
