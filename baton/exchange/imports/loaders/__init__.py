"""One loader per noun that can be imported."""

from baton.exchange.imports.loaders import (
    companies,
    consents,
    contacts,
    deals,
    events,
    leads,
    people_who_sell,
    products,
)
from baton.exchange.imports.loaders.base import Loader

LOADERS: dict[str, Loader] = {
    loader.noun: loader
    for loader in (
        contacts.LOADER,
        companies.LOADER,
        products.LOADER,
        people_who_sell.LOADER,
        deals.LOADER,
        leads.LOADER,
        consents.LOADER,
        events.LOADER,
    )
}
