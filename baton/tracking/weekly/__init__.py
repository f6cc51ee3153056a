"""The week's figures of the website by mail, each Monday, to whoever asked for them."""
