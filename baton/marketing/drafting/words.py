"""The words of the visual editor: what our script says, and what GrapesJS says, in the language of who writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

Words = dict[str, Any]


def editor_words() -> dict[str, str]:
    """What our own script says."""
    return {
        "header": _("Header"), "text": _("Text"), "heading": _("Heading"), "image": _("Picture"),
        "button": _("Button"), "two": _("Two columns"), "three": _("Three columns"), "product": _("Product"),
        "divider": _("Line"), "space": _("Space"), "condition": _("For a segment"), "footer": _("Footer"),
        "hello": _("Write here."), "your_heading": _("A heading"), "read_more": _("Read more"),
        "product_name": _("Product's name"), "product_text": _("What it does, in a sentence."),
        "product_price": _("from 490 a year"), "see_it": _("See it"), "left": _("On the left"),
        "right": _("On the right"), "middle": _("In the middle"), "only_some": _("Only the chosen segment reads this."),
        "shown_to": _("Who gets it"), "everyone": _("Everyone"), "who_is": _("In: %s"), "who_is_not": _("Not in: %s"),
        "field": _("Contact's field"),
        "saving": _("Saving"), "saved": _("Saved"), "unsaved": _("Not saved yet"),
        "offline": _("There is no connection. What you wrote is kept in this browser and saved once it is back."),
        "unreadable": _("The source cannot be shown on the canvas: %s"),
        "kept": _("This browser kept words that were not saved."), "use_them": _("Use them"), "drop": _("Drop them"),
        "no_products": _("The list of products did not come. Look at the connection and type again."),
        "no_place": _("The source has no part of a mail to put it into."),
        "see_other": _("See the other's version"), "undo": _("Undo"),
        "footer_stays": _("The footer cannot be left out: the law asks for sender, address and unsubscribe link."),
    }  # fmt: skip


def canvas_words() -> Words:
    """GrapesJS's own messages by its own keys (its i18n module), and the words of its tools that it has no key for."""
    return {
        "messages": {
            "assetManager": {"addButton": _("Add a picture"), "modalTitle": _("Choose a picture"),
                             "uploadTitle": _("Drop pictures here, or click to choose them")},
            "domComponents": {"names": {**_parts_of_text(), **_rare_parts()}},
            "grapesjs-mjml": {"components": {"names": _parts_of_mail()}},
            "styleManager": {"empty": _("Click a part of the mail to change it."), "fileButton": _("Pictures"),
                             "sectors": _groups(), "properties": _properties(), "options": _choices()},
            "traitManager": {"empty": _("Click a part of the mail to change it."), "label": _("Settings"),
                             "traits": {"labels": _settings(), "attributes": _examples(), "options": _answers()}},
        },
        "writing": {"bold": _("Bold"), "italic": _("Italic"), "underline": _("Underlined"),
                    "strikethrough": _("Struck through"), "link": pgettext("in a text", "Link"),
                    "wrap": _("Style these words by themselves")},
        "tools": {"tlb-move": _("Move"), "tlb-clone": _("Copy"), "tlb-delete": _("Delete"),
                  "exit": _("Choose what is around it")},
        "colours": {"chooseText": _("Choose"), "cancelText": _("Cancel"), "clearText": _("No colour"),
                    "noColorSelectedText": _("No colour"), "togglePaletteMoreText": _("More"),
                    "togglePaletteLessText": _("Less")},
    }  # fmt: skip


def _parts_of_mail() -> Words:
    """Names of the parts of MJML, by the plugin's keys."""
    return {
        "body": _("Mail"), "button": _("Button"), "column": _("Column"), "divider": _("Line"),
        "group": _("Columns kept beside each other"), "hero": _("Banner"), "image": _("Picture"),
        "navBar": _("Row of links"), "navLink": pgettext("in a row of links", "Link"), "section": _("Section"),
        "socialGroup": _("Networks"), "socialElement": _("Network"), "spacer": _("Space"), "text": _("Text"),
        "wrapper": _("Sections together"), "raw": _("HTML"),
    }  # fmt: skip


def _parts_of_text() -> Words:
    """Names of what stands in a text, by GrapesJS's type or HTML's tag."""
    bold, italic, list_, heading = _("Bold"), _("Italic"), _("List"), _("Heading")
    return {
        "": _("Part"), "wrapper": _("Mail"), "text": _("Text"), "textnode": _("Text"), "comment": _("Remark"),
        "image": _("Picture"), "video": _("Film"), "label": _("Label"), "link": pgettext("in a text", "Link"),
        "map": _("Map"), "table": _("Table"), "tbody": _("Rows"), "thead": _("Head of the table"),
        "tfoot": _("Foot of the table"), "row": _("Row"), "cell": _("Cell"), "p": _("Paragraph"),
        "br": _("New line"), "hr": _("Line"), "b": bold, "strong": bold, "i": italic, "em": italic,
        "u": _("Underlined"), "s": _("Struck through"), "strike": _("Struck through"), "span": _("Words"),
        "ul": list_, "ol": list_, "li": _("Point of a list"), "h1": heading, "h2": heading, "h3": heading,
        "h4": heading, "div": _("Part"), "blockquote": _("Quotation"),
    }  # fmt: skip


