"""Names and texts the demo company is made of. All are invented; any likeness is chance."""

FIRST_NAMES = (
    "Ada Amir Anna Anton Beatriz Ben Björn Carla Chen Clara Dana Daniel David Elena Elif Emil Emma Erik Fatima "
    "Felix Fiona Frida Gabriel Greta Hana Hannah Henrik Hugo Ida Ines Isaac Ivan Jana Jonas Julia Jürgen Kai Karin "
    "Katya Lars Laura Lea Leo Lina Louis Lucía Magnus Maja Marco Maria Mateo Mehmet Mia Mila Mohamed Nadia Nils "
    "Nina Noah Nora Olga Oliver Omar Oskar Paula Pavel Petra Pia Piotr Rafael Rana Rosa Ruth Samir Sara Silvia "
    "Simon Sofia Stefan Susan Sven Tara Theo Thomas Tom Uma Vera Viktor Wanda Yara Yusuf Zoe Åsa Émile"
).split()

LAST_NAMES = (
    "Abel Ahmadi Almeida Andersen Bauer Becker Berg Bianchi Borg Brandt Brown Carlsen Castro Chen Cohen Costa Dahl "
    "Demir Dubois Eder Engel Eriksen Farkas Fernandez Fischer Fontaine Garcia Gruber Haas Hansen Hartmann Hoffmann "
    "Horvat Huber Ibrahim Ivanova Jansen Jensen Johansson Kaya Keller Khan Klein Koch Kowalski Krüger Kumar Lambert "
    "Lang Larsen Laurent Lehmann Lopez Lund Maier Marino Martin Meyer Moreau Müller Nagy Nielsen Novak Nowak Okafor "
    "Olsen Öztürk Papadopoulos Patel Pereira Petrov Popescu Reyes Richter Rossi Roth Ruiz Santos Schäfer Schmidt "
    "Schneider Silva Singh Smith Sokolov Sørensen Steiner Svensson Tanaka Taylor Torres Vargas Vogel Wagner Walker "
    "Weber White Wolf Young Zhang"
).split()

COMPANY_STARTS = (
    "Nord Alpen Blue Hafen Lumen Terra Quanta Silva Ferro Astra Cobalt Delta Ever Fjord Gran Helio Iber Juniper "
    "Kern Linden Mono Nova Octa Prima Quarz Rhein Sol Tann Ultra Vela West Xeno York Zeta Amber Birch Cedar Dune "
    "Elbe Flint"
).split()

COMPANY_ENDS = (
    "wind werk tec logistics foods pharma metal works systems textil energy print water cargo optics glas paper "
    "labs robotics bau"
).split()

LEGAL_FORMS = ["GmbH", "AG", "Ltd", "Inc.", "SA", "BV", "AB", "SpA", "A/S", ""]

INDUSTRIES = {
    "Manufacturing": 28,
    "Food and beverage": 14,
    "Logistics": 13,
    "Chemicals": 9,
    "Energy": 9,
    "Pharmaceuticals": 8,
    "Packaging": 7,
    "Machinery": 7,
    "Water": 5,
}

PLACES = [
    ("DE", "Europe/Berlin", ["Berlin", "Hamburg", "München", "Köln", "Stuttgart", "Leipzig", "Bremen"], 34),
    ("AT", "Europe/Vienna", ["Wien", "Graz", "Linz"], 8),
    ("CH", "Europe/Zurich", ["Zürich", "Basel", "Bern"], 9),
    ("NL", "Europe/Amsterdam", ["Rotterdam", "Utrecht", "Eindhoven"], 9),
    ("FR", "Europe/Paris", ["Lyon", "Lille", "Nantes"], 9),
    ("SE", "Europe/Stockholm", ["Malmö", "Göteborg"], 6),
    ("DK", "Europe/Copenhagen", ["Aarhus", "Odense"], 5),
    ("GB", "Europe/London", ["Leeds", "Bristol", "Sheffield"], 10),
    ("US", "America/Chicago", ["Chicago", "Milwaukee", "Columbus"], 10),
]

TITLES = [
    ("Head of Operations", "head", 14),
    ("Plant Manager", "manager", 16),
    ("Maintenance Manager", "manager", 15),
    ("Director of Production", "director", 10),
    ("Chief Operating Officer", "executive", 5),
    ("Quality Manager", "manager", 10),
    ("Process Engineer", "staff", 14),
    ("Purchasing Manager", "manager", 7),
    ("IT Manager", "manager", 6),
    ("Student", "staff", 3),
]

