"""The table of channels: which sources belong to which kind, and which click ids were paid for.

The groups and their order are GA4's default channel group (Google Analytics help 9756891, read 2026-11) with AI
assistants in front of search, for an assistant's host may lie under a search engine's (gemini.google.com). A name
matches a host that contains it as a label: "google" is google.co.uk and www.google.com. Raise VERSION with every
change: an old figure may then be told from a new one.
"""

VERSION = 1

CHANNELS = [
    "direct", "cross_network", "paid_shopping", "paid_search", "paid_social", "paid_video", "display", "paid_other",
    "organic_shopping", "organic_social", "organic_video", "ai_assistants", "organic_search", "referral", "email",
    "affiliates", "audio", "sms", "mobile_push", "unassigned",
]  # fmt: skip

SOURCES: dict[str, list[str]] = {
    "assistants": [
        "chatgpt", "openai", "claude", "anthropic", "perplexity", "gemini", "bard", "copilot", "deepseek", "grok",
        "phind", "mistral",
    ],
    "search": [
        "google", "bing", "duckduckgo", "ecosia", "yahoo", "baidu", "yandex", "qwant", "startpage", "brave", "naver",
        "seznam", "sogou", "aol", "kagi", "mojeek", "swisscows", "metager", "daum",
    ],
    "social": [
        "facebook", "fb", "instagram", "linkedin", "lnkd", "twitter", "mastodon", "bsky", "bluesky", "reddit",
        "pinterest", "tiktok", "xing", "threads", "snapchat", "quora", "tumblr", "whatsapp", "telegram", "discord",
        "vk", "weibo", "slack", "stackoverflow", "ycombinator", "producthunt", "glassdoor", "yelp",
    ],
    "video": ["youtube", "youtu", "vimeo", "dailymotion", "twitch", "wistia", "netflix", "hulu", "disneyplus"],
    "shopping": [
        "amazon", "ebay", "etsy", "alibaba", "aliexpress", "idealo", "walmart", "shopify", "rakuten", "mercadolibre",
        "bestbuy", "zalando", "otto", "allegro",
    ],
}  # fmt: skip

# Whole sources, where the name alone is too short to be looked for inside a host.
EXACT_SOURCES: dict[str, list[str]] = {"social": ["x.com", "t.co", "t.me"], "search": ["ask.com", "www.ask.com"]}

# Click ids that the ad systems add to paid links alone, by the channel they prove. Meta adds fbclid to unpaid links
# too, so it proves a social visit and never a paid one.
PAID_CLICKS = {
    "gclid": "paid_search", "gbraid": "paid_search", "wbraid": "paid_search", "msclkid": "paid_search",
    "dclid": "display", "li_fat_id": "paid_social", "ttclid": "paid_social", "twclid": "paid_social",
}  # fmt: skip
UNPAID_CLICKS = {"fbclid": "organic_social"}
CLICK_KINDS = [*PAID_CLICKS, *UNPAID_CLICKS]

PAID = r"^(.*cp.*|ppc|retargeting|paid.*)$"
SHOP_NAME = r"^(.*(([^a-df-z]|^)shop|shopping).*)$"
SOCIAL_MEDIUMS = ["social", "social-network", "social-media", "sm", "social network", "social media"]
EMAIL_WORDS = ["email", "e-mail", "e_mail", "e mail"]


def source_pattern(kind: str) -> str:
    """Regular expression (of RE2 and Python alike) that finds a source of this kind."""
    names = "|".join(SOURCES[kind])
    exact = "".join(f"|^{name.replace('.', '[.]')}$" for name in EXACT_SOURCES.get(kind, []))
    return rf"^(.*[.])?({names})([.].*)?${exact}"
