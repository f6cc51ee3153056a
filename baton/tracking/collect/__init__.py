"""Collecting: the script on a website, the beacon that stores what it sends, the sites that may send."""