PRODUCTS = [  # name, code, family, price and cost in the major unit (None: unknown), tax in basis points
    ("Vibration sensor V2", "SEN-V2", "Sensors", "189.00", "71.50", 1900),
    ("Temperature sensor T1", "SEN-T1", "Sensors", "98.50", "33.20", 1900),
    ("Gateway G4", "GTW-G4", "Gateways", "640.00", "298.00", 1900),
    ("Line Watch, per machine and year", "SW-LINE", "Software", "420.00", "38.00", 1900),
    ("Plant Watch, per site and year", "SW-PLANT", "Software", "5400.00", "410.00", 1900),
    ("Installation day", "SRV-INST", "Services", "1150.00", "690.00", 1900),
    ("Training day", "SRV-TRAIN", "Services", "980.00", "520.00", 1900),
    ("Custom integration", "SRV-CUSTOM", "Services", "7500.00", None, 1900),
]

DESCRIPTIONS = {
    "SEN-V2": "Hears a worn bearing weeks before it stops the line. Screws on in ten minutes and runs for five years.",
    "SEN-T1": "Measures heat where no cable reaches, every ten seconds.",
    "GTW-G4": "Collects two hundred sensors and talks to the plant's network, or by mobile data where there is none.",
    "SW-LINE": "One machine on one page: how it runs today, and what will need a hand next.",
    "SW-PLANT": "Every line of a site together, with the order in which to look after them.",
    "SRV-INST": "Two of our people fit sensors and gateways in a day, while the line runs.",
}

# name, code, objective, channel, first month before today, months long, budget and share of it spent, weight of leads
CAMPAIGNS = [
    ("Always-on search", "always-on-search", "demand", "paid_search", 12, 12, 48_000, 0.93, 20),
    ("Predictive maintenance guide", "maintenance-guide", "interest", "organic_search", 12, 12, 14_000, 0.98, 18),
    ("Spring webinar: downtime", "webinar-downtime", "interest", "email", 8, 2, 6_500, 1.04, 10),
    ("LinkedIn for plant managers", "li-plant-managers", "awareness", "paid_social", 10, 5, 22_000, 1.0, 9),
    ("Trade fair Hannover", "fair-hannover", "demand", "offline", 7, 1, 38_000, 1.12, 11),
    ("Newsletter", "newsletter", "interest", "email", 12, 12, 9_000, 0.9, 8),
    ("Customer story: Nordwerk", "story-nordwerk", "interest", "organic_social", 6, 3, 5_000, 0.8, 6),
    ("Comparison pages", "comparison-pages", "demand", "organic_search", 5, 5, 8_000, 0.7, 6),
    ("Partner mailing Austria", "partner-at", "demand", "email", 4, 1, 3_000, 1.0, 4),
    ("Video series: first sensor", "video-first-sensor", "awareness", "video", 9, 6, 16_000, 0.95, 4),
    ("Autumn demo weeks", "autumn-demo", "demand", "paid_search", 2, 2, 18_000, 0.85, 8),
    ("Brand film", "brand-film", "awareness", "display", 3, 2, 25_000, 1.0, 2),
]

# Where marketing's leads without a campaign come from; an empty source is unknown.
SOURCES = {"organic_search": 30, "direct": 22, "referral": 12, "organic_social": 8, "": 40}

STAGES = [("Discovery", 15, 21), ("Demo held", 30, 21), ("Proposal", 50, 14), ("Negotiation", 75, 14)]

LOST_REASONS = {"price": 22, "competitor": 18, "no_decision": 30, "timing": 15, "missing_feature": 9, "no_budget": 6}

REJECTIONS = {"too_early": 38, "bad_data": 22, "not_icp": 20, "not_mine": 12, "competitor": 8}

CALL_NOTES = [
    "Wants to know how long installation stops the line.",
    "Has three sites, starts with the oldest one.",
    "Price is fine, needs the works council's agreement first.",
    "Compares us with a supplier they already have.",
    "Asked for a reference in food production.",
    "Will bring the maintenance manager to the next call.",
    "Data must stay in their own network.",
    "Budget is decided in the next quarter.",
]

NEXT_STEPS = [
    ("call", "Call about the open questions"),
    ("email", "Send the reference from food production"),
    ("meeting", "Demo with the maintenance team"),
    ("todo", "Prepare the offer for two sites"),
    ("call", "Ask whether the offer arrived"),
    ("meeting", "Walk through the plant"),
]

