"""The mail catcher: where mail goes that does not leave the house (SMTP_URL=catcher://), read like a recipient."""
