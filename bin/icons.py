"""Makes one sprite of the icons in use out of a folder of Tabler's outline icons: bin/icons.py FOLDER > icons.svg."""

import re
import sys
from pathlib import Path

ICONS = """
activity adjustments-horizontal alert-triangle archive arrow-down arrow-left arrow-right arrow-up arrow-back-up
arrows-sort bell bolt briefcase building building-store calendar calendar-event chart-bar chart-line check checklist
chevron-down chevron-left chevron-right chevron-up circle-check circle-dot clipboard-check clock coin columns copy
database-import device-desktop dots download edit exchange external-link eye file-invoice file-text filter flag
forms gauge hand-stop help-circle heart-handshake history home inbox info-circle key layout-kanban layout-sidebar link
list lock logout mail mail-forward map-pin menu-2 message minus moon note package pencil phone player-pause player-play
plus refresh report-analytics route search send settings share shield-check signature sparkles speakerphone star sun
switch-horizontal table tag target target-arrow trash trending-down trending-up trophy upload user user-check
user-plus users users-group wand world writing x
""".split()


def sprite(folder: Path) -> str:
    """Every icon as a <symbol> that draws in the colour of the text beside it."""
    symbols = []
    for name in sorted(set(ICONS)):
        path = folder / f"{name}.svg"
        if not path.exists():
            print(f"no icon {name}", file=sys.stderr)
            continue
        inside = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.S)
        if inside:
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inside[1].split())}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    sys.stdout.write(sprite(Path(sys.argv[1])))