PAGES = [
    ("/", "Sensors that speak up", 26),
    ("/product/line-watch", "Line Watch", 16),
    ("/product/sensors", "Sensors", 12),
    ("/pricing", "Pricing", 14),
    ("/guide/predictive-maintenance", "The maintenance guide", 12),
    ("/stories/nordwerk", "How Nordwerk halved its downtime", 7),
    ("/compare/retrofit", "Retrofit or replace", 6),
    ("/blog/vibration-basics", "Vibration in ten minutes", 9),
    ("/contact", "Talk to us", 5),
]

# Addresses that are gone or were never there, where a link to them stands (another site with its path, or a page of
# ours), how a visit from there is told, and how often it is met.
MISSING = [
    ("/blog/vibration-for-beginners", "maintenance-forum.example", "/threads/which-sensor-first", "referral", 11),
    ("/product/gateway-g3", "", "/product/sensors", "organic_search", 9),
    ("/guide/predictive-maintenance.pdf", "linkedin.com", "", "organic_social", 7),
    ("/preise", "werkzeug-blog.example", "/instandhaltung/zustand-messen", "referral", 6),
    ("/webinar/downtime/recording", "", "", "email", 5),
    ("/product/gateway-g3", "maintenance-forum.example", "/threads/gateway-offline", "referral", 4),
    ("/stories/alpenglas", "", "/stories/nordwerk", "organic_search", 4),
    ("/contact-us", "", "", "direct", 2),
]

# The newsletters' subjects, the oldest first; each is made of three of the pieces.
NEWSLETTERS = [
    "What a bearing says before it fails",
    "Three plants, one winter without a standstill",
    "How to read a vibration curve",
    "Spring checks that pay for themselves",
    "Retrofit or replace: the sums",
    "What Nordwerk learned in a year",
    "Summer shutdown: a checklist",
    "Sensors for hot places",
    "The quiet alarm: fewer false calls",
    "Your own network, your own data",
    "Budget season: numbers for your case",
    "Ten minutes on gearboxes",
]
NEXT_NEWSLETTER = "A year in signals"

PIECES = [  # title, text, path
    ("Vibration in ten minutes", "The four shapes that explain most faults.", "/blog/vibration-basics"),
    ("How Nordwerk halved its downtime", "Two hundred motors, one gateway, eleven months.", "/stories/nordwerk"),
    ("The maintenance guide", "From the first sensor to the first prevented fault.", "/guide/predictive-maintenance"),
    ("Retrofit or replace", "When an old machine is worth a new sensor.", "/compare/retrofit"),
    ("Line Watch, new this month", "Alarms that wait for the second opinion.", "/product/line-watch"),
    ("Sensors for wet halls", "Sealed, and easy to reach with a glove.", "/product/sensors"),
    ("What it costs", "Prices by machine and by site, without a call.", "/pricing"),
]

INVITATIONS = [  # days ago, campaign, subject, what stands in it
    (
        232,
        "webinar-downtime",
        "Webinar: an hour about downtime",
        {
            "headline": "An hour about downtime",
            "button": "Save a seat",
            "link": "https://tessera.example/guide/predictive-maintenance",
        },
    ),
    (
        108,
        "partner-at",
        "Austria: a partner near you",
        {"headline": "A partner near you", "button": "Meet them", "link": "https://tessera.example/contact"},
    ),
]

PICTURES = [  # name, what it shows, the curve
    ("bearing-wear.png", "A bearing's vibration, rising for weeks", [20, 22, 21, 24, 23, 27, 26, 31, 38, 52, 80]),
    ("calm-motor.png", "Vibration of a motor that stays as it was", [30, 33, 29, 32, 31, 30, 34, 31, 30, 32, 31]),
    ("downtime.png", "Hours of downtime by month, falling since March", [88, 90, 84, 70, 61, 52, 47, 40, 36, 30, 28]),
]  # fmt: skip

EARLIER_SUBJECTS = ["A year in signals", 'Hello {{ contact.first_name | default: "there" }}, a year in signals']

MAIL_TEMPLATES = [
    {
        "code": "order-received", "name": "Order received", "subject": "We have your order {{ data.number }}",
        "source": "<p>Thank you for your order {{ data.number }}. It leaves our house within two working days.</p>",
    },
    {
        "code": "alarm", "name": "A sensor gives alarm", "subject": "Alarm: gateway {{ data.number }}",
        "source": "<p>A sensor at gateway {{ data.number }} measured more than its limit for ten minutes.</p>",
    },
]  # fmt: skip