def _rare_parts() -> Words:
    """Names of parts of MJML that the plugin does not draw: it shows their tags otherwise."""
    fold = _("Part that unfolds")
    return {
        "mjml": _("Whole mail"), "mj-table": _("Table"), "mj-accordion": fold, "mj-accordion-element": fold,
        "mj-accordion-title": _("Heading"), "mj-accordion-text": _("Text"), "mj-carousel": _("Pictures in turn"),
        "mj-carousel-image": _("Picture"),
    }  # fmt: skip


def _groups() -> Words:
    """Headings over the styles."""
    return {
        "dimension": _("Size and space"), "typography": _("Letters"), "decorations": _("Colours and borders"),
        "general": _("General"), "layout": _("Layout"), "extra": _("More"), "flex": _("Layout"),
    }  # fmt: skip


def _properties() -> Words:
    """Names of the styles; those that end in -sub are parts of another."""
    sides = {"top": _("Top"), "right": _("Right"), "bottom": _("Bottom"), "left": _("Left")}
    corners = {
        "top-left": _("Top left"), "top-right": _("Top right"), "bottom-right": _("Bottom right"),
        "bottom-left": _("Bottom left"),
    }  # fmt: skip
    border = {"width": _("Width"), "style": _("Style"), "color": _("Colour")}
    return {
        "width": _("Width"), "height": _("Height"), "max-width": _("Greatest width"),
        "min-height": _("Least height"), "margin": _("Space outside"), "padding": _("Space inside"),
        "vertical-align": _("Up or down"), "icon-size": _("Size of the icons"), "font-family": _("Font"),
        "font-size": _("Size of letters"), "font-weight": _("Weight"), "letter-spacing": _("Space between letters"),
        "color": _("Colour of letters"), "line-height": _("Height of a line"), "text-align": _("Alignment"),
        "align": _("Alignment"), "text-decoration": _("Line on the words"), "font-style": _("Slant"),
        "background-color": _("Background"), "container-background-color": _("Background around it"),
        "background-url": _("Picture behind it"), "background-repeat": _("Repeat the picture"),
        "background-size": _("Size of the picture"), "border-radius": _("Round corners"), "border": _("Border"),
        "border-detached": _("Border"),
        **{f"{kind}-{side}-sub": word for kind in ("margin", "padding") for side, word in sides.items()},
        **{f"border-{corner}-radius-sub": word for corner, word in corners.items()},
        **{f"border-{one}{end}": word for one, word in border.items() for end in ("", "-sub")},
    }  # fmt: skip


def _choices() -> Words:
    """Names of the values that a style can have."""
    none, normal = _("None"), pgettext("letters", "Normal")
    along = {"left": _("Left"), "center": _("Middle"), "right": _("Right"), "justify": _("Both sides")}
    lines = {
        "none": none, "solid": _("Solid"), "dotted": _("Dotted"), "dashed": _("Dashed"), "double": _("Double"),
        "groove": _("Groove"), "ridge": _("Ridge"), "inset": _("Sunk"), "outset": _("Raised"),
    }  # fmt: skip
    weights = {
        "100": _("Thin"), "200": _("Very light"), "300": _("Light"), "400": normal, "500": _("Medium"),
        "600": _("Half bold"), "700": _("Bold"), "800": _("Very bold"), "900": _("Black"),
    }  # fmt: skip
    return {
        "text-align": along, "align": along, "border-style": lines, "border-style-sub": lines, "font-weight": weights,
        "vertical-align": {"top": _("Top"), "middle": _("Middle"), "bottom": _("Bottom")},
        "text-decoration": {"none": none, "underline": _("Underlined"), "line-through": _("Struck through")},
        "font-style": {"normal": normal, "italic": _("Italic")},
        "background-repeat": {"repeat": _("In both directions"), "repeat-x": _("Side by side"),
                              "repeat-y": _("Below each other"), "no-repeat": _("Once")},
        "background-size": {"auto": _("As it is"), "cover": _("Fill all"), "contain": _("Show all of it")},
    }  # fmt: skip


def _settings() -> Words:
    """Names of what can be set of a part."""
    return {
        "href": _("Leads to"), "target": _("Opens in"), "rel": _("Relation of the link"),
        "alt": _("What it shows"), "src": _("Address of the picture"), "name": _("Network"), "mode": _("Direction"),
        "hamburger": _("Fold on phones"), "full-width": _("Full width"), "lang": _("Language"),
        "dir": _("Direction of writing"), "owa": _("Outlook on the web"), "id": _("Mark"), "title": _("Tooltip"),
    }  # fmt: skip


def _examples() -> Words:
    """What stands in an empty field."""
    values = {"href": "https://", "lang": "en", "dir": "rtl", "owa": "desktop", "alt": _("For who does not see it")}
    return {name: {"placeholder": value} for name, value in values.items()}


def _answers() -> Words:
    """Names of the values that a setting can have; networks keep their names."""
    return {
        "target": {"false": _("The same window"), "_blank": _("A new window")},
        "hamburger": {"hamburger": _("Yes"), "": _("No")},
        "mode": {"horizontal": _("Beside each other"), "vertical": _("Below each other")},
        "name": {"custom": _("Another"), "web": _("Website")},
    }  # fmt: skip
